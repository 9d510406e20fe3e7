"""How the two answers of a pair did in the other judgements of the same prompt: evidence beyond what answers look like.

An answer that wins elsewhere and loses here makes the label doubtful; so do a copy of the pair that was decided the
other way, or a cycle. No judgement counts as evidence on itself.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.bradley_terry import fit_head, platt_slope
from prefq.stats import Array, sigmoid

Keys = npt.NDArray[np.uint32]

PRIOR = 2.0
"""Precision of an answer's unseen strength: judgements carry about a quarter each, so the first few count little."""


def answer_keys(frame: pl.DataFrame) -> tuple[Keys, Keys]:
    """Numbers for the chosen and the rejected answer of each row, shape (n,): equal for one answer to one prompt.

    `frame` has `prompt_key`, `chosen_key` and `rejected_key`.
    """
    sides = [frame.select("prompt_key", answer=f"{side}_key") for side in ("chosen", "rejected")]
    numbers = pl.concat(sides).select(pl.struct("prompt_key", "answer").rank("dense").cast(pl.UInt32)).to_series()
    keys = numbers.to_numpy()
    return keys[: frame.height], keys[frame.height :]


def standing(margins: Array, targets: Array, chosen: Keys, rejected: Keys) -> Array:
    """How much better the chosen answer did than the rejected one in the other judgements, shape (n,).

    Each answer's own strength, over what the margins of its pairs say, by one Newton step from 0 (Bradley–Terry with a
    Gaussian prior), the pair itself left out. 0 where neither answer is judged elsewhere, or both are one.
    """
    told = sigmoid(margins)
    rest, weight = targets - told, told * (1 - told)
    count = int(max(chosen.max(initial=0), rejected.max(initial=0))) + 1
    pull = np.bincount(chosen, rest, count) - np.bincount(rejected, rest, count)
    mass = np.bincount(chosen, weight, count) + np.bincount(rejected, weight, count)
    for_chosen = (pull[chosen] - rest) / (mass[chosen] - weight + PRIOR)
    for_rejected = (pull[rejected] + rest) / (mass[rejected] - weight + PRIOR)
    elsewhere = np.bincount(np.concatenate([chosen, rejected]), minlength=count)
    # Sums less their own part leave rounding behind where there is no other part.
    for_chosen[elsewhere[chosen] == 1] = 0
    for_rejected[elsewhere[rejected] == 1] = 0
    found: Array = np.where(chosen == rejected, 0.0, for_chosen - for_rejected)
    return found


def informed(margins: Array, evidence: Array, targets: Array, weights: Array) -> Array:
    """Margins that heed the evidence, in calibrated log-odds, shape (n,): margin + factor · evidence.

    The factors are fitted to the labels. Where the evidence says nothing, or the opposite, margins stay as they are.
    """
    from threadpoolctl import threadpool_limits

    if not evidence.any():
        return margins
    both = np.column_stack([margins, evidence]).astype(np.float32)
    with threadpool_limits(1):  # the same sums on every machine
        of_margin, of_evidence = fit_head(both, targets, weights, 1.0, np.zeros(2))
    if of_evidence <= 0 or of_margin <= 0:
        return margins
    found: Array = margins + of_evidence / of_margin * evidence
    return found * platt_slope(found, targets, weights)
