"""How likely annotators are to disagree on a pair: a question of its own, not a weaker form of a wrong label."""

from dataclasses import dataclass

import numpy as np

from prefq.stats import Array, sigmoid

MARGIN, LENGTH, SURFACE, COSINE, JACCARD = 5.4, 0.5, 0.15, 0.05, 0.05
"""Weights of the standardised signals. Chosen to rank both an LLM annotator's near ties (where similarity of the
answers says nothing) and human majority ties (where it does); disagreement of an ensemble said nothing in either. The
margin's is multiplied by how far the share of right guesses exceeds a half: it counts for as much as it knows."""

SPREAD, BIAS = 1.25, -0.85
"""Put one to eight pairs in a hundred above 0.8, the more the more have a small margin."""


@dataclass(frozen=True)
class Closeness:
    """What is known of the distance between two answers, shape (n,) each.

    `margin`: in log-odds. `length`: log ratio of their lengths. `surface`: mean absolute difference of surface
    features, each by its root mean square. `cosine` of their vectors (None without vectors). `jaccard` of their words.
    """

    margin: Array
    length: Array
    surface: Array
    cosine: Array | None
    jaccard: Array


def ambiguity(closeness: Closeness) -> Array:
    """A score in [0, 1], shape (n,): a logistic of fixed weights over signals standardised within the dataset.

    So it ranks the pairs of one dataset; it does not say that one dataset is more ambiguous than another.
    """
    sure = sigmoid(np.abs(closeness.margin)).mean() - 0.5
    signals = [
        MARGIN * sure * _standardised(np.exp(-np.abs(closeness.margin) / 3)),
        LENGTH * _standardised(np.exp(-np.abs(closeness.length) / 0.35)),
        SURFACE * _standardised(np.exp(-closeness.surface / 0.3)),
        JACCARD * _standardised(closeness.jaccard),
    ]
    if closeness.cosine is not None:
        signals.append(COSINE * _standardised(closeness.cosine))
    return sigmoid(SPREAD * _standardised(np.sum(signals, axis=0)) + BIAS)


def _standardised(signal: Array) -> Array:
    spread = float(signal.std())
    result: Array = (signal - signal.mean()) / spread if spread > 1e-9 else np.zeros_like(signal)
    return result
