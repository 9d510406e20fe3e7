"""Normal forms: what says the same has one, what says something else has another."""

import unicodedata

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.neighbors import normalize
from prefq.neighbors.contrast import bodies
from prefq.neighbors.normalize import Packed, character_table, composed, normalized, pack, same_form, settled_table


def form(text: str) -> str:
    return normalized(pl.Series([text])).text(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Hello,\n\n WORLD!! ", "hello world"),
        ("well-known — fact", "well known fact"),
        ("Don’t don't", "dont dont"),
        ("- one\n- two", "one two"),
        ("**Bold** `code`", "bold code"),
        ("Ｆｕｌｌ ① ﬁt", "full 1 fit"),
        ("ÉCOLE Straße ДА", "école straße да"),
        ("你好， 世界！ 今天", "你好世界今天"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("안녕 하세요", "안녕 하세요"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_form_differences_vanish(text: str, expected: str) -> None:
    assert form(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 2 + 2?", "What is 2 - 2?"),
        ("What is 6 * 3?", "What is 6 / 3?"),
        ("It costs 3.5", "It costs 35"),
        ("It was -5 outside", "It was 5 outside"),
        ("Write it in C#", "Write it in C"),
        ("Write it in C++", "Write it in C"),
        ("a < b", "a > b"),
        ("100 %", "100 $"),
        ("?", "!"),
        ("?", ""),
        ("👍", "👎"),
    ],
)
def test_marks_that_mean_something_stay(one: str, other: str) -> None:
    assert form(one) != form(other)


@pytest.mark.parametrize(("one", "other"), [("2+2", "2 + 2"), ("50 %", "50%"), ("3 - 1", "3-1")])
def test_space_beside_such_marks_does_not_count(one: str, other: str) -> None:
    assert form(one) == form(other)


@given(st.lists(st.text()))
def test_forms_belong_to_their_texts(texts: list[str]) -> None:
    safe = [t.encode("utf-8", "ignore").decode() for t in texts]
    together = normalized(pl.Series(safe, dtype=pl.String))
    assert [together.text(i) for i in range(len(together))] == [form(t) for t in safe]


@given(st.text(st.characters(codec="ascii")))
def test_ascii_forms_are_stable(text: str) -> None:
    once = form(text)
    if any(c.isalnum() for c in text):
        assert form(once) == once
        assert once == once.strip() == once.lower()


@given(st.text(st.characters(codec="utf-8")))
def test_a_form_does_not_depend_on_unicode_composition(text: str) -> None:
    if any(unicodedata.category(c)[0] in "LN" for c in unicodedata.normalize("NFKC", text)):
        assert form(unicodedata.normalize("NFD", text)) == form(unicodedata.normalize("NFC", text))


def test_same_form_names_the_first() -> None:
    texts = pl.Series(["A b", "c", "a  B!", "C.", "", " "])
    assert same_form(normalized(texts)).tolist() == [0, 1, 0, 1, 4, 4]


@given(st.lists(st.text(st.characters(codec="utf-8"))), st.data())
def test_take_gives_the_rows_asked_for(texts: list[str], data: st.DataObject) -> None:
    packed = pack(pl.Series(texts, dtype=pl.String))
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))))) if texts else []
    taken: Packed = packed.take(np.array(rows, np.int64))
    assert [taken.text(i) for i in range(len(taken))] == [texts[r] for r in rows]


def letter(char: str) -> bool:
    return (char.isascii() and char.isalpha()) or ord(char) >= 128


def digit(char: str) -> bool:
    return char.isascii() and char.isdigit()


def weighty(text: str, i: int, said: str) -> bool:
    """Whether the ASCII mark at `i` means something, given what the form says so far."""
    mark, before, after = text[i], text[i - 1 : i] or " ", text[i + 1 : i + 2] or " "
    rest = text[i + 1 :].lstrip(" ")[:1] or " "
    if mark in "+=<>$%^":
        return True
    if mark in ".,":
        return digit(before) and digit(after)
    if mark == "#":
        return letter(before)
    if mark == "-" and digit(after) and not letter(before) and not digit(before):
        return True
    return mark in "*-/" and digit(said[-1:] or " ") and digit(rest)


def unspaced(char: str) -> bool:
    return 0xE3 <= char.encode()[0] < 0xEA


