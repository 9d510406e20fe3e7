"""The plots that dvc.yaml declares: each is drawn once, with a template that is there and finds its columns."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from prefq.cli.main import cli

ROOT = Path(__file__).parent.parent
PACKAGED = ROOT / "prefq/cli/project/plots"
DECLARED: dict[str, Any] = {
    k: v for p in yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"] for k, v in p.items()
}


def test_the_templates_of_this_repository_are_those_of_a_new_project() -> None:
    ours = {path.name: path.read_text() for path in (ROOT / ".dvc/plots").iterdir()}
    assert ours == {path.name: path.read_text() for path in PACKAGED.iterdir()}
    assert {f"{options['template']}.json" for options in DECLARED.values()} == set(ours)


def test_every_declared_plot_has_a_table_with_its_columns(audited: Path) -> None:
    assert {Path(name).name for name in DECLARED} == {path.name for path in (audited / "reports/plots").iterdir()}
    for name, options in DECLARED.items():
        columns = next(csv.reader(io.StringIO((audited / name).read_text())))
        asked = options["y"] if isinstance(options["y"], list) else [options["y"]]
        assert {options["x"], *asked} <= set(columns)


@pytest.fixture(scope="module")
def drawn(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `dvc plots show` draws in a new project with the tables of an audit, by the table's name."""
    project = tmp_path_factory.mktemp("drawn") / "project"
    assert CliRunner().invoke(cli, ["init", str(project)]).exit_code == 0
    (project / "reports/plots").mkdir(parents=True)
    for path in (audited / "reports/plots").iterdir():
        (project / "reports/plots" / path.name).write_bytes(path.read_bytes())
    table = project / "reports/plots/reliability.csv"  # too few pairs for a judge
    table.write_text(table.read_text().splitlines()[0] + "\n0.62,0.58,40\n0.91,0.88,12\n")
    command = [sys.executable, "-m", "dvc", "plots", "show", "--json"]
    told = json.loads(subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout)
    assert "errors" not in told
    return {name.removeprefix("dvc.yaml::"): plots for name, plots in told["data"].items()}


def test_dvc_draws_every_plot_once_and_leaves_no_gap_in_its_template(drawn: dict[str, Any]) -> None:
    assert set(drawn) == set(DECLARED)
    for name, options in DECLARED.items():
        (plot,) = drawn[name]
        assert plot["content"]["title"]["text"] == options["title"]
        assert "<DVC_METRIC" not in json.dumps(plot["content"])


def test_bars_begin_at_zero(drawn: dict[str, Any]) -> None:
    """DVC's own bars begin at the smallest number, which then has no bar at all."""
    for name in ("flags", "ledger", "splits"):
        across = drawn[f"reports/plots/{name}.csv"][0]["content"]["encoding"]["x"]
        assert (across["type"], across.get("scale", {}).get("zero")) == ("quantitative", None)
