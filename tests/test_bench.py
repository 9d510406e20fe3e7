"""That the benchmarks' parts are right; never how fast anything is."""

import importlib
import random
import sys
from collections import Counter
from pathlib import Path
from time import process_time

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # bench is not installed

from bench import contamination, corpus, data, duplicates, page, peers, planted, quality, replicas, scaling, steps
from bench.__main__ import QUESTIONS
from bench.measure import Cost, FailedError, call, last_line, measured, prefq
from prefq.neighbors.clusters import Clustering
from prefq.neighbors.links import CONTRAST, Links

STORY = (
    "Early in the morning the baker, who had slept badly, lit the oven and wondered whether anybody "
    "would buy bread on a day as wet as this one was going to be."
)
LETTER = "Dear neighbour, your dog has again eaten the flowers in front of our house; please keep it in your garden."


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_has_an_answer_and_loads_no_peer(name: str) -> None:
    module = importlib.import_module(f"bench.{name}")
    assert callable(module.answer)
    assert not {"cleanlab", "datasketch", "rensa", "semhash", "text_dedup"} & set(sys.modules)


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
    assert Cost(1, 2, 30, 1) + Cost(4, 8, 20, 2) == Cost(5, 10, 30, 2)


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


def test_another_form_keeps_the_words() -> None:
    changed = data.other_form(STORY, random.Random(1))
    assert peers.bare_words(changed) == peers.bare_words(STORY)


def test_shingles_are_runs_of_five() -> None:
    assert peers.word_shingles("One two, three four FIVE six") == {
        "one two three four five",
        "two three four five six",
    }
    assert peers.word_shingles("One two") == {"one two"}
    assert peers.letter_shingles("Ab-cd e") == {"ab cd", "b cd ", " cd e"}


def test_pairs_become_clusters() -> None:
    labels = peers.joined(5, iter([(0, 2), (2, 4)]))
    assert (labels[:, None] == labels).tolist() == [
        [True, False, True, False, True],
        [False, True, False, False, False],
        [True, False, True, False, True],
        [False, False, False, True, False],
        [True, False, True, False, True],
    ]
    assert len(set(peers.joined(3, []).tolist())) == 3


@pytest.mark.parametrize("level", corpus.LEVELS)
def test_prefq_finds_the_same_in_another_form(level: str) -> None:
    texts = [STORY, LETTER, STORY.upper(), f"{STORY} Quite.", STORY.replace("the oven", "no oven")]
    assert quality.found(texts, level).label.tolist()[:4] == [0, 1, 0, 0]


def test_without_the_guard_nothing_near_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefq.neighbors import links

    monkeypatch.setattr(links, "_reasons", links._reasons)  # put back afterwards
    texts = [STORY, STORY.replace("would buy", "would not buy")]
    assert peers.prefq("answers", guard=True)(texts).tolist() == [0, 1]
    assert peers.prefq("answers", guard=False)(texts).tolist() == [0, 0]


def test_what_is_installed_for_a_peer_alone_or_why_not(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="pip: Invalid requirement"):
        duplicates._installed(("not a name",), tmp_path)
    (tmp_path / "there").mkdir()
    assert duplicates._installed(("there",), tmp_path) == str(tmp_path / "there")


def test_a_peer_that_did_not_run_says_so() -> None:
    line = duplicates._line("rensa", "No module named 'rensa'", Cost(1, 1))
    assert line[0] == "rensa, words, 0.8: not measured (No module named 'rensa')"
    assert set(line[1:]) == {None}
    other = duplicates.Run(Cost(1, 2), quality.Agreement(1, 1), quality.Agreement(1, 0.5))
    assert duplicates._line("rensa", other, Cost(1, 0.5))[1:3] == (2, "4.0 ×")
    assert duplicates._line("rensa", other, None)[2] is None


def test_a_search_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    truth = planted.Truth([STORY, LETTER, STORY.upper()], [0, 1, 0], [0, 1, 0], ["", "", "case"])
    runs = duplicates._runs("answers", truth, tmp_path, {"prefq": peers.PEERS["prefq"]})
    run = runs["prefq"]
    assert isinstance(run, duplicates.Run)
    assert run.agreement == run.trapped == quality.Agreement(1, 1)
    assert run.cost.peak > run.cost.added >= 0


def test_agreement_is_that_of_pairs() -> None:
    label, truth = np.array([0, 0, 0, 3, 4, 4]), np.array([0, 0, 2, 2, 4, 4])
    found = quality.Agreement.of(label, truth)
    assert (found.precision, found.recall) == (2 / 4, 2 / 3)
    assert found.f1 == pytest.approx(4 / 7)