def plain_form(text: str) -> str:
    """The normal form, one character after the other; every text is composed."""
    text = pl.Series([text]).str.normalize("NFKC").str.to_lowercase().item()
    said, waiting, glued = "", False, False
    for i, char in enumerate(text):
        act, mark = 1, False
        if ord(char) >= 128:
            act = int(character_table()[ord(char)]) if ord(char) < 0x10000 else 0
        elif letter(char) or digit(char):
            act = 0
        elif char == "'" and i and letter(text[i - 1]):
            act = 2
        elif weighty(text, i, said):
            act, mark = 0, True
        if act == 0:
            between = letter(char) if glued else (letter(said[-1:] or " ") or not mark)
            space = waiting and said and between and not unspaced(char) and not unspaced(said[-1])
            said, waiting, glued = said + " " * bool(space) + char, False, mark
        waiting = waiting or act == 1
    return said


MARKED = st.text(st.sampled_from("aB9 \n'+-.,#*/%!éΣ’。中ー한\u0301\u200bﬁ"), max_size=30)


@given(st.lists(MARKED | st.text(st.characters(codec="utf-8"), max_size=30)))
def test_forms_are_those_of_the_plain_rule(texts: list[str]) -> None:
    forms = normalized(pl.Series(texts, dtype=pl.String))
    expected = [plain_form(text) or plain.strip_chars().item() for text in texts for plain in [pl.Series([text]).str]]
    assert [forms.text(i) for i in range(len(forms))] == expected


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_composed_texts_are_in_nfkc_though_few_pay_for_it(texts: list[str]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    assert composed(column).equals(column.str.normalize("NFKC"))


def test_only_marks_compose_with_what_is_before_them() -> None:
    pairs = (unicodedata.decomposition(chr(point)).split() for point in range(0x110000))
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    assert {unicodedata.category(char)[0] for char in seconds} == {"M"}
    assert not settled_table()[[ord(char) for char in seconds if ord(char) < 0x10000]].any()
    assert settled_table()[[ord(char) for char in "é’ß你ー한。"]].all()
    assert not settled_table()[[ord(char) for char in "ÉΣﬁ①Ａ\u0301\u1161"]].any()


def test_forms_that_grow_and_texts_beyond_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pl.Series(["ﷺ" * 40, "", "One two", "é" * 30, "?", "three"] * 20)
    whole = normalized(texts)
    monkeypatch.setattr(normalize, "PART", 50)
    parts = normalized(texts)
    assert whole.data.tolist() == parts.data.tolist() and whole.starts.tolist() == parts.starts.tolist()
    assert whole.text(2) == "one two" and whole.text(4) == "?"
    assert whole.sizes[0] > texts.str.len_bytes()[0]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Sure! The kettle boils.", "the kettle boils"),
        ("Hello, could you please help me with this? What boils water?", "what boils water"),
        ("The kettle boils.\n\nI hope this helps! Let me know if you have any other questions.", "the kettle boils"),
        ("Of course! Here is the answer:\nThe kettle boils. Feel free to ask.", "the kettle boils"),
        ("Hello, how are you?", "hello how are you"),
        ("Sure.", "sure"),
        ("The kettle boils. It helps with dishes.", "the kettle boils it helps with dishes"),
        ("Here it is. The kettle boils.", "here it is the kettle boils"),
        ("", ""),
        ("Boil the eggs for six minutes. Hope that helps. Have a great day!", "boil the eggs for six minutes"),
        ('Its motto is "Never boil eggs." Feel free to ask if you need more!', "its motto is never boil eggs"),
        ("As an AI language model, I'm happy to help. Boil the eggs.", "boil the eggs"),
        ("Boil the eggs.\n\nIs there anything else you'd like to know?", "boil the eggs"),
        ("Boil the eggs. Very good eggs. Have a great day!", "boil the eggs very good eggs have a great day"),
    ],
)
def test_courtesies_around_a_text_are_no_part_of_it(text: str, body: str) -> None:
    assert normalized(pl.Series([text]), bodies).text(0) == body


@given(st.lists(st.text()))
def test_bodies_are_within_their_texts(texts: list[str]) -> None:
    packed = pack(pl.Series([t.encode("utf-8", "ignore").decode() for t in texts], dtype=pl.String))
    first, last = packed.starts[:-1].copy(), packed.starts[1:].copy()
    begins, ends = bodies(packed.data, first, last)
    assert (begins >= first).all() and (ends <= last).all() and (begins <= ends).all()


def test_composing_leaves_the_given_texts_alone() -> None:
    texts = pl.Series(["ｆｕｌｌ", "plain"])
    assert composed(texts).to_list() == ["full", "plain"]
    assert texts.to_list() == ["ｆｕｌｌ", "plain"]


def test_composing_leaves_its_texts_alone() -> None:
    texts = pl.Series(["ﬁne", "plain"])
    assert composed(texts).to_list() == ["fine", "plain"]
    assert texts.to_list() == ["ﬁne", "plain"]
