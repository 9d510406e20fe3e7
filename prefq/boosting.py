"""Antisymmetric boosting on differences of answers: what a linear head misses, where there are enough pairs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from prefq.bradley_terry import Array, Folds
from prefq.vectors import Matrix

ENOUGH = 5_000
"""Pairs from which boosting beats the linear head on real preference data; below, it over-fits."""

AXES = 16
"""Directions of the embedding difference that it sees: with 48 it was no better, and slower."""


@dataclass(frozen=True)
class Boosted:
    """A model per fold, fitted on the rows outside of it."""

    models: dict[int, Any]

    def margins(self, features: Matrix, folds: Folds) -> Array:
        """Margins in log-odds, shape (n,), each by the model of its fold: (f(x) − f(−x)) / 2, exactly antisymmetric."""
        from threadpoolctl import threadpool_limits

        margins: Array = np.zeros(len(folds))
        with threadpool_limits(1):
            for fold in np.unique(folds).tolist():
                mine, model = features[folds == fold], self.models[fold]
                margins[folds == fold] = (model.decision_function(mine) - model.decision_function(-mine)) / 2
        return margins


def principal_directions(difference: Matrix, count: int = AXES) -> Matrix:
    """The `count` directions of greatest square sum, shape (d, count). Not centred: a pair turned round is negated."""
    square = difference.T.astype(np.float64) @ difference
    _, directions = np.linalg.eigh(square)
    return directions[:, ::-1][:, :count].astype(np.float32)


def fit_boosting(features: Matrix, targets: Array, weights: Array, folds: Folds, seed: int) -> Boosted:
    """A model for each fold from differences of features, shape (n, d), each seen from both sides.

    `targets` are 0, 0.5 (not learnt from) or 1.
    """
    import sklearn.ensemble  # loaded before the limit, so that it holds for its library too
    from threadpoolctl import threadpool_limits

    assert sklearn.ensemble
    # One thread: the same sums on every machine, and no waiting for cores that others use.
    with threadpool_limits(1):
        outside = {fold: folds != fold for fold in np.unique(folds).tolist()}
        return Boosted({fold: _fitted(features[o], targets[o], weights[o], seed) for fold, o in outside.items()})


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
