"""What labels can be predicted from without reading: lengths, single surface features, all of them together.

A label that disagrees with a strong shortcut is off the dataset's habits; that alone does not make it wrong.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from prefq.label_noise import NoiseRate
from prefq.stats import Array, Interval, agreement, ece, label_auc, reliability, sigmoid, wilson

SLICE = 100
"""Labelled pairs from which a slice is shown: below, its interval is wider than what it could tell."""

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
    "The noise rate's interval is over resampled pairs and leaves out that the margins themselves were fitted.",
)


def find_shortcuts(labelled: pl.DataFrame, surface: tuple[str, ...], noise: NoiseRate) -> dict[str, Any]:
    """What scoring knows for `data/shortcuts.json`; what is measured of pairs and scores (`shortcuts.measure`) is laid
    over it.

    `labelled`: the pairs with a decided label: `dataset`, `category`, `chosen_length`, `rejected_length`, `margin` and
    `surface_margin` (log-odds out of fold, chosen minus rejected; null where not fitted), and the difference of each
    surface feature under its name. Figures that cannot be decided are null.
    """
    return {
        "format": 1,
        "sees": list(SEES),
        "limits": list(LIMITS),
        "overall": slice_figures(labelled),
        "slices": list(_slices(labelled)),
        "features": {name: _more_wins(labelled[name]) for name in surface},
        **_calibration(labelled["margin"].drop_nulls().to_numpy().astype(np.float64)),
        "noise_rate": noise.to_json(),
    }


def slice_figures(labelled: pl.DataFrame) -> dict[str, Any]:
    """The figures of some pairs: counts, intervals as {value, low, high, n}, AUCs."""
    lengths = labelled["chosen_length"].cast(pl.Int64) - labelled["rejected_length"].cast(pl.Int64)
    return {
        "pairs": labelled.height,
        "longer_wins": _more_wins(lengths),
        "chosen_longer": _interval(wilson(int((lengths > 0).sum()), labelled.height)),
        **_model(labelled["surface_margin"], "surface"),
        **_model(labelled["margin"], "label"),
    }


def _slices(labelled: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for column in ("dataset", "category"):
        counts = labelled.drop_nulls(column).group_by(column).len().filter(pl.col("len") >= SLICE).sort(column)
        for name in counts[column]:
            yield {"by": column, "name": name, **slice_figures(labelled.filter(pl.col(column) == name))}


def _more_wins(differences: pl.Series) -> dict[str, float | int] | None:
    return _interval(wilson(int((differences > 0).sum()), int((differences != 0).sum())))


def _model(margins: pl.Series, name: str) -> dict[str, Any]:
    values = margins.drop_nulls().to_numpy().astype(np.float64)
    auc = label_auc(values)
    return {f"{name}_accuracy": _interval(agreement(values)), f"{name}_auc": None if auc is None else round(auc, 4)}


def _interval(found: Interval | None) -> dict[str, float | int] | None:
    return None if found is None else found.to_json()


def _calibration(margins: Array) -> dict[str, Any]:
    """Reliability of p_chosen. Each pair is seen from both sides, or else every label would be "chosen"."""
    seen = np.concatenate([margins, -margins])
    agreed = np.concatenate([np.ones(len(margins)), np.zeros(len(margins))])
    bins = reliability(sigmoid(seen), agreed)
    error = ece(bins)
    rows = [{key: round(value, 4) for key, value in asdict(b).items()} for b in bins]
    return {"reliability": rows, "ece": None if error is None else round(error, 4)}
