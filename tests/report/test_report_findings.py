from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.checks import CHECKS
from prefq.cli.console import Console
from prefq.cli.reporting import foresee
from prefq.policy import DEFAULT_POLICY
from prefq.report import Audit, Tables, audit, render
from prefq.report.advice import ADVICE, TIERS, tier
from prefq.report.fates import Fate, fates
from prefq.report.findings import Finding
from prefq.report.words import fate, to_change


def tables_of(flags: dict[str, list[bool]], ledger: list[tuple[str, list[str]]]) -> Tables:
    """As many pairs as the ledger has entries of (decision, reasons)."""
    pairs = make_pairs(len(ledger))
    decided = zip(pairs.select("row_id", "pair_id").rows(), ledger, strict=True)
    rows = [(row_id, pair_id, decision, why, None, None) for (row_id, pair_id), (decision, why) in decided]
    schema = {"row_id": pl.String, "pair_id": pl.String, "decision": pl.String, "reasons": pl.List(pl.String)}
    table = pl.DataFrame(rows, schema=schema | {"split": pl.String, "evidence": pl.String}, orient="row")
    return Tables(pairs=pairs, flags=pl.DataFrame({"row_id": pairs["row_id"], **flags}), ledger=table)


SWAPPED_THEN_HELD = tables_of(
    {"swapped_duplicate": [True, True, True, False], "empty_answer": [False, False, False, True]},
    [
        ("review", ["disagreement"]),
        ("review", ["likely_mislabelled", "disagreement"]),
        ("keep", []),
        ("drop", ["empty_answer"]),
    ],
)


def finding(found: Audit, check: str) -> Finding:
    return next(f for f in found.findings if f.check == check)


def test_what_became_of_the_pairs_is_the_ledgers_word_not_the_policys() -> None:
    told = finding(audit(SWAPPED_THEN_HELD, {}), "swapped_duplicate")
    assert told.policy == "keep"
    assert told.fate is not None
    assert (told.fate.waiting, told.fate.kept) == (2, 1)
    assert fate(told.fate) == "2 held out for review (the judgements of the pair disagree; likely_mislabelled), 1 kept"


def test_a_check_that_decided_itself_gives_no_other_reason() -> None:
    found = fates(SWAPPED_THEN_HELD, ["empty_answer"])["empty_answer"]
    assert found == Fate({"drop": 1}, {})
    assert fate(found) == "1 dropped"
    assert fate(Fate({"drop": 12}, {})) == "all 12 dropped"


def test_without_a_ledger_nothing_is_said_of_fates() -> None:
    found = audit(replace(SWAPPED_THEN_HELD, ledger=None), {})
    assert finding(found, "swapped_duplicate").fate is None
    assert found.settled == ()
    assert "held out for review" not in render(found)


def test_what_the_policy_has_dealt_with_is_nobodys_to_do() -> None:
    found = audit(SWAPPED_THEN_HELD, {})
    assert [f.check for f in found.findings] == ["swapped_duplicate"]
    assert [r.name for r in found.settled] == ["empty_answer"]


def test_a_check_whose_pairs_other_reasons_took_out_is_settled() -> None:
    tables = tables_of({"repetition": [True, False]}, [("drop", ["pii"]), ("keep", [])])
    found = audit(tables, {})
    assert found.findings == ()
    assert [r.name for r in found.settled] == ["repetition"]


def test_what_only_informs_is_no_finding() -> None:
    tables = tables_of({"contrast_pair": [True, True], "pii": [True, False]}, [("keep", [])] * 2)
    found = audit(tables, {})
    assert [f.check for f in found.findings] == ["pii"]
    assert found.flagged == 1


@pytest.mark.parametrize(
    ("policy", "decisions", "sentence"),
    [
        ("keep", {"keep": 3}, "Nothing acts on this check."),
        ("keep", {"review": 20, "keep": 4}, "Decide those held out in data/labels; write review or drop there to take"),
        ("keep", {"review": 20}, "Decide those held out in data/labels; drop there takes them out."),
        ("keep", {"review": 1, "keep": 193}, "Nothing acts on this check."),
        ("review", {"review": 3}, "Decide them one by one in data/labels, or write drop there"),
        ("flip", {"flip": 3}, "Write review there to have them looked at first"),
    ],
)
def test_what_a_person_can_do(policy: str, decisions: dict[str, int], sentence: str) -> None:
    said = Finding("pii", "", "", 3, 10, 1.0, policy=policy, fate=Fate(decisions, {}))
    assert to_change(said).startswith(sentence)


def test_the_page_names_the_setting_in_force_and_what_is_usual() -> None:
    found = audit(SWAPPED_THEN_HELD, {"curate": {"policy": {"swapped_duplicate": "review"}}})
    page = render(found)
    assert "In force: <code>curate.policy.swapped_duplicate: review</code> (by default: keep)." in page


def test_every_check_has_its_harm_and_none_is_of_the_past() -> None:
    assert set(ADVICE) == set(CHECKS)


def test_what_the_policy_takes_out_by_default_is_not_called_harmless() -> None:
    assert not [check for check in DEFAULT_POLICY if tier(check) is TIERS[-1]]


def test_checks_are_grouped_by_harm() -> None:
    page = render(audit(make_tables(300), SETTINGS))
    assert page.index(">Defects <") < page.index('id="check-pii"') < page.index(">Worth a look <")
    assert page.index(">Worth a look <") < page.index('id="check-near_duplicate"')


def test_without_a_benchmark_named_no_overlap_is_claimed() -> None:
    tables = make_tables(60)
    assert tables.flags is not None
    unknown = tables.flags.with_columns(benchmark_overlap=pl.lit(None, pl.Boolean))
    whole = audit(replace(tables, flags=unknown, overlaps=None, uncompared=True), SETTINGS)
    assert "Not decided: decontaminate.against names no benchmark." in render(whole)
    result = {r.name: r for r in whole.results}
    assert result["benchmark_overlap"].count is None
    assert result["benchmark_overlap"].why == "decontaminate.against names no benchmark"


def test_a_trainer_that_reads_nothing_of_pairs_is_a_finding() -> None:
    tables = make_tables(60)
    short = foresee(tables, [{"trainer": "trl-reward", "max_length": 4}, "trl-dpo"], Path(), Console(-1))
    (found,) = (f for f in audit(tables, SETTINGS, short).findings if f.section == "survival")
    lost = max((s.kept or s.losses).lost for s in short)
    assert (found.count, found.title) == (lost, "trl-reward would learn nothing from some of the pairs")
    assert found.why == f"At 4 tokens of minilm: {lost} dropped in silence."
    stopped = [replace(s, losses=replace(s.losses, refused=2), kept=None) for s in short]
    (found,) = (f for f in audit(tables, SETTINGS, tuple(stopped)).findings if f.section == "survival")
    dropped = stopped[0].losses.dropped
    assert (
        found.why == f"At 4 tokens of minilm: 2 at which it stops with an error and {dropped - 2} dropped in silence."
    )
    assert found.remedy in render(audit(tables, SETTINGS, short))
    enough = foresee(tables, [{"trainer": "trl-reward", "max_length": 100_000}], Path(), Console(-1))
    assert [f for f in audit(tables, SETTINGS, enough).findings if f.section == "survival"] == []
