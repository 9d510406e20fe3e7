"""Arrays kept from one run to the next, in files that may be deleted, damaged or unwritable without harm."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from prefq.vector_cache import UNREADABLE, cache_root

Arrays = Mapping[str, npt.NDArray[Any]]

NOT_IN_NAMES = re.compile(r"[^\w.-]")
MOST = 4_000_000_000
"""Bytes of all files together; the ones that were not used for longest go first."""


class KeptArrays(MutableMapping[str, Arrays]):
    """Arrays under names, a file each. What cannot be read is not there; what cannot be written is not kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, workdir: Path, package: str) -> "KeptArrays":
        """What this version of a package of prefq's has kept for a project, beside its cache of vectors.

        Another version of the code finds nothing: it might not have made the same.
        """
        return cls(cache_root(workdir) / package.rpartition(".")[2] / code_digest(package))

    def __getitem__(self, name: str) -> Arrays:
        path = self._path(name)
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            os.utime(path)
        except UNREADABLE:
            raise KeyError(name) from None
        return arrays

    def __setitem__(self, name: str, arrays: Arrays) -> None:
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self._path(name), arrays)
            _make_room(self._folder.parent)

    def __delitem__(self, name: str) -> None:
        self._path(name).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in sorted(self._folder.glob("*.npz")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, name: str) -> Path:
        return self._folder / f"{NOT_IN_NAMES.sub('_', name)}.npz"


def code_digest(package: str) -> str:
    """16 hex digits that change when a package's code does."""
    files = sorted((file.name, file.read_bytes()) for file in resources.files(package).iterdir() if _is_code(file.name))
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16]


def _is_code(name: str) -> bool:
    return name.endswith(".py")


def _write_whole(path: Path, arrays: Arrays) -> None:
    handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # no array is named as a keyword of savez
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _make_room(folder: Path) -> None:
    """Remove the files that were not used for longest, until the rest is no more than MOST."""
    files = sorted(((path.stat().st_mtime_ns, path) for path in folder.glob("*/*.npz")), reverse=True)
    size = 0
    for _, path in files:
        size += path.stat().st_size
        if size > MOST:
            path.unlink(missing_ok=True)
