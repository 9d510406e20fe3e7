import numpy as np
import pytest

from prefq.label_noise import lapse_fit, noise_rate, p_correct
from prefq.stats import sigmoid


def noisy_margins(rate: float, rows: int = 10_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Margins of an ideal judge, seen from the given label, of which `rate` were flipped."""
    rng = np.random.default_rng(seed)
    size = np.abs(rng.normal(scale=2, size=rows))
    margins = np.where(rng.random(rows) < sigmoid(size), size, -size)
    flipped = rng.random(rows) < rate
    return np.where(flipped, -margins, margins), flipped


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_the_lapse_fit_finds_the_share_of_flipped_labels(rate: float) -> None:
    found = lapse_fit(noisy_margins(rate)[0], seed=7)
    assert found.value == pytest.approx(rate, abs=0.025)
    assert found.low <= rate <= found.high
    assert found == lapse_fit(noisy_margins(rate)[0], seed=7)


def test_below_5000_pairs_the_rate_is_not_estimable_and_says_so() -> None:
    found = noise_rate(noisy_margins(0.1, rows=4_999)[0], None, seed=7)
    assert found.to_json() == {
        "value": None,
        "low": None,
        "high": None,
        "estimable": False,
        "source": "estimate",
        "why": "needs 5,000 labelled pairs, there are 4,999",
    }
    assert noise_rate(None, None, seed=7).why == "nothing could be scored"


def test_margins_that_say_nothing_give_no_rate() -> None:
    rng = np.random.default_rng(4)
    found = noise_rate(rng.normal(scale=0.05, size=6_000), None, seed=7)
    assert found.value is None
    assert found.why is not None
    assert found.why.startswith("the margins say too little")


@pytest.mark.parametrize("decided", [0, 3, 4_999])
def test_margins_of_zero_do_not_count_as_labelled_pairs(decided: int) -> None:
    margins = np.zeros(6_000)
    margins[:decided] = 1.0
    found = noise_rate(margins, None, seed=7)
    assert found.value is None
    assert found.why == f"needs 5,000 pairs with a margin, there are {decided:,}"


def test_a_given_rate_stands() -> None:
    assert noise_rate(np.ones(3), 0.05, seed=7).to_json() == {
        "value": 0.05,
        "low": None,
        "high": None,
        "estimable": False,
        "source": "given",
        "why": None,
    }


def test_an_estimate_of_zero_keeps_its_bound() -> None:
    told = noise_rate(noisy_margins(0.0)[0], None, seed=7).to_json()
    assert told["low"] == 0
    assert told["estimable"] is True


def test_the_posterior_is_the_share_of_right_labels_at_its_margin() -> None:
    _, flipped = noisy_margins(0.2, rows=200_000)
    ideal, _ = noisy_margins(0.2, rows=200_000)
    # The judge's calibrated margin on noisy labels: logit of rate + (1 - 2 rate) σ(m).
    observed = 0.2 + 0.6 * sigmoid(ideal)
    posterior = p_correct(np.log(observed / (1 - observed)), 0.2)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        inside = (posterior >= low) & (posterior < high)
        assert (~flipped[inside]).mean() == pytest.approx(posterior[inside].mean(), abs=0.01)


def test_the_posterior_by_hand() -> None:
    # σ = 0.5, ρ = 0.1: p* = 0.5, so 0.9 · 0.5 / (0.9 · 0.5 + 0.1 · 0.5) = 0.9.
    assert p_correct(np.zeros(1), 0.1)[0] == pytest.approx(0.9)
    assert p_correct(np.array([-3.0, 3.0]), 0.0) == pytest.approx([1, 1])
