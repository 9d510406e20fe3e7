"""Kept arrays come back as they were or not at all; what is wrong with their files is never an error."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prefq import kept_arrays
from prefq.kept_arrays import KeptArrays, code_digest

ARRAYS = {"keys": np.arange(100, dtype=np.uint64), "empty": np.empty((0, 3), np.float32), "flags": np.ones(7, np.int8)}


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    kept = KeptArrays(tmp_path / "not there yet")
    assert "some" not in kept and kept.get("some") is None
    kept["some"] = ARRAYS
    again = KeptArrays(tmp_path / "not there yet")["some"]
    assert list(again) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert again[name].dtype == array.dtype and again[name].tolist() == array.tolist()
        assert again[name].flags.writeable
    assert list(kept) == ["some"] and len(kept) == 1
    del kept["some"]
    assert "some" not in kept


def test_a_name_is_no_path(tmp_path: Path) -> None:
    kept = KeptArrays(tmp_path / "in")
    kept["../out of 'it'/0.9"] = ARRAYS
    assert kept["../out of 'it'/0.9"]["flags"].sum() == 7
    assert [path.parent.name for path in tmp_path.rglob("*.npz")] == ["in"]


@pytest.mark.parametrize("harm", ["cut short", "empty", "no archive", "one bit", "a folder"])
def test_a_damaged_file_is_not_there(tmp_path: Path, harm: str) -> None:
    kept = KeptArrays(tmp_path)
    kept["some"] = ARRAYS
    path = tmp_path / "some.npz"
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.unlink()
    if harm == "a folder":
        path.mkdir()
    else:
        damaged = {"cut short": content[: len(content) // 2], "empty": b"", "no archive": b"text", "one bit": content}
        path.write_bytes(damaged[harm])
    assert kept.get("some") is None
    kept["some"] = ARRAYS
    assert harm == "a folder" or kept["some"]["flags"].sum() == 7


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = KeptArrays(tmp_path / "file")
    kept["some"] = ARRAYS
    assert kept.get("some") is None


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, other = KeptArrays(tmp_path / "a"), KeptArrays(tmp_path / "b")
    kept["old"], kept["used"], other["idle"] = ARRAYS, ARRAYS, ARRAYS
    for age, path in ((30, "a/old.npz"), (20, "a/used.npz"), (10, "b/idle.npz")):
        os.utime(tmp_path / path, (1_000_000 - age, 1_000_000 - age))
    assert kept["used"]
    size = (tmp_path / "a/old.npz").stat().st_size
    monkeypatch.setattr(kept_arrays, "MOST", 2 * size)
    other["new"] = ARRAYS
    assert sorted(path.stem for path in tmp_path.rglob("*.npz")) == ["new", "used"]


def test_the_place_is_the_cache_of_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFQ_CACHE", raising=False)
    KeptArrays.of(tmp_path, "prefq.neighbors")["some"] = ARRAYS
    monkeypatch.setenv("PREFQ_CACHE", str(tmp_path / "elsewhere"))
    KeptArrays.of(tmp_path, "prefq.neighbors")["some"] = ARRAYS
    digest = code_digest("prefq.neighbors")
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.npz"))
    assert found == [f".prefq/cache/neighbors/{digest}/some.npz", f"elsewhere/neighbors/{digest}/some.npz"]


def test_other_code_finds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert code_digest("prefq.neighbors") == code_digest("prefq.neighbors") != code_digest("prefq.overlap")
    (tmp_path / "__init__.py").write_text("ONE = 1")
    monkeypatch.setattr(kept_arrays.resources, "files", lambda _: tmp_path)
    before = code_digest("it")
    (tmp_path / "__init__.py").write_text("ONE = 2")
    assert code_digest("it") != before


def test_neighbors_of_moved_thresholds_have_the_same_bytes_with_and_without_it(
    prefq: Callable[..., Any], planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prefq("ingest", planted / "helpful.jsonl", "--workdir", tmp_path).code == 0
    tables = [tmp_path / "data/neighbors.parquet", tmp_path / "data/clusters.parquet"]
    monkeypatch.setenv("PREFQ_CACHE", str(tmp_path / "kept"))
    with_it, without = [], []
    for place, found in (("kept", with_it), ("{}", without)):
        for number, least in enumerate((0.6, 0.8, 0.5, 0.8)):
            monkeypatch.setenv("PREFQ_CACHE", str(tmp_path / place.format(number)))
            ran = prefq("neighbors", "--workdir", tmp_path, "--set", f"neighbors.lexical_similarity={least}")
            assert ran.code == 0
            found.append([table.read_bytes() for table in tables])
    assert with_it == without and with_it[0] != with_it[1]
    assert list((tmp_path / "kept/neighbors").rglob("*.npz"))
