"""Checks on prompts, on pairs, and on what other stages say of them."""

import json
from typing import Any

import polars as pl
import pytest
from check_pairs import LONG, PLAIN, clusters, flagged, flags, pairs, scores

from prefq.errors import SettingsError
from prefq.schema import NEIGHBORS, OVERLAPS

SAY = {"role": "user", "content": "Why does it rain?"}
ANSWER = {"role": "assistant", "content": "Because."}

PAIRS: dict[str, dict[str, tuple[dict[str, Any], bool]]] = {
    "identical_answers": {
        "same text": ({"rejected": LONG}, True),
        "other line ends": ({"chosen": "a\r\nb", "rejected": "a\nb"}, True),
        "other text": ({}, False),
    },
    "whitespace_only_difference": {
        "spaces": ({"rejected": f"  {LONG.replace(' ', '  ')}\n"}, True),
        "case": ({"rejected": LONG.upper()}, True),
        "same text": ({"rejected": LONG}, False),
        "words run together": ({"chosen": "the rapist", "rejected": "therapist"}, False),
        "capitals asked for": ({"prompt": "Capitalise: it rains", "chosen": "It Rains", "rejected": "IT RAINS"}, False),
    },
    "near_identical_answers": {
        "typing error": ({"rejected": LONG.replace("warm", "wram")}, True),
        "word more": ({"rejected": LONG.replace("warm air", "the warm air")}, True),
        "full stop": ({"chosen": "You're welcome.", "rejected": "You're welcome!"}, True),
        "emphasis": ({"chosen": "It rains in Peru.", "rejected": "It rains in **Peru**."}, True),
        "question mark": ({"chosen": "You're welcome.", "rejected": "You're welcome?"}, False),
        "decimal point": ({"chosen": "It is 1.5 mm.", "rejected": "It is 15 mm."}, False),
        "other figure": ({"chosen": f"{LONG} That makes 42.", "rejected": f"{LONG} That makes 41."}, False),
        "negation": ({"rejected": LONG.replace("It rains", "It never rains")}, False),
        "white space": ({"rejected": LONG.replace(" ", "  ")}, False),
        "same text": ({"rejected": LONG}, False),
        "other text": ({}, False),
    },
    "length_ratio": {
        "long against short": ({"chosen": LONG * 10, "rejected": "It rains."}, True),
        "short against very short": ({"chosen": LONG, "rejected": "No."}, False),
        "against nothing": ({"chosen": LONG * 10, "rejected": ""}, False),
    },
    "only_chosen_refuses": {
        "chosen alone": ({"chosen": "I can't help with that."}, True),
        "both": ({"chosen": "I can't help with that.", "rejected": "I won't answer that."}, False),
        "tie": ({"chosen": "I can't help with that.", "label": "tie"}, False),
    },
    "empty_prompt": {
        "no text": ({"prompt": ""}, True),
        "blanks": ({"prompt": " \n"}, True),
        "silent last turn": ({"prompt": [SAY, ANSWER, {"role": "user", "content": ""}]}, True),
        "a question": ({"prompt": "Why?"}, False),
        "silent tool": ({"prompt": [SAY, ANSWER, {"role": "tool", "content": ""}]}, False),
        "more than text": ({"prompt": "", "prompt_extra": '{"parts":[{"name":"Ann"}]}'}, False),
        "no turn": ({"prompt": []}, False),
    },
    "prompt_not_user_last": {
        "assistant last": ({"prompt": [SAY, ANSWER]}, True),
        "system last": ({"prompt": [{"role": "system", "content": "Be brief."}]}, True),
        "no turn": ({"prompt": []}, True),
        "user last": ({"prompt": [SAY, ANSWER, SAY]}, False),
        "tool result last": ({"prompt": [SAY, ANSWER, {"role": "tool", "content": "rain: 3 mm"}]}, False),
    },
    "prompt_too_long": {
        "long in all": ({"prompt": [{"role": "user", "content": "rain " * 4000}, ANSWER, SAY] * 2}, True),
        "not that long": ({"prompt": "rain " * 4000}, False),
    },
}
CASES = [
    pytest.param(check, row, expected, id=f"{check}-{name}")
    for check, rows in PAIRS.items()
    for name, (row, expected) in rows.items()
]


