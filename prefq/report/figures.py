"""Figures about the whole dataset: lengths, the judge's reliability, duplicates and benchmark overlap."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from prefq.report.chains import Chains, split_chains
from prefq.report.tables import Tables
from prefq.stats import wilson

RATIO_LIMIT = 5.0
"""Length ratios beyond 2 to this power are counted in the outermost bins."""


@dataclass(frozen=True)
class Bin:
    """One bar of a histogram: from `low` (included) to `high`, and how many of each side fall in."""

    low: float
    high: float
    chosen: int
    rejected: int = 0


@dataclass(frozen=True)
class Lengths:
    """Answer lengths in characters. Longer, equal and shorter count the pairs that have a chosen answer."""

    bins: tuple[Bin, ...]
    ratio_bins: tuple[Bin, ...]
    longer: int
    equal: int
    shorter: int
    medians: tuple[float | None, float | None]

    @property
    def compared(self) -> int:
        """Pairs with a chosen answer."""
        return self.longer + self.equal + self.shorter

    @property
    def chosen_longer_share(self) -> float | None:
        """The share of pairs whose chosen answer is the longer one; None without pairs."""
        return self.longer / self.compared if self.compared else None


def lengths(pairs: pl.DataFrame) -> Lengths:
    """Histograms of answer lengths (half-octave bins) and of log2(chosen / rejected)."""
    both = pairs.filter(pl.col("label") == "chosen").select(
        pl.col("chosen").fill_null("").str.len_chars().alias("c"),
        pl.col("rejected").fill_null("").str.len_chars().alias("r"),
    )
    c, r = both["c"].to_numpy().astype(np.int64), both["r"].to_numpy().astype(np.int64)
    medians = (float(np.median(c)), float(np.median(r))) if len(c) else (None, None)
    return Lengths(
        _length_bins(c, r), _ratio_bins(c, r), int((c > r).sum()), int((c == r).sum()), int((c < r).sum()), medians
    )


def _length_bins(c: Any, r: Any) -> tuple[Bin, ...]:
    top = int(max(c.max(initial=1), r.max(initial=1)))
    edges = [0, 1, *(round(2 ** (k / 2)) for k in range(2, int(np.ceil(2 * np.log2(top + 1))) + 1)), top + 1]
    edges = sorted({e for e in edges if e <= top + 1})
    counts = [np.histogram(side, edges)[0] for side in (c, r)]
    bins = [Bin(lo, hi, int(a), int(b)) for lo, hi, a, b in zip(edges, edges[1:], *counts, strict=False)]
    first = next((i for i, b in enumerate(bins) if b.chosen or b.rejected), 0)
    return tuple(bins[first:])


def _ratio_bins(c: Any, r: Any) -> tuple[Bin, ...]:
    some = (c > 0) & (r > 0)
    edges = np.arange(-RATIO_LIMIT, RATIO_LIMIT + 0.1, 0.5)
    log = np.clip(np.log2(c[some] / r[some]), -RATIO_LIMIT, RATIO_LIMIT - 1e-9) if some.any() else np.zeros(0)
    return tuple(
        Bin(float(lo), float(lo + 0.5), int(n)) for lo, n in zip(edges, np.histogram(log, edges)[0], strict=False)
    )


@dataclass(frozen=True)
class Reliability:
    """One bin of predicted certainty: what the judge said on average, how often the labels agree."""

    low: float
    high: float
    rows: int
    predicted: float
    agreed: float

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the 95 % Wilson interval of `agreed`."""
        found = wilson(self.agreed * self.rows, self.rows)
        return (found.low, found.high) if found else (0.0, 1.0)


@dataclass(frozen=True)
class Judge:
    """The judge of the score stage against the given labels, out of fold.

    `ece` is the expected calibration error (Guo et al. 2017) over the bins, from 0 to 1.
    """

    rows: int
    agreed: float
    """How many labels the judge agrees with; where it has no opinion (as for equal answers) half a label each."""
    bins: tuple[Reliability, ...]

    @property
    def accuracy(self) -> float | None:
        """The share of labels the judge agrees with."""
        return self.agreed / self.rows if self.rows else None

    @property
    def ece(self) -> float | None:
        """The expected calibration error."""
        return sum(b.rows * abs(b.agreed - b.predicted) for b in self.bins) / self.rows if self.rows else None


def judge(tables: Tables) -> Judge | None:
    """Accuracy and calibration of `p_chosen`; None when there are no scores or none is decided."""
    if tables.scores is None:
        return None
    labelled = tables.pairs.filter(pl.col("label") == "chosen").select("row_id")
    p = tables.scores.join(labelled, on="row_id", how="semi")["p_chosen"].drop_nulls().drop_nans().to_numpy()
    if not len(p):
        return None
    sure, right = np.maximum(p, 1 - p), (p > 0.5) + 0.5 * (p == 0.5)
    place = np.minimum(((sure - 0.5) / 0.05).astype(int), 9)
    bins = [_reliability(k, sure[place == k], right[place == k]) for k in range(10) if (place == k).any()]
    return Judge(len(p), float(right.sum()), tuple(bins))


def _reliability(k: int, sure: Any, right: Any) -> Reliability:
    return Reliability(0.5 + k * 0.05, 0.55 + k * 0.05, len(sure), float(sure.mean()), float(right.mean()))


@dataclass(frozen=True)
class Duplicates:
    """How much of the dataset says the same thing twice, or its opposite."""

    pairs: int
    distinct_pairs: int
    distinct_prompts: int
    prompt_clusters: int | None
    pair_clusters: int | None
    largest: tuple[int, ...]
    contradictions: tuple[tuple[str, int, int], ...]
    """(kind, rows, groups)."""
    edges: tuple[tuple[str, str, int], ...]
    """(level, kind, edges)."""
    chains: tuple[Chains, ...] = ()
    """Chains of near texts that were split, by level."""


def duplicates(tables: Tables) -> Duplicates:
    """Distinct pairs and prompts, clusters, contradictions and verified near-duplicate edges."""
    pairs, clusters, near = tables.pairs, tables.clusters, tables.neighbors
    sizes = (
        clusters["prompt_cluster"].drop_nulls().value_counts()["count"].sort(descending=True)
        if clusters is not None
        else None
    )
    return Duplicates(
        pairs=pairs.height,
        distinct_pairs=pairs.select("pair_id", "dimension").n_unique(),
        distinct_prompts=pairs["prompt_id"].n_unique(),
        prompt_clusters=len(sizes) if sizes is not None else None,
        pair_clusters=clusters["pair_cluster"].n_unique() if clusters is not None else None,
        largest=tuple(sizes.head(5).to_list()) if sizes is not None else (),
        contradictions=_contradictions(clusters),
        edges=tuple(near.group_by("level", "kind").len().sort("level", "kind").iter_rows()) if near is not None else (),
        chains=split_chains(tables),
    )


def _contradictions(clusters: pl.DataFrame | None) -> tuple[tuple[str, int, int], ...]:
    if clusters is None:
        return ()
    found = clusters.filter(pl.col("contradiction").is_not_null()).group_by("contradiction")
    return tuple(
        found.agg(pl.len(), pl.col("contradiction_id").n_unique().alias("groups")).sort("contradiction").iter_rows()
    )
