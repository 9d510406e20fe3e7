"""`prefq merge`: what it writes, how it ends, and how Git uses it as a merge driver."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.reading import in_memory
from prefq.store import write_table

PREFQ = Path(sys.executable).with_name("prefq")
BLUE = {"prompt": "Name a colour.", "chosen": "Blue.", "rejected": "No."}
FOUR = {"prompt": "What is two plus two?", "chosen": "Four.", "rejected": "Five."}
PARIS = {"prompt": "Where is the Louvre?", "chosen": "In Paris.", "rejected": "In Rome."}
FOUR_FLIPPED = {**FOUR, "chosen": "Five.", "rejected": "Four."}


def decision(label: str, pair: str = "p", **more: str) -> str:
    row = {"format": 1, "pair_id": pair, "dimension": "preference", "label": label, "first_id": "a", "second_id": "b"}
    return json.dumps({**row, "annotator": "ada", **more}) + "\n"


def curated(records: Sequence[dict[str, str]], path: Path, **same: str) -> Path:
    """A curated table of these records, all in train unless said otherwise; `label` may be given."""
    raw = path.with_suffix(".raw.jsonl")
    raw.write_text("".join(json.dumps(record) + "\n" for record in records))
    pairs, _ = in_memory(only_dataset(str(raw), None, {}), Console(-1))
    raw.unlink()
    told = {"split": "train", "status": "raw", **same}
    write_table(pairs.with_columns(**{name: pl.lit(value) for name, value in told.items()}), path)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def logs(here: Path, base: str, ours: str, theirs: str) -> list[Path]:
    paths = [here / name for name in ("base.jsonl", "ours.jsonl", "theirs.jsonl")]
    for path, text in zip(paths, (base, ours, theirs), strict=True):
        path.write_text(text)
    return paths


def test_decisions_are_merged_into_a_file(here: Path, prefq: Callable) -> None:
    first, second = decision("first"), decision("tie", "q")
    ran = prefq("merge", *logs(here, "", first, second), "-o", "merged.jsonl")
    assert (ran.code, ran.err) == (0, "")
    assert (here / "merged.jsonl").read_text() == first + second
    assert not (here / "review.jsonl").exists()


def test_a_conflict_is_exit_code_3_with_the_result_and_the_queue_written(here: Path, prefq: Callable) -> None:
    curated([FOUR], here / "pairs.parquet")
    (here / "data").mkdir()
    (here / "pairs.parquet").rename(here / "data/pairs.parquet")
    pair = pl.read_parquet(here / "data/pairs.parquet").row(0, named=True)
    ids = {"first_id": pair["chosen_id"], "second_id": pair["rejected_id"]}
    sides = [decision(label, pair["pair_id"], **ids) for label in ("first", "second")]
    ran = prefq("merge", *logs(here, "", sides[0], sides[1]), "-o", "merged.jsonl", "--json")
    assert ran.code == 3
    assert "one pair was decided differently on both sides: until somebody decides, OURS stands" in ran.err
    assert (here / "merged.jsonl").read_text() == sides[1] + sides[0]
    (entry,) = map(json.loads, (here / "review.jsonl").read_text().splitlines())
    assert {entry["first"], entry["second"]} == {"Four.", "Five."}
    assert entry["prompt"][0]["content"] == FOUR["prompt"]
    assert {opinion["by"]: entry[opinion["label"]] for opinion in entry["opinions"]} == {
        "ours": "Four.",
        "theirs": "Five.",
    }
    told = json.loads(ran.out)
    assert (told["format"], told["conflicts"], told["kind"]) == (1, [entry], "labels")
    again = prefq("merge", *logs(here, "", sides[0], sides[1]), "-o", "merged.jsonl", "--favor", "theirs")
    assert (again.code, (here / "merged.jsonl").read_text()) == (0, sides[0] + sides[1])


def test_without_an_output_nothing_is_written(here: Path, prefq: Callable) -> None:
    ran = prefq("merge", *logs(here, "", decision("first"), decision("second")))
    assert (ran.code, "nothing is written: name a file with -o" in ran.out) == (3, True)
    assert {path.name for path in here.iterdir()} == {"base.jsonl", "ours.jsonl", "theirs.jsonl"}


def test_tables_are_merged_into_a_file_or_a_folder(here: Path, prefq: Callable) -> None:
    base = curated([BLUE, FOUR], here / "base.parquet")
    ours = curated([BLUE, FOUR_FLIPPED], here / "ours.parquet")
    theirs = curated([BLUE, FOUR, PARIS], here / "theirs.parquet")
    ran = prefq("merge", base, ours, theirs, "-o", "merged.parquet")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[:3] == ["3 pairs", "  ours: flipped 1", "  theirs: added 1"]
    merged = pl.read_parquet("merged.parquet")
    assert merged["chosen"].to_list() == ["Blue.", "Five.", "In Paris."]
    assert prefq("merge", base, ours, theirs, "-o", "folder").code == 0
    held = {path.name: pl.read_parquet(path).height for path in (here / "folder").iterdir()}
    assert held == {"train.parquet": 3, "validation.parquet": 0, "test.parquet": 0}
    once = (here / "merged.parquet").read_bytes()
    assert prefq("merge", base, theirs, ours, "-o", "folder").code == 0
    assert pl.read_parquet("folder/train.parquet")["chosen"].sort().to_list() == ["Blue.", "Five.", "In Paris."]
    assert prefq("merge", base, ours, theirs, "-o", "merged.parquet").code == 0
    assert (here / "merged.parquet").read_bytes() == once
    assert not [path for path in here.iterdir() if path.name.startswith(".")]


def test_files_of_other_formats_are_merged_too(here: Path, prefq: Callable) -> None:
    for name, records in (("a", [BLUE]), ("b", [BLUE, FOUR]), ("c", [BLUE, PARIS])):
        (here / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert prefq("-q", "merge", "a.jsonl", "b.jsonl", "c.jsonl", "-o", "merged.parquet").code == 0
    assert pl.read_parquet("merged.parquet")["chosen"].to_list() == ["Blue.", "Four.", "In Paris."]


def test_what_cannot_be_merged_or_written_is_said_and_nothing_is_changed(here: Path, prefq: Callable) -> None:
    held = [decision("first"), decision("first"), decision("second")]
    names = logs(here, *held)
    (here / "review.jsonl").write_text("{}\n")
    logs(here, "", held[1], held[2])
    refused = prefq("merge", *names, "-o", "ours.jsonl")
    assert (refused.code, "review.jsonl, line 1: not an entry of a review queue" in refused.err) == (1, True)
    assert (here / "ours.jsonl").read_text() == held[1]
    (here / "theirs.jsonl").write_text(held[2] + "{\n")
    broken = prefq("merge", *names, "-o", "ours.jsonl")
    assert (broken.code, "theirs.jsonl, line 2: not valid JSON." in broken.err) == (1, True)
    table = curated([BLUE], here / "t.parquet")
    assert "there is no folder nowhere" in prefq("merge", *names, "-o", "nowhere/x.jsonl").err
    assert "there is no file v9" in prefq("merge", "v9", table, table).err
    odd = prefq("merge", table, table, table, "-o", "x.csv")
    assert (odd.code, "written as Parquet" in odd.err) == (2, True)
    mixed = prefq("merge", table, here / "ours.jsonl", table)
    assert (mixed.code, mixed.out) == (1, "")


class Repository:
    """A repository in which Git merges with prefq."""

    def __init__(self, root: Path, pattern: str) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "merge.prefq.name", "preference data")
        self.git("config", "merge.prefq.driver", f"'{PREFQ}' merge %O %A %B -o %A")
        (root / ".gitattributes").write_text(f"{pattern} merge=prefq\n")

    def git(self, *arguments: str, fails: bool = False) -> str:
        who = [f"GIT_{person}_{what}" for person in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
        names = dict.fromkeys(who, "ada@example.org")
        env = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(["git", *arguments], cwd=self.root, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stderr + done.stdout
        return done.stdout + done.stderr

    def commit(self, branch: str, write: Callable[[], object]) -> None:
        if branch != "main":
            self.git("checkout", "--quiet", "-B", branch, "main")
        write()
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", f"What {branch} says")


def test_git_merges_decisions_and_leaves_a_conflict_to_decide(here: Path) -> None:
    path = here / "data/labels/ada.jsonl"
    path.parent.mkdir(parents=True)
    made = Repository(here, "data/labels/*.jsonl")
    made.commit("main", lambda: path.write_text(decision("first")))
    made.commit("ours", lambda: path.write_text(decision("first") + decision("tie", "q")))
    made.commit("theirs", lambda: path.write_text(decision("first") + decision("second", "r")))
    made.commit("against", lambda: path.write_text(decision("first") + decision("both_bad", "q")))
    made.git("checkout", "--quiet", "ours")
    made.git("merge", "--quiet", "--no-edit", "theirs")
    both = decision("first") + decision("tie", "q") + decision("second", "r")
    assert path.read_text() == both
    said = made.git("merge", "--no-edit", "against", fails=True)
    assert "CONFLICT (content): Merge conflict in data/labels/ada.jsonl" in said
    assert "one pair was decided differently on both sides" in said
    lines = [decision("first"), decision("both_bad", "q"), decision("tie", "q"), decision("second", "r")]
    assert path.read_text() == "".join(lines)
    (entry,) = map(json.loads, (here / "review.jsonl").read_text().splitlines())
    assert [opinion["label"] for opinion in entry["opinions"]] == ["tie", "both_bad"]
    assert made.git("status", "--porcelain").splitlines() == ["UU data/labels/ada.jsonl", "?? review.jsonl"]


def test_git_merges_a_file_of_decisions_that_both_branches_added(here: Path) -> None:
    path = here / "ada.jsonl"
    made = Repository(here, "*.jsonl")
    made.commit("main", lambda: None)
    made.commit("ours", lambda: path.write_text(decision("first")))
    made.commit("theirs", lambda: path.write_text(decision("second", "q")))
    made.git("checkout", "--quiet", "ours")
    made.git("merge", "--quiet", "--no-edit", "theirs")
    assert path.read_text() == decision("first") + decision("second", "q")


def test_git_merges_curated_tables(here: Path) -> None:
    path = here / "curated.parquet"
    made = Repository(here, "*.parquet")
    made.commit("main", lambda: curated([BLUE, FOUR], path))
    made.commit("ours", lambda: curated([BLUE, FOUR_FLIPPED], path))
    made.commit("theirs", lambda: curated([BLUE, FOUR, PARIS], path))
    made.commit("against", lambda: curated([BLUE], path))
    made.git("checkout", "--quiet", "ours")
    made.git("merge", "--quiet", "--no-edit", "theirs")
    assert pl.read_parquet(path)["chosen"].to_list() == ["Blue.", "Five.", "In Paris."]
    assert made.git("status", "--porcelain") == ""
    made.git("merge", "--no-edit", "against", fails=True)
    assert pl.read_parquet(path)["chosen"].to_list() == ["Blue.", "Five.", "In Paris."]
    (entry,) = map(json.loads, (here / "review.jsonl").read_text().splitlines())
    assert [opinion["decision"] for opinion in entry["opinions"]] == ["keep", "drop"]
