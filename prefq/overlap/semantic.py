"""Prompts that say what a benchmark's prompt says in other words: near by an encoder's vectors, and not contrasts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.neighbors.contrast import contrasts
from prefq.vectors import Matrix

SAID = ("number", "name", "negation")
"""Contrasts that no other wording makes up for."""
BLOCK = 1 << 24
"""Cosines computed at a time: 64 MB."""
NONE = pl.DataFrame(schema={"text": pl.Int64(), "tested": pl.Int64(), "cosine": pl.Float32()})


@dataclass(frozen=True)
class Meanings:
    """The vectors of distinct texts, `matrix` of shape (texts, dimensions), and the cosine from which two agree."""

    texts: pl.Series
    matrix: Matrix
    similarity: float

    def alike(self, texts: pl.Series, tested: pl.Series) -> pl.DataFrame:
        """Which of some texts mean what a tested one does: `text`, `tested` (places), `cosine`.

        Texts without a vector (or with an empty one) are like none; nor are contrasts: other numbers, names, negation
        (other words are what a paraphrase is made of).
        """
        from prefq.neighbors.verdicts import REASONS

        mine, left = self._of(texts)
        theirs, right = self._of(tested)
        parts = [NONE, *(_near(block, right, start, self.similarity) for start, block in _blocks(left, len(right)))]
        found = pl.concat(parts).with_columns(text=pl.Series(mine).gather(pl.concat(parts)["text"]))
        found = found.with_columns(tested=pl.Series(theirs).gather(found["tested"]))
        pieces = pl.concat([texts.rename("text"), tested.rename("text")])
        ends = [found[name].to_numpy(writable=True) for name in ("text", "tested")]
        reason = contrasts(pieces, ends[0], ends[1] + len(texts), prompts=True)
        return found.filter(~pl.Series(np.isin(reason, [REASONS.index(name) for name in SAID])))

    def _of(self, texts: pl.Series) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Matrix]:
        """The places of the texts that have a vector, and their vectors."""
        known = self.texts.alias("words").to_frame().with_row_index("row")
        asked = texts.alias("words").to_frame().with_row_index("place").join(known, on="words").sort("place")
        matrix = self.matrix[asked["row"]]
        full = np.abs(matrix).sum(axis=1) > 0
        return asked["place"].cast(pl.Int64).to_numpy()[full], matrix[full]


def _blocks(matrix: Matrix, width: int) -> Iterator[tuple[int, Matrix]]:
    rows = max(1, BLOCK // max(1, width))
    for start in range(0, len(matrix), rows):
        yield start, matrix[start : start + rows]


def _near(block: Matrix, tested: Matrix, start: int, similarity: float) -> pl.DataFrame:
    cosines = block @ tested.T
    left, right = np.nonzero(cosines >= np.float32(similarity))
    found = {"text": left + start, "tested": right, "cosine": np.minimum(cosines[left, right], 1)}
    return pl.DataFrame(found, schema=NONE.schema)
