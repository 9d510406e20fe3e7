"""Trainers, annotators and models, and changes since another audit, in a real browser: on a desk and on a phone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hostile_tables import ATTACK, CONTROLS, OPENS
from report_tables import SETTINGS, make_tables
from visits import CHROMIUM, Visit

from prefq.cli.console import Console
from prefq.cli.reporting import foresee
from prefq.report import audit, audit_json, render
from prefq.report.annotators import people
from prefq.report.since import since

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
SECTIONS = ("#survival", "#annotators", ".since", "#together")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on which every name of an annotator, a model, a slice and an earlier audit is an attack."""
    tables, at = make_tables(300), pl.int_range(pl.len())
    evil = pl.lit(OPENS[1] + CONTROLS)
    pairs = tables.pairs.with_columns(
        annotator=pl.when(at % 2 == 0).then(evil).otherwise(pl.lit("bob")),
        chosen_model=pl.when(at % 3 == 0).then(evil).otherwise(pl.lit("first model")),
        rejected_model=pl.when(at % 5 == 0).then(pl.lit("x" * 200)).otherwise(pl.lit("second model")),
        subset=pl.when(at % 2 == 0).then(evil).otherwise(pl.lit("b")),
    )
    again = pairs.with_columns(annotator=pl.lit(ATTACK), row_id=pl.col("row_id") + "#2")
    judged = pl.concat([pairs, again])
    twin = tables.flags.with_columns(pii=pl.col("near_duplicate"))
    survival = foresee(
        replace(tables, pairs=pairs), ["trl-dpo", {"trainer": "axolotl", "max_length": 60}], Path(), Console(-1)
    )
    page = audit(replace(tables, pairs=pairs, flags=twin), SETTINGS, survival, people(judged, seed=7))
    figures = audit_json(page)
    old = {**figures, "pairs": 3, "checks": {**figures["checks"], "pii": {"share": 0.9}}}
    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(render(page, since(old, figures, ATTACK)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_no_error_no_request_and_nothing_beyond_the_edge(width: int, browser: Any, written: Path):
    visit = Visit(browser, written, width)
    assert visit.said == []
    assert visit.outside() == []
    assert visit.page.evaluate("window.hacked") is None
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    for section in SECTIONS:
        assert visit.page.locator(section).is_visible()


def test_tables_of_the_sections_have_heads_and_named_rows(browser: Any, written: Path):
    visit = Visit(browser, written)
    bare = "[...document.querySelectorAll('#survival table, #annotators table, .since table, #together table')]"
    assert visit.page.evaluate(f"{bare}.length") >= 8
    assert visit.page.evaluate(f"{bare}.filter(t => !t.tHead || !t.querySelector('tbody th[scope=row]')).length") == 0


def test_every_link_leads_somewhere(browser: Any, written: Path):
    visit = Visit(browser, written)
    lost = (
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.getAttribute('href')))"
    )
    assert visit.page.evaluate(f"{lost}.map(a => a.getAttribute('href'))") == []
