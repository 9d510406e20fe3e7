"""Antisymmetric boosting on differences of answers: what a linear head misses, where there are enough pairs."""

from typing import Any

import numpy as np

from prefq.bradley_terry import Array, Folds
from prefq.vectors import Matrix

ENOUGH = 5_000
"""Pairs from which boosting beats the linear head on real preference data; below, it over-fits."""

AXES = 16
"""Directions of the embedding difference that it sees: with 48 it was no better, and slower."""


def principal_axes(difference: Matrix, count: int = AXES) -> Matrix:
    """The coordinates of each row on the `count` directions of greatest square sum, shape (n, count).

    Not centred, so that turning a pair round negates its coordinates.
    """
    square = difference.T.astype(np.float64) @ difference
    _, directions = np.linalg.eigh(square)
    return difference @ directions[:, ::-1][:, :count].astype(np.float32)


def boosted_margins(features: Matrix, targets: Array, weights: Array, folds: Folds, seed: int) -> Array:
    """Margins out of fold in log-odds, shape (n,), from differences of features, shape (n, d).

    `targets` are 0, 0.5 (not learnt from) or 1. A model f is fitted to every comparison from both sides; the margin is
    (f(x) − f(−x)) / 2: exactly antisymmetric.
    """
    import sklearn.ensemble  # loaded before the limit, so that it holds for its library too
    from threadpoolctl import threadpool_limits

    assert sklearn.ensemble
    margins: Array = np.zeros(len(folds))
    # One thread: the same sums on every machine, and no waiting for cores that others use.
    with threadpool_limits(1):
        for fold in np.unique(folds):
            inside, mine = folds != fold, features[folds == fold]
            model = _fitted(features[inside], targets[inside], weights[inside], seed)
            margins[folds == fold] = (model.decision_function(mine) - model.decision_function(-mine)) / 2
    return margins


def _fitted(features: Matrix, targets: Array, weights: Array, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    decided = targets != 0.5  # a tie pulls towards 0 from both sides, where an antisymmetric model is by itself
    x, y = features[decided], targets[decided] > 0.5
    weight = np.tile(weights[decided], 2)
    # Weights slow the binning tenfold: none where they say nothing.
    used = weight if weight.size and np.ptp(weight) > 0 else None
    model = HistGradientBoostingClassifier(
        max_iter=50,
        learning_rate=0.12,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=5,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
    return model.fit(np.concatenate([x, -x]), np.concatenate([y, ~y]), sample_weight=used)
