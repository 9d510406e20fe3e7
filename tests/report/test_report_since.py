"""What changed since an earlier audit: on the page, in the terminal, in Markdown."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_tables import SETTINGS, make_tables

from prefq.report import audit, audit_json, render, summary
from prefq.report.markdown import to_markdown
from prefq.report.since import Move, Since, since

OLD: dict[str, Any] = {
    "gate_passed": 0,
    "pairs": 1500,
    "kept": 900,
    "flagged_share": 0.25,
    "noise_rate": None,
    "checks": {"pii": {"count": 30, "share": 0.02}, "mojibake": {"count": 3, "share": 0.002}, "gone": {"share": 1}},
}
NEW: dict[str, Any] = {
    "gate_passed": 1,
    "pairs": 1485,
    "kept": 900,
    "flagged_share": 0.2,
    "noise_rate": 0.1,
    "checks": {"pii": {"share": 0.01}, "mojibake": {"share": 0.3}, "new": {"share": 0.5}, "unsure": {"share": None}},
}


@pytest.fixture
def moves() -> Since:
    return since(OLD, NEW, "v1")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_figures_then_and_now(moves: Since):
    told = {move.name: (plain(move.words[0]), plain(move.words[1]), move.step) for move in moves.figures}
    assert told["Pairs"] == ("1,500", "1,485", "−15")
    assert told["Kept"] == ("900", "900", "")
    assert told["Flagged"] == ("25.0 %", "20.0 %", "−5.0 points")
    assert told["Wrong labels"] == ("not decided", "10.0 %", "")
    assert told["Records read"] == ("not decided", "not decided", "")
    assert moves.gate == ("no", "yes")


def test_the_checks_of_now_are_told_the_strongest_first(moves: Since):
    assert set(moves.checks) == {"pii", "mojibake", "new", "unsure"}
    assert [(move.name, move.step) for move in moves.strongest] == [
        ("mojibake", "+29.8 points"),
        ("pii", "−1.0 points"),
    ]
    assert not moves.checks["unsure"].moved
    assert moves.checks["new"].words[0] == "not decided"


def test_what_reads_the_same_has_not_moved():
    assert not Move("a", 0.10001, 0.10002, True).moved
    assert Move("a", None, None, False).words == ("not decided", "not decided")


@pytest.mark.parametrize("broken", [{}, {"checks": None}, {"checks": {"pii": 3}, "pairs": "many", "gate_passed": "x"}])
def test_an_older_audit_that_lacks_something_is_not_decided_there(broken: dict[str, Any]):
    found = since(broken, NEW, "old")
    assert found.gate[0] == "not asked"
    assert all(move.before is None for move in [*found.figures, *found.checks.values()])


def test_page_summary_and_markdown_tell_of_it():
    tables = make_tables(300)
    page = audit(tables, SETTINGS)
    figures = audit_json(page)
    old = {**figures, "pairs": 280, "checks": {**figures["checks"], "pii": {"share": 0.4}}}
    moves = since(old, figures, "<b>v1</b>")
    html = render(page, moves)
    assert "Since &lt;b&gt;v1" in html
    assert '<a href="#check-pii"><code>pii</code></a>' in html.split("Since &lt;b&gt;")[1].split("</details>")[0]
    assert "then 40.0" in html
    assert "Since" not in render(page).split('id="checks"')[0].split('id="flow"')[1]
    lines = summary(page, since=moves)
    assert "Since <b>v1</b>" in lines and "pairs 280 → 300" in lines and "pii 40.0 % → " in lines
    told = to_markdown(page, figures, report="r", since=moves)
    assert "**Since `<b>v1</b>`**" in told
    assert "| Pairs | 280 | 300 | +20 |" in told


def test_equal_audits_have_not_moved():
    page = audit(make_tables(60), SETTINGS)
    moves = since(audit_json(page), audit_json(page), "itself")
    assert not moves.strongest
    assert "No check" in render(page, moves)
    assert "No figure moved." in to_markdown(page, audit_json(page), report="r", since=moves)


def test_against_a_folder_a_file_and_a_revision(audited: Path, tmp_path: Path, prefq: Callable):
    by_folder = prefq("audit", "--workdir", audited, "--against", audited)
    assert by_folder.code == 0
    assert f"Since {audited}"[:60] in by_folder.out
    figures = json.loads((audited / "reports/audit.json").read_text())
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/audit.json").write_text(json.dumps({**figures, "pairs": 7}))
    by_file = prefq("audit", "--workdir", audited, "--against", tmp_path / "reports/audit.json")
    assert f"pairs 7 → {figures['pairs']}" in by_file.out
    for command in (["init", "--quiet"], ["add", "reports/audit.json"], ["commit", "--quiet", "-m", "One"]):
        subprocess.run(
            ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *command], check=True, cwd=tmp_path
        )
    (tmp_path / "reports/audit.json").write_text(json.dumps(figures))
    by_revision = prefq("audit", "--workdir", tmp_path, "--against", "HEAD", "--markdown", tmp_path / "m.md", "--json")
    assert by_revision.code == 1  # no pairs there to tell the rest of
    assert "data/pairs.parquet is not there" in by_revision.err


def test_the_report_stage_compares_with_the_declared_baseline(audited: Path, tmp_path: Path, prefq: Callable):
    import shutil

    shutil.copytree(audited, tmp_path / "copy")
    figures = json.loads((audited / "reports/audit.json").read_text())
    (tmp_path / "copy/old.json").write_text(json.dumps({**figures, "pairs": 7}))
    options = ("--set", "report.survival=[]", "--set", "report.baseline=old.json")
    assert prefq("report", "--workdir", tmp_path / "copy", *options).code == 0
    page = (tmp_path / "copy/reports/audit.html").read_text()
    assert "<summary>Since old.json</summary>" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "no file or folder, and no version in Git"), ("{", "it is not JSON"), ("{}", "is no audit")],
    ids=["nothing", "broken", "another file"],
)
def test_what_is_no_audit_is_said(text: str | None, said: str, audited: Path, tmp_path: Path, prefq: Callable):
    if text is not None:
        (tmp_path / "old.json").write_text(text)
    ran = prefq("audit", "--workdir", audited, "--against", tmp_path / "old.json")
    assert ran.code in (1, 2)
    assert said in ran.err


def test_a_baseline_that_is_not_there_is_said(audited: Path, prefq: Callable):
    ran = prefq("report", "--workdir", audited, "--set", "report.baseline=nowhere.json")
    assert ran.code == 1
    assert "there is no audit to compare with in" in ran.err


def test_a_gate_that_was_not_asked_is_told():
    page = audit(replace(make_tables(30), gate=None), SETTINGS)
    assert since(audit_json(page), audit_json(page), "x").gate == ("not asked", "not asked")


def test_a_file_is_compared_with_an_older_one_that_was_never_audited(tmp_path: Path, prefq: Callable):
    rows = [{"prompt": f"What is {n}?", "chosen": f"It is {n}.", "rejected": "No idea."} for n in range(8)]
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:6]))
    rows[0] |= {"chosen": rows[0]["rejected"], "rejected": rows[0]["chosen"]}
    (tmp_path / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--workdir", tmp_path / "w", "--set", "embed.encoder=static", "--set", "report.survival=[]")
    against = ("--against", tmp_path / "old.jsonl")
    ran = prefq("audit", tmp_path / "new.jsonl", *options, *against)
    told = "Of the pairs as they came in: 1 with the label flipped, 2 new, 5 unchanged."
    assert told in ran.err
    assert told in (tmp_path / "w/reports/audit.html").read_text()
    alone = prefq("audit", "--workdir", tmp_path / "w", *against)
    assert (alone.code, "`prefq diff" in alone.err) == (2, True)
