"""Figures with their uncertainty: intervals, ranking quality, calibration. Undecidable ones are None, never zero."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Z95 = 1.959963984540054
"""The standard normal's 97.5 % quantile."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its bounds, and the number of cases it rests on."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self, digits: int = 4) -> dict[str, float | int]:
        """The same as plain values, rounded."""
        low, high = round(self.low, digits), round(self.high, digits)
        return {"value": round(self.value, digits), "low": low, "high": high, "n": self.n}


def wilson(successes: float, n: float, z: float = Z95) -> Interval | None:
    """A share and its Wilson interval; None when n is 0. Half successes (ties) are fine, and so is an effective n.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference, eq. for p0.
    """
    if n == 0:
        return None
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, float(max(0.0, middle - half)), float(min(1.0, middle + half)), int(n))


def bootstrap(values: Array, estimate: Callable[[Array], float], *, seed: int, draws: int = 200) -> Interval:
    """An estimate from rows of `values`, with the 2.5 % and 97.5 % quantiles of it over resampled rows.

    Source: Efron (1979), the percentile method.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    redrawn = [estimate(values[rng.integers(0, n, n)]) for _ in range(draws)]
    low, high = np.quantile(redrawn, [0.025, 0.975])
    return Interval(float(estimate(values)), float(low), float(high), n)


def clustered_mean(parts: Sequence[Array], groups: npt.ArrayLike, *, seed: int, draws: int = 1000) -> Interval | None:
    """The sum of the means of several arrays over the same n cases, with its percentile interval; None without cases.

    Each part has the shape (repetitions, n). Whole groups of cases are drawn again, the same for every part, and the
    repetitions of each part; so what goes together, and what one repetition is worth, is in the interval.
    Source: Field & Welsh (2007), Bootstrapping clustered data, the randomised cluster bootstrap.
    """
    codes, inside = np.unique(np.asarray(groups), return_inverse=True)
    if not len(inside):
        return None
    rng = np.random.default_rng(seed)
    sizes = np.bincount(inside, minlength=len(codes)).astype(np.float64)
    sums = [np.stack([np.bincount(inside, row, len(codes)) for row in part]) for part in parts]
    found = np.empty(draws)
    for draw in range(draws):
        times = np.bincount(rng.integers(0, len(codes), len(codes)), minlength=len(codes))
        again = [rng.integers(0, len(part), len(part)) for part in sums]
        found[draw] = sum((part[rows] @ times).mean() for part, rows in zip(sums, again, strict=True)) / (sizes @ times)
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(float(sum(part.mean() for part in parts)), float(low), float(high), len(inside))


def clustered_share(hits: Array, groups: npt.ArrayLike) -> Interval | None:
    """A share and its Wilson interval with as many cases as the groups are worth; None without cases.

    `hits`, shape (n,): 1, 0, or 0.5 for half a success. Cases of one group go together, so n is divided by the design
    effect, the variance between groups over that of independent cases, where that is above 1.
    Source: Kish (1965); Korn & Graubard (1998) for intervals from the effective number of cases.
    """
    n = len(hits)
    if n == 0:
        return None
    _, inside = np.unique(np.asarray(groups), return_inverse=True)
    share, count = float(hits.mean()), int(inside.max()) + 1
    off = np.bincount(inside, hits - share)
    alone = float(((hits - share) ** 2).sum())
    effect = float(off @ off) * count / max(count - 1, 1) / alone if alone > 0 else n / count
    worth = n / max(effect, 1.0) if count > 1 else 1.0
    found = wilson(share * worth, worth)
    return None if found is None else Interval(share, found.low, found.high, n)


def auroc(positive: Array, negative: Array) -> float | None:
    """The chance that a positive case scores above a negative one, ties counting half; None without both kinds.

    Source: Hanley & McNeil (1982), by way of ranks (Mann & Whitney 1947).
    """
    if not len(positive) or not len(negative):
        return None
    ranks = mid_ranks(np.concatenate([positive, negative]))[: len(positive)]
    wins = float(ranks.sum()) - len(positive) * (len(positive) + 1) / 2
    return wins / (len(positive) * len(negative))


def mid_ranks(values: Array) -> Array:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = (last - (counts - 1) / 2)[inverse]
    return ranks


def label_auc(margins: Array) -> float | None:
    """AUC of labels given signed margins (chosen minus rejected), each pair seen from both sides; None without pairs.

    A pair from the other side has the margin's negative and the other label, so sides need no random assignment.
    """
    return auroc(margins, -margins)


@dataclass(frozen=True)
class Bin:
    """Cases whose predicted probability lies in [low, high): their mean prediction and the share that came true."""

    low: float
    high: float
    predicted: float
    agreed: float
    rows: int


def reliability(predicted: Array, agreed: Array, bins: int = 15) -> list[Bin]:
    """The bins of equal width that hold cases, ascending; the last one includes 1."""
    index = np.minimum((predicted * bins).astype(np.int64), bins - 1)
    found = []
    for number in np.unique(index):
        inside = index == number
        shares = float(predicted[inside].mean()), float(agreed[inside].mean())
        found.append(Bin(float(number / bins), float((number + 1) / bins), *shares, int(inside.sum())))
    return found


def ece(bins: list[Bin]) -> float | None:
    """Expected calibration error: mean |predicted − agreed| over bins, by their cases; None without any.

    Source: Naeini, Cooper & Hauskrecht (2015).
    """
    rows = sum(b.rows for b in bins)
    return sum(b.rows * abs(b.predicted - b.agreed) for b in bins) / rows if rows else None


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), without overflow."""
    decay = np.exp(-np.abs(x))
    result: Array = np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay))
    return result


def log_loss(margins: Array, targets: Array, weights: Array) -> float:
    """Weighted mean of −[t log σ(m) + (1 − t) log σ(−m)]."""
    losses = targets * np.logaddexp(0, -margins) + (1 - targets) * np.logaddexp(0, margins)
    return float(np.average(losses, weights=weights))