def test_kinds_of_variants_and_of_traps_are_counted_apart() -> None:
    truth = planted.Truth(
        texts=["original", "variant", "another variant", "trap", "merged trap", "filling", "other filling"],
        cluster=[0, 0, 0, 3, 4, 5, 6],
        parent=[0, 0, 0, 0, 0, 5, 5],
        kind=["", "case", "case", "number", "number", "slot", "slot"],
    )
    left, right = np.array([0, 0, 5]), np.array([2, 3, 6])
    contrast, reason = np.full(3, CONTRAST, np.int8), np.array([1, 1, 4], np.int8)
    links = Links(left, right, contrast, np.ones(3, np.float32), reason)
    clusters = Clustering(np.array([0, 0, 2, 3, 0, 5, 6]), links)
    assert quality.recalls(truth, clusters.label) == {"case": 0.5}
    assert quality.agreements(truth, clusters.label)[0] == quality.Agreement(1, 1 / 3)
    assert quality.contrast_scores(truth, clusters) == {
        "number": (0.5, 0.5, 0.5, 0.5),
        "name": (0, 0, None, 0),
        "negation": (0, 0, None, 0),
        "slot": (1, 1, 1, 0),
    }


def test_planted_truth_is_seeded_and_says_what_it_is() -> None:
    towns = ("Paris", "London")  # two, so that a name can become another
    texts = [f"{number}. {STORY} They were in {towns[number % 2]} then, and it is so." for number in range(40)]
    truth = planted.planted(texts, 3)
    assert truth == planted.planted(texts, 3)
    kinds = Counter(truth.kind)
    assert kinds.pop("") == 40
    assert kinds.pop("slot") == 20
    assert set(kinds) == {*planted.SAME, *planted.TRAPS}
    assert set(kinds.values()) == {3}
    for text, cluster, parent, kind in zip(truth.texts, truth.cluster, truth.parent, truth.kind, strict=True):
        assert (text == truth.texts[parent]) == (kind == "" or (kind == "slot" and cluster == parent))
        assert (cluster == parent) == (kind not in planted.TRAPS) or kind == "slot"


def test_originals_are_unlike_each_other() -> None:
    assert corpus.distinct([STORY, LETTER, "short", f"{STORY} Quite."]) == [STORY, LETTER]


def test_the_time_within_a_step_counts_for_the_inner_one() -> None:
    clock = steps.Clock()

    def busy(seconds: float) -> None:
        end = process_time() + seconds
        while process_time() < end:
            pass

    inner = clock.around("inner", busy, lambda seconds: (2e6, 1))
    outer = clock.around("outer", lambda: (busy(0.02), inner(0.05), inner(0.05)), lambda: (0, 0))
    outer()
    assert clock.steps["inner"].cpu == pytest.approx(0.1, abs=0.02)
    assert clock.steps["outer"].cpu == pytest.approx(0.02, abs=0.015)
    assert (clock.steps["inner"].size, clock.steps["inner"].pairs) == (4e6, 2)


def test_every_step_is_timed_and_everything_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFQ_WORKERS", "1")
    clock, before = steps.Clock(), quality.answer_clusters
    numbered = [f"{STORY} That was day {number}." for number in range(5)]
    with clock.watching():
        quality.found([STORY, *numbered, *corpus.warm([LETTER])], "answers")
    assert set(clock.steps) == set(steps.STEPS)
    assert clock.steps["sign"].size > 0
    assert clock.steps[steps.GUARD].pairs > 0
    assert quality.answer_clusters is before


def test_memory_and_time_of_a_call() -> None:
    result, cost = measured(lambda: np.ones(8_000_000).sum())
    assert result == 8_000_000
    assert cost.added == pytest.approx(61, abs=15)
    assert cost.peak > cost.added


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


def test_replicas_have_other_letters_and_ids_of_their_own() -> None:
    change = replicas.other_letters(3)
    assert change("Ab, ab: 1") != "Ab, ab: 1"
    assert change("Ab, ab: 1").lower()[:2] == change("Ab, ab: 1").lower()[4:6]
    assert change("Ab")[0].isupper() and sorted(map(change, "abcxyz")) != list("abcxyz")
    assert len({change(letter) for letter in "abcdefghijklmnopqrstuvwxyz"}) == 26


def test_replicas_are_as_many_as_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = data.synthetic(tmp_path / "raw", 200)
    prefq("ingest", *source.files, "--workdir", tmp_path / "work")
    height = data.pairs(tmp_path / "work").height
    monkeypatch.setattr(replicas, "PART", 90)
    rows = 2 * height + 7
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "work/data/pairs.parquet"), str(rows), str(tmp_path / "many")])
    replicas.main()
    found = data.pairs(tmp_path / "many")
    plain = found.filter(found["chosen_messages"].is_null() & found["rejected_messages"].is_null()).height
    assert found.height == plain == rows
    assert found["row_id"].n_unique() == rows
    assert found["prompt_id"].str.slice(0, 4).n_unique() >= 3
