"""What was found out before is used, and changes nothing."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq.neighbors import Neighbors, find_neighbors, levels
from prefq.neighbors.known import Kept, Known, Likeness, digest, packed
from prefq.neighbors.lexical import Candidates
from prefq.vectors import Vectors

Make = Callable[..., pl.DataFrame]

QUESTIONS = [
    "Explain how a bicycle stays upright while it is moving, in words that a child of ten years understands.",
    "Explain how a bycicle stays upright while it's moving, in words that a child of six years understands!",
    "Please explain how a bicycle stays upright when moving, in simple words that a child of ten understands.",
    "Name three rivers of Europe and the seas into which they flow, and say which of them is the longest.",
    "怎样做一份简单的番茄炒蛋？请告诉我需要哪些材料。",
]
CONVERSATION = [{"role": "user", "content": QUESTIONS[0]}, {"role": "assistant", "content": "It steers itself."}]
PROMPTS: list[Any] = [
    *QUESTIONS,
    [*CONVERSATION, {"role": "user", "content": "And on a steep hill?"}],
    [*CONVERSATION, {"role": "user", "content": "What does a good one cost?"}],
]
ANSWERS = [
    "The Rhine, the Danube and the Volga are three long rivers; the Volga flows into the Caspian Sea and is longest.",
    "The Rhine, the Danube and the Wolga are three rivers. The Volga flows into the Caspian Sea; it is longest.",
    "The Rhine, the Danube and the Volga are 4 long rivers; the Volga flows into the Black Sea and is the longest.",
    "A moving bicycle steers itself a little: the front wheel turns to the side it falls to, and rolls back under you.",
    "A moving bike steers itself a bit; its front wheel turns to the side to which it falls and rolls back under you.",
]
MOVES = [{"lexical_similarity": one, "semantic_similarity": other} for one in (0.6, 0.8, 0.4) for other in (0.9, 0.97)]


@pytest.fixture
def pairs(make_pairs: Make) -> pl.DataFrame:
    return make_pairs([(p, a, b) for p, (a, b) in product(PROMPTS, product(ANSWERS, ANSWERS)) if a != b])


@pytest.fixture
def vectors(pairs: pl.DataFrame) -> Vectors:
    ids = pairs["prompt_id"].unique().sort()
    matrix = np.random.default_rng(2).normal([1, 1, 0, 0], 0.25, (len(ids), 4)).astype(np.float32)
    return Vectors(ids, matrix / np.linalg.norm(matrix, axis=1, keepdims=True), "test")


def tables(found: Neighbors) -> tuple[list[Any], list[Any], list[str]]:
    return found.edges.rows(), found.clusters.rows(), found.notes


@pytest.mark.parametrize("scope", ["all", "prompt"])
def test_moved_thresholds_give_the_same_with_and_without_what_is_kept(
    pairs: pl.DataFrame, vectors: Vectors, settings: dict[str, Any], scope: str
) -> None:
    kept: Kept = {}
    seen = []
    for move in [*MOVES, *MOVES]:
        wanted = settings | move | {"scope": scope}
        found = tables(find_neighbors(pairs, vectors, settings=wanted, seed=7, kept=kept))
        assert found == tables(find_neighbors(pairs, vectors, settings=wanted, seed=7))
        seen.append(len(found[0]))
    assert len(set(seen)) > 2


def test_without_vectors_the_same_is_kept_as_with_them(
    pairs: pl.DataFrame, vectors: Vectors, settings: dict[str, Any]
) -> None:
    kept: Kept = {}
    for some in (vectors, None, vectors):
        found = tables(find_neighbors(pairs, some, settings=settings, seed=7, kept=kept))
        assert found == tables(find_neighbors(pairs, some, settings=settings, seed=7))


def test_what_is_kept_is_found_out_once(
    pairs: pl.DataFrame, vectors: Vectors, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: Kept = {}
    first = tables(find_neighbors(pairs, vectors, settings=settings, seed=7, kept=kept))
    for work in ("stored", "sketches", "candidates", "near_vectors"):
        monkeypatch.delattr(levels, work)
    assert tables(find_neighbors(pairs, vectors, settings=settings, seed=7, kept=kept)) == first
    with pytest.raises(NameError):
        find_neighbors(pairs.head(5), vectors, settings=settings, seed=7, kept=kept)
    with pytest.raises(NameError):
        find_neighbors(pairs, vectors, settings=settings, seed=8, kept=kept)


def test_a_forgetful_keeper_does_no_harm(pairs: pl.DataFrame, vectors: Vectors, settings: dict[str, Any]) -> None:
    kept: Kept = {}
    expected = tables(find_neighbors(pairs, vectors, settings=settings, seed=7, kept=kept))
    for name in sorted(kept):
        less = {other: kept[other] for other in kept if other != name}
        assert tables(find_neighbors(pairs, vectors, settings=settings, seed=7, kept=less)) == expected


def test_only_unknown_pairs_are_compared() -> None:
    known, asked = Known({}, "some"), []

    def compare(some: Candidates) -> Likeness:
        asked.append(packed(some).tolist())
        share = (some.left + some.right).astype(np.float32)
        return Likeness(share, share / 2, share * 2)

    first = known.likeness(Candidates(np.array([0, 3]), np.array([2, 1])), compare)
    second = known.likeness(Candidates(np.array([1, 0, 0]), np.array([3, 1, 2])), compare)
    assert first.similarity.tolist() == [2, 4] and second.best.tolist() == [8, 2, 4]
    assert asked == [[2, (1 << 32) | 3], [1]]
    codes = known.reasons(Candidates(np.array([1, 0]), np.array([3, 2])), lambda some: some.left.astype(np.int8))
    assert codes.tolist() == [1, 0]


def test_names_tell_arrays_apart() -> None:
    one, other = np.array([1, 2]), np.array([[1, 2]])
    names = {digest(one), digest(other), digest(one.astype(np.int32)), digest(one, one), digest()}
    assert len(names) == 5 and digest(one) == digest(one.copy())
