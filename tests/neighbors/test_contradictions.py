"""Contradictions are found; consistent rankings, ties and other dimensions are none."""

import random as random_module
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from prefq.neighbors import contradictions, find_neighbors
from prefq.neighbors.contradictions import DECISION

Make = Callable[..., pl.DataFrame]

PROMPT = "How do I keep my bread fresh for longer?"
BOX = (
    "Keep the loaf in a wooden box in a dry corner of the kitchen, cut side down, and it will stay fresh for days. "
    "A clay pot with a lid does the same; a refrigerator makes every kind of bread go stale much faster than that."
)
BAG = "Freeze it in slices inside a tight bag and toast each slice as you need it, straight from the cold."
CLOTH = "Wrap the bread with a clean linen towel so that the crust can breathe while the crumb does not dry out."
RATHER_BOX = BOX.replace("in a dry corner of the kitchen, ", "") + " That is what my grandmother used to say."
COPY_OF_BOX = BOX.replace("wooden", "woden").replace(", cut side", " - cut side")


@pytest.fixture
def found(make_pairs: Make, settings: dict[str, Any]) -> Callable[..., list[tuple[str | None, str | None]]]:
    def run(*rows: tuple[Any, ...]) -> list[tuple[str | None, str | None]]:
        pairs = make_pairs([(PROMPT, *row) if len(row) < 4 and row[0] != PROMPT else row for row in rows])
        clusters = find_neighbors(pairs, None, settings=settings, seed=7).clusters
        return clusters.select("contradiction", "contradiction_id").rows()

    return run


Found = Callable[..., list[tuple[str | None, str | None]]]


Voted = Callable[..., list[tuple[str | None, float, float]]]


@pytest.fixture
def voted(make_pairs: Make, settings: dict[str, Any]) -> Voted:
    """Side and votes of each row."""

    def run(*rows: tuple[Any, ...]) -> list[tuple[str | None, float, float]]:
        clusters = find_neighbors(
            make_pairs([(PROMPT, *row) for row in rows]), None, settings=settings, seed=7
        ).clusters
        columns = ("contradiction_side", "contradiction_for", "contradiction_against")
        return clusters.select(pl.col(columns[0]), pl.col(columns[1:]).cast(pl.Float64).round(3)).rows()

    return run


def by(annotator: str | None, **more: Any) -> dict[str, Any]:
    return {"annotator": annotator, **more}


def kinds(rows: list[tuple[str | None, str | None]]) -> list[str | None]:
    return [kind for kind, _ in rows]


def test_the_same_answers_decided_both_ways_are_swapped(found: Found) -> None:
    rows = found((BOX, BAG), (BAG, BOX), (CLOTH, BAG))
    assert kinds(rows) == ["swapped", "swapped", None]
    assert rows[0][1] == rows[1][1] is not None


def test_copies_decided_both_ways_are_swapped(found: Found) -> None:
    assert kinds(found((BOX, BAG), (BAG, COPY_OF_BOX))) == ["swapped", "swapped"]


def test_a_prompt_in_another_form_is_the_same_prompt(found: Found) -> None:
    assert kinds(found((BOX, BAG), (PROMPT.upper() + "!", BAG, BOX, {}))) == ["swapped", "swapped"]


def test_near_answers_that_are_no_copies_decided_both_ways_are_both_ways(found: Found) -> None:
    assert kinds(found((BOX, BAG), (BAG, RATHER_BOX))) == ["both_ways", "both_ways"]


def test_who_seconds_a_contradicted_decision_has_a_vote_and_contradicts_nothing(found: Found, voted: Voted) -> None:
    """The short one is near the plain one, and not near the one with a grandmother, which lost."""
    short = BOX.replace(" A clay pot with a lid does the same; a refrigerator", " The refrigerator")
    rows = (BOX, BAG, by("a")), (short, BAG, by("b")), (BAG, RATHER_BOX, by("c"))
    assert kinds(found(*rows)) == ["both_ways", None, "both_ways"]
    assert [row for row in voted(*rows) if row[0]] == [("majority", 2, 1), ("minority", 1, 2)]


def test_a_copy_chosen_here_and_another_rejected_there_is_both_ways(found: Found) -> None:
    rows = found((BOX, BAG), (CLOTH, COPY_OF_BOX))
    assert kinds(rows) == ["both_ways", "both_ways"]
    assert rows[0][1] == rows[1][1]


def test_a_ranking_that_the_rows_themselves_give_explains_both_ways(found: Found) -> None:
    assert kinds(found((BOX, BAG), (CLOTH, COPY_OF_BOX), (CLOTH, BAG))) == [None] * 3


