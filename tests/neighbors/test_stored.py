"""Texts are taken from a table batch by batch, each once, in the order asked for."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.neighbors import stored as module
from prefq.neighbors.stored import Stored, Wanted, stored
from prefq.neighbors.threads import portions

ROWS = 50
TABLE = pl.DataFrame({"a": [f"a {i}" for i in range(ROWS)], "b": [f"bé {i}" for i in range(ROWS)]})


@pytest.mark.parametrize("batch", [1, 7, 50, 1000])
def test_texts_of_several_columns_come_to_their_places(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, batch: int
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    TABLE.write_parquet(tmp_path / "t.parquet", row_group_size=10)
    rows = np.array([49, 0, 20, 13])
    wanted = [Wanted(pl.col("a"), rows, np.array([3, 1, 5, 0])), Wanted(pl.col("b"), rows[:2], np.array([2, 4]))]
    found = stored(pl.scan_parquet(tmp_path / "t.parquet"), ROWS, wanted)
    expected = ["a 13", "a 0", "bé 49", "a 49", "bé 0", "a 20"]
    assert found.gather(np.arange(6)).to_list() == expected
    assert found.sizes.tolist() == [len(text.encode()) for text in expected]
    packed = found.packed(slice(1, 4))
    assert [packed.text(i) for i in range(3)] == expected[1:4]


def test_nothing_wanted_is_nothing_read() -> None:
    none = np.empty(0, np.int64)
    assert len(stored(TABLE.lazy(), ROWS, [Wanted(pl.col("not there"), none, none)])) == 0


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_a_column_is_stored_as_it_is(texts: list[str]) -> None:
    assert Stored.of(pl.Series(texts, dtype=pl.String)).gather(np.arange(len(texts))).to_list() == texts


@given(st.lists(st.integers(0, 100)), st.integers(1, 200))
def test_portions_cover_everything_once(weights: list[int], most: int) -> None:
    parts = list(portions(np.array(weights, np.int64), most))
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(len(weights)))
    assert all(sum(weights[part]) <= most or part.stop - part.start == 1 for part in parts)
