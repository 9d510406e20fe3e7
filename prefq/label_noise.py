"""How many labels are wrong, and how likely each one is right, from margins out of fold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.stats import Array, Interval, sigmoid

ENOUGH = 5_000
"""Labelled pairs below which no estimator of the noise rate was usable (errors up to 0.14 on 2,300 pairs)."""

WIDEST, HIGHEST = 0.2, 0.45
"""An interval wider than this says nothing, nor does one that reaches up here: a model that knows nothing looks like
labels of chance."""

SLICE, SLICES = 500, 50
"""Labelled pairs from which a source, an annotator or a category has a rate of its own; how many of each are told."""

COMPARABLE = 0.6
"""A slice too small for a slope of its own has no rate where its margins are less sure than this share of the whole's:
the model knows its habits less, and what it does not know looks like wrong labels (a source with habits of its own and
no wrong label came out at 0.15)."""

BINS, DRAWS = 200, 200
RATES: Array = np.linspace(0, 0.495, 100)
SLOPES: Array = np.geomspace(0.2, 12, 45)
POWERS: Array = np.exp(np.linspace(-0.2, 0.5, 8))
USUAL, SPREAD = 0.08, 0.12
"""Prior of log power. With a power of 1 the rate came out up to a third too low on real pairs whose margins have long
tails; without a prior, 5,000 pairs of a weak model leave it undecided."""


@dataclass(frozen=True)
class Lapse:
    """P(label agrees with the margin's sign) = ρ + (1 − 2ρ) σ(slope · |margin|^power): a right label lapses at rate ρ.

    Without lapses the label would be as given with log-odds sign(margin) · slope · |margin|^power.
    """

    rate: float
    slope: float
    power: float

    def clean(self, margins: Array) -> Array:
        """These log-odds, shape (n,)."""
        return np.sign(margins) * self.slope * np.abs(margins) ** self.power


@dataclass(frozen=True)
class NoiseRate:
    """The share of labels taken to be wrong. `interval` is None where it was given; `value` None with `why`.

    `lapse` is what the posterior goes by, None where there is no value. `slices`: the rates of sources, annotators and
    categories, with `by`, `name`, `pairs`, `value`, `low` and `high`. `apart`: of annotators, the rates of those that
    differ from the whole's.
    """

    value: float | None
    interval: Interval | None
    source: str
    why: str | None = None
    lapse: Lapse | None = None
    slices: tuple[dict[str, Any], ...] = ()
    apart: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded."""
        low, high = (self.interval.low, self.interval.high) if self.interval else (None, None)
        bounds = {"low": low and round(low, 4), "high": high and round(high, 4)}
        value = None if self.value is None else round(self.value, 4)
        estimable = self.source == "estimate" and self.value is not None
        told = {"value": value, **bounds, "estimable": estimable, "source": self.source, "why": self.why}
        return {**told, "slices": list(self.slices)}


def noise_rate(margins: Array | None, given: float | None, seed: int, slices: pl.DataFrame | None = None) -> NoiseRate:
    """The rate as given, else as estimated from margins (chosen minus rejected, out of fold), else None with a reason.

    Labels are taken to be wrong at random: wrong ones that are all alike look like a habit of the data, and the rate
    comes out too low. The interval is over resampled pairs; that the margins were fitted is not in it. `slices`:
    columns of names, shape (n,), whose values get rates of their own where the whole has one that is estimated.
    """
    if margins is None:
        return NoiseRate(given, None, "estimate" if given is None else "given", "nothing could be scored")
    if given is not None:
        return NoiseRate(given, None, "given", lapse=lapse_fit(margins, seed, np.array([given]))[0])
    if len(margins) < ENOUGH:
        return NoiseRate(None, None, "estimate", f"needs {ENOUGH:,} labelled pairs, there are {len(margins):,}")
    if (told := int(np.count_nonzero(margins))) < ENOUGH:
        return NoiseRate(None, None, "estimate", f"needs {ENOUGH:,} pairs with a margin, there are {told:,}")
    lapse, estimate = lapse_fit(margins, seed)
    if estimate.high - estimate.low > WIDEST or estimate.high > HIGHEST:
        why = f"the margins say too little about the labels: anything from {estimate.low:.2f} to {estimate.high:.2f}"
        return NoiseRate(None, estimate, "estimate", why)
    parts = () if slices is None else tuple(_slices(margins, slices, lapse, seed))
    apart = {str(part["name"]): float(part["value"]) for part in _of_annotators(parts) if _differs(part, estimate)}
    whole = _pooled(estimate, parts) if apart else estimate
    return NoiseRate(whole.value, whole, "estimate", None, replace(lapse, rate=whole.value), parts, apart)


def _of_annotators(parts: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [part for part in parts if part["by"] == "annotator" and part["value"] is not None]


def _differs(part: dict[str, Any], whole: Interval) -> bool:
    """Whether the two intervals lie apart: an estimate beside the other's interval is chance too often."""
    return bool(part["low"] > whole.high or part["high"] < whole.low)


def _pooled(whole: Interval, parts: tuple[dict[str, Any], ...]) -> Interval:
    """The rate of all pairs as the mean over annotators that differ: one rate for all would come out too low."""
    told = _of_annotators(parts)
    rest = whole.n - sum(part["pairs"] for part in told)
    of_whole = {"value": whole.value, "low": whole.low, "high": whole.high, "pairs": max(rest, 0)}
    every = [*told, of_whole]
    weights = [part["pairs"] for part in every]
    value, low, high = (
        float(np.average([p[name] for p in every], weights=weights)) for name in ("value", "low", "high")
    )
    return Interval(value, low, high, whole.n)


def _slices(margins: Array, slices: pl.DataFrame, lapse: Lapse, seed: int) -> Iterator[dict[str, Any]]:
    least = COMPARABLE * _sureness(margins, lapse)
    for by in slices.columns:
        counts = slices[by].drop_nulls().value_counts().filter(pl.col("count") >= SLICE)
        if counts.height < 2:
            continue  # one name for all pairs: the whole again
        for name in counts.sort("count", by, descending=[True, False])[by].head(SLICES).sort():
            inside = margins[(slices[by] == name).fill_null(False).to_numpy()]
            yield {"by": by, "name": name, "pairs": len(inside), **_slice(inside, lapse, least, seed)}


def _sureness(margins: Array, lapse: Lapse) -> float:
    """How far, on average, the better chance of a label lies above one half, without lapses: 0 to 1."""
    return float((2 * sigmoid(np.abs(lapse.clean(margins))) - 1).mean())


def _slice(margins: Array, lapse: Lapse, least: float, seed: int) -> dict[str, float | None]:
    """A slice's rate, by its own fit; below ENOUGH pairs with slope and power of the whole, which are taken to hold.

    They cannot where its margins are less sure than `least`.
    """
    alike = None if len(margins) >= ENOUGH else lapse
    if not margins.any() or (alike and _sureness(margins, lapse) < least):
        return {"value": None, "low": None, "high": None}
    found = lapse_fit(margins, seed, like=alike)[1]
    wide = found.high - found.low > WIDEST or found.high > HIGHEST
    return {"value": None if wide else round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def lapse_fit(margins: Array, seed: int, rates: Array = RATES, like: Lapse | None = None) -> tuple[Lapse, Interval]:
    """The likeliest lapse model on a grid, and the bootstrap interval of its rate; margins of zero are left out.

    From `BINS` quantile bins of |margin|. `like` gives slope and power.
    """
    from threadpoolctl import threadpool_limits

    if not margins.any():
        return Lapse(float(rates[0]), 1.0, 1.0), Interval(float(rates[0]), 0.0, 0.5, 0)
    size, agreed, disagreed = _binned(margins)
    counts = np.concatenate([agreed, disagreed])
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), size=DRAWS)
    both = np.vstack([counts, drawn]).T.astype(np.float64)
    slopes, powers = (SLOPES, POWERS) if like is None else (np.array([like.slope]), np.array([like.power]))
    with threadpool_limits(1):
        best = [_likeliest(size, both, rates, slopes, power) for power in powers]
    penalties = [0.0 if like else (np.log(power) - USUAL) ** 2 / (2 * SPREAD**2) for power in powers]
    winner = np.argmax([found[0] - penalty for found, penalty in zip(best, penalties, strict=True)], axis=0)
    draws = np.array([best[at][1][draw] for draw, at in enumerate(winner)])
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    lapse = Lapse(float(draws[0]), float(best[winner[0]][2][0]), float(powers[winner[0]]))
    # The estimate may lie outside of what resampling gives where it sits on the edge of the grid.
    return lapse, Interval(lapse.rate, float(min(low, lapse.rate)), float(max(high, lapse.rate)), int(counts.sum()))


def _likeliest(size: Array, counts: Array, rates: Array, slopes: Array, power: float) -> tuple[Array, Array, Array]:
    """For each column of counts the greatest log-likelihood, its rate and its slope."""
    beyond = sigmoid(slopes[:, None] * size**power)
    agree = np.clip(rates[:, None, None] + (1 - 2 * rates[:, None, None]) * beyond, 1e-9, 1 - 1e-9)
    grid = agree.reshape(-1, len(size))
    likelihood = np.log(grid) @ counts[: len(size)] + np.log1p(-grid) @ counts[len(size) :]
    at = likelihood.argmax(axis=0)
    return likelihood.max(axis=0), np.repeat(rates, len(slopes))[at], np.tile(slopes, len(rates))[at]


def _binned(margins: Array) -> tuple[Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Mean |margin| of each bin, and how many labels in it agree and disagree with the sign. Zeros say nothing."""
    told = margins[margins != 0]
    # Equal sizes in the order of their signs: which bin they fall into must not hang on the order of rows.
    order = np.lexsort((told, np.abs(told)))
    parts = [part for part in np.array_split(told[order], BINS) if len(part)]
    size = np.array([np.abs(part).mean() for part in parts])
    agreed = np.array([(part > 0).sum() for part in parts])
    return size, agreed, np.array([len(part) for part in parts]) - agreed


def p_correct(margins: Array, lapse: Lapse, rates: Array | None = None) -> Array:
    """The posterior that each label is right, shape (n,).

    Bayes' rule weighs "right and observed", (1 − ρ) p*, against "wrong and observed", ρ (1 − p*), where p* is the
    chance of the observed label without lapses. `rates`: ρ of each label, in place of the lapse model's.
    """
    rate = np.full(len(margins), lapse.rate) if rates is None else rates
    found: Array = np.where(rate == 0, 1.0, sigmoid(lapse.clean(margins) - log_odds(rate)))
    return found


def log_odds(rates: Array | float) -> Array:
    """log(ρ / (1 − ρ)); a rate of 0 is taken for one in a thousand."""
    inside = np.maximum(rates, 1e-3)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def annotator_rates(annotators: pl.Series, noise: NoiseRate) -> Array | None:
    """The rate of each label's annotator where its interval and the whole's lie apart, else the whole's.

    Shape (n,); None where no annotator differs, or the whole has no estimate.
    """
    if noise.value is None or not noise.apart:
        return None
    rates = annotators.replace_strict(dict(noise.apart), default=noise.value, return_dtype=pl.Float64)
    return rates.fill_null(noise.value).to_numpy()