def test_the_same_text_chosen_here_and_rejected_there_is_in_the_middle_of_a_ranking(found: Found) -> None:
    assert kinds(found((BOX, BAG), (CLOTH, BOX))) == [None, None]
    assert kinds(found((BOX, BAG), (CLOTH, BOX), ("Eat it today.", COPY_OF_BOX))) == [None] * 3


def test_copies_that_are_part_of_a_clearer_contradiction_are_named_for_that(found: Found) -> None:
    assert kinds(found((BOX, BAG), (BAG, COPY_OF_BOX), (CLOTH, COPY_OF_BOX))) == ["swapped", "swapped", None]


def test_a_cycle_of_three_is_a_cycle_and_what_hangs_on_it_is_not(found: Found) -> None:
    rows = found((BOX, BAG), (BAG, CLOTH), (CLOTH, BOX), ("Just eat it quickly, before it can go stale.", BOX))
    assert kinds(rows) == ["cycle", "cycle", "cycle", None]
    assert len({name for _, name in rows[:3]}) == 1


def test_answers_of_one_cluster_that_are_not_near_each_other_are_not_both_ways(found: Found) -> None:
    """The long one and the short one are near the middle one, and not near each other."""
    words = BOX.split()
    middle, short, long = BOX, " ".join(words[: len(words) * 13 // 20]), BOX + " " + CLOTH + " Try both of them."
    assert kinds(found((middle, BAG), (long, BAG), (BAG, short)))[1] is None


def test_a_cycle_needs_a_majority_on_each_side(found: Found) -> None:
    rows = found((BOX, BAG), (BAG, CLOTH), (CLOTH, BOX), (BAG, BOX))
    assert kinds(rows) == ["swapped", None, None, "swapped"], "even votes decide nothing, so there is no cycle"


def test_a_consistent_ranking_is_no_contradiction(found: Found) -> None:
    eat = "Just eat it quickly, before it can go stale."
    order = [BOX, BAG, CLOTH, eat]
    rows = [(order[i], order[j]) for i in range(4) for j in range(i + 1, 4)]
    assert kinds(found(*rows)) == [None] * 6


def test_ties_contradict_decisions_and_other_dimensions_do_not(found: Found) -> None:
    assert kinds(found((BOX, BAG), (BAG, COPY_OF_BOX, {"label": "tie"}))) == ["tie", "tie"]
    assert kinds(found((BOX, BAG, {"label": "tie"}), (BAG, BOX, {"label": "tie"}))) == [None, None]
    assert kinds(found((BOX, BAG), (BAG, BOX, {"label": "both_bad"}))) == [None, None]
    assert kinds(found((BOX, BAG), (BAG, BOX, {"dimension": "safe"}))) == [None, None]


def test_annotators_who_disagree_are_swapped(found: Found) -> None:
    assert kinds(found((BOX, BAG, {"annotator": "a"}), (BAG, BOX, {"annotator": "b"}))) == ["swapped", "swapped"]


def test_the_same_answers_to_another_question_are_no_contradiction(found: Found) -> None:
    other = PROMPT.replace("bread", "cheese")
    assert kinds(found((BOX, BAG), (other, BAG, BOX, {}))) == [None, None]


def test_two_copies_compared_with_each_other_stay_two(found: Found) -> None:
    assert kinds(found((BOX, COPY_OF_BOX), (BOX, BAG))) == [None, None]
    assert kinds(found((BOX, COPY_OF_BOX), (COPY_OF_BOX, BOX))) == ["swapped", "swapped"]


def test_identical_answers_contradict_nothing(found: Found) -> None:
    assert kinds(found((BOX, BOX), (BOX, BAG), (BAG, CLOTH))) == [None, None, None]


def test_each_annotator_has_one_vote_on_copies(voted: Voted) -> None:
    rows = voted((BOX, BAG, by("a")), (COPY_OF_BOX, BAG, by("a")), (COPY_OF_BOX, BAG, by("b")), (BAG, BOX, by("c")))
    assert rows == [("majority", 2, 1)] * 3 + [("minority", 1, 2)]


def test_as_many_for_it_as_against_it_are_even(voted: Voted) -> None:
    assert voted((BOX, BAG, by("a")), (BAG, BOX, by("b"))) == [("even", 1, 1)] * 2


def test_a_clearly_stronger_judgement_outweighs_a_weak_one_where_both_have_a_margin(voted: Voted) -> None:
    strong, weak = by("a", margin=1.0), by("b", margin=0.2)
    assert voted((BOX, BAG, strong), (BAG, BOX, weak)) == [("majority", 1, 0.6), ("minority", 0.6, 1)]
    assert voted((BOX, BAG, strong), (BAG, BOX, by("b", margin=0.9))) == [("even", 1, 0.95), ("even", 0.95, 1)]
    assert voted((BOX, BAG, strong), (BAG, BOX, by("b"))) == [("even", 1, 1)] * 2


def test_of_a_cycle_the_weakest_judgement_is_removed(voted: Voted) -> None:
    rows = voted((BOX, BAG, by("a")), (BOX, BAG, by("b")), (BAG, CLOTH), (CLOTH, BOX, by("a")), (CLOTH, BOX, by("b")))
    assert [side for side, _, _ in rows] == ["majority", "majority", "removed", "majority", "majority"]


def test_a_cycle_of_majorities_goes_before_swapped(found: Found) -> None:
    voters = [(a, b, by(name)) for a, b in ((BOX, BAG), (BAG, CLOTH), (CLOTH, BOX)) for name in "xy"]
    assert kinds(found(*voters, (BAG, BOX, by("z")))) == ["cycle"] * 7


@settings_of(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from("ab"), st.sampled_from([None, 0.1, 0.8])),
        max_size=14,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter_and_what_is_not_removed_has_no_cycle(
    make_pairs: Make,
    settings: dict[str, Any],
    judged: list[tuple[int, int, str, float | None]],
    random: random_module.Random,
) -> None:
    texts = [BOX, BAG, CLOTH, COPY_OF_BOX, "Just eat it quickly, before it can go stale."]
    rows = [
        (PROMPT, texts[won], texts[lost], by(a, margin=m, row_id=f"d:{n}"))
        for n, (won, lost, a, m) in enumerate(judged)
    ]
    shuffled = random.sample(rows, len(rows))
    first, second = (
        find_neighbors(make_pairs(some), None, settings=settings, seed=7).clusters.sort("row_id")
        for some in (rows, shuffled)
    )
    assert first.equals(second)
    same = {3: 0}
    on_cycle = first.join(
        pl.DataFrame(
            [(f"d:{n}", same.get(won, won), same.get(lost, lost)) for n, (won, lost, _, _) in enumerate(judged)],
            schema={"row_id": pl.String, "w": pl.Int64, "l": pl.Int64},
            orient="row",
        ),
        on="row_id",
    ).filter(pl.col("contradiction") == "cycle", pl.col("contradiction_side") == "majority")
    arcs = set(on_cycle.select("w", "l").iter_rows())
    while arcs:
        beaten = {loser for _, loser in arcs}
        rest = {arc for arc in arcs if arc[0] in beaten}
        assert rest != arcs, "a cycle is left"
        arcs = rest


@pytest.mark.parametrize(("answers", "told"), [(14, False), (15, True)])
def test_of_a_cycle_too_large_to_be_sure_it_is_said(
    make_pairs: Make, settings: dict[str, Any], answers: int, told: bool
) -> None:
    texts = [" ".join(f"{chr(97 + k)}{chr(97 + n)}word" for n in range(12)) for k in range(answers)]
    pairs = make_pairs([(PROMPT, texts[k], texts[(k + 1) % answers]) for k in range(answers)])
    found = find_neighbors(pairs, None, settings=settings, seed=7)
    assert found.clusters["contradiction_side"].value_counts().filter(contradiction_side="removed")["count"].item() == 1
    note = "1 cycle of more than 14 answers: what would break them is light, and not proven to be the lightest"
    assert (note in found.notes) == told


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 5)), max_size=30),
    st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1])),
    st.booleans(),
    st.sampled_from([1, 5, 1000]),
)
def test_near_decisions_are_those_of_the_plain_rule(
    rows: list[tuple[int, int, int]], near: set[tuple[int, int]], turned: bool, looked_at: int
) -> None:
    decisions = sorted({(prompt, "preference", won, lost) for prompt, won, lost in rows if won != lost})
    some = decisions[::2]
    alike = near | {(b, a) for a, b in near} | {(a, a) for a in range(6)}
    expected = {
        (prompt, dimension, won, lost)
        for prompt, dimension, won, lost in decisions
        for place, _, winner, loser in some
        if place == prompt
        and (
            (winner, lost) in alike and (loser, won) in alike
            if turned
            else (winner, won) in alike and (loser, lost) in alike
        )
    }
    schema = dict(zip(DECISION, (pl.Int64, pl.String, pl.Int64, pl.Int64), strict=True))
    links = [*near, *((b, a) for a, b in near)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contradictions, "LOOKED_AT", looked_at)
        found = contradictions._near_decisions(
            pl.DataFrame(some, schema, orient="row"),
            pl.DataFrame(decisions, schema, orient="row"),
            pl.DataFrame(links, {"one": pl.Int64, "other": pl.Int64}, orient="row"),
            turned=turned,
        )
    assert sorted(found.rows()) == sorted(expected)
