"""How many labels are wrong, and how likely each one is right, from margins out of fold."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prefq.stats import Array, Interval, sigmoid

ENOUGH = 5_000
"""Labelled pairs below which no estimator of the noise rate was usable (errors up to 0.14 on 2,300 pairs)."""

WIDEST, HIGHEST = 0.2, 0.45
"""An interval wider than this says nothing, nor does one that reaches up here: a model that knows nothing looks like
labels of chance."""

BINS, DRAWS = 200, 200
RATES: Array = np.linspace(0, 0.495, 100)
SLOPES: Array = np.geomspace(0.2, 8, 60)


@dataclass(frozen=True)
class NoiseRate:
    """The share of labels taken to be wrong. `interval` is None where it was given; `value` None with `why`."""

    value: float | None
    interval: Interval | None
    source: str
    why: str | None = None

    def to_json(self) -> dict[str, float | str | bool | None]:
        """Plain values, rounded."""
        low, high = (self.interval.low, self.interval.high) if self.interval else (None, None)
        bounds = {"low": low and round(low, 4), "high": high and round(high, 4)}
        value = None if self.value is None else round(self.value, 4)
        estimable = self.source == "estimate" and self.value is not None
        return {"value": value, **bounds, "estimable": estimable, "source": self.source, "why": self.why}


def noise_rate(margins: Array | None, given: float | None, seed: int) -> NoiseRate:
    """The rate as given, else as estimated from margins (chosen minus rejected, out of fold), else None with a reason.

    The estimate is a lapse fit: P(label agrees with the margin's sign) = ρ + (1 − 2ρ) σ(β|margin|), ρ and β by
    maximum likelihood on a grid. The interval is over resampled pairs; that the margins were fitted is not in it.
    """
    if given is not None:
        return NoiseRate(given, None, "given")
    if margins is None:
        return NoiseRate(None, None, "estimate", "nothing could be scored")
    if len(margins) < ENOUGH:
        return NoiseRate(None, None, "estimate", f"needs {ENOUGH:,} labelled pairs, there are {len(margins):,}")
    if (told := int(np.count_nonzero(margins))) < ENOUGH:
        return NoiseRate(None, None, "estimate", f"needs {ENOUGH:,} pairs with a margin, there are {told:,}")
    estimate = lapse_fit(margins, seed)
    if estimate.high - estimate.low > WIDEST or estimate.high > HIGHEST:
        why = f"the margins say too little about the labels: anything from {estimate.low:.2f} to {estimate.high:.2f}"
        return NoiseRate(None, estimate, "estimate", why)
    return NoiseRate(estimate.value, estimate, "estimate")


def lapse_fit(margins: Array, seed: int) -> Interval:
    """The lapse rate ρ with its bootstrap interval, from `BINS` quantile bins of |margin|, zeros left out."""
    size, agreed, disagreed = _binned(margins)
    beyond = sigmoid(SLOPES[:, None] * size)
    agree = np.clip(RATES[:, None, None] + (1 - 2 * RATES[:, None, None]) * beyond, 1e-12, 1 - 1e-12)
    grid = agree.reshape(-1, len(size))
    counts = np.concatenate([agreed, disagreed])
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), size=DRAWS)
    both = np.vstack([counts, drawn]).T
    likelihood = np.log(grid) @ both[: len(size)] + np.log1p(-grid) @ both[len(size) :]
    rates = np.repeat(RATES, len(SLOPES))[likelihood.argmax(axis=0)]
    low, high = np.quantile(rates[1:], [0.025, 0.975])
    return Interval(float(rates[0]), float(low), float(high), int(counts.sum()))


def _binned(margins: Array) -> tuple[Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Mean |margin| of each bin, and how many labels in it agree and disagree with the sign. Zeros say nothing."""
    told = margins[margins != 0]
    order = np.argsort(np.abs(told), kind="stable")
    parts = [part for part in np.array_split(told[order], BINS) if len(part)]
    size = np.array([np.abs(part).mean() for part in parts])
    agreed = np.array([(part > 0).sum() for part in parts])
    return size, agreed, np.array([len(part) for part in parts]) - agreed


def p_correct(margins: Array, rate: float) -> Array:
    """The posterior that each label is right, shape (n,), at a noise rate in [0, 0.5).

    σ(margin) is the chance of the observed label; without noise it would be p* = (σ − ρ) / (1 − 2ρ); Bayes' rule then
    weighs "right and observed", (1 − ρ) p*, against "wrong and observed", ρ (1 − p*).
    """
    clean = np.clip((sigmoid(margins) - rate) / (1 - 2 * rate), 1e-4, 1 - 1e-4)
    right = (1 - rate) * clean
    posterior: Array = right / (right + rate * (1 - clean))
    return posterior
