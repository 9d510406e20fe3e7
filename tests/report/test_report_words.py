from dataclasses import replace

import polars as pl
import pytest
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.report import Audit, Tables, audit, render
from prefq.report.data import Rule, Verdict
from prefq.report.words import nothing_left, sentence

YES = Verdict(True, ())


def quiet(verdict: Verdict = YES) -> Audit:
    """An audit in which no check found anything."""
    tables = make_tables(50)
    flags = tables.flags.with_columns(pl.exclude("row_id") & False)
    return replace(audit(replace(tables, flags=flags), SETTINGS), verdict=verdict)


def test_ties_alone_are_said_to_teach_nothing() -> None:
    page = audit(Tables(pairs=make_pairs(40).with_columns(label=pl.lit("tie"))), SETTINGS)
    assert nothing_left(page).startswith("None of the 40 pairs has a preferred answer, so there is nothing to learn")
    assert "<code>prefq formats</code>" in render(page)
    one = audit(Tables(pairs=make_pairs(1).with_columns(label=pl.lit("tie"))), SETTINGS)
    assert nothing_left(one).startswith("The only pair does not have a preferred answer")


def test_why_nothing_is_left_to_do() -> None:
    assert nothing_left(quiet()) == "No check found anything."
    assert nothing_left(audit(Tables(pairs=make_pairs(10)), SETTINGS)) == "No check has been decided."
    rule = Rule("raw", "kept", ">= 50 %", 0.0, False, "kept is 0")
    assert nothing_left(quiet(Verdict(False, (rule,)))).startswith("No single check is to blame")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the stage has not run", "The stage has not run."),
        ("decontaminate.against names no benchmark", "decontaminate.against names no benchmark."),
    ],
)
def test_the_name_of_a_setting_stays_as_it_is_written(text: str, said: str) -> None:
    assert sentence(text) == said


def test_a_rule_that_fails_leads_to_what_it_is_about() -> None:
    rules = [("pii", "check-pii"), ("chosen_longer", "lengths"), ("survival.trl-dpo.dropped", "survival")]
    broken = tuple(Rule("raw", name, "<= 1 %", 0.2, False, f"{name} is high") for name, _ in rules)
    page = render(quiet(Verdict(False, broken)))
    verdict = page[page.index('id="verdict"') : page.index('id="flow"')]
    assert [place for _, place in rules if f'<a href="#{place}">See' not in verdict] == []
    held = render(quiet(Verdict(True, tuple(replace(rule, passed=True) for rule in broken))))
    assert '">See examples</a>' not in held[held.index('id="verdict"') : held.index('id="flow"')]
