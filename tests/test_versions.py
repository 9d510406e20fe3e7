"""Versions of a dataset: tables fetched through Git and DVC, what changed in the project, and the log."""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.reading import in_memory
from prefq.cli.sides import Side, sides
from prefq.cli.versions import show_log, versions
from prefq.errors import PrefqError, UsageError
from prefq.history import ParamChange, Records, StageChange, changes, flat, outdated
from prefq.report.widths import columns
from prefq.schema import SPLITS
from prefq.versions import VersionError, contents, recorded_md5, records_at, records_in

PIPELINE = """
stages:
  ingest:
    cmd: prefq ingest
    deps: [data/raw]
    params: [ingest]
    outs: [data/pairs.parquet]
  curate:
    cmd: prefq curate
    deps: [data/pairs.parquet, data/labels]
    params: [curate, seed]
    outs: [data/curated]
  report:
    cmd: prefq report
    deps: [data/curated]
    outs: [{reports/audit.json: {cache: false}}, {reports/gate.json: {cache: false}}]
"""
PARAMS = "ingest: {sources: [{path: data/raw}]}\ncurate: {ties: drop}\nseed: 7\n"
BLUE = {"prompt": "Name a colour.", "chosen": "Blue.", "rejected": "No."}
FOUR = {"prompt": "What is two plus two?", "chosen": "Four.", "rejected": "Five."}
PARIS = {"prompt": "Where is the Louvre?", "chosen": "In Paris.", "rejected": "In Rome."}
FOUR_FLIPPED = {"prompt": "What is two plus two?", "chosen": "Five.", "rejected": "Four."}
QUIET = Console(-1)
IDENTITY = {
    **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_CONFIG_{level}": os.devnull for level in ("GLOBAL", "SYSTEM")},
}


