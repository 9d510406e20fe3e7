"""What is found prompt by prompt is what is found at once, and no prompt is divided."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.neighbors import Neighbors, find_neighbors, rulings

Make = Callable[..., pl.DataFrame]

BOX = "Keep the loaf in a wooden box in a dry corner of the kitchen, cut side down, and it will stay fresh for days."
COPY_OF_BOX = BOX.replace("wooden", "woden")
BAG = "Freeze it in slices inside a tight bag and toast each slice as you need it, straight from the cold."
CLOTH = "Wrap the bread with a clean linen towel so that the crust can breathe while the crumb does not dry out."
SAFE = {"dimension": "safe"}
TIE = {"label": "tie"}
SWAPPED = "How do I keep my bread fresh for longer?"
CYCLE = "Which is the best place in a small flat for a loaf from the baker's?"
TWINS = "My rolls are hard as stone on the second day; what did I do wrong?"
ONE_WAY = "Is there a trick against dry bread in winter, when the air is dry?"

ROWS: list[tuple[Any, ...]] = [
    (SWAPPED, BOX, BAG),
    (CYCLE, BOX, BAG, SAFE),
    (TWINS, BOX, BAG),
    (ONE_WAY, BOX, BAG),
    (SWAPPED, BAG, COPY_OF_BOX),
    (CYCLE, BAG, CLOTH, SAFE),
    (TWINS, CLOTH, COPY_OF_BOX),
    (ONE_WAY, COPY_OF_BOX, BAG),
    (CYCLE, CLOTH, BOX, SAFE),
    (CYCLE, BOX, CLOTH),
    (ONE_WAY, CLOTH, BAG),
    (ONE_WAY, CLOTH, BAG, TIE),
    (SWAPPED.upper(), CLOTH, BAG),
]
KINDS = [
    "swapped",
    "cycle",
    "both_ways",
    None,
    "swapped",
    "cycle",
    "both_ways",
    None,
    "cycle",
    None,
    "tie",
    "tie",
    None,
]


@pytest.fixture
def found(make_pairs: Make, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Neighbors]:
    def run(rows: list[tuple[Any, ...]], together: int) -> Neighbors:
        monkeypatch.setattr(rulings, "ROWS", together)
        return find_neighbors(make_pairs(rows), None, settings=settings, seed=7)

    return run


@pytest.mark.parametrize("together", [1, 4, 6, 100])
def test_each_row_is_told_the_same_however_many_are_looked_at_together(
    found: Callable[..., Neighbors], together: int
) -> None:
    at_once, by_few = found(ROWS, len(ROWS)), found(ROWS, together)
    assert by_few.clusters["contradiction"].to_list() == KINDS
    assert by_few.clusters.equals(at_once.clusters)
    assert by_few.edges.equals(at_once.edges)
    assert by_few.notes == at_once.notes


def test_copies_of_a_pair_are_of_the_cluster_of_the_smallest_id(
    found: Callable[..., Neighbors], make_pairs: Make
) -> None:
    ids, clusters = make_pairs(ROWS)["pair_id"], found(ROWS, 1).clusters["pair_cluster"]
    for same in ([0, 4], [2], [3, 7], [10, 11], [12]):
        assert clusters.gather(same).to_list() == [ids.gather(same).min()] * len(same)


def test_large_cycles_of_several_prompts_are_counted_together(found: Callable[..., Neighbors]) -> None:
    words = [f"{word} is what {word} people would say of {word} bread" for word in "abcdefghijklmnopqrstuvwxyz"]
    ring = [(words[i], words[(i + 1) % 15]) for i in range(15)]
    rows = [(prompt, *row) for prompt in (SWAPPED, CYCLE) for row in ring]
    assert found(rows, 1).notes == found(rows, 100).notes
    assert any(note.startswith("2 cycles of more than 14 answers") for note in found(rows, 1).notes)


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(1, 12))
def test_batches_hold_whole_prompts_in_order_and_no_more_than_they_need(prompts: list[int], together: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rulings, "ROWS", together)
        batches = rulings._batches(np.array(prompts, np.int64))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(prompts)))
    held = [{prompts[row] for row in batch} for batch in batches]
    assert sum(map(len, held)) == len(set(prompts))
    for batch in batches:
        last = [row for row in batch if prompts[row] == prompts[batch[-1]]]
        assert len(batch) - len(last) < 2 * together
        for prompt in {prompts[row] for row in batch}:
            rows = [row for row in batch.tolist() if prompts[row] == prompt]
            assert rows == sorted(rows)
