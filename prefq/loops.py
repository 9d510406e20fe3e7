"""Where compiled loops are kept: a folder for each state of the code.

numba asks of a kept loop only whether its own file is as it was. But a loop holds what it calls from other files, too:
after an update of those it would go on as before.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

PACKAGES = ("neighbors", "overlap")
"""Where there are compiled loops."""
KEPT = 3
"""So many states of the code are kept."""


@contextmanager
def kept_by_code() -> Iterator[None]:
    """What numba compiles is kept for this state of the code; by numba's own rules where no folder can be written."""
    import numba

    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = folder(before) or before
    try:
        yield
    finally:
        config.CACHE_DIR = before


@cache
def folder(given: str) -> str:
    """The folder of this state of the code, in `given` (NUMBA_CACHE_DIR), beside the code or in the user's cache.

    Empty if there is none that can be written. Folders of other states go when there are many.
    """
    name = f"loops-{state(Path(__file__).parent)}"
    for place in places(given):
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place / name, os.W_OK):
            _make_room(place, name)
            return str(place / name)
    return ""


def state(root: Path) -> str:
    """16 hex digits that change when a file of one of the PACKAGES in a folder does."""
    files = (file for package in PACKAGES for file in sorted((root / package).glob("*.py")))
    return _digest(f"{file.parent.name}/{file.name}".encode() + b"\n" + file.read_bytes() for file in files)


def places(given: str) -> list[Path]:
    """The folders that are tried, in this order."""
    if given:
        return [Path(given)]
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return [Path(__file__).parent / "__pycache__", Path(home) / "prefq"]


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little") + part)
    return found.hexdigest()[:16]


def _make_room(place: Path, name: str) -> None:
    others = [path for path in place.glob("loops-*") if path.name != name]
    others.sort(key=lambda path: path.stat().st_mtime if path.exists() else 0)
    for path in others[: max(0, len(others) + 1 - KEPT)]:
        shutil.rmtree(path, ignore_errors=True)
