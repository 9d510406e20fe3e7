from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.bradley_terry import Comparisons, Rewards, balanced_folds, cross_fit, fit_head, platt_slope
from prefq.stats import sigmoid

ROWS, WIDTH = 600, 6


def world(seed: int = 0, strength: float = 1.5) -> tuple[Comparisons, np.ndarray]:
    """Answers whose true reward is their first feature minus half their second; labels drawn from Bradley–Terry."""
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(2, ROWS, WIDTH)).astype(np.float32)
    truth = strength * np.array([1, -0.5, *[0] * (WIDTH - 2)])
    wins = rng.random(ROWS) < sigmoid((left - right) @ truth)
    chosen, rejected = np.where(wins[:, None], left, right), np.where(wins[:, None], right, left)
    return comparisons(chosen, rejected), (chosen - rejected) @ truth


def comparisons(chosen: np.ndarray, rejected: np.ndarray, targets: np.ndarray | None = None) -> Comparisons:
    ones = np.ones(len(chosen))
    return Comparisons(chosen, rejected, np.ones(chosen.shape[1]), ones if targets is None else targets, ones)


def folds(rows: int = ROWS, count: int = 5) -> np.ndarray:
    return (np.arange(rows) % count).astype(np.int32)


@pytest.fixture(scope="module")
def fitted() -> tuple[Comparisons, Rewards]:
    compared, _ = world()
    return compared, cross_fit(compared, folds())


def test_the_head_finds_the_true_reward() -> None:
    compared, truth = world(strength=3)
    rewards = cross_fit(compared, folds())
    assert np.corrcoef(rewards.margin, truth)[0, 1] > 0.97
    assert (rewards.margin > 0).mean() > 0.8
    assert rewards.slope == pytest.approx(1, abs=0.3)


def test_margins_are_differences_of_rewards_and_equal_answers_have_none(fitted: tuple[Comparisons, Rewards]) -> None:
    compared, rewards = fitted
    assert np.array_equal(rewards.margin, rewards.chosen - rewards.rejected)
    same = comparisons(
        np.vstack([compared.chosen, compared.chosen[:50]]), np.vstack([compared.rejected, compared.chosen[:50]])
    )
    margins = cross_fit(same, folds(ROWS + 50)).margin
    assert (margins[ROWS:] == 0).all()
    assert (margins[:ROWS] != 0).all()


def test_turning_every_pair_round_turns_every_margin_round_exactly(fitted: tuple[Comparisons, Rewards]) -> None:
    compared, rewards = fitted
    turned = cross_fit(comparisons(compared.rejected, compared.chosen, np.zeros(ROWS)), folds())
    assert np.array_equal(turned.margin, -rewards.margin)
    assert np.array_equal(turned.std, rewards.std)


def test_a_pairs_own_label_plays_no_part_in_its_margin(fitted: tuple[Comparisons, Rewards]) -> None:
    compared, rewards = fitted
    chosen, rejected = compared.chosen.copy(), compared.rejected.copy()
    chosen[7], rejected[7] = compared.rejected[7], compared.chosen[7]
    turned = cross_fit(comparisons(chosen, rejected), folds())
    assert turned.penalty == rewards.penalty
    own, other = (turned.margin / turned.slope)[[7, 6]]
    assert own == pytest.approx(-rewards.margin[7] / rewards.slope, rel=1e-9)
    assert other != pytest.approx(rewards.margin[6] / rewards.slope, rel=1e-9)


def test_an_answer_has_one_reward_within_its_fold(fitted: tuple[Comparisons, Rewards]) -> None:
    compared, _ = fitted
    chosen = compared.chosen.copy()
    chosen[5] = chosen[0]
    again = cross_fit(comparisons(chosen, compared.rejected), folds())
    assert again.chosen[5] == pytest.approx(again.chosen[0], abs=1e-6)


def test_rewards_count_from_the_mean_answer(fitted: tuple[Comparisons, Rewards]) -> None:
    _, rewards = fitted
    assert abs(np.concatenate([rewards.chosen, rewards.rejected]).mean()) < 0.1


