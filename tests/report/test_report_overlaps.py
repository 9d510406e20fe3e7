"""The section on benchmark overlap: which side shares what with which part of which item, escaped."""

from dataclasses import replace

import polars as pl
from report_tables import SETTINGS, make_pairs, make_tables

from prefq import schema
from prefq.overlap import find_overlaps
from prefq.report import Tables, audit, render
from prefq.report.overlapping import overlaps

LAKE = "Describe how a lake freezes over from the shore to the middle, and why the ice swims on top of the water."
SCRIPT = "<script>alert(1)</script> water is heaviest at four degrees so the colder water stays on top of it all winter"


def tables() -> Tables:
    pairs = make_pairs(3).with_columns(
        prompt=pl.Series([[{"role": "user", "content": t}] for t in (LAKE, "Why?", "And?")], dtype=schema.MESSAGES),
        chosen=pl.Series(["Well.", SCRIPT, "Yes."]),
        rejected=pl.Series(["No.", f"As he said, {SCRIPT} and longer than that, for all I know of lakes.", "No."]),
    )
    tested = pl.DataFrame({"benchmark": ["b"], "benchmark_id": ["<b>1"], "text": [LAKE]})
    found = find_overlaps(pairs, tested, replies=tested.with_columns(benchmark_id=pl.lit("2"), text=pl.lit(SCRIPT)))
    return Tables(pairs=pairs, overlaps=found)


def test_each_example_tells_its_side_and_what_of_the_item_it_shares() -> None:
    found = overlaps(tables(), SETTINGS)
    assert found is not None
    (kind,) = found
    assert (kind.kind, kind.rows, kind.items) == ("exact", 2, 2)
    assert kind.sides == (("prompt", 1), ("chosen answer", 1), ("rejected answer", 1))
    shown = {o.row_id: o for one in range(2) for o in overlaps(_only(one), SETTINGS) or ()}
    told = [(o.side, o.part, o.benchmark_id, o.text, o.item, o.item_coverage) for o in shown.values()]
    assert told == [
        ("prompt", "prompt", "<b>1", LAKE, LAKE, 1.0),
        ("chosen answer", "answer", "2", SCRIPT, SCRIPT, 1.0),
    ]
    assert [o.shared.split()[0] for o in shown.values()] == ["describe", "<script>alert"]


def _only(place: int) -> Tables:
    whole = tables()
    assert whole.overlaps is not None
    return replace(whole, overlaps=whole.overlaps.slice(place, 1))


def test_the_page_shows_both_texts_escaped() -> None:
    page = render(audit(replace(make_tables(), pairs=tables().pairs, overlaps=_only(1).overlaps), SETTINGS))
    section = page[page.index('id="benchmarks-h"') :].split("</section>")[0]
    assert "<script>" not in section
    assert section.count("alert") >= 2
    assert "Chosen answer of" in section and "Answer of benchmark item" in section


def test_evidence_that_is_no_json_is_the_shared_words() -> None:
    row = {"row_id": "x", "benchmark": "b", "benchmark_id": None, "kind": "ngram", "coverage": 0.5, "evidence": "a < b"}
    found = overlaps(replace(tables(), overlaps=pl.DataFrame([row], schema=schema.OVERLAPS)), SETTINGS)
    assert found is not None
    assert (found[0].shared, found[0].side, found[0].text, found[0].item) == ("a < b", "prompt", "", "")