@pytest.mark.parametrize(("check", "row", "expected"), CASES)
def test_check_on_a_pair(check: str, row: dict[str, Any], expected: bool) -> None:
    assert flagged(check, pairs({"name": "row", **row})) == ({"row"} if expected else set())


def test_near_duplicate_is_another_pair_of_the_cluster() -> None:
    frame = pairs(
        {"name": "one"}, {"name": "reworded", "chosen": LONG + "!"}, {"name": "again"}, {"name": "far", "prompt": "?"}
    )
    found = clusters(frame, pair_cluster=["c", "c", "c", "far"])
    assert flagged("near_duplicate", frame, clusters=found) == {"one", "reworded", "again"}
    alone = clusters(frame, pair_cluster=["c", "x", "c", "far"])
    assert flagged("near_duplicate", frame, clusters=alone) == set()


@pytest.mark.parametrize(
    ("check", "contradiction"),
    [("preference_cycle", "cycle"), ("answer_both_ways", "both_ways"), ("swapped_duplicate", "swapped")],
)
def test_contradictions_of_clusters(check: str, contradiction: str) -> None:
    frame = pairs({"name": "in"}, {"name": "out", "prompt": "And snow?"})
    found = clusters(frame, contradiction=[contradiction, None], contradiction_id=["x", None])
    assert flagged(check, frame, clusters=found) == {"in"}


def opposed(frame: pl.DataFrame, found: pl.DataFrame) -> dict[str, tuple[list[str], str | None]]:
    told = flags(frame, clusters=found).evidence.filter(check="answer_both_ways")
    read = {row: json.loads(text) for row, text in told.select("row_id", "evidence").iter_rows()}
    return {row: (facts["opposed"], facts["opposed_answer"]) for row, facts in read.items()}


def test_of_answers_both_ways_the_rows_that_say_the_opposite_are_named() -> None:
    frame = pairs({"name": "for"}, {"name": "too"}, {"name": "against"}, {"name": "copy"})
    named = ["both_ways"] * 3 + ["swapped"]
    found = clusters(
        frame,
        **{"prompt_cluster": ["p"] * 4, "contradiction": named, "contradiction_id": ["x", "x", "x", "y"]},
        **{"chosen_cluster": ["a", "a", "b", "b"], "rejected_cluster": ["b", "b", "a", "a"]},
    )
    against = (["against", "copy"], "both")
    assert opposed(frame, found) == {"for": against, "too": against, "against": (["for", "too"], "both")}


def test_of_one_answer_both_ways_the_other_comparison_is_named() -> None:
    frame = pairs({"name": "won"}, {"name": "lost"})
    found = clusters(
        frame,
        **{"prompt_cluster": ["p"] * 2, "contradiction": ["both_ways"] * 2, "contradiction_id": ["x"] * 2},
        **{"chosen_cluster": ["a", "c"], "rejected_cluster": ["b", "a"]},
    )
    assert opposed(frame, found) == {"won": (["lost"], "chosen"), "lost": (["won"], "rejected")}


def test_near_answers_compared_with_each_other_are_told_apart_by_their_own_ids() -> None:
    frame = pairs({"name": "one"}, {"name": "turned", "chosen": PLAIN, "rejected": LONG})
    found = clusters(
        frame,
        **{"prompt_cluster": ["p"] * 2, "contradiction": ["both_ways"] * 2, "contradiction_id": ["x"] * 2},
        **{"chosen_cluster": ["a"] * 2, "rejected_cluster": ["a"] * 2},
    )
    assert opposed(frame, found) == {"one": (["turned"], "both"), "turned": (["one"], "both")}


