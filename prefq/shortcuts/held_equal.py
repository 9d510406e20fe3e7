"""How much of a reward model's accuracy is left when the surface of both answers is held equal.

Two ways, both by what the model of surface features says out of fold, the one number that sums the surface up (a
prognostic score: Hansen 2008, Biometrika 95:481; pairs that are equal in it are matched in all the surface tells):

- matched pairs: those to which the surface model gives even chances, 45 to 55 %. What is right there is not right by
  length or layout.
- balance: accuracy where the surface is right and where it is wrong, each counting half, as if it were right half of
  the time. A reward model that is nothing but its surface gets 50 %.
"""

import numpy as np
import numpy.typing as npt

from prefq.stats import Array, Interval, clustered_share

EVEN = float(np.log(0.55 / 0.45))
"""The greatest log-odds of a matched pair."""

FEWEST = 100
"""Matched pairs, or pairs on either side of the balance, below which the figure is not decided."""


def won(margins: Array) -> Array:
    """1 where a margin has the label's sign, 0.5 where it is 0, else 0."""
    found: Array = (margins > 0) + 0.5 * (margins == 0)
    return found


def matched(margins: Array, surface: Array, groups: npt.ArrayLike) -> Interval | None:
    """The accuracy of margins among matched pairs; None where these are fewer than `FEWEST`.

    All are log-odds chosen minus rejected, out of fold, shape (n,); `groups` are the prompts' (n).
    """
    even = np.abs(surface) <= EVEN
    if int(even.sum()) < FEWEST:
        return None
    return clustered_share(won(margins[even]), np.asarray(groups)[even])


def balanced(margins: Array, surface: Array, groups: npt.ArrayLike) -> Interval | None:
    """The accuracy of margins if the surface were right half of the time; None where either half is too small."""
    names = np.asarray(groups)
    halves = [(won(margins[part]), names[part]) for part in (surface > 0, surface < 0)]
    if min(len(hits) for hits, _ in halves) < FEWEST:
        return None
    right, wrong = (clustered_share(*half) for half in halves)
    assert right is not None and wrong is not None
    value = (right.value + wrong.value) / 2
    low = value - np.hypot(right.value - right.low, wrong.value - wrong.low) / 2
    high = value + np.hypot(right.high - right.value, wrong.high - wrong.value) / 2
    return Interval(value, float(low), float(high), right.n + wrong.n)
