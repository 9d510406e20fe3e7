"""What labels can be predicted from without reading: lengths, single surface features, all of them together.

A label that disagrees with a strong shortcut is off the dataset's habits; that alone does not make it wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from prefq.label_noise import NoiseRate
from prefq.stats import Array, ece, reliability, sigmoid

SEES = (
    "overall, slices: each rule is the share of pairs, among those on which it has an opinion, whose chosen answer it"
    " picks: longer_wins, shorter_wins (characters), markdown_wins, lists_win, code_wins, refusal_loses, first_wins"
    " (the answer shown first), overlap_wins (words in common with the prompt), confident_wins (boosters less hedges).",
    "features: per surface feature, the share of pairs, among those that differ in it, whose chosen answer has more.",
    "surface_accuracy, surface_auc: how often a model of surface features alone agrees with the label, out of fold by"
    " prompt group. label_accuracy, label_auc: the same for the whole reward model, which sees vectors of the texts"
    " too, if there are any.",
    "matched_accuracy: the reward model's accuracy on the pairs that the surface model calls even (45 to 55 %);"
    " matched_surface: the surface model's on the same pairs. balanced_accuracy: the reward model's if the surface were"
    " right half of the time; 50 % says that it reads nothing but the surface.",
    "against: the same of the evaluation sets in score.against; there the reward model is a linear head fitted to this"
    " dataset, without the prompts of the evaluation set, and the surface model is the evaluation set's own.",
)
LIMITS = (
    "Intervals are 95 % Wilson intervals in which pairs of one prompt group count for what they are worth together.",
    "A model as good as its surface part finds labels that break the dataset's habits, whether they are wrong or not.",
    "The noise rate takes wrong labels to fall anywhere. Those that are all alike, such as on the longer answer only,"
    " look like a habit, and the rate comes out too low, even 0. Its interval is over resampled pairs, and leaves out"
    " that the margins were fitted.",
)


def shortcuts_json(
    measured: Mapping[str, Any],
    calibrated: Mapping[str, Any],
    noise: NoiseRate,
    against: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The content of `data/shortcuts.json`; figures that cannot be decided are null.

    `measured`: the figures of the dataset (`shortcuts.measure`); `calibrated`: what `calibration` gives; `against`: the
    figures of each evaluation set.
    """
    head = {"format": 1, "sees": list(SEES), "limits": list(LIMITS)}
    return {**head, **measured, **calibrated, "noise_rate": noise.to_json(), "against": list(against)}


def calibration(margins: Array) -> dict[str, Any]:
    """The reliability of p_chosen from margins of labelled pairs, chosen minus rejected, out of fold, shape (n,).

    `reliability`: a row per bin of probabilities, `ece`: their expected calibration error, None without margins. Each
    pair is seen from both sides, or else every label would be "chosen".
    """
    seen = np.concatenate([margins, -margins])
    agreed = np.concatenate([np.ones(len(margins)), np.zeros(len(margins))])
    bins = reliability(sigmoid(seen), agreed)
    error = ece(bins)
    rows = [{key: round(value, 4) for key, value in asdict(b).items()} for b in bins]
    return {"reliability": rows, "ece": None if error is None else round(error, 4)}
