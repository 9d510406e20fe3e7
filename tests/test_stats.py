import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.stats import (
    Interval,
    auroc,
    bootstrap,
    clustered_mean,
    clustered_share,
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


def test_independent_cases_have_the_plain_interval() -> None:
    hits = np.tile([1.0, 0.0, 1.0, 1.0], 50)
    found, plain = clustered_share(hits, range(200)), wilson(150, 200)
    assert found is not None and plain is not None
    assert (found.value, found.n) == (0.75, 200)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=5e-4)


def test_cases_that_go_together_count_as_fewer() -> None:
    """Fifty groups of four equal cases are worth fifty cases."""
    hits = np.repeat(np.tile([1.0, 0.0], 25), 4)
    found, fifty = clustered_share(hits, np.repeat(np.arange(50), 4).tolist()), wilson(25, 50)
    assert found is not None and fifty is not None
    assert found.n == 200
    assert (found.low, found.high) == pytest.approx((fifty.low, fifty.high), abs=5e-3)


def test_a_share_of_one_group_is_worth_one_case() -> None:
    found, one = clustered_share(np.ones(500), ["a"] * 500), wilson(1, 1)
    assert found is not None and one is not None
    assert (found.value, found.low, found.high) == (1.0, one.low, one.high)
    assert clustered_share(np.zeros(0), []) is None


def test_all_or_nothing_is_worth_its_groups() -> None:
    found, ten = clustered_share(np.ones(500), np.repeat(np.arange(10), 50).tolist()), wilson(10, 10)
    assert found is not None and ten is not None
    assert found.low == pytest.approx(ten.low)


def test_a_clustered_mean_is_wider_than_one_of_independent_cases() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=40), 10)[None]
    groups = np.repeat(np.arange(40), 10).tolist()
    apart, together = clustered_mean([values], range(400), seed=1), clustered_mean([values], groups, seed=1)
    assert apart is not None and together is not None
    assert apart.value == together.value == pytest.approx(values.mean())
    assert together.high - together.low == pytest.approx(np.sqrt(10) * (apart.high - apart.low), rel=0.2)
    assert together == clustered_mean([values], groups, seed=1)


def test_a_clustered_mean_sums_parts_and_draws_their_repetitions_anew() -> None:
    rng = np.random.default_rng(0)
    base = rng.random((1, 300))
    shifted = base + 0.25
    found = clustered_mean([shifted, -base], range(300), seed=1)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))
    restless = clustered_mean([base + np.array([[0.0], [0.5]]), -base], range(300), seed=1)
    assert restless is not None
    assert restless.value == pytest.approx(0.25)
    assert (restless.low, restless.high) == pytest.approx((0.0, 0.5))
    assert clustered_mean([np.zeros((1, 0))], [], seed=1) is None
