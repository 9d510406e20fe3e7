import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.report.numbers import count, decimal, interval, plural, ratio, share, size


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 100_000, "< 0.1 %"),
        (99_999, 100_000, "> 99.9 %"),
        (1, 3, "33.3 %"),
        (1, 1000, "0.1 %"),
        (0, 0, "–"),
    ],
)
def test_shares_are_whole_only_when_exactly_that(part: int, whole: int, text: str) -> None:
    assert share(part, whole).replace("\u00a0", " ") == text


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_no_share_reads_as_none_or_all_without_being_it(part: int, whole: int) -> None:
    part = min(part, whole)
    text = share(part, whole)
    assert (text == "0\u00a0%") == (part == 0)
    assert (text == "100\u00a0%") == (part == whole)
    assert text not in ("0.0\u00a0%", "100.0\u00a0%")


def test_what_is_not_decided_is_no_zero() -> None:
    assert ratio(None) == ratio(float("nan")) == decimal(None) == "not decided"


def test_counts_sizes_and_intervals() -> None:
    assert count(1234567) == "1,234,567"
    assert plural(1, "pair") == "1\u00a0pair"
    assert plural(2, "pair") == "2\u00a0pairs"
    assert size(742_801) == "742.8\u00a0kB"
    assert size(12) == "12\u00a0bytes"
    assert interval((0.077, 0.1)) == "7.7–10.0\u00a0%"
    assert interval((0.0004, 0.0021)) == "0.04–0.21\u00a0%"
    assert interval(None) == "–"
    assert decimal(0.12345) == "0.123"
    assert decimal(3.0) == "3"
