"""dvc.yaml, params.yaml, the schema of the pipeline and the command line say the same."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from prefq import params, schema
from prefq.cli.main import STAGES, cli
from prefq.cli.stages import BODIES

ROOT = Path(__file__).parent.parent
PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
NAMES = [stage.name for stage in schema.STAGES]

RAW = {"ingest": {"data/raw"}, "decontaminate": {"data/benchmarks"}}
"""What a stage reads besides the tables of other stages: files that are the user's."""


def paths(entries: list[Any]) -> dict[str, dict[str, Any]]:
    return {name: options for e in entries for name, options in (e.items() if isinstance(e, dict) else [(e, {})])}


def test_every_stage_is_a_command_a_body_and_a_section() -> None:
    assert list(PIPELINE) == NAMES
    assert list(STAGES) == NAMES
    assert list(BODIES) == NAMES
    assert set(NAMES) <= set(cli.commands)
    assert [key for key in params.defaults() if key != "seed"] == NAMES


@pytest.mark.parametrize("stage", schema.STAGES, ids=NAMES)
def test_dvc_knows_what_a_stage_reads_and_writes(stage: schema.Stage) -> None:
    entry = PIPELINE[stage.name]
    written = paths([*entry.get("outs", []), *entry.get("metrics", []), *entry.get("plots", [])])
    assert entry["cmd"] == f"prefq {stage.name}"
    assert set(entry["deps"]) == set(stage.reads) | RAW.get(stage.name, set())
    assert set(written) == set(stage.writes)
    assert {name for name, options in written.items() if options.get("cache") is False} == set(stage.uncached)
    assert stage.name in entry["params"]


def test_a_stage_reads_only_what_an_earlier_one_writes() -> None:
    made = {"data/labels"}
    for stage in schema.STAGES:
        assert set(stage.reads) <= made
        made |= set(stage.writes)


def test_a_new_project_gets_this_pipeline() -> None:
    assert (ROOT / "prefq/cli/project/pipeline.yaml").read_text() == (ROOT / "dvc.yaml").read_text()


def test_git_passes_over_what_dvc_keeps_also_where_the_gate_stopped_the_run() -> None:
    ignored = (ROOT / "prefq/cli/project/gitignore").read_text().splitlines()
    kept = {f"/{name}" for stage in schema.STAGES for name in stage.writes if name not in stage.uncached}
    assert kept <= set(ignored)
    assert not {"/reports/audit.json", "/reports/gate.json"} & set(ignored)


@pytest.mark.parametrize("directory", [ROOT, ROOT / "prefq/cli/project"], ids=["demo", "new project"])
def test_params_files_are_valid_and_have_every_section(directory: Path) -> None:
    assert params.load(directory)
    given = yaml.safe_load((directory / "params.yaml").read_text())
    assert set(given) == {*NAMES, "seed"}
