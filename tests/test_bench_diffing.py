"""That what the benchmark of comparisons plants is what is there; never how fast anything is."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # bench is not installed

from bench import diffing
from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.reading import in_memory
from prefq.diff import compare


def two_pairs(tmp_path: Path) -> pl.DataFrame:
    answers = [("A blue one, if you ask me, since it goes with the sky above us.", "No."), ("Four of them.", "Five?")]
    rows = [{"prompt": f"Question {n}", "chosen": c, "rejected": r} for n, (c, r) in enumerate(answers)]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return in_memory(only_dataset(str(tmp_path / "x.jsonl"), None, {}), Console(-1))[0]


def test_the_planted_changes_are_those_that_are_said(tmp_path: Path) -> None:
    old, new = diffing.versions(two_pairs(tmp_path), 2_000)
    assert (old.height, new.height, old["pair_id"].n_unique()) == (2_000, 1_996, 2_000)
    assert set(old["row_id"]) >= set(new["row_id"])
    both = old.join(new, on="row_id", suffix="_new")
    flipped = (pl.col("pair_id") == pl.col("pair_id_new")) & (pl.col("chosen") != pl.col("chosen_new"))
    told = both.select(
        flipped.sum(),
        moved=(pl.col("split_new") == "test").sum(),
        edited=(pl.col("pair_id") != pl.col("pair_id_new")).sum(),
    )
    assert told.row(0) == (6, 4, 6)
    counts = compare(old, new).counts
    assert (counts["flipped"], counts["moved_split"]) == (6, 4)


def test_versions_that_are_made_in_parts_have_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffing, "PART", 700)
    source, old, new = (tmp_path / name for name in ("pairs.parquet", "old.parquet", "new.parquet"))
    two_pairs(tmp_path).write_parquet(source)
    diffing.write_versions(str(source), "2000", str(old), str(new), "csv")
    first, second = pl.read_parquet(old), pl.read_parquet(new)
    assert first["row_id"].to_list() == [f"d:{n}" for n in range(2_000)]
    assert second.height == 2_000 - 1 - 1 - 1  # of 700, 700 and 600 rows, 0.002 are gone
    assert first["pair_id"].n_unique() == 2_000
    assert set(second["row_id"]) < set(first["row_id"])
    assert pl.read_csv(f"{new}.csv")["row_id"].to_list() == second["row_id"].to_list()
