import numpy as np
import polars as pl
import pytest

from prefq import label_noise
from prefq.label_noise import Lapse, annotator_rates, lapse_fit, noise_rate, p_correct
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
    lapse, found = lapse_fit(noisy_margins(rate)[0], seed=7)
    assert lapse.rate == found.value
    assert found.value == pytest.approx(rate, abs=0.025)
    assert found.low <= rate <= found.high
    assert (lapse, found) == lapse_fit(noisy_margins(rate)[0], seed=7)
    assert (lapse, found) == lapse_fit(noisy_margins(rate)[0][::-1], seed=7)


def test_below_5000_pairs_the_rate_is_not_estimable_and_says_so() -> None:
    found = noise_rate(noisy_margins(0.1, rows=4_999)[0], None, seed=7)
    assert found.to_json() == {
        "value": None,
        "low": None,
        "high": None,
        "estimable": False,
        "source": "estimate",
        "why": "needs 5,000 labelled pairs, there are 4,999",
        "slices": [],
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
        "slices": [],
    }


def test_an_estimate_of_zero_keeps_its_bound() -> None:
    told = noise_rate(noisy_margins(0.0)[0], None, seed=7).to_json()
    assert told["low"] == 0
    assert told["estimable"] is True


def test_long_tails_do_not_hide_wrong_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    margins, _ = noisy_margins(0.2, rows=20_000)
    # A model that is less sure of easy pairs than it could be.
    short = np.sign(margins) * np.abs(margins) ** (1 / 1.3)
    lapse, found = lapse_fit(short, seed=7)
    assert lapse.power > 1.1
    monkeypatch.setattr(label_noise, "POWERS", np.ones(1))
    assert lapse_fit(short, seed=7)[1].value < found.value < 0.2


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_the_posterior_is_the_share_of_right_labels(rate: float) -> None:
    margins, flipped = noisy_margins(rate, rows=100_000)
    lapse, _ = lapse_fit(margins, seed=7)
    posterior = p_correct(margins, lapse)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        inside = (posterior >= low) & (posterior < high)
        assert (~flipped[inside]).mean() == pytest.approx(posterior[inside].mean(), abs=0.07)


def test_a_given_rate_fits_the_slope_beside_it() -> None:
    margins, _ = noisy_margins(0.2, rows=3_000)
    found = noise_rate(margins, 0.2, seed=7)
    assert found.lapse is not None
    assert (found.value, found.lapse.rate) == (0.2, 0.2)
    assert found.lapse.slope == pytest.approx(1, abs=0.3)


def test_the_posterior_by_hand() -> None:
    # A margin of 0 says nothing, so what is left is the rate; 2 · 1 + log 9 at a margin of 1.
    assert p_correct(np.array([0.0, 1.0]), Lapse(0.1, 2.0, 1.5)) == pytest.approx([0.9, 1 / (1 + np.exp(-2) / 9)])
    assert p_correct(np.array([-3.0, 3.0]), Lapse(0.0, 1.0, 1.0)) == pytest.approx([1, 1])


def test_an_annotator_who_errs_more_has_a_higher_rate_and_small_slices_none() -> None:
    careful, hasty, rare = noisy_margins(0.05, 9_000)[0], noisy_margins(0.3, 2_000, 1)[0], noisy_margins(0.1, 499, 2)[0]
    names = ["careful"] * 9_000 + ["hasty"] * 2_000 + ["rare"] * 499
    table = pl.DataFrame({"annotator": names, "dataset": ["d"] * len(names)})
    found = noise_rate(np.concatenate([careful, hasty, rare]), None, seed=7, slices=table)
    rates = {(told["by"], told["name"]): told for told in found.slices}
    assert set(rates) == {("annotator", "careful"), ("annotator", "hasty")}
    assert rates["annotator", "careful"]["value"] == pytest.approx(0.05, abs=0.03)
    assert rates["annotator", "hasty"]["value"] == pytest.approx(0.3, abs=0.05)
    assert rates["annotator", "hasty"]["low"] > rates["annotator", "careful"]["high"]
    assert rates["annotator", "hasty"]["pairs"] == 2_000
    assert found.value == pytest.approx((9_000 * 0.05 + 2_000 * 0.3 + 499 * 0.1) / 11_499, abs=0.02)
    assert found.interval is not None
    assert found.interval.low < found.value < found.interval.high
    own = annotator_rates(pl.Series([*names[-2:], "hasty", None]), found)
    assert own is not None
    assert own.tolist() == [found.value, found.value, rates["annotator", "hasty"]["value"], found.value]
    assert found.lapse is not None
    doubted, trusted = p_correct(np.zeros(2), found.lapse, np.array([0.3, 0.05]))
    assert (doubted, trusted) == pytest.approx((0.7, 0.95))


def test_annotators_alike_have_the_rate_of_all() -> None:
    names = pl.Series(["one", "two"] * 5_000)
    found = noise_rate(noisy_margins(0.1)[0], None, seed=7, slices=pl.DataFrame({"annotator": names}))
    assert len(found.slices) == 2
    assert annotator_rates(names, found) is None
    assert annotator_rates(names, noise_rate(None, None, seed=7)) is None


def test_a_source_that_the_model_knows_little_of_has_no_rate_and_is_not_doubted_for_it() -> None:
    known, rng = noisy_margins(0.1, 9_000)[0], np.random.default_rng(5)
    # Not one label is wrong, but the model goes by habits of other sources: it is right in 58 of 100, sure of nothing.
    strange = np.abs(rng.normal(scale=0.4, size=2_000)) * np.where(rng.random(2_000) < 0.58, 1, -1)
    names = pl.Series(["known"] * 9_000 + ["strange"] * 2_000)
    slices = pl.DataFrame({"annotator": names, "category": names})
    found = noise_rate(np.concatenate([known, strange]), None, seed=7, slices=slices)
    rates = {(told["by"], told["name"]): told for told in found.slices}
    for by in ("annotator", "category"):
        assert rates[by, "known"]["value"] == pytest.approx(0.1, abs=0.02)
        assert rates[by, "strange"] == {
            **{"by": by, "name": "strange", "pairs": 2_000},
            **{"value": None, "low": None, "high": None},
        }
    assert annotator_rates(names, found) is None


def test_an_annotator_whose_interval_meets_that_of_all_has_the_rate_of_all() -> None:
    many, few = noisy_margins(0.1, 9_000)[0], noisy_margins(0.12, 600, 3)[0]
    names = pl.Series(["many"] * 9_000 + ["few"] * 600)
    found = noise_rate(np.concatenate([many, few]), None, seed=7, slices=pl.DataFrame({"annotator": names}))
    told = {part["name"]: part for part in found.slices}["few"]
    assert found.interval is not None
    assert found.interval.low < told["low"] < found.interval.high < told["value"]
    assert annotator_rates(names, found) is None
