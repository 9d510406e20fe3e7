"""Prompts that are nearly those of a benchmark: alike letter by letter, and not contrasts."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.neighbors.contrast import contrasts
from prefq.neighbors.lexical import SKETCH_AGREES, SKETCHED, SLOTS, Candidates, Sketches, overlap, sketches
from prefq.neighbors.normalize import Packed, normalized

SEED = 13
ROWS = 4
"""Slots per band: texts of a similarity of 0.6 share a band with probability 0.988, those of 0.8 always."""
INSIDE = 0.2
"""One text inside the other is near from a similarity so much lower."""


@dataclass(frozen=True)
class Tested:
    """The prompts of benchmarks that others are compared with."""

    texts: pl.Series
    forms: Packed
    sketch: Sketches

    @classmethod
    def of(cls, texts: pl.Series) -> "Tested":
        """From their texts."""
        forms = normalized(texts)
        return cls(texts, forms, sketches(forms, SEED))

    def near(self, texts: pl.Series, forms: Packed, near: float) -> pl.DataFrame:
        """Which of some texts (with their normal forms) are near to these: `text`, `tested` (places) and `covered`.

        Near is a Jaccard similarity of the shingle sets of at least `near` (0.2 less where one text is inside the
        other), unless numbers, names or the slot of a template differ. `covered` is the share of the text's shingles.
        """
        both = Packed(
            np.concatenate([forms.data, self.forms.data]),
            np.concatenate([forms.starts, self.forms.starts[1:] + forms.starts[-1]]),
        )
        found = self._candidates(sketches(forms, SEED))
        likeness = overlap(both, found, SEED)
        close = likeness.near(near, near - INSIDE)
        pairs, covered = found.only(close), likeness.covered[close]
        pieces = pl.concat([texts.rename("text"), self.texts.rename("text")])
        same = contrasts(pieces, pairs.left, pairs.right, prompts=True) == 0
        kept = pairs.only(same)
        return pl.DataFrame({"text": kept.left, "tested": kept.right - len(texts), "covered": covered[same]})

    def _candidates(self, sketch: Sketches) -> Candidates:
        """Pairs that share a band and whose sketches agree enough; those of the benchmarks come after the others."""
        from prefq.neighbors.bands import agreements, band_keys
        from prefq.overlap.bands import shared_bands

        mine, theirs = (np.flatnonzero(one.shingles) for one in (sketch, self.sketch))
        rows, found = ROWS, []
        for first in range(0, SLOTS - rows + 1, rows):
            others = band_keys(self.sketch.matrix, theirs, np.zeros(theirs.size, np.uint64), first, rows)
            order = np.argsort(others, kind="stable")
            keys = band_keys(sketch.matrix, mine, np.zeros(mine.size, np.uint64), first, rows)
            found.append(np.unique(shared_bands(keys, others[order], order)))
        pairs = Candidates.packed(np.concatenate(found))
        left, right = mine[pairs.left], theirs[pairs.right]
        small = np.minimum(sketch.shingles[left], self.sketch.shingles[right]) < SKETCHED
        enough = small | (agreements(sketch.matrix, self.sketch.matrix, left, right) >= SKETCH_AGREES)
        return Candidates(left[enough], right[enough] + sketch.shingles.size)
