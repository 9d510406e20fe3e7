"""Where DVC's cache is, by the settings of the system, the user and the project."""

import subprocess
import sys
from pathlib import Path

import pytest

from prefq.sources.dvc_tracked import tracked


def dvc(root: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", "-q", *words], cwd=root, check=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for level in ("SYSTEM", "GLOBAL"):
        (tmp_path / level).mkdir()
        monkeypatch.setenv(f"DVC_{level}_CONFIG_DIR", str(tmp_path / level))
    root = tmp_path / "project"
    root.mkdir()
    dvc(root, "init", "--no-scm")
    (root / "x.jsonl").write_text("{}\n")
    return root


def place(repository: Path) -> Path | None:
    (repository / "x.jsonl").unlink(missing_ok=True)
    found = tracked(repository / "x.jsonl")
    assert found
    return found.cached(found.md5)


@pytest.mark.parametrize("level", ["--system", "--global", "--local", "--project"])
def test_a_cache_that_any_level_of_settings_moved_is_found(repository: Path, tmp_path: Path, level: str) -> None:
    dvc(repository, "config", level, "cache.dir", str(tmp_path / "elsewhere"))
    dvc(repository, "add", "x.jsonl")
    found = place(repository)
    assert found
    assert found.is_relative_to(tmp_path / "elsewhere")


def test_the_narrower_setting_holds_and_paths_are_as_seen_from_the_file(repository: Path, tmp_path: Path) -> None:
    dvc(repository, "config", "--global", "cache.dir", str(tmp_path / "users"))
    (repository / ".dvc/config.local").write_text("[cache]\n    dir = ../../own\n")
    dvc(repository, "add", "x.jsonl")
    found = place(repository)
    assert found
    assert found.resolve().is_relative_to(tmp_path / "own")


def test_settings_that_cannot_be_read_say_nothing(repository: Path, tmp_path: Path) -> None:
    dvc(repository, "add", "x.jsonl")
    (tmp_path / "GLOBAL/config").write_bytes(b"\xff[")
    found = place(repository)
    assert found
    assert found.is_relative_to(repository / ".dvc/cache")
