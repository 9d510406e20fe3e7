"""Choices are the same everywhere, and templates are filled as they are written."""

from hypothesis import given
from hypothesis import strategies as st

from prefq.synthetic.bank.read import Entry, cells, entries, lines, records
from prefq.synthetic.draw import Draw, template_parts
from prefq.synthetic.voices import VOICES, Speaker


def test_a_seed_always_draws_the_same() -> None:
    draw = Draw(7, "block", 0)
    assert [draw.below(100) for _ in range(5)] == [95, 27, 56, 82, 62]
    assert Draw(7, "x").shuffled("abcdef") == ["e", "b", "c", "a", "f", "d"]


def test_parts_of_a_seed_are_kept_apart() -> None:
    assert Draw(1, 23).below(10**9) != Draw(12, 3).below(10**9)


@given(st.lists(st.integers()), st.integers())
def test_shuffled_loses_nothing(items: list[int], seed: int) -> None:
    assert sorted(Draw(seed).shuffled(items)) == sorted(items)


@given(st.integers(), st.integers(-50, 50), st.integers(0, 100))
def test_between_stays_within(seed: int, low: int, width: int) -> None:
    assert low <= Draw(seed).between(low, low + width) <= low + width


def test_template_parts_keep_literals_and_slots() -> None:
    assert template_parts("Why {}, {name}?") == (("Why ", "about"), (", ", "name"), ("?", ""))


def test_one_slot_has_one_value_and_a_second_on_request() -> None:
    speaker = Speaker(Draw(3), VOICES["en"], {"name": "Greta", "name2": "Otto"})
    assert speaker.say("{name}, {name2}, {name}") == "Greta, Otto, Greta"
    assert speaker.say("{day}") == speaker.say("{day}")


def test_banks_are_read_as_written() -> None:
    assert entries("\n= why a\nIt is.\n! It is not.\n= b\nYes.\n") == (
        Entry("why a", ("It is.",), ("It is not.",)),
        Entry("b", ("Yes.",), ()),
    )
    assert lines("\n  a\n\n  b c\n") == ("a", "b c")
    assert cells(" a | b \n c|d ") == (("a", "b"), ("c", "d"))
    assert records("\n= a\nb\n= c\nd\n") == (("a", "b"), ("c", "d"))
