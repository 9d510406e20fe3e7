"""The verdict for CI servers and pull requests: JUnit XML and Markdown."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hostile_tables import hostile_tables
from report_tables import SETTINGS, make_tables

from prefq.report import Audit, Tables, audit, audit_json, render, summary
from prefq.report.junit import to_junit
from prefq.report.markdown import to_markdown


def page(passed: bool = False, **gate: Any) -> Audit:
    tables = make_tables(300, passed=passed)
    return audit(replace(tables, gate={**(tables.gate or {}), **gate}), SETTINGS)


def cases(found: Audit, **options: Any) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(to_junit(found, **options))
    return {case.attrib["name"]: case for case in root.iter("testcase")}


def markdown(found: Audit, **options: Any) -> str:
    return to_markdown(found, audit_json(found), report="reports/audit.html", **options)


def test_every_rule_is_a_test_case():
    found = cases(page())
    assert list(found) == [
        "empty_answer <= 2%",
        "label_noise <= 20%",
        "split_leak == 0",
        "benchmark_overlap == 0",
        "every record and every pair is accounted for",
    ]
    assert [name for name, case in found.items() if case.find("failure") is not None] == ["benchmark_overlap == 0"]
    assert [name for name, case in found.items() if case.find("skipped") is not None] == ["label_noise <= 20%"]


def test_the_totals_are_those_of_the_suites():
    root = ElementTree.fromstring(to_junit(page()))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == ("testsuites", "5", "1", "1")
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("the data as it came in", "1"),
        ("every curated pair", "3"),
        ("accounting", "1"),
    ]


def test_a_breach_says_value_limit_examples_and_the_command():
    failure = cases(page(), workdir="some where")["benchmark_overlap == 0"].find("failure")
    assert failure is not None and failure.text is not None
    assert failure.get("message") == "2 pairs share a prompt with a benchmark; none may."
    lines = failure.text.split("\n")
    assert lines[:2] == ["limit: == 0", "value: 2"]
    first = lines[2].removeprefix("examples: ").split(", ")[0]
    assert re.fullmatch(r"(help_desk|kitchen-table):\d+", first)
    assert lines[3] == f"more: prefq why {first} --workdir 'some where'"


def test_an_undecided_rule_fails_where_that_is_what_said_no():
    rules = [
        {"suite": "raw", "name": "pii", "rule": "<= 2%", "value": None, "passed": None, "sentence": "pii is undecided"}
    ]
    found = cases(page(passed=False, rules=rules))
    failure = found["pii <= 2%"].find("failure")
    assert failure is not None and failure.get("message") == "pii is undecided"
    assert cases(page(passed=True, rules=rules))["pii <= 2%"].find("skipped") is not None


def test_under_undecided_fail_it_fails_beside_rules_that_fail():
    some = {"suite": "raw", "rule": "<= 2%"}
    rules = [
        {**some, "name": "pii", "value": None, "passed": None, "sentence": "pii is undecided"},
        {**some, "name": "mojibake", "value": 0.5, "passed": False, "sentence": "mojibake is high"},
    ]
    tables = make_tables(300)
    gated = replace(tables, gate={**(tables.gate or {}), "passed": False, "rules": rules})
    for setting, failures in (("fail", "2"), ("report", "1")):
        found = audit(gated, {**SETTINGS, "gate": {"undecided": setting}})
        assert ElementTree.fromstring(to_junit(found)).get("failures") == failures


def test_a_breach_of_a_figure_has_the_gates_examples_or_the_place_in_the_page():
    some = {"suite": "raw", "rule": "<= 1%", "value": 0.5, "passed": False, "sentence": "it is too much"}
    rules = [
        {**some, "name": "rejected", "examples": ["help_desk:7", "help_desk:9"]},
        {**some, "name": "shortcut.code_wins", "examples": []},
    ]
    found = page(passed=False, rules=rules)
    broken = [case.find("failure") for case in cases(found, workdir="w").values()]
    texts = [failure.text or "" for failure in broken if failure is not None]
    assert texts[0].endswith("examples: help_desk:7, help_desk:9\nmore: prefq why help_desk:7 --workdir w")
    assert texts[1].endswith("value: 0.5\nmore: w/reports/audit.html#judge")
    told = summary(found, workdir="w")
    assert "      for example help_desk:7, help_desk:9\n      prefq why help_desk:7 --workdir w\n" in told
    html = render(found)
    assert "For example <code><bdi>help_desk:7</bdi></code>, <code><bdi>help_desk:9</bdi></code>" in html


def test_pairs_that_were_not_gated_are_a_skipped_case():
    found = cases(audit(replace(make_tables(30), gate=None), SETTINGS))
    assert found["the gate was asked"].find("skipped") is not None


def test_what_does_not_add_up_is_a_failure():
    tables = make_tables(60)
    found = audit(replace(tables, ledger=tables.ledger.head(50)), SETTINGS)
    assert found.flow.gaps
    failure = cases(found)["every record and every pair is accounted for"].find("failure")
    assert failure is not None and failure.get("message") == found.flow.gaps[0].replace("\u00a0", " ")


def test_hostile_texts_stay_texts():
    tables = hostile_tables()
    found = audit(tables, SETTINGS)
    root = ElementTree.fromstring(to_junit(found))
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure"}
    told = markdown(found)
    plain = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", told)  # what stands in code spans is shown as it is
    assert not re.search(r"(?<!\\)<", plain)
    assert "\x1b" not in told and "\u202e" not in told and "\x00" not in told


def test_markdown_tells_verdict_rules_flow_figures_and_findings():
    told = markdown(page())
    lines = told.split("\n")
    assert lines[0] == "### ✕ The gate says no: `help_desk, kitchen-table`"
    assert "- ✕ 2 pairs share a prompt with a benchmark; none may.\n  - for example `" in told
    assert re.search(r"^  - for example `(\S+:\d+)`, .*: `prefq why \1`$", told, re.MULTILINE)
    assert re.search(r"^- \? The label noise could not be estimated on so few pairs\.$", told, re.MULTILINE)
    assert "**305** records read → **300** pairs" in told
    assert "| Flagged |" in told
    assert "**Yours to decide**" in told
    assert lines[-2:] == ["The whole report: `reports/audit.html`", ""]


def test_markdown_tells_of_trainers_that_take_something_away():
    found = page()
    figures = audit_json(found)
    some = {"max_length": 512, "dropped": 3, "cut": 4, "identical": 0, "no_answer": 1, "lost": 4, "lost_share": 0.1}
    none = {**some, "dropped": 0, "cut": 0, "no_answer": 0, "lost": 0, "lost_share": 0.0}
    told = to_markdown(found, {**figures, "survival": {"trl-dpo": some, "axolotl": none}}, report="r")
    assert "| `trl-dpo` | 512 | 3 | 4 | 0 | 1 | 90.0 % |" in told
    assert "axolotl" not in told


def test_markdown_is_never_too_long_for_a_comment():
    told = markdown(page(), limit=700)
    assert len(told) <= 700
    assert "too long for a comment" in told


def test_equal_data_give_equal_files():
    assert to_junit(page()) == to_junit(page())
    assert markdown(page()) == markdown(page())


def test_an_empty_dataset_has_files_too():
    found = audit(Tables(pairs=make_tables(3).pairs.head(0)), SETTINGS)
    assert "Not gated" in markdown(found)
    assert ElementTree.fromstring(to_junit(found)).get("tests") == "2"


def test_audit_writes_them_and_keeps_its_exit_code(audited: Path, tmp_path: Path, prefq: Callable):
    ran = prefq("audit", "--workdir", audited, "--junit", tmp_path / "j.xml", "--markdown", tmp_path / "m.md")
    assert ran.code == 0
    assert "The gate says yes." in ran.out
    assert ElementTree.parse(tmp_path / "j.xml").getroot().get("failures") == "0"
    assert (tmp_path / "m.md").read_text().startswith("### ✓ The gate says yes: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["j.xml", "m.md"]


def test_markdown_may_be_printed_in_place_of_the_summary(audited: Path, prefq: Callable):
    ran = prefq("audit", "--workdir", audited, "--markdown", "-")
    assert ran.out.startswith("### ✓ The gate says yes: ")
    assert ran.out.count("The gate says yes") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--junit", "no/where.xml"), "there is no folder no to write where.xml to"),
        (("--junit", "-"), "--junit writes a file"),
        (("--markdown", "-", "--json"), "both print"),
    ],
)
def test_what_cannot_be_written_is_said_first(options: tuple[str, ...], said: str, audited: Path, prefq: Callable):
    ran = prefq("audit", "--workdir", audited, *options)
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""


def test_the_report_stage_writes_them_too(audited: Path, tmp_path: Path, prefq: Callable):
    shutil.copytree(audited, tmp_path / "copy")
    ran = prefq("report", "--workdir", tmp_path / "copy", "--set", "report.survival=[]", "--junit", tmp_path / "j.xml")
    assert ran.code == 0
    assert (tmp_path / "j.xml").exists()
