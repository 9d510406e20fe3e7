import numpy as np
import polars as pl
import pytest

from prefq.other_judgements import PRIOR, answer_keys, informed, standing
from prefq.stats import auroc, sigmoid


def keys(*names: str) -> np.ndarray:
    return np.array(["abcdef".index(name) for name in names], np.uint32)


def test_an_answer_that_wins_elsewhere_speaks_for_itself() -> None:
    # a beats b; elsewhere a beats c, and b beats d: of what is left, each answer won one judgement of which nothing
    # was known, so a's and b's strengths are equal.
    found = standing(np.zeros(3), np.ones(3), keys("a", "a", "b"), keys("b", "c", "d"))
    assert found == pytest.approx([0, 0.5 / (0.25 + PRIOR), -0.5 / (0.25 + PRIOR)])


def test_the_same_pair_decided_the_other_way_speaks_against_both() -> None:
    found = standing(np.zeros(2), np.ones(2), keys("a", "b"), keys("b", "a"))
    assert found == pytest.approx([-1 / (0.25 + PRIOR)] * 2)


def test_a_judgement_is_no_evidence_on_itself() -> None:
    rng = np.random.default_rng(0)
    margins, chosen, rejected = rng.normal(size=50), rng.integers(0, 20, 50), rng.integers(20, 40, 50)
    targets = np.ones(50)
    before = standing(margins, targets, chosen.astype(np.uint32), rejected.astype(np.uint32))
    targets[7] = 0
    after = standing(margins, targets, chosen.astype(np.uint32), rejected.astype(np.uint32))
    assert after[7] == pytest.approx(before[7], abs=1e-12)
    assert not np.allclose(after, before)


def test_answers_judged_once_and_answers_compared_with_their_copy_have_none() -> None:
    found = standing(np.array([0.3, -2.0, 0.1, 0.2]), np.ones(4), keys("a", "c", "e", "e"), keys("b", "d", "e", "f"))
    assert found.tolist() == [0, 0, 0, 0]


def test_turning_all_pairs_round_turns_the_evidence_round() -> None:
    rng = np.random.default_rng(1)
    margins = rng.normal(size=200)
    left, right = rng.integers(0, 30, (2, 200)).astype(np.uint32)
    there, back = standing(margins, np.ones(200), left, right), standing(-margins, np.zeros(200), right, left)
    assert there == pytest.approx(-back, abs=1e-12)


def test_evidence_counts_for_what_it_is_worth() -> None:
    rng = np.random.default_rng(2)
    margins, truth, chance = rng.normal(size=(3, 5_000))
    wins = np.where(rng.random(5_000) < sigmoid(margins + 2 * truth), 1, -1)
    ones = np.ones(5_000)
    found = informed(margins * wins, truth * wins, ones, ones)
    assert found == pytest.approx((margins + 2 * truth) * wins, abs=0.8)
    noise = informed(margins * wins, chance, ones, ones)
    assert auroc(noise, -noise) == pytest.approx(auroc(margins * wins, -margins * wins), abs=0.005)
    assert informed(margins * wins, -truth * wins, ones, ones) is not None
    assert np.array_equal(informed(margins * wins, -truth * wins, ones, ones), margins * wins)


def test_keys_are_of_an_answer_to_a_prompt() -> None:
    frame = pl.DataFrame(
        {"prompt_key": ["p", "p", "q"], "chosen_key": ["x", "y", "x"], "rejected_key": ["y", "x", "y"]}
    )
    chosen, rejected = answer_keys(frame)
    assert chosen[0] == rejected[1] != chosen[2]
    assert chosen[1] == rejected[0] != rejected[2]
