"""Arrays made piece by piece are the same in memory and in a file, and leave nothing behind."""

from pathlib import Path

import numpy as np
import pytest

from prefq import spooled
from prefq.errors import PrefqError
from prefq.neighbors.spools import InMemory

PIECES = [np.arange(n, dtype=np.uint8) for n in (3, 0, 200, 1)]


@pytest.mark.parametrize("most", [0, 100, 1000])
def test_pieces_come_back_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(spooled, "MOST", most)
    spools = [spooled.room(tmp_path / "tmp")(), InMemory()]
    for spool in spools:
        for piece in PIECES:
            spool.add(piece)
    in_file, in_memory = (spool.whole() for spool in spools)
    assert in_file.tolist() == in_memory.tolist() == np.concatenate(PIECES).tolist()
    assert in_file.flags.writeable and in_file.dtype == np.uint8
    assert not list(tmp_path.glob("tmp/*"))


def test_an_empty_array_is_one(tmp_path: Path) -> None:
    assert spooled.room(tmp_path)().whole().size == InMemory().whole().size == 0


def test_arrays_of_one_room_are_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooled, "MOST", 0)
    made = spooled.room(tmp_path)
    one, other = made(), made()
    one.add(PIECES[0])
    other.add(PIECES[2])
    assert (one.whole().size, other.whole().size) == (3, 200)


def test_no_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooled, "MOST", 0)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PrefqError, match="taken has no room"):
        spooled.room(tmp_path / "taken")().add(PIECES[0])
