"""That the benchmarks' parts are right; never how fast anything is."""

import importlib
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # bench is not installed

from bench import contamination, data, duplicates, page, scaling
from bench.__main__ import QUESTIONS
from bench.measure import Cost, FailedError, call, last_line, prefq

STORY = (
    "Early in the morning the baker, who had slept badly, lit the oven and wondered whether anybody "
    "would buy bread on a day as wet as this one was going to be."
)
LETTER = "Dear neighbour, your dog has again eaten the flowers in front of our house; please keep it in your garden."


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_has_an_answer_and_loads_no_peer(name: str) -> None:
    module = importlib.import_module(f"bench.{name}")
    assert callable(module.answer)
    assert "datasketch" not in sys.modules


def test_numbers_are_shown_with_three_digits_or_so() -> None:
    assert [page.shown(v) for v in (0.123, 12.34, 1234.5, 20000, None, "a")] == [
        "0.12",
        "12.3",
        "1,234",
        "20,000",
        "–",
        "a",
    ]


def test_a_table_is_markdown() -> None:
    assert page.table(("stage", "s"), [("flag", 1.5)]) == "| stage | s |\n| :-- | --: |\n| flag | 1.50 |"


def test_a_section_fills_prose_and_leaves_tables() -> None:
    made = page.section("Why?", "word " * 40, "| " + "x" * 130 + " |")
    assert made.startswith("## Why?\n\nword word")
    assert [len(line) > 120 for line in made.splitlines()] == [False, False, False, False, False, True]


def test_costs_add_up_and_the_larger_peak_stands() -> None:
    assert Cost(1, 2, 30) + Cost(4, 8, 20) == Cost(5, 10, 30)


def test_a_call_gives_its_result_and_what_it_cost() -> None:
    result, cost = call(lambda: sum(range(10)), times=3)
    assert result == 45
    assert cost.wall >= 0
    assert cost.cpu >= 0


def test_a_command_is_measured_in_its_own_process() -> None:
    cost = prefq("--version")
    assert cost.cpu > 0
    assert cost.peak > 1


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"flag --workdir: prefq: .*pairs\.parquet is not there"):
        prefq("flag", "--workdir", tmp_path)


def test_the_last_line_that_says_something() -> None:
    assert last_line("one\ntwo\n\n") == "two"
    assert last_line("") == "no message"


def test_what_a_thousand_more_rows_cost() -> None:
    assert scaling.per_thousand((1_000, 2_000, 12_000), (1.0, 1.5, 21.5)) == [500.0, 2000.0]


def test_variants_are_seeded_and_of_distinct_originals() -> None:
    texts = [f"{number} {STORY}" for number in range(12)]
    made = data.variants(texts, 3)
    assert list(made) == ["other form", "typos", "cut", "framed"]
    assert made == data.variants(texts, 3)
    assert len({at for changed in made.values() for at, _ in changed}) == 12
    assert all(text != texts[at] for changed in made.values() for at, text in changed)


def test_another_form_keeps_the_words() -> None:
    changed = data.other_form(STORY, random.Random(1))
    assert duplicates.bare_words(changed) == duplicates.bare_words(STORY)


def test_shingles_are_runs_of_five() -> None:
    assert duplicates.word_shingles("One two, three four FIVE six") == {
        "one two three four five",
        "two three four five six",
    }
    assert duplicates.word_shingles("One two") == {"one two"}
    assert duplicates.letter_shingles("Ab-cd e") == {"ab cd", "b cd ", " cd e"}


def test_similarity_is_the_share_of_common_shingles() -> None:
    assert duplicates.similarity("abcdef", "ABCDE") == 0.5


def test_prefq_pairs_are_those_within_clusters() -> None:
    assert duplicates.prefq_pairs([STORY, LETTER, STORY.upper(), f"{STORY} Quite."]) == {(0, 2), (0, 3), (2, 3)}


def test_both_ways_of_finding_overlap() -> None:
    run = f"She read it aloud. {' '.join(STORY.split()[3:23])} And so on."
    prompts = [LETTER, STORY.upper(), run, "How are you?"]
    benchmark = [STORY, "How are you"]
    assert contamination.script_hits(prompts, benchmark) == {1, 2}
    assert contamination.prefq_hits(prompts, benchmark) == {1, 2, 3}


def test_planted_overlaps_are_what_they_say() -> None:
    prompts = [f"{number} {LETTER}" for number in range(20)]
    planted = contamination.plant(prompts, [f"{STORY} {STORY}", "What is the time now?"], 2)
    assert {kind: len(changed) for kind, changed in planted.items()} == {
        "other form": 2, "short": 2, "20-word run": 2, "endings": 2,
    }  # fmt: skip
    assert set(planted["short"].values()) == {"WHAT IS THE TIME NOW?"}
    endings = list(planted["endings"].values())
    assert contamination.script_hits(endings, [f"{STORY} {STORY}"]) == set()
    runs = list(planted["20-word run"].values())
    assert contamination.script_hits(runs, [f"{STORY} {STORY}"]) == {0, 1}