def test_labels_of_chance_give_margins_near_nothing() -> None:
    rng = np.random.default_rng(5)
    left, right = rng.normal(size=(2, ROWS, WIDTH)).astype(np.float32)
    rewards = cross_fit(comparisons(left, right), folds())
    assert np.abs(rewards.margin).max() < 0.5


def test_answers_that_never_differ_give_margins_of_zero() -> None:
    same = np.ones((60, 3), np.float32)
    rewards = cross_fit(comparisons(same, same), folds(60))
    assert not rewards.margin.any()
    assert np.isfinite(rewards.std).all()


def test_a_tie_pulls_the_head_less_than_a_win() -> None:
    difference = np.ones((100, 1), np.float32)
    start, weights = np.zeros(1), np.ones(100)
    win = fit_head(difference, np.ones(100), weights, 10.0, start)
    half = fit_head(difference, np.repeat([1.0, 0.5], 50), weights, 10.0, start)
    tie = fit_head(difference, np.full(100, 0.5), weights, 10.0, start)
    assert win[0] > half[0] > tie[0] == 0


def test_the_head_solves_its_own_equation() -> None:
    # One feature, all wins: penalty * w = n * sigmoid(-w).
    head = fit_head(np.ones((100, 1), np.float32), np.ones(100), np.ones(100), 10.0, np.zeros(1))
    assert 10 * head[0] == pytest.approx(100 * sigmoid(-head)[0], rel=1e-3)


def test_weights_count_like_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(40, 3)).astype(np.float32) + 0.3
    weights = np.repeat([1.0, 3.0], 20)
    repeated = np.vstack([rows, rows[20:], rows[20:]])
    weighted = fit_head(rows, np.ones(40), weights, 10.0, np.zeros(3))
    assert weighted == pytest.approx(fit_head(repeated, np.ones(80), np.ones(80), 10.0, np.zeros(3)), abs=1e-3)


def test_less_emphasis_means_less_part_in_the_margin() -> None:
    compared, _ = world()
    weak = replace(compared, emphasis=np.array([0.01, *[1] * 5]))
    rewards = cross_fit(weak, folds())
    difference = compared.chosen - compared.rejected
    assert abs(np.corrcoef(rewards.margin, difference[:, 0])[0, 1]) < 0.3
    assert np.corrcoef(rewards.margin, difference[:, 1])[0, 1] < -0.8


def test_rows_unlike_the_others_have_a_wider_margin() -> None:
    compared, _ = world()
    chosen = compared.chosen.copy()
    chosen[0] += 20
    rewards = cross_fit(comparisons(chosen, compared.rejected), folds())
    assert rewards.std[0] > 5 * np.median(rewards.std)


def test_platt_slope_calibrates() -> None:
    rng = np.random.default_rng(2)
    margins = rng.normal(size=20_000)
    wins = rng.random(20_000) < sigmoid(2.5 * margins)
    ones = np.ones(20_000)
    signed = np.where(wins, margins, -margins)
    assert platt_slope(signed, ones, ones) == pytest.approx(2.5, abs=0.1)
    assert platt_slope(-np.abs(margins), ones, ones) == 0
    assert platt_slope(np.zeros(5), np.ones(5), np.ones(5)) == 0


def test_the_largest_group_goes_to_the_lightest_fold() -> None:
    groups = pl.Series([*"aaaa", *"bbb", *"cc", *"dd", "e"])
    assert balanced_folds(groups, 2).tolist() == [0] * 4 + [1] * 3 + [1] * 2 + [0] * 2 + [1]


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40), st.integers(2, 5), st.randoms())
def test_folds_keep_groups_whole_and_do_not_depend_on_row_order(groups: list[str], count: int, random: object) -> None:
    found = dict(zip(groups, balanced_folds(pl.Series(groups), count).tolist(), strict=True))
    order = sorted(range(len(groups)), key=lambda _: random.random())  # type: ignore[attr-defined]
    shuffled = [groups[i] for i in order]
    assert balanced_folds(pl.Series(shuffled), count).tolist() == [found[group] for group in shuffled]
    assert set(found.values()) <= set(range(count))
