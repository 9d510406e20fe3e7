"""The page in a real browser: it makes no request, reports no error, and runs nothing that came from the data."""

from pathlib import Path
from typing import Any

import pytest
from hostile_tables import ATTACK, hostile_tables
from report_tables import SETTINGS
from visits import CHROMIUM, Visit, picture

from prefq.report import audit, render

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


def test_no_error_and_no_request(browser: Any, written: Path) -> None:
    visit = Visit(browser, written)
    assert visit.said == []
    assert visit.outside() == []
    assert visit.page.title() == "help_desk, kitchen-table · prefq audit"


def test_hostile_data_runs_nothing(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(render(audit(hostile_tables(), SETTINGS | {"report": {"title": ATTACK}})), encoding="utf-8")
    visit = Visit(browser, path)
    for target in ("#canvas", ".example", "h1"):
        visit.page.hover(target)
    assert visit.page.evaluate("window.hacked") is None
    assert visit.said == []
    assert visit.outside() == []
    assert visit.page.locator("iframe, img").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser: Any, written: Path, width: int) -> None:
    visit = Visit(browser, written, width)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_table_filters_and_sorts(browser: Any, written: Path) -> None:
    page = Visit(browser, written).page
    rows = page.locator("#check-table tbody:visible .name")
    everything = rows.all_text_contents()
    page.select_option("#sort", "name")
    assert rows.all_text_contents() == sorted(everything)
    page.fill("#filter", "near_dup")
    assert rows.all_text_contents() == ["near_duplicate"]
    assert page.inner_text("#shown") == f"1 of {len(everything)} checks"


def test_a_link_opens_the_examples_of_its_check(browser: Any, written: Path) -> None:
    visit = Visit(browser, written)
    visit.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = false")
    visit.page.evaluate("location.hash = '#check-chosen_refuses'")
    visit.page.wait_for_selector("#check-chosen_refuses .example:visible")
    opened = visit.page.locator("details[open] .example:visible")
    assert opened.count() == visit.page.locator("#check-chosen_refuses .example:visible").count() > 0


def test_the_map_answers_to_the_keyboard(browser: Any, written: Path) -> None:
    page = Visit(browser, written).page
    page.focus("#canvas")
    for key in ("+", "ArrowLeft", "ArrowUp", "-", "0", "+", "+", "ArrowDown"):
        page.keyboard.press(key)
    box = page.locator("#canvas").bounding_box()
    for k in range(40):
        page.mouse.move(box["x"] + box["width"] * (k % 8 + 0.5) / 8, box["y"] + box["height"] * (k // 8 + 0.5) / 5)
    page.select_option("#layer", "1")
    assert page.locator("#legend li").first.inner_text().split()[1:2] == ["chosen_refuses"]
    flagged = picture(page)
    page.select_option("#layer", label="nothing")
    assert picture(page) != flagged


FOUND_THERE = """([x, y]) => {
  const at = document.elementFromPoint(x, y);
  return [at.querySelector("title")?.textContent, getComputedStyle(at).fillOpacity];
}"""


def test_charts_tell_their_numbers_under_the_pointer(browser: Any, written: Path) -> None:
    page = Visit(browser, written).page
    for chart, words in (("lengths figure:nth-child(1)", "chosen"), ("lengths figure:nth-child(2)", "pair")):
        place = page.locator(f"#{chart} svg.chart")
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        at = [box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.2]
        page.mouse.move(*at)
        said, shade = page.evaluate(FOUND_THERE, at)
        assert words in said
        assert float(shade) > 0
    assert page.locator("#judge svg.chart title").count() > 3


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_labels_of_charts_do_not_touch(browser: Any, written: Path, width: int) -> None:
    page = Visit(browser, written, width).page
    touching = """charts => charts.map(chart => {
      const outer = chart.getBoundingClientRect();
      const boxes = [...chart.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
      const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
      const cut = boxes.filter(([, b]) => b.left < outer.left - 1 || b.right > outer.right + 1);
      const near = (a, i) => boxes.slice(i + 1).filter(([, b]) => !apart(a, b)).map(([s]) => s);
      const pairs = boxes.flatMap(([s, a], i) => near(a, i).map((t) => s + " | " + t));
      return {texts: boxes.length, cut: cut.map(([s]) => s), pairs};
    })"""
    found = page.locator("svg.chart").evaluate_all(touching)
    assert [chart["texts"] > 8 for chart in found] == [True] * 3
    assert [chart["cut"] + chart["pairs"] for chart in found] == [[], [], []]
    assert {page.locator("svg.chart text").first.evaluate("t => getComputedStyle(t).fontFamily.split(',')[0]")} == {
        "system-ui"
    }
