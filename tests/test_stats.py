import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.stats import (
    Interval,
    agreement,
    auroc,
    bootstrap,
    ece,
    label_auc,
    log_loss,
    mid_ranks,
    reliability,
    sigmoid,
    wilson,
)

scores = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1015, 2312, 0.4189, 0.4593)],
)
def test_wilson_has_the_published_bounds(successes: int, n: int, low: float, high: float) -> None:
    found = wilson(successes, n)
    assert found is not None
    assert found.value == successes / n
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_no_cases_decide_nothing() -> None:
    none = np.zeros(0)
    assert wilson(0, 0) is None
    assert auroc(none, np.ones(1)) is None
    assert auroc(np.ones(1), none) is None
    assert label_auc(none) is None
    assert agreement(none) is None
    assert ece(reliability(none, none)) is None


def test_an_interval_is_rounded_for_json() -> None:
    assert Interval(1 / 3, 0.1, 0.9, 3).to_json() == {"value": 0.3333, "low": 0.1, "high": 0.9, "n": 3}


def test_bootstrap_is_seeded_and_covers_the_mean() -> None:
    values = np.arange(100.0)
    first = bootstrap(values, lambda v: float(v.mean()), seed=1)
    assert first == bootstrap(values, lambda v: float(v.mean()), seed=1)
    assert first != bootstrap(values, lambda v: float(v.mean()), seed=2)
    assert first.value == 49.5
    standard_error = float(values.std()) / 10
    assert first.high - first.low == pytest.approx(2 * 1.96 * standard_error, rel=0.2)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [([2, 3], [0, 1], 1.0), ([0], [1], 0.0), ([1], [1], 0.5), ([1, 2], [1, 0], 0.875)],
)
def test_auroc_counts_pairs_in_order_and_ties_half(
    positive: list[float], negative: list[float], expected: float
) -> None:
    assert auroc(np.array(positive, float), np.array(negative, float)) == expected


@given(scores, scores)
def test_auroc_is_the_share_of_ordered_pairs(positive: list[float], negative: list[float]) -> None:
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    assert auroc(np.array(positive), np.array(negative)) == pytest.approx(wins / len(positive) / len(negative))


@given(scores)
def test_turning_every_label_round_turns_the_auc_round(margins: list[float]) -> None:
    value, turned = label_auc(np.array(margins)), label_auc(-np.array(margins))
    assert value is not None
    assert turned is not None
    assert value + turned == pytest.approx(1)


def test_equal_values_share_their_rank() -> None:
    assert mid_ranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]


def test_agreement_counts_a_zero_margin_half() -> None:
    found = agreement(np.array([1.0, 2.0, -1.0, 0.0]))
    assert found is not None
    assert (found.value, found.n) == (0.625, 4)


def test_reliability_bins_by_prediction_and_ece_weighs_by_rows() -> None:
    bins = reliability(np.array([0.1, 0.1, 0.9, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]), bins=5)
    assert [(b.low, b.high, b.rows) for b in bins] == [(0.0, 0.2, 2), (0.8, 1.0, 2)]
    assert [(b.predicted, b.agreed) for b in bins] == [(0.1, 0.5), (0.95, 1.0)]
    assert ece(bins) == pytest.approx((2 * 0.4 + 2 * 0.05) / 4)


@pytest.mark.parametrize(("x", "expected"), [(0.0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25), (-800.0, 0.0)])
def test_sigmoid(x: float, expected: float) -> None:
    assert sigmoid(np.array([x]))[0] == pytest.approx(expected)


def test_log_loss_of_soft_targets_and_weights() -> None:
    margins, targets = np.array([math.log(3), 0.0, -900.0]), np.array([1.0, 0.5, 0.0])
    expected = (2 * -math.log(0.75) + math.log(2)) / 4
    assert log_loss(margins, targets, np.array([2.0, 1.0, 1.0])) == pytest.approx(expected)
