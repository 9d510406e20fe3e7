"""Every table of the page can be kept as a CSV file whose figures are plain numbers."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from report_tables import SETTINGS, make_tables
from visits import CHROMIUM, Visit

from prefq.report import audit, render

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
FOUND = audit(make_tables(300), SETTINGS)


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    path = tmp_path / "audit.html"
    path.write_text(render(FOUND), encoding="utf-8")
    return Visit(browser, path).page


def kept(page: Any, button: Any) -> tuple[str, list[list[str]]]:
    """The name of the file that a button leaves, and its rows."""
    with page.expect_download() as download:
        button.click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    return download.value.suggested_filename, list(csv.reader(io.StringIO(text)))


def test_every_table_has_a_button_that_says_which(page: Any) -> None:
    tables = page.locator("main table:not(.contradiction table)").count()
    names = page.locator("button.csv").evaluate_all("all => all.map(b => b.getAttribute('aria-label'))")
    assert len(names) == tables > 10
    assert [name for name in names if not name.removeprefix("Download CSV: ")] == []
    for chart in page.locator("svg.chart").all():
        assert chart.locator("xpath=..").locator("button.csv").count() == 1


def test_the_checks_are_kept_with_their_intervals(page: Any) -> None:
    name, rows = kept(page, page.locator("#check-table + button.csv"))
    assert name == "prefq-checks-every-check.csv"
    assert rows[0][:5] == ["Check", "Pairs", "Share", "Share low", "Share high"]
    found = {row[0]: row for row in rows[1:]}
    for result in FOUND.decided:
        if result.count:
            assert float(found[result.name][1]) == result.count
            assert float(found[result.name][2]) == pytest.approx(result.share, abs=5.1e-4)
            assert float(found[result.name][3]) == pytest.approx(result.interval[0], abs=5.1e-4)


def test_a_chart_is_kept_as_its_numbers(page: Any) -> None:
    _, rows = kept(page, page.locator("#lengths figure").first.locator("button.csv"))
    assert rows[0] == ["from", "to", "chosen", "rejected"]
    assert [list(map(float, row[2:])) for row in rows[1:]] == [[b.chosen, b.rejected] for b in FOUND.lengths.bins]


ALONE = """(text) => {
  const cells = [...document.querySelector("#provenance table").tBodies[0].rows].flatMap((row) => [...row.cells]);
  for (const [k, cell] of cells.entries()) cell.textContent = k === 1 ? text : "";
}"""
"""One cell of a table gets a text, the others none."""


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1,234,567", ["1234567"]),
        ("55.6 %", ["0.556"]),
        ("13,603 (42.4 %)", ["13603", "0.424"]),
        ("83.5 % (82.7–84.2 %; 32,047)", ["0.835", "0.827", "0.842", "32047"]),
        ("0.83 (0.69 to 0.96)", ["0.83", "0.69", "0.96"]),
        ("71.7 % of 805", ["0.717", "805"]),
        ("−12", ["-12"]),
        ("=1+1", ["'=1+1"]),
        ("@SUM(A1)", ["'@SUM(A1)"]),
        ('a "quoted", text', ['a "quoted", text']),
    ],
)
def test_cells_become_plain_figures_and_never_formulas(page: Any, text: str, cells: list[str]) -> None:
    page.evaluate(ALONE, text)
    _, rows = kept(page, page.locator("#provenance button.csv").first)
    assert rows[1] == cells
