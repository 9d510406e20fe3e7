"""Room for arrays that may not fit into memory: kept there up to a size, in a file without a name beyond it."""

import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from prefq.errors import PrefqError

Bytes = npt.NDArray[np.uint8]

MOST = 128_000_000
"""Bytes of one array that stay in memory."""


class FileSpool:
    """An array made piece by piece; beyond MOST bytes it is a file in `folder` that is mapped, and gone with it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._pieces, self._size = folder, list[Bytes](), 0
        self._file: IO[bytes] | None = None

    def add(self, piece: Bytes) -> None:
        """Put a piece after those before it. Raises PrefqError when there is no room for it."""
        self._pieces.append(piece)
        self._size += piece.size
        if self._file is not None or self._size > MOST:
            self._write()

    def whole(self) -> Bytes:
        """All pieces in one writable array."""
        if self._file is None:
            return np.concatenate([np.empty(0, np.uint8), *self._pieces])
        with self._file as file:
            file.flush()
            return np.asarray(np.memmap(file, np.uint8, "r+", shape=(self._size,)))

    def _write(self) -> None:
        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (it is written to later)
            for piece in self._pieces:
                self._file.write(piece.data)
        except OSError as error:
            with suppress(OSError):
                self._file and self._file.close()
            raise PrefqError(
                f"{self._folder} has no room for what is worked on ({error.strerror}): free some."
            ) from error
        self._pieces.clear()


def room(folder: Path) -> partial[FileSpool]:
    """What makes spools whose files are in this folder."""
    return partial(FileSpool, folder)
