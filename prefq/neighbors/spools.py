"""Long arrays that are made piece by piece: in memory, or wherever the caller has room for more than memory holds."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


class Spool(Protocol):
    """A place for pieces."""

    def add(self, piece: Bytes) -> None:
        """Put a piece after those before it."""

    def whole(self) -> Bytes:
        """All pieces in one writable array. To be called once, after the last piece."""


class InMemory:
    """A spool for arrays that fit into memory twice."""

    def __init__(self) -> None:
        self._pieces: list[Bytes] = []

    def add(self, piece: Bytes) -> None:
        """Keep a piece."""
        self._pieces.append(piece)

    def whole(self) -> Bytes:
        """All pieces in one writable array."""
        pieces, self._pieces = self._pieces, []
        return pieces[0] if len(pieces) == 1 else np.concatenate([np.empty(0, np.uint8), *pieces])


Room = Callable[[], Spool]
"""Makes a new spool."""
