"""How far annotators agree, beyond chance: all of them, each with each, each with the others.

A judgement says which of two answers is better, or that neither is. Those of one pair and dimension are compared,
whichever way round each showed it. An annotator who judged a pair again is taken at the last word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from prefq.stats import Z95, Array, Interval, wilson

VALUES = ("first", "second", "tie", "both_bad")
SHARED = 10
"""Pairs that two annotators must both have judged before their agreement is told."""
UNIT = ("pair_id", "dimension")


@dataclass(frozen=True)
class Kappa:
    """Two annotators on the pairs that both judged: how often they agree, and Cohen's kappa (None: undefined)."""

    left: str
    right: str
    shared: int
    agreed: Interval
    kappa: Interval | None


@dataclass(frozen=True)
class Annotator:
    """One annotator: judgements, how many say neither, how often the first shown answer won and the others agree."""

    name: str
    judgements: int
    neither: int
    first_shown: Interval | None
    """Of the judgements whose order is known and that prefer one answer."""
    with_others: Interval | None
    """Of the pairs on which most of the others say one thing; None without such pairs."""


@dataclass(frozen=True)
class Agreement:
    """The agreement of all annotators. Figures are None where too little is judged twice."""

    judgements: int
    annotators: tuple[Annotator, ...]
    """Those who are known, the busiest first."""
    shared: int
    """Pairs that more than one annotator judged."""
    alpha: Interval | None
    fleiss: Interval | None
    raters: int
    """Of how many judgements a pair Fleiss' kappa takes: the most frequent number of them."""
    kappas: tuple[Kappa, ...]


def agreement(pairs: pl.DataFrame, *, seed: int = 7) -> Agreement:
    """The agreement on these judgements (the columns of `pairs`); the order of rows plays no part."""
    said = judgements(pairs)
    counts = _counts(said)
    most = _frequent(counts)
    return Agreement(
        judgements=pairs.height,
        annotators=_annotators(pairs, said),
        shared=len(counts),
        alpha=_resampled(counts, krippendorff_alpha, seed),
        fleiss=_resampled(counts[counts.sum(axis=1) == most], fleiss_kappa, seed) if most else None,
        raters=most,
        kappas=_kappas(said.filter(pl.col("annotator").is_not_null())),
    )


def judgements(pairs: pl.DataFrame) -> pl.DataFrame:
    """One row per pair, dimension and annotator: `pair_id`, `dimension`, `annotator`, `rater`, `value` (see VALUES).

    Unknown annotators (`annotator` null) of one record are different people; across records they may be one judgement
    copied, so of each pair one record's are taken, and only where it holds several.
    """
    first = pl.col("chosen_id") < pl.col("rejected_id")
    preferred = pl.when(first).then(pl.lit("first")).otherwise(pl.lit("second"))
    place = ("dataset", "record", "k")
    told = (
        pairs.lazy()
        .select(
            *UNIT, *place, "annotator", value=pl.when(pl.col("label") == "chosen").then(preferred).otherwise("label")
        )
        .sort(place)
    )
    known = told.drop_nulls("annotator").unique([*UNIT, "annotator"], keep="last", maintain_order=True)
    unknown = told.filter(pl.col("annotator").is_null(), pl.len().over(*UNIT, "dataset", "record") > 1)
    record = pl.struct("dataset", "record")
    unknown = unknown.filter(record == record.first().over(*UNIT))
    rater = pl.format("\x00{}", "k")
    both = pl.concat([known.with_columns(rater="annotator"), unknown.with_columns(rater=rater)])
    return both.select(*UNIT, "annotator", "rater", "value").sort(*UNIT, "rater").collect()


def _counts(said: pl.DataFrame) -> Array:
    """How often each of VALUES was said of each pair that several judged, shape (pairs, 4)."""
    counted = said.group_by(UNIT).agg((pl.col("value") == value).sum().alias(value) for value in VALUES)
    counts: Array = counted.sort(UNIT).select(VALUES).to_numpy().astype(np.float64)
    several: Array = counts[counts.sum(axis=1) > 1]
    return several


def _frequent(counts: Array) -> int:
    """The most frequent number of judgements a pair; the larger of two; 0 without any."""
    sizes, times = np.unique(counts.sum(axis=1).astype(int), return_counts=True)
    return int(max(zip(times, sizes, strict=True))[1]) if len(sizes) else 0


def krippendorff_alpha(counts: Array, times: Array | None = None) -> float | None:
    """Krippendorff's alpha of nominal values: 1 is full agreement, 0 what chance would give; None where undefined.

    `counts`: how often each value was given to each unit, shape (units, values); units with one value are left out.
    `times`: how many such units there are, shape (units,); one each when it is left out.
    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability, section D.
    """
    times = np.ones(len(counts)) if times is None else times
    sizes = counts.sum(axis=1)
    counts, times, sizes = counts[sizes > 1], times[sizes > 1], sizes[sizes > 1]
    totals = times @ counts
    n = totals.sum()
    expected = (n * n - (totals**2).sum()) / (n - 1) if n > 1 else 0.0
    if expected <= 0:
        return None
    observed = times @ ((sizes**2 - (counts**2).sum(axis=1)) / (sizes - 1))
    return float(1 - observed / expected)


