"""Vectors by content id: what the embed stage leaves for the others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Vectors:
    """One unit-length vector per distinct text: `ids` sorted, `matrix` of shape (len(ids), dimensions), float32."""

    ids: pl.Series
    matrix: Matrix
    encoder: str

    def rows(self, ids: "Sequence[str] | pl.Series") -> npt.NDArray[np.int64]:
        """The row of each id in `matrix`, shape (len(ids),). Raises KeyError when one has no vector."""
        wanted = pl.DataFrame({"id": ids}, schema={"id": pl.String})
        known = pl.DataFrame({"id": self.ids}).with_row_index("row")
        rows = wanted.join(known, on="id", how="left", maintain_order="left")["row"]
        if rows.null_count():
            raise KeyError(f"{rows.null_count()} ids have no vector")
        return rows.cast(pl.Int64).to_numpy()

    def of(self, ids: "Sequence[str] | pl.Series") -> Matrix:
        """The vectors of these ids, shape (len(ids), dimensions)."""
        return self.matrix[self.rows(ids)]