def test_contrast_of_prompts_and_between_the_two_answers() -> None:
    frame = pairs(
        {"name": "prompt", "prompt": "Is 3 odd?"},
        {"name": "partner", "prompt": "Is 4 odd?"},
        {"name": "answers", "prompt": "Even?", "chosen": "It is 3.", "rejected": "It is 4."},
        {"name": "elsewhere", "prompt": "What?", "chosen": "It is 3."},
    )
    low, high = sorted(frame["prompt_id"].head(2))
    left, right = sorted((frame["chosen_id"][2], frame["rejected_id"][2]))
    rows = [("prompt", low, high, "contrast", 0.9, "number"), ("answer", left, right, "contrast", 0.8, "number")]
    edges = pl.DataFrame(rows, schema=NEIGHBORS, orient="row")
    found = flags(frame, neighbors=edges)
    assert set(found.table.filter("contrast_pair")["row_id"]) == {"prompt", "partner", "answers"}
    evidence = found.evidence.filter(check="contrast_pair", row_id="prompt")["evidence"].item()
    assert f'"contrast_partner":"{frame["prompt_id"][1]}"' in evidence


def test_benchmark_overlap_tells_the_strongest() -> None:
    frame = pairs({"name": "in"}, {"name": "out", "prompt": "And snow?"})
    rows = [("in", "arc", "7", "ngram", 0.4, "a b c"), ("in", "mmlu", "9", "exact", 1.0, "Why does it rain?")]
    found = flags(frame, overlaps=pl.DataFrame(rows, schema=OVERLAPS, orient="row"))
    assert found.table["benchmark_overlap"].to_list() == [True, False]
    evidence = found.evidence.filter(check="benchmark_overlap")["evidence"].item()
    assert '"overlap_benchmark":"mmlu"' in evidence
    assert '"overlaps":2' in evidence


def test_what_a_reward_model_thinks() -> None:
    names = ("against surface", "off habits", "more than surface", "unsure", "right", "unknown")
    frame = pairs(*({"name": name, "prompt": name} for name in names))
    table = scores(
        frame,
        p_chosen=[0.1, 0.1, 0.1, 0.51, 0.9, None],
        p_correct=[0.2, 0.2, 0.1, 0.9, 0.99, None],
        p_surface=[0.7, 0.1, 0.3, 0.5, 0.9, None],
        suspicion=[0.9, 0.9, 0.95, 0.49, 0.1, None],
        ambiguity=[0.1, 0.1, 0.1, 0.9, 0.2, None],
    )
    found = flags(frame, scores=table)
    assert found.table["likely_mislabelled"].to_list() == [True, True, True, False, False, None]
    assert found.table["off_pattern"].to_list() == [False, True, False, False, False, None]
    assert found.table["model_unsure"].to_list() == [False, False, False, True, False, None]
    assert found.table["ambiguous"].to_list() == [False, False, False, True, False, None]
    evidence = {row["check"]: json.loads(row["evidence"]) for row in found.evidence.iter_rows(named=True)}
    assert evidence["off_pattern"]["beyond_surface"] == 0
    assert evidence["ambiguous"]["cause"] == "small margin"
    assert (evidence["model_unsure"]["p_chosen"], evidence["model_unsure"]["p_surface"]) == (0.51, 0.5)


CLOSE = "It rains since the clouds are full of water."


@pytest.mark.parametrize(
    ("row", "contradiction", "p_chosen", "cause"),
    [
        ({"label": "tie"}, "swapped", 0.5, "called a tie"),
        ({}, "swapped", 0.5, "annotators split"),
        ({"chosen": CLOSE, "rejected": CLOSE.replace("full", "so full")}, None, 0.5, "answers nearly alike"),
        ({}, "cycle", 0.45, "small margin"),
        ({}, None, 0.7, "answers of like length and form"),
    ],
)
def test_ambiguity_has_a_cause(row: dict[str, str], contradiction: str | None, p_chosen: float, cause: str) -> None:
    frame = pairs(row)
    tables = {
        "clusters": clusters(frame, contradiction=[contradiction]),
        "scores": scores(frame, ambiguity=[0.9], p_chosen=[p_chosen]),
    }
    evidence = flags(frame, **tables).evidence.filter(check="ambiguous")["evidence"].item()
    assert json.loads(evidence)["cause"] == cause


