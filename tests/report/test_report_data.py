from dataclasses import replace

import polars as pl
import pytest
from report_tables import SETTINGS, make_pairs, make_tables

from prefq import schema
from prefq.report import Tables, audit, render
from prefq.report.examples import text_limit
from prefq.report.figures import lengths
from prefq.report.results import why_undecided


def pairs_of(*rows: tuple[str, str], label: str = "chosen") -> pl.DataFrame:
    table = [
        {"row_id": f"d:{i}", "dataset": "d", "record": i, "k": 0, "chosen": c, "rejected": r, "label": label}
        for i, (c, r) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=schema.PAIRS)


def test_the_flow_adds_up() -> None:
    flow = audit(make_tables(300), SETTINGS).flow
    assert (flow.records, flow.records_with_pairs, flow.records_rejected, flow.pairs) == (305, 300, 5, 300)
    assert flow.decisions is not None
    assert sum(flow.decisions.values()) == 300
    assert flow.kept == flow.released_total
    assert flow.gaps == []
    assert [(r.reason, r.count, r.where) for r in flow.rejects] == [
        ("context_mismatch", 3, "kitchen-table:300"),
        ("broken_json", 1, "kitchen-table:304"),
        ("missing_field", 1, "kitchen-table:303"),
    ]


def test_what_does_not_add_up_is_said() -> None:
    tables = make_tables(300)
    assert tables.ledger is not None and tables.curated is not None and tables.rejects is not None
    short = replace(
        tables, ledger=tables.ledger.head(290), curated=tables.curated.head(7), rejects=tables.rejects.head(1)
    )
    gaps = audit(short, SETTINGS).flow.gaps
    assert gaps[0].startswith("305 records were read,")
    assert len(gaps) == 3


def test_checks_are_ranked_and_undecided_ones_stand_last() -> None:
    found = audit(make_tables(300), SETTINGS)
    counts = [r.count for r in found.decided]
    assert counts == sorted(counts, key=lambda c: -(c or 0))
    assert found.results[-1].count is None
    assert {"model_unsure", "off_pattern"} <= {r.name for r in found.undecided}


def test_a_share_is_of_the_rows_that_could_be_decided() -> None:
    tables = make_tables(100)
    assert tables.flags is not None
    half = pl.when(pl.int_range(pl.len()) < 50).then(pl.int_range(pl.len()) < 10).alias("pii")
    result = next(
        r for r in audit(replace(tables, flags=tables.flags.with_columns(half)), SETTINGS).results if r.name == "pii"
    )
    assert (result.count, result.decided, result.undecided, result.share) == (10, 50, 50, 0.2)
    assert result.interval == pytest.approx((0.1124, 0.3304), abs=1e-4)


def test_why_a_check_is_not_decided() -> None:
    tables = make_tables(20)
    assert why_undecided("model_unsure", tables, SETTINGS) == "switched off by flag.model_unsure: false"
    assert why_undecided("pii", replace(tables, flags=None), {}) == "the flag stage has not run"
    assert replace(tables, scores=None).without("p_correct") == "the score stage has not run"
    assert tables.without("p_correct") == "the score stage could not decide p_correct"
    assert tables.without("p_chosen") is None
    few = replace(tables, scores=pl.DataFrame({"row_id": ["a"], "p_chosen": [None], "p_surface": [None]}))
    clause = "it takes 200 labelled pairs of 2 prompt groups, there are 19"
    assert few.without("p_surface") == f"nothing could be scored ({clause})"
    assert f"Nothing could be scored: {clause}." in render(audit(few, SETTINGS))


def test_a_check_names_the_slice_where_it_crowds() -> None:
    tables = make_tables(400)
    assert tables.flags is not None
    crowded = tables.flags.with_columns(
        pii=pl.col("row_id").str.starts_with("help_desk") & (pl.int_range(pl.len()) < 200)
    )
    result = next(r for r in audit(replace(tables, flags=crowded), SETTINGS).results if r.name == "pii")
    assert result.where is not None
    assert (result.where.column, result.where.value, result.where.hits) == ("dataset", "help_desk", result.count)


def test_findings_speak_of_checks_that_found_something() -> None:
    found = audit(make_tables(300), SETTINGS)
    counts = {r.name: r.count for r in found.decided}
    assert 3 <= len(found.findings) <= 8
    assert all(f.check is None or f.count == counts[f.check] for f in found.findings)
    policies = {f.check: f.policy for f in audit(make_tables(3000), SETTINGS).findings}
    assert policies.get("pii", "drop") == "drop"


def test_examples_are_shown_and_counted() -> None:
    result = audit(make_tables(300), SETTINGS).decided[0]
    assert len(result.examples) == 10
    assert result.row_id == result.examples[0].row_id
    none = audit(make_tables(300), SETTINGS | {"report": {"examples": 0}}).decided[0]
    assert none.examples == ()


def test_the_page_budget_shortens_texts() -> None:
    assert text_limit(5, 10) == 1400
    assert text_limit(35, 100) == 285
    assert text_limit(35, 1000) == 240


def test_chosen_longer_counts_only_pairs_with_a_choice() -> None:
    measured = lengths(pairs_of(("long answer", "short"), ("a", "b"), ("x", "longer"), ("", "some")))
    assert (measured.longer, measured.equal, measured.shorter, measured.compared) == (1, 1, 2, 4)
    assert measured.chosen_longer_share == 0.25
    assert sum(b.chosen for b in measured.bins) == sum(b.rejected for b in measured.bins) == 4
    assert sum(b.chosen for b in measured.ratio_bins) == 3
    ties = lengths(pairs_of(("long answer", "short"), label="tie"))
    assert ties.chosen_longer_share is None


def test_the_judge_is_measured_against_the_labels() -> None:
    tables = Tables(
        pairs=pairs_of(("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")),
        scores=pl.DataFrame({"row_id": [f"d:{i}" for i in range(4)], "p_chosen": [0.9, 0.9, 0.1, None]}),
    )
    judge = audit(tables, {}).judge
    assert judge is not None
    assert (judge.rows, judge.agreed, judge.accuracy) == (3, 2, pytest.approx(2 / 3))
    assert judge.ece == pytest.approx(0.9 - 2 / 3)


def test_pairs_alone_are_enough() -> None:
    found = audit(Tables(pairs=make_pairs(20)), {})
    assert found.verdict.passed is None
    assert found.flow.kept is found.flow.released_total is found.judge is found.map is found.overlaps is None
    assert found.decided == ()


def test_no_pairs_at_all_still_make_an_audit() -> None:
    found = audit(Tables(pairs=pl.DataFrame(schema=schema.PAIRS)), {})
    assert found.title == "No pairs"
    assert found.lengths.chosen_longer_share is None
