"""Contradictions are found; consistent rankings, ties and other dimensions are none."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from prefq.neighbors import find_neighbors

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


def test_a_cycle_of_three_is_a_cycle_and_what_hangs_on_it_is_not(found: Found) -> None:
    rows = found((BOX, BAG), (BAG, CLOTH), (CLOTH, BOX), ("Just eat it quickly, before it can go stale.", BOX))
    assert kinds(rows) == ["cycle", "cycle", "cycle", None]
    assert len({name for _, name in rows[:3]}) == 1


def test_swapped_goes_before_cycle(found: Found) -> None:
    rows = found((BOX, BAG), (BAG, CLOTH), (CLOTH, BOX), (BAG, BOX))
    assert kinds(rows) == ["swapped", None, None, "swapped"]


def test_a_consistent_ranking_is_no_contradiction(found: Found) -> None:
    eat = "Just eat it quickly, before it can go stale."
    order = [BOX, BAG, CLOTH, eat]
    rows = [(order[i], order[j]) for i in range(4) for j in range(i + 1, 4)]
    assert kinds(found(*rows)) == [None] * 6


def test_ties_and_other_dimensions_are_no_contradiction(found: Found) -> None:
    assert kinds(found((BOX, BAG), (BAG, BOX, {"label": "tie"}))) == [None, None]
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
