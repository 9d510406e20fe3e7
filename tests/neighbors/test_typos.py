"""What is skipped in the comparison of words could not have made them one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.neighbors.contrast import vocabulary
from prefq.neighbors.normalize import character_table
from prefq.neighbors.typos import (
    CLEAN,
    NOISY,
    SCRAMBLED,
    edits,
    far_apart,
    letters,
    match_words,
    opposite,
    same_word,
    unlike,
    within,
)
from prefq.neighbors.words import text_words, words_of_all

LETTERS = "abcdeABmné中ï"
word = st.text(LETTERS, min_size=1, max_size=12)
changed = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["", *LETTERS])), max_size=3)
kinds = st.sampled_from([0, 1, 2, 4, 8, 16, 32])


def plain_distance(one: bytes, other: bytes) -> int:
    """The optimal string alignment distance, as it is defined; letters without their case."""
    a, b = (bytes(byte | 32 for byte in text) for text in (one, other))
    rows = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, rows[i - 2, j - 2] + 1)
            rows[i, j] = best
    return rows[len(a), len(b)]


def with_changes(text: str, changes: list[tuple[int, str]]) -> str:
    for place, letter in changes:
        text = text[:place] + letter + text[place + 1 :]
    return text or "a"


def placed(*words: bytes, bits: tuple[int, ...] = (0, 0)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bytes, where the words are, and their letters."""
    data = np.frombuffer(b"".join(words), np.uint8).copy()
    ends = np.cumsum([len(one) for one in words])
    rows = np.array([(end - len(one), len(one), b) for end, one, b in zip(ends, words, bits, strict=True)], np.int64)
    return data, rows, letters(data, rows, np.arange(len(words)))


@given(word, word | changed)
def test_edits_are_the_alignment_distance_and_a_quick_look_never_denies_them(
    one: str, other: str | list[tuple[int, str]]
) -> None:
    a = one.encode()[:30]
    b = (other if isinstance(other, str) else with_changes(one, other)).encode()[:30]
    data, (left, right), (mine, theirs) = placed(a, b)
    distance = plain_distance(a, b)
    assert edits(data, left[0], left[1], right[0], right[1]) == distance
    for most in range(6):
        assert within(data, left, right, mine, theirs, most) == (distance <= most)
        assert not (far_apart(mine, theirs, most) and distance <= most)


@given(word, word | changed, kinds, kinds, st.sampled_from([CLEAN, NOISY, SCRAMBLED]))
def test_words_that_are_unlike_at_a_glance_are_not_one(
    one: str, other: str | list[tuple[int, str]], bits: int, other_bits: int, noise: int
) -> None:
    changed_one = other if isinstance(other, str) else with_changes(one, other)
    data, (left, right), (mine, theirs) = placed(one.encode(), changed_one.encode(), bits=(bits, other_bits))
    if unlike(data, left, right, mine, theirs, noise):
        assert same_word(data, left, right, mine, theirs, noise) == 0


@pytest.mark.parametrize(
    ("one", "other", "glance", "same"),
    [
        ("bread", "bred", False, 2),
        ("bake", "bakes", False, 1),
        ("bread", "kitchen", True, 0),
        ("bread", "brother", False, 0),
        ("x" * 31, "kitchen", False, 0),
    ],
)
def test_a_glance_and_a_look(one: str, other: str, glance: bool, same: int) -> None:
    data, (left, right), (mine, theirs) = placed(one.encode(), other.encode())
    assert unlike(data, left, right, mine, theirs, CLEAN) == glance
    assert same_word(data, left, right, mine, theirs, CLEAN) == same


def test_each_word_is_matched_once() -> None:
    data, words, _ = placed(b"bread", b"bread", b"bred", b"oven", bits=(0,) * 4)
    left, right = np.zeros(2, np.bool_), np.zeros(2, np.bool_)
    typos = match_words(data, words, np.array([0, 1]), left, words, np.array([3, 2]), right, CLEAN)
    assert (left.tolist(), right.tolist(), typos) == ([True, False], [False, True], 1)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (b"happy", b"unhappy", True),
        (b"Possible", b"impossible", True),
        (b"agree", b"disagree", True),
        (b"useful", b"useless", True),
        (b"ion", b"union", False),
        (b"happy", b"rehappy", False),
        (b"lesson", b"fullson", False),
        (b"hopeful", b"hopeful", False),
        (b"a", b"un", False),
    ],
)
def test_prefixes_and_suffixes_turn_words_around(one: bytes, other: bytes, expected: bool) -> None:
    data, (left, right), _ = placed(one, other)
    assert opposite(data, left, right) == opposite(data, right, left) == expected


@pytest.mark.parametrize(
    ("one", "other", "noise", "same"),
    [
        (b"20th", b"20wh", NOISY, 2),
        (b"20th", b"20wh", CLEAN, 0),
        (b"20th", b"21th", SCRAMBLED, 0),
        (b"20", b"20", NOISY, 0),
        (b"wreath", b"rwaeth", SCRAMBLED, 2),
        (b"wreath", b"rwbeah", NOISY, 0),
    ],
)
def test_more_is_a_typo_where_there_are_many(one: bytes, other: bytes, noise: int, same: int) -> None:
    data, (left, right), (mine, theirs) = placed(one, other)
    assert same_word(data, left, right, mine, theirs, noise) == same


@given(st.lists(st.text("ab c1.\nThe", max_size=40), min_size=1, max_size=5))
def test_words_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    data = np.frombuffer("".join(texts).encode() + b" ", np.uint8).copy()
    ends = np.cumsum([len(text) for text in texts]).astype(np.int64)
    begins = ends - np.array([len(text) for text in texts])
    starts, hashes, ranked, order, words = words_of_all(data, begins, ends, character_table(), *vocabulary())
    for t in range(len(texts)):
        own, found = text_words(data, begins[t], ends[t], character_table(), *vocabulary())
        part = slice(starts[t], starts[t + 1])
        assert hashes[part].tolist() == own.tolist()
        assert words[part].tolist() == found.tolist()
        assert ranked[part].tolist() == sorted(own.tolist()) == own[order[part]].tolist()
