"""`prefq why --history`: one pair through three versions of a project, and what people decided of it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.reading import in_memory
from prefq.store import write_table

LOCKED = """
stages:
  ingest: {cmd: prefq ingest, outs: [data/pairs.parquet]}
  flag: {cmd: prefq flag, deps: [data/pairs.parquet], outs: [data/flags.parquet]}
  curate: {cmd: prefq curate, deps: [data/flags.parquet], outs: [data/curated, data/ledger.parquet]}
"""
FOUR = {"prompt": "What is two plus two?", "chosen": "Four.", "rejected": "Five."}
TURNED = {**FOUR, "chosen": "Five.", "rejected": "Four."}
BLUE = {"prompt": "Name a colour.", "chosen": "Blue.", "rejected": "No."}


def version(root: Path, records: Sequence[dict[str, str]], flags: list[bool], decision: str, tag: str) -> None:
    """Tables as the stages would write them: `flags` are those of `pii`, `decision` is that of every row."""
    from dvc.repo import Repo

    raw = root / "answers.jsonl"
    raw.write_text("".join(json.dumps(record) + "\n" for record in records))
    pairs, _ = in_memory(only_dataset(str(raw), None, {}), Console(-1))
    write_table(pairs, root / "data/pairs.parquet")
    write_table(pairs.select("row_id", pii=pl.Series(flags)), root / "data/flags.parquet")
    told = {"decision": pl.lit(decision), "reasons": pl.lit(["pii"] if decision == "drop" else [], pl.List(pl.String))}
    ledger = pairs.select("row_id", "pair_id", **told, split=pl.lit("train"), evidence=pl.lit(None, pl.String))
    write_table(ledger, root / "data/ledger.parquet")
    kept = pairs.with_columns(split=pl.lit("train"), status=pl.lit("raw")).filter(decision != "drop")
    for split in ("train", "validation", "test"):
        write_table(kept.filter(pl.col("split") == split), root / f"data/curated/{split}.parquet")
    with chdir(root), Repo() as repo:
        repo.commit(force=True)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", f"The version {tag}")
    git(root, "tag", tag)


def git(root: Path, *arguments: str) -> None:
    names = {f"GIT_{p}_{w}": "ada@example.org" for p in ("AUTHOR", "COMMITTER") for w in ("NAME", "EMAIL")}
    env = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from dvc.repo import Repo

    root = tmp_path_factory.mktemp("history")
    git(root, "init", "--quiet")
    Repo.init(str(root)).close()
    (root / "dvc.yaml").write_text(LOCKED)
    version(root, [BLUE], [False], "keep", "v1")
    version(root, [TURNED], [True], "drop", "v2")
    version(root, [FOUR, BLUE], [False, False], "keep", "v3")
    version(root, [FOUR, BLUE, {**BLUE, "prompt": "Name another."}], [False] * 3, "keep", "v4")
    (root / "data/labels").mkdir()
    pair = pl.read_parquet(root / "data/pairs.parquet").row(0, named=True)
    said = {"format": 1, "pair_id": pair["pair_id"], "dimension": "preference", "annotator": "ada"}
    shown = {"first_id": pair["rejected_id"], "second_id": pair["chosen_id"]}
    lines = [{**said, **shown, "label": "first", "at": "2026-01-01T10:00:00Z"}]
    lines += [{**said, **shown, "label": "second", "at": "2026-01-02T10:00:00Z", "note": "I had misread \x1b[31m it."}]
    (root / "data/labels/ada.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "project", symlinks=True)
    return tmp_path / "project"


def told(root: Path, prefq: Callable, wanted: str = "answers:0") -> dict[str, Any]:
    ran = prefq("why", wanted, "--workdir", root, "--history", "--json")
    assert ran.code == 0, ran.err
    (story,) = json.loads(ran.out)
    return story


def test_a_pair_is_followed_through_its_versions(made: Path, prefq: Callable) -> None:
    history = told(made, prefq)["history"]
    assert [past["version"] for past in history] == ["v4", "v3", "v2", "v1"]
    assert {past["missing"] for past in history} == {None}
    now, _, before = (past["rows"][0] for past in history[:3])
    kept = {"preferred": "chosen", "split": "train", "status": "raw"}
    assert (now["preferred"], now["flags"], now["decision"], now["curated"]) == ("chosen", [], "keep", kept)
    assert (before["preferred"], before["flags"], before["decision"]) == ("rejected", ["pii"], "drop")
    assert (before["reasons"], before["curated"], before["edited"]) == (["pii"], None, False)
    assert history[3]["rows"] == []  # the row of that name held another pair


def test_what_people_decided_is_told_with_their_names_and_times(made: Path, prefq: Callable) -> None:
    people = told(made, prefq)["people"]
    assert [(p["annotator"], p["at"][:10], p["preferred"], p["counts"]) for p in people] == [
        ("ada", "2026-01-01", "rejected", False),
        ("ada", "2026-01-02", "chosen", True),
    ]
    shown = prefq("why", "answers:0", "--workdir", made)
    assert "    ada, 2026-01-01T10:00:00Z: rejected (changed later)\n" in shown.out
    assert "      I had misread [ESC][31m it.\n" in shown.out
    assert "History" not in shown.out


def test_the_story_tells_what_changed_from_version_to_version(made: Path, prefq: Callable) -> None:
    lines = prefq("why", "answers:0", "--workdir", made, "--history").out.splitlines()
    at = lines.index("History")
    assert max(map(len, lines)) <= 80
    assert lines[at + 1].startswith("  v1, ")
    assert lines[at + 2] == "    pair: not in this version"
    assert lines[at + 4 : at + 8] == [
        "    from: record 0 of answers",
        "    label: prefers the rejected answer",
        "    flags: pii",
        "    decision: drop (pii)",
    ]
    assert lines[at + 8].startswith("  v3, ")
    assert lines[at + 9 : at + 13] == [
        "    label: prefers the chosen answer",
        "    flags: none",
        "    decision: keep",
        "    curated: train, raw, prefers the chosen answer",
    ]
    assert lines[-1] == "    1 more version without a change"


RAIN = {"prompt": "Why does it rain?", "chosen": "Warm air rises and cools.", "rejected": "Nobody knows."}


def test_a_pair_is_found_before_it_was_edited_where_rows_have_moved(project: Path, prefq: Callable) -> None:
    version(project, [FOUR, RAIN], [False, True], "keep", "v5")
    warmer = {**RAIN, "chosen": "Warm air rises, cools and lets go of water."}
    version(project, [FOUR, BLUE, warmer], [False] * 3, "keep", "v6")
    version(project, [{**warmer, "prompt": "Why does it rain so much?"}, BLUE], [False] * 2, "keep", "v7")
    v7, v6, v5, v4 = told(project, prefq, "answers:0")["history"][:4]
    rows = [(past["rows"][0]["row_id"], past["rows"][0]["edited"]) for past in (v7, v6, v5)]
    assert rows == [("answers:0", False), ("answers:2", True), ("answers:1", True)]
    assert v5["rows"][0]["flags"] == ["pii"]
    assert v4["rows"] == []


def test_a_pair_that_is_no_more_is_told_from_the_last_version_that_had_it(project: Path, prefq: Callable) -> None:
    version(project, [FOUR, RAIN], [False, True], "keep", "v5")
    pair = pl.read_parquet(project / "data/pairs.parquet")["pair_id"][1]
    version(project, [FOUR], [False], "keep", "v6")
    unknown = prefq("why", pair[:12], "--workdir", project)
    assert (unknown.code, unknown.err.endswith("; --history looks in earlier versions, too.\n")) == (1, True)
    shown = prefq("why", pair[:12], "--workdir", project, "--history")
    assert shown.code == 0
    assert "\nNo more in the dataset: v5 is the last version that has it.\n" in shown.out
    assert "    flags: pii\n" in shown.out
    assert shown.out.endswith("    pair: not in this version\n")
    assert "No flag" not in shown.out
    assert told(project, prefq, pair)["last"] == "v5"
    assert prefq("why", "zzz", "--workdir", project, "--history").code == 1


def test_a_version_without_the_pair_says_so(made: Path, prefq: Callable) -> None:
    history = told(made, prefq, "answers:2")["history"]
    assert [len(past["rows"]) for past in history] == [1, 0, 0, 0]
    assert "    pair: not in this version" in prefq("why", "answers:2", "--workdir", made, "--history").out


def test_versions_that_cannot_be_fetched_are_said_and_the_others_told(project: Path, prefq: Callable) -> None:
    lock = subprocess.run(["git", "show", "v2:dvc.lock"], cwd=project, check=True, capture_output=True, text=True)
    md5 = next(line.split()[-1] for line in lock.stdout.splitlines() if "md5:" in line)
    next((project / ".dvc/cache").rglob(md5[2:])).unlink()
    history = told(project, prefq)["history"]
    assert [past["missing"] is None for past in history] == [True, True, False, True]
    assert "is not in DVC's cache and cannot be fetched: no remote is set up" in history[2]["missing"]


def test_without_git_there_is_no_history_and_it_is_said(project: Path, prefq: Callable) -> None:
    shutil.rmtree(project / ".git")
    ran = prefq("why", "answers:0", "--workdir", project, "--history")
    assert (ran.code, ran.out) == (1, "")
    assert "is not in a Git repository: versions are Git commits." in ran.err
    assert prefq("why", "answers:0", "--workdir", project).code == 0
