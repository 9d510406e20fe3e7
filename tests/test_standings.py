"""Who wins against whom: strengths that are known beforehand come out, with and without a habit of length."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq import schema
from prefq.standings import GAMES, Standing, Standings, model_pick, standings
from prefq.stats import sigmoid


def game(i: int, winner: str, loser: str, **more: Any) -> dict[str, Any]:
    texts = {"chosen": f"good {i}", "rejected": f"poor {i}"} | more
    return {
        "row_id": f"d:{i:06}",
        "label": "chosen",
        "chosen_model": winner,
        "rejected_model": loser,
        "chosen_id": f"c{i}",
        "rejected_id": f"r{i}",
    } | texts


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema.PAIRS)


def told(found: Standings | None) -> dict[str, Standing]:
    assert found is not None
    return {one.model: one for one in found.standings}


def season(strengths: dict[str, float], games: int, *, wordy: tuple[str, ...] = (), habit: float = 0.0) -> pl.DataFrame:
    """Games of models with these strengths; those who are `wordy` write three times as much, worth `habit` log-odds."""
    rng, rows = np.random.default_rng(5), []
    names = sorted(strengths)
    for i in range(games):
        a, b = rng.choice(names, 2, replace=False)
        lengths = {m: int(rng.integers(20, 60)) * (3 if m in wordy else 1) for m in (a, b)}
        lean = habit * (lengths[a] - lengths[b]) / (lengths[a] + lengths[b])
        wins = rng.random() < sigmoid(np.array(strengths[a] - strengths[b] + lean))
        winner, loser = (a, b) if wins else (b, a)
        texts = {"chosen": "x" * lengths[winner], "rejected": "x" * lengths[loser]}
        rows.append(game(i, str(winner), str(loser), **texts))
    return table(rows)


def test_strengths_are_found_again():
    strengths = {"weak": -1.0, "middling": 0.0, "strong": 1.0}
    found = standings(season(strengths, 3000))
    assert found is not None
    assert [one.model for one in found.standings] == ["strong", "middling", "weak"]
    for one in found.standings:
        truth = float(sigmoid(np.array(strengths[one.model])))
        for chance in (one.plain, one.adjusted):
            assert chance is not None
            assert chance.low < truth < chance.high
            assert chance.high - chance.low < 0.06


def test_a_model_that_wins_by_length_alone_is_no_stronger_at_equal_style():
    found = told(standings(season({"brief": 0.0, "plain": 0.0, "wordy": 0.0}, 4000, wordy=("wordy",), habit=2.0)))
    wordy = found["wordy"]
    assert wordy.plain is not None and wordy.plain.low > 0.55
    assert wordy.adjusted is not None and wordy.adjusted.low < 0.5 < wordy.adjusted.high


def test_what_length_does_is_told():
    found = standings(season({"a": 0.0, "b": 0.0}, 3000, habit=2.0))
    assert found is not None
    effects = {effect.feature: effect.odds for effect in found.effects}
    assert list(effects) == ["chars"]  # no text has headings, bold words or lists
    assert effects["chars"].low > 1.3


def test_two_models_and_their_ties():
    rows = [game(i, *("ab" if i % 4 else "ba")) for i in range(80)]
    rows += [game(100 + i, "a", "b", label="tie") for i in range(20)]
    found = standings(table(rows))
    assert found is not None
    (duel,) = found.duels
    assert (duel.left, duel.right, duel.games, duel.won) == ("a", "b", 100, 70.0)
    a, b = found.standings
    assert (a.model, a.won, b.won) == ("a", 0.7, 0.3)
    # Against the middle of the two, the log-odds are half of those of the duel.
    assert a.plain is not None
    assert a.plain.value == pytest.approx(float(sigmoid(np.array(np.log(7 / 3) / 2))), abs=5e-3)


def test_a_model_that_always_wins_has_a_finite_strength():
    found = told(standings(table([game(i, "best", "worst") for i in range(50)])))
    best = found["best"].plain
    assert best is not None and 0.9 < best.value < 1


def test_models_that_never_meet_the_others_are_not_ranked_with_them():
    rows = [game(i, *("ab", "ba", "bc")[i % 3]) for i in range(120)]
    rows += [game(200 + i, "y", "z") for i in range(GAMES)]
    rows += [game(300, "a", "rare")]
    found = standings(table(rows))
    assert found is not None
    ranked = {one.model: one.adjusted is not None for one in found.standings}
    assert ranked == {"a": True, "b": True, "c": True, "y": False, "z": False}
    assert (found.comparisons, found.models) == (141, 6)
    assert [one.model for one in found.standings][-2:] == ["y", "z"]


@pytest.mark.parametrize(
    "rows",
    [[], [game(0, "a", "a")], [game(0, "a", "b") | {"chosen_model": None}]],
    ids=["no pairs", "one model against itself", "one side unknown"],
)
def test_without_two_models_there_is_nothing_to_tell(rows: list[dict[str, Any]]):
    assert standings(table(rows)) is None


def test_too_few_games_are_no_standing():
    found = standings(table([game(i, "a", "b") for i in range(GAMES - 1)]))
    assert found is not None
    assert (found.comparisons, found.standings, found.duels, found.effects) == (GAMES - 1, (), (), ())


def test_the_order_of_rows_plays_no_part():
    pairs = season({"a": 0.0, "b": 0.5, "c": 1.0}, 300)
    assert standings(pairs.sample(fraction=1, shuffle=True, seed=3)) == standings(pairs)


def test_the_stronger_model_is_told_by_the_other_comparisons():
    won = [("a", "b")] * 7 + [("b", "a")] * 3
    found = model_pick(table([game(i, *names) for i, names in enumerate(won)]))
    assert found is not None
    assert (found.value, found.n) == (0.7, 10)


def test_a_single_comparison_says_nothing_of_itself():
    assert model_pick(table([game(0, "a", "b")])) is None
    lone = model_pick(table([game(0, "a", "b"), game(1, "b", "a")]))
    assert lone is not None and (lone.value, lone.n) == (0.0, 2)


def test_ties_and_unnamed_models_are_no_picks():
    rows = [game(0, "a", "b"), game(1, "a", "b"), game(2, "a", "b", label="tie"), game(3, "a", "a"), game(4, "a", None)]
    found = model_pick(table(rows))
    assert found is not None and (found.value, found.n) == (1.0, 2)


def test_coin_tosses_give_no_advantage():
    rng = np.random.default_rng(3)
    rows = [game(i, *(("a", "b") if rng.random() < 0.5 else ("b", "a"))) for i in range(4000)]
    found = model_pick(table(rows))
    assert found is not None and found.low < 0.52