@pytest.mark.parametrize(
    ("budget", "names"),
    [
        ("", "abc"),
        ("2 pairs", "ab"),
        ("at most 1", "a"),
        ("1,000 pairs", "abc"),
        ("0", ""),
        ("50%", "abc"),  # three of six
        ("at most 17% of the pairs", "a"),
        ("precision >= 90%", "a"),
        ("precision >= 80%", "ab"),
        ("expected precision ≥ 60 %", "abc"),
        ("precision >= 42%", "abcde"),  # d and e are as suspicious as each other
        ("precision >= 96%", ""),
    ],
)
def test_a_budget_takes_the_most_suspicious(budget: str, names: str) -> None:
    frame = pairs(*({"name": name, "prompt": name} for name in "fdcbea"))
    right = {"a": 0.05, "b": 0.25, "c": 0.45, "d": 0.9, "e": 0.9, "f": None}
    p_correct = [right[name] for name in frame["row_id"]]
    suspicion = [None if p is None else 1 - p for p in p_correct]
    table = scores(frame, p_correct=p_correct, suspicion=suspicion)
    assert flagged("likely_mislabelled", frame, {"likely_mislabelled": {"budget": budget}}, scores=table) == set(names)


def test_without_a_rate_a_number_of_pairs_goes_by_what_the_model_speaks_against() -> None:
    frame = pairs(*({"name": name, "prompt": name} for name in "abc"))
    table = scores(frame, suspicion=[0.7, 0.9, 0.3])
    asked = {"likely_mislabelled": {"budget": "3 pairs"}}
    assert flagged("likely_mislabelled", frame, asked, scores=table) == {"a", "b"}
    undecided = flags(frame, {"likely_mislabelled": {"budget": "precision >= 80%"}}, scores=table).undecided
    assert undecided["likely_mislabelled"] == "no row has p_correct"


@pytest.mark.parametrize("budget", ["many", "120%", "-3", "precision 80", "5 %%"])
def test_a_budget_that_is_none(budget: str) -> None:
    with pytest.raises(SettingsError, match=r"flag.likely_mislabelled.budget is .*; write `500 pairs`, `2%`"):
        flags(pairs({}), {"likely_mislabelled": {"budget": budget}}, scores=scores(pairs({})))


def test_thresholds_are_settings() -> None:
    frame = pairs({"name": "row", "chosen": LONG, "rejected": PLAIN})
    assert flagged("answer_too_long", frame, {"answer_too_long": {"max_chars": 50}}) == {"row"}
    assert flagged("length_ratio", frame, {"length_ratio": {"ratio": 1, "min_chars": 10}}) == {"row"}


def test_evidence_of_a_contradiction_names_members_votes_and_the_proposal() -> None:
    frame = pairs({"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "out", "prompt": "And snow?"})
    found = clusters(
        frame,
        contradiction=["cycle", "cycle", "cycle", None],
        contradiction_id=["x", "x", "x", None],
        contradiction_side=["removed", "majority", "majority", None],
    )
    told = flags(frame, clusters=found).evidence.filter(check="preference_cycle")["evidence"]
    first, second, _ = (json.loads(one) for one in told)
    assert (first["rows"], first["votes"]["members"], first["removed"]) == (["b", "c"], 3, ["a"])
    assert (first["votes"]["proposed"], second["votes"]["proposed"]) == ("drop", "keep")


def test_evidence_of_near_identical_answers_says_how_alike_they_are_and_what_differs() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    frame = pairs({"name": "a", "chosen": f"{words} hats", "rejected": f"{words} cats."})
    told = json.loads(flags(frame).evidence.filter(check="near_identical_answers")["evidence"].item())
    assert (told["only_chosen"], told["only_rejected"]) == ("hats", "cats")
    assert (told["token_jaccard"], told["similarity"]) == (round(16 / 18, 3), 0.985)


def test_evidence_of_a_lone_refusal_quotes_the_words_that_refuse() -> None:
    frame = pairs({"name": "a", "chosen": "Well, I can't help with that. It is late.", "rejected": LONG})
    told = json.loads(flags(frame).evidence.filter(check="only_chosen_refuses")["evidence"].item())
    assert told["chosen"]["match"] == "I can't help with"
    assert told["rejected"] == LONG[:120]