@dataclass(frozen=True)
class Project:
    """A small project under Git and DVC whose tables are written here, not by its stages."""

    root: Path

    def git(self, *arguments: str) -> str:
        env = {**os.environ, **IDENTITY}
        done = subprocess.run(["git", *arguments], cwd=self.root, env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def dvc(self, run: Callable[[Any], Any]) -> None:
        from dvc.repo import Repo

        with contextlib.chdir(self.root), Repo() as repo:
            run(repo)

    def write(self, records: Sequence[Mapping[str, Any]], **figures: Any) -> None:
        """The records as raw data, as pairs, as curated pairs (all in train), and the figures of an audit."""
        raw = self.root / "data/raw/answers.jsonl"
        raw.write_text("".join(json.dumps(record) + "\n" for record in records))
        pairs, _ = in_memory(only_dataset(str(raw), None, {}), QUIET)
        pairs.write_parquet(self.root / "data/pairs.parquet")
        held = pairs.with_columns(split=pl.lit("train"), status=pl.lit("raw"))
        (self.root / "data/curated").mkdir(exist_ok=True)
        for split in SPLITS:
            held.filter(pl.col("split") == split).write_parquet(self.root / f"data/curated/{split}.parquet")
        (self.root / "reports").mkdir(exist_ok=True)
        audit = {"format": 1, "pairs": pairs.height, "kept": held.height, "gate_failed_rules": 0, **figures}
        (self.root / "reports/audit.json").write_text(json.dumps(audit))
        verdict = {"format": 1, "passed": not audit["gate_failed_rules"]}
        (self.root / "reports/gate.json").write_text(json.dumps(verdict))

    def record(self, subject: str, *tags: str) -> None:
        """What `dvc repro` and `git commit` would do."""
        self.dvc(lambda repo: repo.commit(force=True))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        for tag in tags:
            self.git("tag", tag)


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three versions: v1 (two pairs), one more pair, v3 (a flipped label, another setting, a decision)."""
    return _three_versions(tmp_path_factory.mktemp("versions") / "first")


def _three_versions(root: Path) -> Path:
    from dvc.repo import Repo

    made = Project(root)
    for folder in ("data/raw", "data/labels"):
        (root / folder).mkdir(parents=True)
        (root / folder / ".gitkeep").touch()
    made.git("init", "--quiet", "--initial-branch=main")
    Repo.init(str(root)).close()
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "params.yaml").write_text(PARAMS)
    (root / ".gitignore").write_text(".prefq/\n")
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "No data yet")
    made.write([BLUE, FOUR], checks={"pii": {"count": 1}, "looping": {"count": 2}}, flagged=2, decisions={"flip": 0})
    made.record("The first version", "v1")
    made.write([BLUE, FOUR, PARIS], checks={}, gate_failed_rules=2)
    made.record("One more pair \x1b[31m of which much is to be said in one long line")
    (root / "params.yaml").write_text(PARAMS.replace("drop", "keep"))
    (root / "data/labels/ada.jsonl").write_text("{}\n")
    made.write([BLUE, FOUR_FLIPPED, PARIS], decisions={"flip": 1}, checks={"pii": {"count": 0}}, flagged=0)
    made.record("A flip")
    (root / "notes.md").write_text("No change of the dataset.")
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Notes")
    made.git("tag", "-a", "-m", "third", "v3")
    return root


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Project:
    """A copy of the three versions, to be changed."""
    shutil.copytree(first, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def both(old: str, new: str, root: Path, table: str | None = None) -> tuple[Side, Side]:
    return sides(old, new, table, root, QUIET)


def answers(side: Side) -> list[tuple[str, str]]:
    return sorted(side.frame.select("chosen", "rejected").collect().rows())


TWO = [("Blue.", "No."), ("Four.", "Five.")]
THREE_FLIPPED = [("Blue.", "No."), ("Five.", "Four."), ("In Paris.", "In Rome.")]


def test_a_revision_is_read_from_the_cache_though_it_is_not_checked_out(first: Path) -> None:
    old, new = both("v1", "HEAD", first)
    assert (answers(old), answers(new)) == (TWO, THREE_FLIPPED)
    assert (old.table, old.name, old.title) == ("curated", "v1", f"v1 ({str(old.commit)[:8]})")


@pytest.mark.parametrize("name", ["HEAD~3", "v1", "tags/v1"])
def test_a_revision_has_many_names(first: Path, name: str) -> None:
    assert answers(both(name, "workspace", first)[0]) == TWO


def test_the_pairs_are_another_table(first: Path) -> None:
    old, new = both("v1", "workspace", first, "pairs")
    assert (old.table, answers(old), answers(new)) == ("pairs", TWO, THREE_FLIPPED)
    assert "status" not in new.frame.collect_schema()


def test_a_directory_and_a_file_are_sides_too(project: Project, first: Path) -> None:
    old, new = both("v1", str(first), project.root)
    assert (answers(old), answers(new), new.table) == (TWO, THREE_FLIPPED, "curated")
    old, new = both("v1", str(project.root / "data/raw/answers.jsonl"), project.root)
    assert (old.table, new.table, answers(new)) == ("pairs", "pairs", THREE_FLIPPED)
    old, new = both(str(project.root / "data/curated"), str(project.root / "data/pairs.parquet"), project.root)
    assert (old.table, new.table, answers(old)) == ("curated", "pairs", answers(new))


def test_a_directory_without_curated_tables_is_compared_by_its_pairs(project: Project) -> None:
    shutil.rmtree(project.root / "data/curated")
    assert both("v1", "workspace", project.root)[1].table == "pairs"
    with pytest.raises(PrefqError, match=r"data/curated is not there: run `dvc pull data/curated` or `prefq curate`"):
        both("v1", "workspace", project.root, "curated")


def test_flags_and_shortcuts_go_with_a_side(project: Project) -> None:
    pl.DataFrame({"row_id": ["answers:0"], "pii": [True]}).write_parquet(project.root / "data/flags.parquet")
    (project.root / "data/shortcuts.json").write_text('{"ece": 0.1}')
    old, new = both("v1", "workspace", project.root)
    assert (old.flags, old.shortcuts, new.shortcuts) == (None, None, {"ece": 0.1})
    assert new.flags is not None
    assert new.flags.collect()["pii"].to_list() == [True]


def test_a_release_is_read_back_with_its_splits(project: Project) -> None:
    folder = project.root / "data/release/trl"
    folder.mkdir(parents=True)
    for split, answer in (("train", "Blue."), ("test", "Red.")):
        turns = [{"role": "user", "content": "Name a colour."}]
        row = {"prompt": turns} | {
            n: [{"role": "assistant", "content": a}] for n, a in (("chosen", answer), ("rejected", "No."))
        }
        pl.DataFrame([row]).write_parquet(folder / f"{split}.parquet")
    side = both("workspace", "workspace", project.root, "release")[0]
    assert side.frame.select("split", "chosen").collect().rows() == [("train", "Blue."), ("test", "Red.")]


def without_cache(project: Project) -> Path:
    """Moves what DVC keeps to a remote, so that nothing is left but what is recorded."""
    remote = project.root.parent / "remote"
    shutil.move(project.root / ".dvc/cache", remote)
    shutil.rmtree(project.root / "data/curated")
    return remote


def test_a_table_that_was_never_here_comes_from_the_remote(project: Project) -> None:
    remote = without_cache(project)
    (project.root / ".dvc/config").write_text(f"[core]\n    remote = far\n['remote \"far\"']\n    url = {remote}\n")
    assert answers(both("v1", "v3", project.root)[0]) == TWO
    assert (project.root / ".dvc/cache").is_dir()
    assert not (project.root / "data/curated").exists()


def test_a_table_that_is_nowhere_is_said_to_be(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    remote = without_cache(project)
    with pytest.raises(VersionError, match=r"data/curated as of v1 is not in DVC's cache.*no remote is set up"):
        both("v1", "v3", project.root)
    remote.rename(remote.with_name("elsewhere"))
    (project.root / ".dvc/config").write_text(f"[core]\n    remote = far\n['remote \"far\"']\n    url = {remote}\n")
    caplog.clear()
    with pytest.raises(VersionError, match="`dvc pull --all-commits data/curated` gets it here"):
        both("v1", "v3", project.root)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []


def test_a_table_that_dvc_add_recorded_is_found(project: Project) -> None:
    (project.root / "dvc.lock").unlink()
    md5 = recorded_md5(project.root, "HEAD", "data/curated")
    (project.root / "data/curated.dvc").write_text(f"outs:\n- md5: {md5}\n  hash: md5\n  path: curated\n")
    project.git("add", "--all", "--force", "data/curated.dvc", "dvc.lock")
    project.git("commit", "--quiet", "-m", "By itself")
    assert answers(both("HEAD", "v1", project.root)[0]) == THREE_FLIPPED


def sentence(old: str, root: Path, table: str | None = None) -> str:
    with pytest.raises(PrefqError) as raised:
        both(old, "workspace", root, table)
    return str(raised.value)


def test_what_cannot_be_had_is_said_in_a_sentence(project: Project, tmp_path: Path) -> None:
    assert "there is no file v9, and as a revision: Git knows no revision 'v9' in" in sentence("v9", project.root)
    assert "'v1..v3' is a range of revisions: name its ends one by one, v1 v3." in sentence("v1..v3", project.root)
    assert "A side to compare has no name" in sentence("", project.root)
    assert "has no dvc.lock: the pipeline had not run there" in sentence("HEAD~4", project.root)
    assert "v1 has no data/release: DVC recorded none there" in sentence("v1", project.root, "release")
    assert "is not in a Git repository: versions are Git commits." in sentence("v1", tmp_path)
    fresh = Project(tmp_path / "fresh")
    fresh.root.mkdir()
    fresh.git("init", "--quiet")
    assert "has no commit yet" in sentence("HEAD", fresh.root)


def test_a_shallow_clone_says_so(project: Project, tmp_path: Path) -> None:
    project.git("clone", "--quiet", "--depth=1", f"file://{project.root}", str(tmp_path / "shallow"))
    assert "git fetch --unshallow" in sentence("HEAD~1", tmp_path / "shallow")


def test_a_table_of_something_else_is_said_to_be_none(project: Project) -> None:
    pl.DataFrame({"x": [1]}).write_parquet(project.root / "data/pairs.parquet")
    said = sentence("v1", project.root, "pairs")
    assert "is no table of pairs" in said
    assert "no pair_id, prompt_id" in said
    (project.root / "data/pairs.parquet").write_text("not Parquet")
    assert "data/pairs.parquet cannot be read" in sentence("v1", project.root, "pairs")


def test_a_name_of_both_a_file_and_a_revision_is_not_guessed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    (project.root / "v1").touch()
    with pytest.raises(UsageError, match=r"write ./v1 or refs/heads/v1"):
        both("v1", "workspace", project.root)


def test_params_inputs_and_stages_that_changed_are_named(first: Path) -> None:
    old, new = both("v1", "v3", first)
    assert old.records and new.records
    found = changes(old.records, new.records)
    assert found.params == (ParamChange("curate.ties", "drop", "keep"),)
    assert found.inputs == ("data/labels", "data/raw")
    assert found.stages == (
        StageChange("ingest", ("data/raw",), ("data/pairs.parquet",)),
        StageChange("curate", ("curate.ties", "data/labels", "data/pairs.parquet"), ("data/curated",)),
        StageChange("report", ("data/curated",), ("reports/audit.json",)),
    )
    assert changes(new.records, new.records).to_json() == {"params": (), "inputs": (), "stages": ()}


def test_a_workspace_that_is_not_reproduced_is_noticed(project: Project) -> None:
    held = records_in(project.root)
    assert held
    assert outdated(held) == []
    params = project.root / "params.yaml"
    params.write_text(params.read_text().replace("seed: 7", "seed: 8"))
    held = records_in(project.root)
    assert held
    assert outdated(held) == ["seed"]


def test_settings_are_named_by_their_sections() -> None:
    assert flat({"a": {"b": 1, "c": {"d": [2]}}, "e": None}) == {"a.b": 1, "a.c.d": [2], "e": None}


@pytest.mark.parametrize("lock", [{}, {"stages": None}, {"stages": {"x": None}}, {"stages": {"x": {"outs": [3]}}}])
def test_a_lock_file_that_is_none_records_nothing(lock: dict[str, Any]) -> None:
    assert Records(lock, {}).outputs() == {}


def test_many_files_are_read_at_once(first: Path) -> None:
    wanted = [("v1", "params.yaml"), ("v1", "nowhere"), ("v1", "data"), ("v3", "params.yaml")]
    assert contents(first, wanted) == [PARAMS.encode(), None, None, PARAMS.replace("drop", "keep").encode()]


def test_a_project_may_be_a_folder_of_its_repository(project: Project) -> None:
    inner = project.root / "inner"
    inner.mkdir()
    for name in ("dvc.lock", "params.yaml"):
        shutil.copy(project.root / name, inner / name)
    project.git("add", "--all")
    project.git("commit", "--quiet", "-m", "A project inside")
    held = records_at(inner, "HEAD")
    assert held
    assert held.outputs()["data/curated"].endswith(".dir")
    assert [v.commit.subject for v in versions(inner)] == ["A project inside"]


def test_the_log_tells_versions_with_a_tag_first(first: Path) -> None:
    found = versions(first)
    assert [(v.name, v.rows, v.kept, v.flipped, v.flags_per_thousand, v.gate) for v in found] == [
        ("v3", 3, 3, 1, 0.0, True),
        ("v1", 2, 2, 0, 1500.0, True),
        (found[2].commit.id[:8], 3, 3, None, None, False),
    ]
    assert [v.commit.subject for v in found[:2]] == ["A flip", "The first version"]
    assert {v.figures_current for v in found} == {True}
    assert len({v.curated for v in found}) == 3
    assert [v.name for v in versions(first, limit=1)] == ["v3"]


def test_figures_that_are_not_those_of_the_recorded_run_are_marked(project: Project) -> None:
    (project.root / "reports/audit.json").write_text('{"pairs": 9}')
    (project.root / "data/labels/ada.jsonl").write_text("")
    project.git("add", "--all")
    project.git("commit", "--quiet", "-m", "By hand")
    newest = versions(project.root)[2]
    assert (newest.rows, newest.figures_current) == (9, False)
    assert "yes*" in show_log([newest])


def test_the_log_fits_the_terminal(first: Path) -> None:
    lines = show_log(versions(first), 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert lines[0].split() == ["version", "date", "rows", "kept", "flipped", "flags", "‰", "gate", "what"]
    assert lines[1].split()[2:] == ["3", "3", "1", "0.0", "yes", "A", "flip"]
    assert lines[3] == ""
    assert lines[4].split()[2:7] == ["3", "3", "–", "–", "no"]
    wide = [replace(v, tags=("日本語" * 5,)) for v in versions(first)]
    assert max(map(columns, show_log(wide, 80).splitlines())) <= 80
    crowded = [replace(v, rows=10**8, kept=10**8, flipped=10**8, tags=("v" * 40,)) for v in versions(first)]
    assert max(map(len, show_log(crowded, 80).splitlines())) <= 80


def test_there_is_no_log_without_a_version(tmp_path: Path) -> None:
    made = Project(tmp_path)
    made.git("init", "--quiet")
    made.git("commit", "--quiet", "--allow-empty", "-m", "Nothing")
    with pytest.raises(VersionError, match="has no version yet: run `dvc repro`"):
        versions(tmp_path)


def test_diff_tells_what_changed_between_two_revisions(first: Path, prefq: Callable) -> None:
    ran = prefq("diff", "v1", "v3", "--workdir", first, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert {name: n for name, n in told["counts"].items() if n} == {"added": 1, "flipped": 1, "unchanged": 1}
    assert (told["format"], told["old"]["pairs"], told["new"]["pairs"]) == (1, 2, 3)
    assert (told["old"]["table"], told["new"]["commit"]) == ("curated", Project(first).git("rev-parse", "v3^{commit}"))
    assert told["project"]["params"] == [{"name": "curate.ties", "old": "drop", "new": "keep"}]
    assert told["broken"] == []


def test_diff_without_arguments_is_head_against_the_workspace(project: Project, prefq: Callable) -> None:
    project.write([BLUE, FOUR_FLIPPED])
    told = json.loads(prefq("diff", "--workdir", project.root, "--json").out)
    assert (told["old"]["name"][:4], told["new"]["name"]) == ("HEAD", "workspace")
    assert {name: n for name, n in told["counts"].items() if n} == {"removed": 1, "unchanged": 2}


def test_a_broken_budget_is_exit_code_3_and_named(first: Path, prefq: Callable) -> None:
    ran = prefq("diff", "v1", "v3", "--workdir", first, "--fail-on", "flipped>0.5%", "--fail-on", "removed>1000")
    assert ran.code == 3
    assert "Budget 'flipped>0.5%' is broken: flipped 1, 50 % of 2 old pairs." in ran.err
    assert "removed" not in ran.err
    assert "flipped" in ran.out
    assert prefq("diff", "v1", "v3", "--workdir", first, "--fail-on", "flipped>50%").code == 0
    assert prefq("diff", "v1", "v3", "--workdir", first, "--fail-on", "flopped>1").code == 2


def test_diff_on_a_terminal_names_the_project_changes_too(first: Path, prefq: Callable) -> None:
    lines = prefq("diff", "v1", "v3", "--workdir", first).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[lines.index(" Project") + 2 :] == [
        "   curate.ties  drop → keep",
        "   inputs: data/labels, data/raw",
        "   stages with other results: ingest, curate, report",
    ]


def test_diff_writes_markdown_a_page_and_a_table(first: Path, tmp_path: Path, prefq: Callable) -> None:
    files = ("--html", tmp_path / "diff.html", "--output", tmp_path / "diff.parquet")
    ran = prefq("diff", "v1", "v3", "--workdir", first, "--markdown", *files)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("### `v1 (")
    assert "- `curate.ties`: `drop` → `keep`\n" in ran.out
    assert "Louvre" in (tmp_path / "diff.html").read_text()
    assert pl.read_parquet(tmp_path / "diff.parquet")["change"].sort().to_list() == ["added", "flipped"]
    assert {p.name for p in tmp_path.iterdir()} == {"diff.html", "diff.parquet"}
    none = prefq("diff", "v1", "v3", "--workdir", first, "--html", tmp_path / "no/diff.html")
    assert (none.code, "there is no folder" in none.err) == (1, True)
    other = prefq("diff", "v1", "v3", "--workdir", first, "--output", tmp_path / "diff.csv")
    assert (other.code, "name a file .parquet, not diff.csv" in other.err) == (2, True)
    assert not (tmp_path / "diff.csv").exists()


def test_diff_of_a_file_with_itself_in_another_order_is_no_change(tmp_path: Path, prefq: Callable) -> None:
    for name, records in (("a.jsonl", [BLUE, FOUR]), ("b.jsonl", [FOUR, BLUE])):
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records))
    told = json.loads(prefq("diff", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--json").out)
    assert {name: n for name, n in told["counts"].items() if n} == {"unchanged": 2}
    assert told["project"] is None


def test_diff_says_when_the_workspace_is_not_what_its_records_say(project: Project, prefq: Callable) -> None:
    params = project.root / "params.yaml"
    params.write_text(params.read_text().replace("seed: 7", "seed: 8"))
    pl.read_parquet(project.root / "data/pairs.parquet").head(1).write_parquet(project.root / "data/pairs.parquet")
    said = prefq("diff", "--workdir", project.root).err
    assert "note: the workspace's tables were made with other settings (seed): `dvc repro`." in said
    assert "note: data/pairs.parquet in the workspace is not what dvc.lock records: `dvc repro`." in said


def test_diff_says_when_raw_files_changed_and_the_tables_did_not(project: Project, prefq: Callable) -> None:
    (project.root / ".dvcignore").write_text("*.tmp\n")
    (project.root / "data/raw/notes.tmp").write_text("left out")
    assert prefq("diff", "--workdir", project.root).err == ""
    raw = project.root / "data/raw/answers.jsonl"
    turned = [{**record, "chosen": record["rejected"], "rejected": record["chosen"]} for record in (BLUE, FOUR, PARIS)]
    size = raw.stat().st_size
    raw.write_text("".join(json.dumps(record) + "\n" for record in turned))
    assert raw.stat().st_size == size
    said = prefq("diff", "--workdir", project.root).err
    assert said == "note: data/raw in the workspace is not what dvc.lock records: `dvc repro`.\n"


def test_the_page_of_a_comparison_names_the_project_changes_escaped(project: Project, prefq: Callable) -> None:
    (project.root / "params.yaml").write_text(PARAMS + 'report: {title: "<script>alert(1)</script>"}\n')
    page = project.root / "diff.html"
    assert prefq("diff", "v1", "workspace", "--workdir", project.root, "--html", page).code == 0
    text = page.read_text()
    assert '<h2 id="project-h">Project</h2>' in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert(1)" not in text
    assert "stages with other results: <code>ingest</code>, <code>curate</code>, <code>report</code>" in text
    for name in ("a", "b"):
        (project.root / f"{name}.jsonl").write_text(json.dumps(BLUE) + "\n")
    sides = (project.root / "a.jsonl", project.root / "b.jsonl")
    assert prefq("diff", *sides, "--workdir", project.root, "--html", page).code == 0
    assert "project-h" not in page.read_text()


def test_flips_that_go_back_to_the_version_before_are_counted(project: Project, prefq: Callable) -> None:
    project.write([BLUE, FOUR, PARIS])
    told = json.loads(prefq("diff", "v3", "workspace", "--workdir", project.root, "--json").out)
    before = project.git("rev-parse", "v3~2")
    assert (told["counts"]["flipped"], told["facts"]["flipped_back"], told["since"]) == (1, 1, before[:8])
    assert f"     1 flipped back to what {before[:8]} says\n" in prefq("diff", "v3", "--workdir", project.root).out
    markdown = prefq("diff", "v3", "--workdir", project.root, "--markdown", "--fail-on", "facts.flipped_back>0")
    assert (markdown.code, "1 flipped (1 of them back again)" in markdown.out) == (3, True)
    asked = json.loads(prefq("diff", "v3", "--workdir", project.root, "--json", "--since", "v1").out)
    assert (asked["facts"]["flipped_back"], asked["since"][:3]) == (1, "v1 ")
    none = json.loads(prefq("diff", "v1", "v3", "--workdir", project.root, "--json").out)
    assert (none["since"], "flipped_back" in none["facts"]) == (None, False)
    budget = ("--fail-on", "facts.flipped_back>0")
    unknown = prefq("diff", "v1", "v3", "--workdir", project.root, *budget)
    assert (unknown.code, "name one with --since" in unknown.err) == (2, True)
    assert prefq("diff", "v3", "--workdir", project.root, "--since", "v9").code == 1


def test_log_prints_json(first: Path, prefq: Callable) -> None:
    told = json.loads(prefq("log", "--workdir", first, "--json").out)
    assert told["format"] == 1
    newest = told["versions"][0]
    assert (newest["name"], newest["tags"], newest["flipped"], newest["gate"]) == ("v3", ["v3"], 1, True)
    assert newest["date"].endswith("Z")
