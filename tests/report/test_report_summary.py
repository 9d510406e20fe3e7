import shlex
from dataclasses import replace

import polars as pl
import pytest
from hostile_tables import ATTACK, hostile_tables
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.report import Tables, audit, summary


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_summary_fits_the_terminal(width: int) -> None:
    lines = summary(audit(make_tables(300), SETTINGS), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert 12 <= len(lines) <= 34


def test_the_verdict_stands_first_and_the_report_last() -> None:
    lines = summary(audit(make_tables(300), SETTINGS), report="w/reports/audit.html").splitlines()
    assert lines[0] == "help_desk, kitchen-table"
    assert lines[1] == "✕ The gate says no."
    assert "  ✕ 2 pairs share a prompt with a benchmark; none may." in lines
    assert lines[-1] == "Report: w/reports/audit.html"


def test_a_yes_reads_as_one() -> None:
    assert "✓ The gate says yes." in summary(audit(make_tables(300, passed=True), SETTINGS))


def test_the_command_for_one_pair_can_be_typed_as_it_stands() -> None:
    tables = make_tables(300)
    renamed = replace(tables, **{
        name: getattr(tables, name).with_columns(row_id=pl.format("my data:{}", "row_id"))
        for name in ("pairs", "flags", "ledger", "evidence")
    })  # fmt: skip
    lines = summary(audit(renamed, SETTINGS), workdir="my work").splitlines()
    (told,) = (line for line in lines if line.startswith("  prefq why"))
    assert shlex.split(told.split("   tells")[0])[2].startswith("my data:")
    assert shlex.split(told.split("   tells")[0])[3:] == ["--workdir", "my work"]


def test_what_is_not_decided_is_said_once() -> None:
    gate = {
        "passed": True,
        "rules": [
            {"suite": "raw", "name": "pii", "passed": None, "sentence": "pii could not be decided"},
            {"suite": "curated", "name": "no_pii", "passed": None, "sentence": "of the curated pairs it is not"},
        ],
    }
    tables = make_tables(100)
    assert tables.flags is not None
    unknown = tables.flags.with_columns(pii=pl.lit(None, pl.Boolean))
    text = summary(audit(replace(tables, flags=unknown, gate=gate), SETTINGS))
    assert text.count("pii") == 1
    assert "of the curated pairs" not in text


def test_without_color_there_is_no_escape_code() -> None:
    found = audit(make_tables(100), SETTINGS)
    assert "\x1b" not in summary(found)
    assert "\x1b[31m" in summary(found, color=True)


def test_hostile_names_send_no_control_character_to_the_terminal() -> None:
    found = audit(hostile_tables(), SETTINGS | {"report": {"title": ATTACK}})
    text = summary(found)
    assert not [c for c in text if (ord(c) < 32 and c != "\n") or c in "\u202e\u2066"]
    assert max(len(line) for line in text.splitlines() if not line.startswith("  prefq why")) <= 80


def test_stages_that_have_not_run_are_said() -> None:
    text = summary(audit(Tables(pairs=make_pairs(10)), {}))
    assert "? Not gated." in text
    assert "curate has not run" in text


def test_what_does_not_add_up_is_said() -> None:
    tables = make_tables(100)
    assert tables.ledger is not None
    assert "! There are 100 pairs, but 90 decisions" in summary(
        audit(replace(tables, ledger=tables.ledger.head(90)), {})
    )


def test_trainers_that_lose_kept_pairs_are_told() -> None:
    some = {"lost": 162, "lost_share": 0.57, "pairs": 284}
    few = {"lost": 1, "lost_share": 0.0035, "pairs": 284}
    survival = {
        "axolotl": {"max_length": 512, "kept": some, "lost": 200, "lost_share": 0.6, "pairs": 300},
        "trl-dpo": {"max_length": 1024, "kept": few, "lost": 90, "lost_share": 0.3, "pairs": 300},
        "trl-reward": {"max_length": 1024, "kept": None, "lost": 90, "lost_share": 0.3, "pairs": 300},
    }
    lines = summary(audit(make_tables(300), SETTINGS), survival=survival).splitlines()
    at = lines.index("What trainers would lose")
    assert lines[at + 1 : at + 4] == [
        "  axolotl     162 of 284 pairs (57.0 %) at 512 tokens",
        "  trl-reward  90 of 300 pairs (30.0 %) at 1,024 tokens",
        "",
    ]
    assert "What trainers would lose" not in summary(audit(make_tables(300), SETTINGS))
