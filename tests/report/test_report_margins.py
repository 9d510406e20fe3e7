from dataclasses import replace

import polars as pl
import pytest
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.report import Tables, audit, audit_json, render
from prefq.report.margins import STEPS, Step, by_length, header, rows

LENGTHS = [(1, 8), (1, 4), (3, 4), (10, 10), (5, 4), (3, 2), (4, 1), (9, 2), (0, 0), (5, 0)]


def tables() -> Tables:
    pairs = make_pairs(len(LENGTHS)).with_columns(
        chosen=pl.Series(["c" * c for c, _ in LENGTHS]),
        rejected=pl.Series(["r" * r for _, r in LENGTHS]),
        label=pl.lit("chosen"),
        margin=pl.Series([0.5, 1.0, *[None] * 8], dtype=pl.Float32),
    )
    scores = pairs.select("row_id", p_chosen=pl.Series([0.2, 0.6, 0.5, *[0.9] * 7]))
    return Tables(pairs=pairs, scores=scores)


def test_pairs_are_told_by_how_much_longer_the_chosen_answer_is() -> None:
    found = {step.key: step for step in by_length(tables())}
    assert {key: step.pairs for key, step in found.items()} == {
        "shorter_4x": 2,
        "shorter_2x": 0,
        "shorter": 1,
        "even": 3,
        "longer": 1,
        "longer_2x": 1,
        "longer_4x": 2,
    }
    assert found["shorter_4x"] == Step("shorter_4x", 2, 0.75, 0.4, 0.5)
    assert found["shorter"] == Step("shorter", 1, None, 0.5, 0.5)
    assert found["shorter_2x"] == Step("shorter_2x", 0, None, None, None)


def test_ties_are_not_counted_and_without_pairs_there_is_nothing() -> None:
    tied = replace(tables(), pairs=tables().pairs.with_columns(label=pl.lit("tie")))
    assert by_length(tied) == ()
    assert audit_json(audit(tied, SETTINGS))["margin_by_length"] == {}


def test_margins_are_a_column_only_where_some_are_given() -> None:
    some = by_length(tables())
    none = tuple(replace(step, margin=None) for step in some)
    assert header(some)[3] == "Mean margin given"
    assert len(header(none)) == len(header(some)) - 1
    assert rows(some)[0] == ["under ¼", "2", "20.0\u00a0%", "0.750", "40.0\u00a0%", "50.0\u00a0%"]
    assert rows(none)[1] == ["¼ to ½", "0", "0\u00a0%", "–", "–"]


def test_the_page_and_the_figures_tell_it() -> None:
    found = audit(tables(), SETTINGS)
    assert list(audit_json(found)["margin_by_length"]) == list(STEPS)
    assert audit_json(found)["margin_by_length"]["shorter_4x"]["margin"] == pytest.approx(0.75)
    assert "How clear the preference is, by length" in render(found)


def test_without_scores_the_judge_says_nothing() -> None:
    found = by_length(replace(tables(), scores=None))
    assert {(step.p_chosen, step.agreed) for step in found} == {(None, None)}
    assert sum(step.pairs for step in by_length(make_tables(60))) == (make_tables(60).pairs["label"] == "chosen").sum()
