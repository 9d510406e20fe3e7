"""The letter-by-letter similarity of short texts against the textbook's longest common subsequence."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefq.neighbors.letters import letter_similarities
from prefq.neighbors.normalize import pack

LETTERS = st.text("ab c", max_size=70)


def share(one: str, other: str) -> float:
    packed, rows = pack(pl.Series([one, other])), (np.array([0]), np.array([1]))
    return float(letter_similarities(packed.data, packed.starts, *rows)[0])


def longest(one: str, other: str) -> int:
    """The length of the longest common subsequence, by the table of the textbook."""
    last = [0] * (len(other) + 1)
    for letter in one:
        row = [0]
        for j, b in enumerate(other):
            row.append(last[j] + 1 if letter == b else max(last[j + 1], row[j]))
        last = row
    return last[-1]


@given(LETTERS, LETTERS, st.integers(1, 3))
@settings(deadline=None)  # compiles first
def test_the_share_of_letters_in_one_order(one: str, other: str, times: int) -> None:
    one, other = one * times, other * times
    common = longest(one, other)
    assert share(one, other) == pytest.approx(common / max(len(one) + len(other) - common, 1))
    assert share(other, one) == share(one, other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("why are frogs so ugly", "why are frosg so ugly", 20 / 22),
        ("same", "same", 1.0),
        ("x" * 256, "x" * 256, 1.0),
        ("longer than compared" * 13, "longer than compared" * 13, 0.0),
        ("почему лягушки зелёные", "почему лягушки зелёные", 0.0),
        ("", "", 0.0),
    ],
)
def test_short_texts_in_latin_letters_only(one: str, other: str, expected: float) -> None:
    assert share(one, other) == pytest.approx(expected)
