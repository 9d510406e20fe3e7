"""Checks that fire together: pairs of checks that flag the same pairs more often than chance would have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.stats import Array

MOST = 12
LEAST, LIFT = 5, 1.5


@dataclass(frozen=True)
class Together:
    """Two checks: the pairs that each flags, those that both flag, and how many times more that is than by chance."""

    left: str
    right: str
    left_hits: int
    right_hits: int
    both: int
    lift: float


def together(flags: pl.DataFrame | None, checks: Sequence[str]) -> tuple[Together, ...]:
    """At most twelve pairs of checks, the most strongly associated first (by the phi coefficient, Yule 1912).

    A row counts where both checks are decided; at least five must be flagged by both, and 1.5 times as many as chance.
    """
    if flags is None or len(checks) < 2:
        return ()
    table = flags.select(pl.col(checks).cast(pl.Float32))
    hits = table.fill_null(0).to_numpy()
    known = table.select(pl.all().is_not_null().cast(pl.Float32)).to_numpy()
    # Of the rows on which both are decided: all of them, those that both flag, those that each flags.
    rows, both, ones = _product(known, known), _product(hits, hits), _product(hits, known)
    found = [_pair(checks, i, j, rows, both, ones) for i in range(len(checks)) for j in range(i)]
    kept = [(phi, pair) for phi, pair in found if pair.both >= LEAST and pair.lift >= LIFT]
    kept.sort(key=lambda one: (-one[0], one[1].left, one[1].right))
    return tuple(pair for _, pair in kept[:MOST])


def _product(left: Array, right: Array) -> Array:
    """leftᵀ · right in whole numbers."""
    found: Array = np.rint(left.T.astype(np.float64) @ right.astype(np.float64))
    return found


def _pair(checks: Sequence[str], i: int, j: int, rows: Array, both: Array, ones: Array) -> tuple[float, Together]:
    first, second = sorted((i, j), key=lambda k: checks[k])
    n, a, b, ab = rows[i, j], ones[first, second], ones[second, first], both[i, j]
    expected = a * b / n if n else 0.0
    spread = np.sqrt(a * (n - a) * b * (n - b))
    phi = float((n * ab - a * b) / spread) if spread else 0.0
    lift = float(ab / expected) if expected else 0.0
    return phi, Together(checks[first], checks[second], int(a), int(b), int(ab), lift)
