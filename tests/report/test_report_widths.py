import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.report.widths import centered, clipped, columns, left, wrapped


@pytest.mark.parametrize(
    ("text", "wide"), [("ab", 2), ("日本", 4), ("ｆ", 2), ("e\u0301", 1), ("한", 2), ("⇄", 1), ("🙂", 2)]
)
def test_columns_are_what_a_terminal_gives(text: str, wide: int) -> None:
    assert columns(text) == wide


def test_texts_are_cut_and_filled_by_columns() -> None:
    assert [clipped("日本語の", width) for width in (8, 7, 6, 5)] == ["日本語の", "日本語…", "日本…", "日本…"]
    assert [left("日", 4), centered("日", 5), left("abc", 2)] == ["日  ", " 日  ", "abc"]


def test_words_that_are_too_long_are_cut_between_characters() -> None:
    assert wrapped("slice 日本語の文章 is", 12, " ", "   ") == [" slice", "   日本語の", "   文章 is"]
    assert wrapped("plain words here", 12, "", "  ") == ["plain words", "  here"]


@given(st.text("ab日本 ", max_size=60), st.integers(8, 20))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, "  ", "    ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
