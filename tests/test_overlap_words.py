"""Words of texts: those of their normal forms, read without making these; scripts without spaces are cut smaller."""

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prefq.neighbors.kernels import mix
from prefq.neighbors.normalize import normalized
from prefq.overlap import find_overlaps
from prefq.overlap.kernels import found_runs, run_table, text_runs
from prefq.overlap.reading import Readable
from prefq.overlap.words import grown, run_bounds, text_words, word_bounds, word_table


def words(text: str) -> list[str]:
    """The words of the normal form."""
    forms = normalized(pl.Series([text]))
    bounds = np.empty((forms.data.size + 2, 2), np.int64)
    many = word_bounds(forms.data, 0, forms.data.size, word_table(), bounds)
    return [bytes(forms.data[begin:end]).decode() for begin, end in bounds[:many].tolist()]


def read(*texts: str) -> list[list[int]]:
    """The hashes of the words of each text, as read."""
    data, apart, starts, tables = Readable.of(pl.Series(texts)).parts
    out = []
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        hashes = np.empty(end - begin + 2, np.uint64)
        many = text_words(data, apart, begin, end - 1, tables, hashes)
        out.append(hashes[:many].tolist())
    return out


def hashed(word: str) -> int:
    value = np.uint64(0)
    for byte in word.encode():
        value = np.uint64(grown(value, byte))
    return int(mix(value))


CHARACTERS = st.sampled_from([*"aZ9 .,'-+*/#$()\n\t\\éÉ’“…①中かア一ㄅ한กเา่กิะ๐ສະကျွန်ខ្ញុំ\u200b\u200d😀𠀀İﬁ½²"])


@given(st.lists(st.text(CHARACTERS, max_size=30), min_size=1, max_size=4))
@example(["2 + 2", "2 +2", "x + 2", "$ 5", "5 $ 5", "2 - 1", "-5", "- 5", "3.5", "3. 5", "C# #1"])
@example(["a中b", "中 a", "1中 + 1", "中'a", "don't 'tis l'é", "เ a", "ก 1 + 1", "ก่1", "1 กา +1"])
@settings(max_examples=400, deadline=None)
def test_words_are_those_of_the_normal_form(texts: list[str]) -> None:
    forms = normalized(pl.Series(texts))
    marks = [not hashes for hashes in read(*texts)]
    expected = [[] if mark else [hashed(w) for w in words(text)] for text, mark in zip(texts, marks, strict=True)]
    assert read(*texts) == expected
    assert [forms.text(i) for i, mark in enumerate(marks) if mark and texts[i].strip() != forms.text(i)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World 3.5 don't", "hello|world|3.5|dont"),
        ("请问2023年 AI湖水", "请|问|2023|年|ai|湖|水"),
        ("カタひら", "カ|タ|ひ|ら"),
        ("𠀀𠀁a", "𠀀|𠀁|a"),
        ("한국어 문장", "한국어|문장"),
        ("ประเทศไทยมี AIของ", "ป|ระ|เท|ศ|ไท|ย|มี|ai|ข|อ|ง"),
        ("ปี ๒๕๖๗", "ปี|๒๕๖๗"),
        ("ສະບາຍດີ", "ສະ|ບາ|ຍ|ດີ"),
        ("ខ្ញុំអាច", "ខ្ញុំ|អា|ច"),
        ("ကျွန်တော်", "ကျွ|န်|တော်"),
        ("नमस्ते दुनिया", "नमस्ते|दुनिया"),
        ("مرحبا بالعالم", "مرحبا|بالعالم"),
        ("👩‍👩‍👧 ok", "👩👩👧|ok"),
    ],
)
def test_scripts_without_spaces_are_cut_smaller(text: str, expected: str) -> None:
    assert words(text) == expected.split("|")


def test_thai_texts_that_share_a_passage_overlap() -> None:
    passage = "การเปลี่ยนแปลงสภาพภูมิอากาศส่งผลกระทบต่อการเกษตรในภาคตะวันออกเฉียงเหนือ"
    prompt = f"ช่วยสรุปย่อหน้าต่อไปนี้ให้สั้นที่สุดเท่าที่จะทำได้{passage}และแปลเป็นภาษาอังกฤษ"
    turn = pl.struct(role=pl.lit("user"), content=pl.col("text"))
    rows = pl.DataFrame({"row_id": ["d:0"], "text": [prompt], "chosen": ["ก"], "rejected": ["ข"]})
    tested = pl.DataFrame({"benchmark": ["b"], "benchmark_id": ["0"], "text": [f"จงอธิบายว่า{passage}อย่างไร"]})
    found = find_overlaps(rows.with_columns(prompt=pl.concat_list(turn)), tested)
    assert found.select("row_id", "kind").rows() == [("d:0", "ngram")]
    assert passage.startswith("".join(words(passage)[:13])) and "".join(words(passage)[:13]) in found["evidence"][0]


def test_runs_are_found_where_they_stand() -> None:
    texts = pl.Series(["zero one two three four five", "three", "x one TWO, three four", "one two three"])
    _, counts, runs, stands = text_runs(*Readable.of(texts[3:]).parts, 3)
    assert (counts.tolist(), stands.tolist()) == ([3], [0])
    keys, places, bits, *_ = run_table(runs, stands)
    wholes, counts, found = found_runs(*Readable.of(texts).parts, 3, (keys, places, bits))
    assert counts.tolist() == [6, 1, 5, 3]
    assert found.tolist() == [[0, 0, 1], [2, 0, 1], [3, 0, 0]]
    assert len(set(wholes.tolist())) == 4
    forms = normalized(texts)
    bounds = run_bounds(forms.data, forms.starts, word_table(), np.array([1, 0, 1, 0]), 3)
    told = [bytes(forms.data[begin:end]).decode() for begin, end in bounds.tolist()]
    assert told == ["one two three", "", "one two three", "one two three"]


def test_reading_leaves_the_texts_as_they_are() -> None:
    texts = pl.Series(["\ufb01sh", "É", "plain"])
    Readable.of(texts)
    assert texts.to_list() == ["\ufb01sh", "É", "plain"]
