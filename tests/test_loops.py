"""Compiled loops are kept for one state of the code, wherever something can be written."""

from pathlib import Path

import pytest
from numba import config

from prefq import loops
from prefq.loops import KEPT, PACKAGES, folder, kept_by_code, state


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "words.py").write_text("LONGEST = 30\n")
    return tmp_path


def test_the_state_of_the_code_changes_with_each_of_its_files(code: Path) -> None:
    before = state(code)
    assert state(code) == before
    (code / PACKAGES[-1] / "words.py").write_text("LONGEST = 31\n")
    changed = state(code)
    (code / PACKAGES[0] / "more.py").write_text("")
    assert len({before, changed, state(code)}) == 3


def test_a_loop_is_kept_in_the_folder_of_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    with kept_by_code():
        assert Path(config.CACHE_DIR).parent == tmp_path and Path(config.CACHE_DIR).is_dir()
    assert str(tmp_path) == config.CACHE_DIR


def test_few_states_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"loops-{number}").mkdir()
    assert folder(str(tmp_path)) in {str(path) for path in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) == KEPT


def test_where_nothing_can_be_written_numba_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(loops, "places", lambda given: [tmp_path / "file"])
    assert folder("anywhere else") == ""
