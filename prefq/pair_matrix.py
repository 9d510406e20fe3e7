"""The features of both answers of many pairs, put together only for the rows that are asked for.

A million pairs have vectors of several gigabytes: heads are fitted on some rows and applied batch by batch, straight
from the vector store on disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prefq.vectors import Matrix

Rows = npt.NDArray[np.int64]

BATCH = 20_000
"""Pairs put together at a time."""


@dataclass(frozen=True)
class PairMatrix:
    """The features of the two answers of n pairs.

    `plain`: surface features of the chosen and of the rejected answer, shape (n, s) each, and the cosine with the
    prompt where there are vectors. `vectors`: the store, shape (texts, d), or None. `places`: the rows in it of the
    chosen and of the rejected answers, shape (n,) each.
    """

    plain: tuple[Matrix, Matrix]
    vectors: Matrix | None
    places: tuple[Rows, Rows] | None

    def __len__(self) -> int:
        return len(self.plain[0])

    @property
    def widths(self) -> tuple[int, int]:
        """How many columns are plain, and how many are of vectors."""
        return self.plain[0].shape[1], 0 if self.vectors is None else self.vectors.shape[1]

    def sides(self, rows: Rows) -> tuple[Matrix, Matrix]:
        """All features of the chosen and of the rejected answers of these rows, shape (rows, s + d) each."""
        chosen, rejected = self.plain[0][rows], self.plain[1][rows]
        if self.vectors is None or self.places is None:
            return chosen, rejected
        left, right = (self.vectors[places[rows]] for places in self.places)
        return np.hstack([chosen, left]), np.hstack([rejected, right])

    def difference(self, rows: Rows) -> Matrix:
        """Chosen minus rejected for these rows, shape (rows, s + d)."""
        chosen, rejected = self.sides(rows)
        return chosen - rejected

    def batches(self) -> Iterator[Rows]:
        """All rows, in order, so many at a time."""
        for start in range(0, len(self), BATCH):
            yield np.arange(start, min(start + BATCH, len(self)))

    def turned(self) -> "PairMatrix":
        """The same pairs with their answers swapped."""
        places = None if self.places is None else (self.places[1], self.places[0])
        return PairMatrix((self.plain[1], self.plain[0]), self.vectors, places)
