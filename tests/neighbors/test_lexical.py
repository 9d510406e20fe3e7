"""The exact similarity agrees with sets in Python, and the candidate search finds what is near."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.neighbors.lexical import ALL_PAIRS, Candidates, candidates, overlap, sketches
from prefq.neighbors.normalize import Ints, normalized

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def jaccard(one: str, other: str) -> float:
    """Over 5-letter windows of ASCII normal forms."""
    a, b = ({t[i : i + 5] for i in range(len(t) - 4)} for t in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0


def pairs_of(*pairs: tuple[int, int]) -> Candidates:
    return Candidates(np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))


@given(st.lists(st.text("ab ", max_size=30), min_size=2, max_size=6))
def test_similarity_is_the_jaccard_of_shingle_sets(texts: list[str]) -> None:
    forms = normalized(pl.Series(texts))
    every = pairs_of(*((i, j) for i in range(len(texts)) for j in range(i + 1, len(texts))))
    expected = [jaccard(forms.text(i), forms.text(j)) for i, j in zip(every.left, every.right, strict=True)]
    assert overlap(forms, every, 7).similarity.tolist() == pytest.approx(expected)


def test_chinese_shingles_are_three_characters() -> None:
    forms = normalized(pl.Series(["今天天气很好", "今天天气很坏", "今天", "天气abc", "天气abd"]))
    found = overlap(forms, pairs_of((0, 1), (0, 2), (3, 4)), 7)
    assert found.similarity.tolist() == pytest.approx([3 / 5, 0, 1 / 3])
    assert sketches(forms, 7).shingles.tolist() == [4, 4, 0, 2, 2]


def test_a_foreign_letter_elsewhere_leaves_ascii_shingles_alone() -> None:
    forms = normalized(pl.Series(["the plain beginning", "the plain beginning é"]))
    assert overlap(forms, pairs_of((0, 1)), 7).contained.tolist() == [1.0]


def variants(texts: int, seed: int) -> list[str]:
    """Texts and, right after each, one with every tenth word turned around."""
    draw, out = random.Random(seed), []
    for _ in range(texts):
        words = ["".join(draw.choices(LETTERS, k=6)) for _ in range(40)]
        out += [" ".join(words), " ".join(w[::-1] if i % 10 == 9 else w for i, w in enumerate(words))]
    return out


def none(n: int) -> Ints:
    return np.zeros(n, np.int64)


def test_the_banded_search_finds_planted_variants() -> None:
    texts = variants(400, 1)
    assert len(texts) > ALL_PAIRS
    forms = normalized(pl.Series(texts))
    found = candidates(sketches(forms, 7), np.arange(len(texts)), none(len(texts)), rows=4)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    missed = [i for i in range(0, len(texts), 2) if (i, i + 1) not in pairs]
    similar = [i for i in missed if jaccard(forms.text(i), forms.text(i + 1)) >= 0.6]
    assert len(similar) <= 0.02 * len(texts) / 2
    assert len(pairs) < 5 * len(texts)


def test_only_texts_under_one_salt_or_across_the_border_meet() -> None:
    texts = variants(400, 2)
    sketch, rows = sketches(normalized(pl.Series(texts)), 7), np.arange(len(texts))
    apart = candidates(sketch, rows, rows % 2, rows=4)
    assert ((apart.left % 2) == (apart.right % 2)).all()
    across = candidates(sketch, rows, none(rows.size), rows=4, across=301)
    assert (300, 301) in set(zip(across.left.tolist(), across.right.tolist(), strict=True))
    assert (across.left < 301).all() and (across.right >= 301).all()


def test_texts_too_short_for_a_shingle_are_no_candidates() -> None:
    forms = normalized(pl.Series(["", "ab", "abcd", "abcd", "天气"]))
    assert candidates(sketches(forms, 7), np.arange(5), none(5), rows=4).left.size == 0
