import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.report.text import INVISIBLE, alike, cut, marked, visible, word_difference

PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Lo"]), max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["found", "differs"])), max_size=4)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a[NUL]b"),
        ("\x00\x00\x00", "[NUL×3]"),
        ("\u202eabc", "[U+202E]abc"),
        ("\x7f", "[DEL]"),
        ("tag \U000e0041", "tag [U+E0041]"),
        ("line\n\ttab", "line\n\ttab"),
        ("👩\u200d🔬 family", "👩\u200d🔬 family"),
    ],
)
def test_invisible_characters_become_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    assert not INVISIBLE.search(visible(text))
    assert not INVISIBLE.search(html.unescape(marked(text)))


@given(PLAIN, SPANS)
def test_marking_loses_no_character(text: str, spans: list[tuple[int, int, str]]) -> None:
    spans = [(min(a, b), max(a, b), "found") for a, b, _ in spans]
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", str(marked(text, spans)))) == text


def test_markup_in_a_text_stays_text() -> None:
    assert marked("<b>&", [(0, 3, "found")]) == '<mark class="found">&lt;b&gt;</mark>&amp;'


def test_overlapping_spans_share_their_middle() -> None:
    shown = marked("abcd", [(0, 3, "found"), (2, 4, "differs")])
    assert shown == '<mark class="found">ab</mark><mark class="differs found">c</mark><mark class="differs">d</mark>'


def test_a_space_that_differs_is_drawn() -> None:
    assert marked("a  b", [(1, 3, "differs")]) == 'a<mark class="differs">··</mark>b'


def test_a_million_controls_stay_small() -> None:
    assert len(marked("\x00\x01" * 5000)) < 60_000


@given(st.text(max_size=300), st.integers(1, 100), st.none() | st.integers(0, 300))
def test_a_cut_accounts_for_every_character(text: str, limit: int, focus: int | None) -> None:
    part = cut(text, limit, focus)
    assert part.before + len(part.text) + part.after == len(text)
    assert text[part.before : part.before + len(part.text)] == part.text
    assert len(part.text) <= limit


def test_a_cut_moves_to_what_was_found() -> None:
    text = "x" * 5000 + "needle" + "y" * 5000
    part = cut(text, 300, text.index("needle"))
    assert "needle" in part.text
    assert part.before == 4900


def test_words_that_differ() -> None:
    left, right = word_difference("Take the red one.", "Take the blue one.")
    assert left == [(9, 12, "differs")]
    assert right == [(9, 13, "differs")]
    assert word_difference("same", "same") == ([], [])


def test_only_texts_alike_are_compared() -> None:
    assert alike("Take the red one.", "Take the blue one.")
    assert not alike("Take the red one.", "Nothing in common here, is there?")
    assert not alike("", "")
