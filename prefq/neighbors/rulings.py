"""What the judgements say of each row, found prompt by prompt, so that memory does not grow with the rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.neighbors.contradictions import contradictions, large_cycles
from prefq.neighbors.judgements import kindred_pairs
from prefq.neighbors.normalize import Ints

ROWS = 50_000
"""Rows that are looked at together at least, if there are so many: those of a prompt cluster are not divided."""


@dataclass(frozen=True)
class Rulings:
    """What `ruled` returns. Pairs are named by the place of their id among the distinct ones, sorted."""

    pair_cluster: npt.NDArray[np.int32]
    """For each row the smallest pair of its cluster, shape (rows,)."""
    contradictions: pl.DataFrame
    """The rows that contradict others, sorted: `place` (the row) and `contradictions.NAMES`; the id is a pair."""
    kindred_pairs: Ints
    """The pairs in clusters of several, sorted."""
    kindred: pl.DataFrame
    """These, one row each, as from `judgements.kindred_pairs`, with `pair` and `center` as places among them."""
    large_cycles: int
    """How many cycles are too large for the lightest set of judgements that would break them."""


def ruled(prompt_cluster: Ints, judged: Callable[[Ints], pl.DataFrame], near: pl.DataFrame) -> Rulings:
    """Pair clusters and contradictions of all rows. `prompt_cluster` has shape (rows,).

    `judged` gives `judgements.judgements` of some rows; it is asked for whole prompt clusters. `near` is as from
    `judgements.near_copies`. No more is in memory at a time than ROWS rows and those of one prompt cluster.
    """
    cluster = np.zeros(prompt_cluster.size, np.int32)
    found, kindred, large = [], [], 0
    for rows in _batches(prompt_cluster):
        part = judged(rows)
        cluster[rows] = part["pair_cluster"].to_numpy()
        kindred.append(kindred_pairs(part))
        said = contradictions(part, near)
        large += large_cycles(part, said)
        found.append(said.with_columns(place=pl.Series(rows).gather(said["place"])))
    return Rulings(cluster, pl.concat(found).sort("place"), *_among_themselves(pl.concat(kindred)), large)


def _among_themselves(kindred: pl.DataFrame) -> tuple[Ints, pl.DataFrame]:
    kindred = kindred.sort("pair")
    pairs = kindred["pair"].to_numpy().astype(np.int64)
    center = pl.Series(np.searchsorted(pairs, kindred["center"].to_numpy()))
    return pairs, kindred.with_columns(pair=pl.int_range(pl.len()), center=center)


def _batches(prompt_cluster: Ints) -> list[Ints]:
    """The rows of whole prompt clusters, in their order within each; one empty batch of no rows."""
    order = np.argsort(prompt_cluster, kind="stable")
    starts = np.flatnonzero(np.diff(prompt_cluster[order], prepend=-1))
    wanted = np.arange(ROWS, order.size, ROWS)
    ends = np.append(starts, order.size)[np.searchsorted(starts, wanted)]
    return np.split(order, np.unique(ends[ends < order.size]))
