"""Merging logs of decisions: what counts afterwards, and which decisions contradict each other."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.decisions import decisions, is_labels
from prefq.errors import PrefqError
from prefq.merging import MergedLabels, merge_labels, queue_lines
from prefq.merging.conflicts import Favor


def line(label: str, pair: str = "p", by: str = "ada", turned: bool = False, **more: Any) -> str:
    shown = ("b", "a") if turned else ("a", "b")
    row = {"format": 1, "pair_id": pair, "dimension": "preference", "label": label, "first_id": shown[0]}
    return json.dumps({**row, "second_id": shown[1], "annotator": by, **more})


def merged(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], favor: Favor | None = None
) -> tuple[MergedLabels, list[str]]:
    logs = [decisions("".join(f"{each}\n" for each in log), "x.jsonl") for log in (base, ours, theirs)]
    found = merge_labels(logs[0], logs[1], logs[2], favor)
    return found, found.text.splitlines()


def counting(lines: Sequence[str]) -> dict[tuple[str, str], str]:
    """What counts of a log: by annotator and pair."""
    return {(d.key[0], d.key[1]): d.said for d in decisions("\n".join(lines), "x")}


def test_lines_that_each_side_added_are_all_there() -> None:
    base = [line("first")]
    found, lines = merged(base, [*base, line("tie", "q")], [*base, line("second", "r"), line("skip", "s")])
    assert lines == [line("first"), line("tie", "q"), line("second", "r"), line("skip", "s")]
    assert (found.conflicts, found.ours, found.theirs, found.same, found.decisions) == ((), 1, 2, 0, 4)


def test_a_line_that_both_added_is_there_once() -> None:
    found, lines = merged([], [line("first")], [line("first")])
    assert (lines, found.same, found.conflicts) == ([line("first")], 1, ())


def test_the_same_answer_shown_the_other_way_round_is_the_same_decision() -> None:
    found, lines = merged([], [line("first")], [line("second", turned=True)])
    assert (len(lines), found.same, found.conflicts) == (2, 1, ())


def test_a_changed_mind_on_one_side_counts_wherever_the_lines_stand() -> None:
    base = [line("first")]
    there_and_back = [*base, line("second", at="2"), line("first", at="3")]
    for ours, theirs in (([*base, line("tie")], there_and_back), (there_and_back, [*base, line("tie")])):
        found, lines = merged(base, ours, theirs)
        assert counting(lines) == {("ada", "p"): "tie"}
        assert found.conflicts == ()
        assert set(lines) == {*ours, *theirs}


def test_lines_that_one_side_took_out_are_out() -> None:
    base = [line("first"), line("tie", "q")]
    found, lines = merged(base, [*base, line("first", "r")], [line("first")])
    assert lines == [line("first"), line("first", "r")]
    assert found.conflicts == ()


@pytest.mark.parametrize(("favor", "counts"), [(None, "a"), ("ours", "a"), ("theirs", "b")])
def test_two_decisions_of_one_annotator_are_a_conflict_and_no_line_is_lost(favor: Favor | None, counts: str) -> None:
    ours, theirs = line("first", at="2026-01-02T00:00:00Z"), line("second", at="2026-01-01T00:00:00Z", note="Unsure.")
    found, lines = merged([line("tie")], [line("tie"), ours], [line("tie"), theirs], favor)
    assert counting(lines) == {("ada", "p"): counts}
    assert set(lines) == {line("tie"), ours, theirs}
    assert len(found.conflicts) == (0 if favor else 1)


def test_a_conflict_is_told_with_both_opinions() -> None:
    ours, theirs = line("second", turned=True, at="2026-01-02"), line("second", note="Unsure.")
    texts = {"p": {"prompt": [{"role": "user", "content": "Hi"}], "a": "Hello.", "b": "No."}}
    logs = [decisions(text, "x") for text in ("", ours, theirs)]
    (conflict,) = merge_labels(logs[0], logs[1], logs[2], texts=texts).conflicts
    assert conflict.to_json() == {
        "format": 1,
        "reason": "merge",
        "pair_id": "p",
        "dimension": "preference",
        "about": ["label"],
        "first_id": "a",
        "second_id": "b",
        "prompt": [{"role": "user", "content": "Hi"}],
        "first": "Hello.",
        "second": "No.",
        "base": None,
        "opinions": [
            {"by": "ours", "decision": "keep", "annotator": "ada", "label": "first", "at": "2026-01-02"},
            {"by": "theirs", "decision": "keep", "annotator": "ada", "label": "second", "note": "Unsure."},
        ],
    }


def test_two_annotators_who_disagree_are_a_conflict_and_both_are_heard() -> None:
    ours, theirs = line("first"), line("second", by="bob")
    found, lines = merged([], [ours], [theirs])
    assert (lines, len(found.conflicts)) == ([ours, theirs], 1)
    assert merged([], [ours], [theirs], "ours")[1] == [ours]
    assert merged([], [ours], [theirs], "theirs")[1] == [theirs]


def test_a_disagreement_within_one_side_is_none_between_them() -> None:
    found, lines = merged([], [line("first")], [line("first"), line("second", by="bob")])
    assert (found.conflicts, len(lines)) == ((), 2)


def test_taking_back_what_the_other_side_changed_is_a_conflict() -> None:
    base = [line("first")]
    assert len(merged(base, [*base, line("skip")], [*base, line("second")])[0].conflicts) == 1
    (conflict,) = merged(base, [], [*base, line("second")])[0].conflicts
    assert (conflict.about, conflict.ours) == (("decision",), {"decision": "drop"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "ada.jsonl, line 1: not valid JSON."),
        ("\n[1]", 'line 2: not a decision (it needs "format": 1).'),
        (line("first").replace('"p"', "3"), "not a decision (pair_id is 3; it must be a text)."),
        (line("frist"), "there is no label 'frist'; did you mean 'first'?"),
        ("<<<<<<< HEAD", "a mark of a merge conflict"),
    ],
)
def test_what_is_no_decision_is_named(text: str, sentence: str) -> None:
    with pytest.raises(PrefqError) as raised:
        decisions(text, "ada.jsonl")
    assert sentence in str(raised.value)


def test_files_of_decisions_are_told_from_others() -> None:
    assert is_labels("\n" + line("first"))
    assert not any(map(is_labels, ("", "{", "[]", '{"format": 1, "pair_id": "p"}', '{"prompt": "p"}')))


def test_a_queue_keeps_what_it_holds_and_has_each_pair_once() -> None:
    (conflict,) = merged([], [line("first")], [line("second")])[0].conflicts
    mine = {"format": 1, "reason": "merge", "pair_id": "a", "dimension": "preference", "opinions": []}
    once = queue_lines(json.dumps(mine) + "\n", [conflict.to_json()])
    assert [json.loads(entry)["pair_id"] for entry in once.splitlines()] == ["a", "p"]
    assert queue_lines(once, [conflict.to_json()]) == once
    for wrong in ("{", line("first"), '{"format": 1, "opinions": []}'):
        with pytest.raises(PrefqError, match=r"review.jsonl, line 1: "):
            queue_lines(wrong, [], "review.jsonl")


LINES = st.builds(
    line, st.sampled_from(["first", "second", "tie", "skip"]), st.sampled_from("pq"), st.sampled_from(["ada", "bob"])
)


@given(st.lists(LINES, max_size=4), st.lists(LINES, max_size=4), st.lists(LINES, max_size=4))
def test_every_decision_of_one_side_counts_in_the_result(base: list[str], ours: list[str], theirs: list[str]) -> None:
    _found, lines = merged(base, [*base, *ours], [*base, *theirs])
    was, now, other, after = (counting(log) for log in (base, [*base, *ours], [*base, *theirs], lines))
    for key in {*was, *now, *other}:
        expected = other.get(key) if now.get(key) == was.get(key) else now.get(key)
        assert after.get(key) == expected
    assert {*base, *ours, *theirs} == set(lines)
    assert merged(base, base, [*base, *theirs])[1] == [*base, *theirs]
    assert merged(base, [*base, *ours], base)[1] == [*base, *ours]
