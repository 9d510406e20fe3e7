"""Overlaps with benchmarks: exact, near and by shared runs of words; contrasts and short prompts handled knowingly."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq import schema
from prefq.overlap import Meanings, find_overlaps

LAKE = (
    "Describe how a lake freezes over from the shore to the middle, why the ice swims on top of the water, and what "
    "the fish below it do all winter."
)
WRAPPER = "Read the text below with great care and then answer the question that follows it in one sentence: "


def pairs(*prompts: str | list[dict[str, str]] | None) -> pl.DataFrame:
    rows = [
        {"row_id": f"d:{i}", "prompt": [{"role": "user", "content": p}] if isinstance(p, str) else p}
        for i, p in enumerate(prompts)
    ]
    frame = pl.DataFrame(rows, schema={"row_id": pl.String, "prompt": schema.MESSAGES})
    return frame.with_columns(chosen=pl.lit("Yes."), rejected=pl.lit("No."))


def benchmarks(*texts: str) -> pl.DataFrame:
    rows = [("bench", str(i), text) for i, text in enumerate(texts)]
    return pl.DataFrame(
        rows, schema={"benchmark": pl.String, "benchmark_id": pl.String, "text": pl.String}, orient="row"
    )


def kinds(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    return found.select("row_id", "benchmark_id", "kind").rows()


def test_equal_but_for_form_is_exact() -> None:
    found = find_overlaps(pairs(LAKE.upper().replace(",", " -")), benchmarks("another one", LAKE))
    assert found.schema == schema.OVERLAPS
    assert found.drop("evidence").rows() == [("d:0", "bench", "1", "exact", 1.0)]
    evidence = json.loads(found["evidence"][0])
    assert evidence["benchmark_text"] == LAKE[:200]
    assert evidence["ngram"] == "describe how a lake freezes over from the shore to the middle why"


def test_prompts_shorter_than_a_run_of_words_are_compared_whole() -> None:
    found = find_overlaps(pairs("Name a lake.", "Name a sea.", "name  a LAKE"), benchmarks("name a lake"))
    assert kinds(found) == [("d:0", "0", "exact"), ("d:2", "0", "exact")]
    told = {"side": "prompt", "sides": ["prompt"], "ngram": None, "benchmark_part": "prompt"}
    assert json.loads(found["evidence"][0]) == {**told, "benchmark_coverage": None, "benchmark_text": "name a lake"}


def test_a_few_typos_are_near() -> None:
    found = find_overlaps(pairs(LAKE.replace("shore", "shoer").replace("winter", "witner")), benchmarks(LAKE))
    assert kinds(found) == [("d:0", "0", "near")]
    assert 0.8 <= found["coverage"][0] < 1


def test_courtesies_around_it_and_a_typo_are_near() -> None:
    tested = "Tell me more about how ice forms on a lake. I know almost nothing about it."
    found = find_overlaps(pairs(f"Hello, please help me. {tested.replace('forms', 'fomrs')}"), benchmarks(tested))
    assert kinds(found) == [("d:0", "0", "near")]


@pytest.mark.parametrize("change", [("fish", "seals"), ("freezes", "does not freeze")])
def test_a_contrast_is_not_near(change: tuple[str, str]) -> None:
    found = find_overlaps(pairs(LAKE.replace(*change)), benchmarks(LAKE))
    assert kinds(found) == [("d:0", "0", "ngram")]


def test_a_shared_run_of_words_is_told_with_its_coverage() -> None:
    prompt = (
        "Please help me with my homework, which is this one: " + LAKE[:95] + " Then translate what you wrote to Greek."
    )
    found = find_overlaps(pairs(prompt), benchmarks("no", LAKE))
    assert kinds(found) == [("d:0", "1", "ngram")]
    words = len(prompt.replace(":", "").split())
    shared = len(LAKE[:95].split()) - 1
    assert found["coverage"][0] == pytest.approx((shared - 13 + 1) / (words - 13 + 1), abs=0.04)
    assert (
        json.loads(found["evidence"][0])["ngram"] == "describe how a lake freezes over from the shore to the middle why"
    )


def test_the_whole_benchmark_prompt_inside_a_wrapper_covers_much() -> None:
    found = find_overlaps(pairs(f"Hi! {LAKE} Thanks!"), benchmarks(LAKE))
    assert kinds(found) == [("d:0", "0", "near")]


ANIMALS = [f"{a}{b}" for a in ("red", "old", "shy", "big") for b in ("fox", "owl", "bee", "elk", "cod")]
TOWNS = WRAPPER + "which of these towns has the oldest bridge and the widest market square"


def sleeping(animal: str) -> str:
    return f"{WRAPPER} where does the {animal} sleep when snow lies on the ground and the nights are long"


def test_a_wrapper_that_many_benchmark_prompts_share_is_boilerplate() -> None:
    tests = benchmarks(*map(sleeping, ANIMALS))
    assert find_overlaps(pairs(TOWNS), tests).height == 0
    assert find_overlaps(pairs(TOWNS), tests, common=len(ANIMALS)).height == len(ANIMALS)


def test_boilerplate_is_left_out_of_the_coverage() -> None:
    towns = [f"{WRAPPER} how old is the bridge of {animal}" for animal in ANIMALS]
    tested = LAKE.split(",", maxsplit=1)[0] + " and to the other shore"
    found = find_overlaps(pairs(WRAPPER + tested), benchmarks(*towns, WRAPPER + tested + " if it does"))
    assert kinds(found) == [("d:0", "20", "near")]
    assert found["coverage"][0] == 1.0


def test_what_many_prompts_of_the_data_begin_with_is_boilerplate() -> None:
    mine = pairs(*map(sleeping, ANIMALS[:5]))
    assert find_overlaps(mine, benchmarks(TOWNS)).height == 5
    assert find_overlaps(pairs(*map(sleeping, ANIMALS[:6])), benchmarks(TOWNS)).height == 0


def test_a_benchmark_prompt_that_stands_whole_in_many_prompts_counts() -> None:
    mine = pairs(*(f"Hello {animal}! {LAKE} And what about a river with many bends?" for animal in ANIMALS))
    found = find_overlaps(mine, benchmarks(LAKE))
    assert found.height == len(ANIMALS)
    assert json.loads(found["evidence"][0])["benchmark_coverage"] == 1.0


def test_a_row_of_equal_words_is_no_evidence() -> None:
    rows = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
    assert find_overlaps(pairs(f"Add these up: {rows}"), benchmarks(f"How many zeros are here? {rows}")).height == 0


def answered(*answers: tuple[str, str, str]) -> pl.DataFrame:
    asked, chosen, rejected = zip(*answers, strict=True)
    return pairs(*asked).with_columns(chosen=pl.Series(chosen), rejected=pl.Series(rejected))


def test_answers_are_looked_up_and_the_side_is_told() -> None:
    mine = answered(
        ("What shall I ask?", f"You could ask this: {LAKE}", "Anything."),
        ("Say it again.", "No.", LAKE.upper()),
        (LAKE, "It freezes.", f"You asked: {LAKE}"),
        ("Which lake?", "name a lake", "That one."),
    )
    found = find_overlaps(mine, benchmarks(LAKE, "Name a lake."))
    assert kinds(found) == [("d:0", "0", "near"), ("d:1", "0", "exact"), ("d:2", "0", "exact")]
    told = [json.loads(evidence) for evidence in found["evidence"]]
    assert [one["side"] for one in told] == ["chosen", "rejected", "prompt"]
    assert [one["sides"] for one in told] == [["chosen"], ["rejected"], ["prompt", "rejected"]]
    only = find_overlaps(mine, benchmarks(LAKE), answers=False)
    assert kinds(only) == [("d:2", "0", "exact")]


def test_an_answer_to_many_prompts_is_boilerplate() -> None:
    canned = "I am sorry, but " + LAKE[:95]
    mine = answered(*((f"Tell me of the {animal}", canned, "No.") for animal in ANIMALS))
    assert find_overlaps(mine.head(5), benchmarks(LAKE)).height == 5
    assert find_overlaps(mine, benchmarks(LAKE)).height == 0


REPLY = "Water is heaviest at four degrees, so the colder water stays on top and the ice grows downwards from there."


def replies(*texts: str) -> pl.DataFrame:
    return benchmarks(*texts).with_columns(benchmark_id=pl.lit("r") + pl.col("benchmark_id"))


def test_answers_are_compared_with_the_benchmarks_answers() -> None:
    mine = answered(
        ("Why does it float?", REPLY.upper(), "No."),
        ("And why not?", "No.", f"Nobody knows, but they say so: {REPLY[:75]} Who would have thought so?"),
        ("Capital of France?", "Paris.", "Rome."),
        (REPLY, "Yes.", "No."),
    )
    found = find_overlaps(mine, benchmarks("Name a sea."), replies=replies(REPLY, "Paris."))
    assert kinds(found) == [("d:0", "r0", "exact"), ("d:1", "r0", "ngram")]
    told = [json.loads(evidence) for evidence in found["evidence"]]
    assert [(one["side"], one["benchmark_part"]) for one in told] == [("chosen", "answer"), ("rejected", "answer")]
    assert told[1]["ngram"] == "water is heaviest at four degrees so the colder water stays on top"
    assert told[1]["benchmark_text"] == REPLY
    assert find_overlaps(mine, benchmarks("Name a sea."), replies=replies(REPLY), answers=False).is_empty()


def test_an_item_whose_prompt_and_answer_both_overlap_is_named_once_by_its_prompt() -> None:
    mine = answered((LAKE, REPLY, "No."))
    found = find_overlaps(mine, benchmarks(LAKE), replies=benchmarks(REPLY))
    assert kinds(found) == [("d:0", "0", "exact")]
    told = json.loads(found["evidence"][0])
    assert (told["side"], told["sides"], told["benchmark_part"]) == ("prompt", ["prompt", "chosen"], "prompt")


def test_a_stock_answer_is_boilerplate_even_when_it_is_the_whole_answer() -> None:
    refusal = "I am sorry, but I cannot help with that, for it may do harm to you or to others around you."
    mine = answered(*((f"Tell me of the {animal}", refusal, "No.") for animal in ANIMALS))
    tests = benchmarks("Name a sea.")
    assert find_overlaps(mine.head(5), tests, replies=replies(refusal)).height == 5
    assert find_overlaps(mine, tests, replies=replies(refusal)).is_empty()
    asked = pl.concat([benchmarks(refusal).with_columns(benchmark_id=pl.lit(animal)) for animal in ANIMALS])
    assert find_overlaps(mine.head(1), tests, replies=asked.head(5)).height == 5
    assert find_overlaps(mine.head(1), tests, replies=asked).is_empty()


def test_many_answers_of_one_benchmark_item_are_not_boilerplate() -> None:
    many = replies(*(f"{REPLY} So says {animal}." for animal in ANIMALS)).with_columns(benchmark_id=pl.lit("one"))
    found = find_overlaps(answered(("Why?", REPLY, "No.")), benchmarks("Name a sea."), replies=many)
    assert kinds(found) == [("d:0", "one", "near")]


FISH = ("How do fish survive the winter?", "In what way do fish outlive the cold season?")
ASKED = (*FISH, "Name 3 seas.", "Name 4 seas.")


def meanings(similarity: float = 0.9) -> Meanings:
    vectors = [[1, 0, 0], [0.96, 0.28, 0], [0, 1, 0], [0, 1, 0]]
    return Meanings(pl.Series(ASKED), np.array(vectors, np.float32), similarity)


def test_prompts_that_mean_the_same_are_semantic_and_contrasts_are_not() -> None:
    found = find_overlaps(pairs(ASKED[1], ASKED[3], "Unknown"), benchmarks(ASKED[0], ASKED[2]), meanings=meanings())
    assert kinds(found) == [("d:0", "0", "semantic")]
    assert found["coverage"].to_list() == [pytest.approx(0.96)]
    assert json.loads(found["evidence"][0])["benchmark_text"] == ASKED[0]
    assert find_overlaps(pairs(ASKED[1]), benchmarks(ASKED[0]), meanings=meanings(0.97)).is_empty()
    assert find_overlaps(pairs(ASKED[1]), benchmarks(ASKED[0])).is_empty()


def test_what_is_exact_stays_exact_whatever_it_means() -> None:
    found = find_overlaps(pairs(ASKED[0]), benchmarks(ASKED[0]), meanings=meanings())
    assert found.drop("evidence").rows() == [("d:0", "bench", "0", "exact", 1.0)]


def test_the_length_of_runs_is_a_setting() -> None:
    prompt, tested = "we saw a lake in the north of the land", "is there a lake in the north of it"
    assert find_overlaps(pairs(prompt), benchmarks(tested)).height == 0
    found = find_overlaps(pairs(prompt), benchmarks(tested), n=6)
    assert json.loads(found["evidence"][0])["ngram"] == "a lake in the north of"
    assert found["coverage"][0] == pytest.approx(1 / 5)


def test_chinese_runs_count_characters() -> None:
    text = "请详细说明湖泊在冬天是怎样从岸边开始结冰的并且说明鱼在冰下如何过冬"
    found = find_overlaps(pairs(f"我有一个关于自然现象的问题想问问老师们可以吗{text[:20]}"), benchmarks(text))
    assert kinds(found) == [("d:0", "0", "ngram")]
    assert json.loads(found["evidence"][0])["ngram"] == text[:13]


def test_the_first_user_message_counts() -> None:
    system, user = {"role": "system", "content": "Be kind."}, {"role": "user", "content": LAKE}
    later = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}, user]
    assert kinds(find_overlaps(pairs([system, user], later, [system], []), benchmarks(LAKE))) == [("d:0", "0", "exact")]


def test_every_row_with_the_prompt_and_every_benchmark_id_is_named_once() -> None:
    tests = benchmarks(LAKE, LAKE.lower()).vstack(
        pl.DataFrame([("other", "0", LAKE)], schema=benchmarks().schema, orient="row")
    )
    found = find_overlaps(pairs(LAKE, "x", LAKE), tests)
    expected = [(row, b, i) for row in ("d:0", "d:2") for b, i in (("bench", "0"), ("bench", "1"), ("other", "0"))]
    assert found.select("row_id", "benchmark", "benchmark_id").rows() == expected
    assert set(found["kind"]) == {"exact"}


def test_nothing_to_compare_is_an_empty_table() -> None:
    for mine, tests in (
        (pairs(), benchmarks(LAKE)),
        (pairs(LAKE), benchmarks()),
        (pairs("", "?"), benchmarks("", "!")),
    ):
        found = find_overlaps(mine, tests)
        assert found.height == 0 and found.schema == schema.OVERLAPS


def test_the_order_of_benchmarks_does_not_matter() -> None:
    mine = pairs(LAKE, LAKE.replace("winter", "day"), f"{WRAPPER} {LAKE}", "Name a lake")
    tests = benchmarks(LAKE, "name a lake", WRAPPER + "who was it", LAKE.replace("shore", "coast"))
    assert find_overlaps(mine, tests).equals(find_overlaps(mine, tests.reverse()))