def fleiss_kappa(counts: Array, times: Array | None = None) -> float | None:
    """Fleiss' kappa of units that were all judged equally often; None where undefined.

    `counts` and `times` as for `krippendorff_alpha`. Source: Fleiss (1971), Measuring nominal scale agreement
    among many raters, eq. 7.
    """
    times = np.ones(len(counts)) if times is None else times
    if not times.sum():
        return None
    raters = counts[0].sum()
    agreed = ((counts**2).sum(axis=1) - raters) / (raters * (raters - 1))
    mean, chance = float(times @ agreed / times.sum()), float((((times @ counts) / (times @ counts).sum()) ** 2).sum())
    return (mean - chance) / (1 - chance) if chance < 1 else None


def _resampled(
    counts: Array, estimate: Callable[[Array, Array], float | None], seed: int, draws: int = 200
) -> Interval | None:
    """The estimate with its 2.5 % and 97.5 % quantiles over resampled units (Efron 1979); None where undefined.

    Units with equal counts are drawn together, so that it takes no longer for a million of them.
    """
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    value = estimate(kinds, times.astype(np.float64))
    if value is None:
        return None
    drawn = np.random.default_rng(seed).multinomial(times.sum(), times / times.sum(), draws)
    found = [again for row in drawn if (again := estimate(kinds, row.astype(np.float64))) is not None]
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(value, float(low), float(high), len(counts))


def cohen_kappa(agreed: int, shared: int, left: Array, right: Array) -> Interval | None:
    """Cohen's kappa and its 95 % interval; None where one of the two said but one thing, as the other did.

    `left`, `right`: how often each said each value, shape (values,). Source: Cohen (1960), A coefficient of agreement
    for nominal scales; its standard error, eq. 7.
    """
    observed, chance = agreed / shared, float((left * right).sum()) / shared**2
    if chance >= 1:
        return None
    kappa = (observed - chance) / (1 - chance)
    half = Z95 * np.sqrt(observed * (1 - observed) / shared) / (1 - chance)
    return Interval(kappa, float(max(-1.0, kappa - half)), float(min(1.0, kappa + half)), shared)


def _kappas(known: pl.DataFrame) -> tuple[Kappa, ...]:
    """Every two annotators with enough pairs in common, those with most first."""
    several = known.filter(pl.len().over(UNIT) > 1).select(*UNIT, "annotator", "value")
    both = several.lazy().join(several.lazy(), on=UNIT).filter(pl.col("annotator") < pl.col("annotator_right"))
    said = [(pl.col(side) == value).sum().alias(f"{side}={value}") for side in _SIDES for value in VALUES]
    agreed = (pl.col("value") == pl.col("value_right")).sum().alias("agreed")
    counted = both.group_by("annotator", "annotator_right").agg(pl.len().alias("shared"), agreed, *said)
    enough = counted.filter(pl.col("shared") >= SHARED)
    rows = enough.sort(["shared", "annotator", "annotator_right"], descending=[True, False, False]).collect()
    return tuple(_kappa(row) for row in rows.to_dicts())


_SIDES = ("value", "value_right")


def _kappa(row: Mapping[str, Any]) -> Kappa:
    shared, agreed = row["shared"], row["agreed"]
    left, right = (np.array([row[f"{side}={value}"] for value in VALUES], np.float64) for side in _SIDES)
    share = wilson(agreed, shared)
    assert share is not None
    return Kappa(row["annotator"], row["annotator_right"], shared, share, cohen_kappa(agreed, shared, left, right))


def _annotators(pairs: pl.DataFrame, said: pl.DataFrame) -> tuple[Annotator, ...]:
    preferred = pl.col("label") == "chosen"
    shown = preferred & pl.col("chosen_position").is_not_null()
    own = (
        pairs.lazy()
        .drop_nulls("annotator")
        .group_by("annotator")
        .agg(
            judgements=pl.len(),
            neither=(~preferred).sum(),
            shown=shown.sum(),
            first=(shown & (pl.col("chosen_position") == 1)).sum(),
        )
    )
    table = own.join(_with_others(said).lazy(), on="annotator", how="left").fill_null(0)
    rows = table.sort(["judgements", "annotator"], descending=[True, False]).collect().to_dicts()
    return tuple(
        Annotator(
            row["annotator"],
            row["judgements"],
            row["neither"],
            wilson(row["first"], row["shown"]),
            wilson(row["with"], row["compared"]),
        )
        for row in rows
    )


def _with_others(said: pl.DataFrame) -> pl.DataFrame:
    """Per known annotator, `compared` pairs on which most of the others say one thing, and how often `with` them."""
    counts = said.group_by(UNIT).agg((pl.col("value") == value).sum().alias(value) for value in VALUES)
    own = said.filter(pl.col("annotator").is_not_null()).join(counts, on=UNIT)
    others = own.with_columns(pl.col(value) - (pl.col("value") == value).cast(pl.UInt32) for value in VALUES)
    most = pl.max_horizontal(VALUES)
    clear = (most > 0) & (pl.sum_horizontal((pl.col(value) == most).cast(pl.UInt32) for value in VALUES) == 1)
    agrees = pl.any_horizontal((pl.col("value") == value) & (pl.col(value) == most) for value in VALUES)
    return others.filter(clear).group_by("annotator").agg(pl.len().alias("compared"), agrees.sum().alias("with"))
