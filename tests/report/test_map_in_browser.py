"""The map in a real browser: lasso, keyboard, touch, copied ids and the review queue."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_tables import make_tables
from visits import CHROMIUM, Visit, picture

from prefq.merging import queue_lines

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
TABLES = make_tables(300)


@pytest.fixture
def visit(browser: Any, written: Path) -> Iterator[Visit]:
    found = Visit(browser, written)
    yield found
    assert found.said == []
    assert [url for url in found.outside() if not url.startswith("blob:")] == []
    found.page.close()


def lasso(page: Any, low: float, high: float) -> None:
    """Draw a square over the map, from `low` to `high` of its width and height."""
    page.locator("#canvas").evaluate("c => c.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = page.locator("#canvas").bounding_box()
    corners = [(low, low), (high, low), (high, high), (low, high)]
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def test_a_lasso_selects_what_it_surrounds_and_no_more(visit: Visit) -> None:
    page = visit.page
    page.click("#lasso")
    assert page.get_attribute("#lasso", "aria-pressed") == "true"
    lasso(page, 0.02, 0.98)
    assert page.inner_text("#picked") == "300 prompts selected, 300 pairs"
    page.click("#unpick")
    assert page.inner_text("#picked") == "Nothing selected"
    lasso(page, 0.02, 0.5)
    corner = int(page.inner_text("#picked").split()[0])
    assert 0 < corner < 300
    assert page.locator("#picked-list li").count() == min(corner, 100)


def test_the_review_queue_has_a_line_for_each_selected_pair(visit: Visit) -> None:
    page = visit.page
    page.select_option("#layer", label=f"likely_mislabelled ({TABLES.flags['likely_mislabelled'].sum()})")
    page.click("#pick-view")
    with page.expect_download() as download:
        page.click("#queue")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    entries = [json.loads(line) for line in text.splitlines()]
    flagged = TABLES.pairs.join(TABLES.flags.filter("likely_mislabelled"), on="row_id")
    assert {entry["pair_id"] for entry in entries} == set(flagged["pair_id"])
    assert {entry["row_id"] for entry in entries} == set(flagged["row_id"])
    assert entries[0] | {"pair_id": "", "row_id": ""} == {
        **{"format": 1, "reason": "map", "pair_id": "", "dimension": "preference"},
        **{"about": ["likely_mislabelled"], "row_id": "", "base": None, "opinions": []},
    }
    assert download.value.suggested_filename == "review.jsonl"
    assert [json.loads(line) for line in queue_lines(text, []).splitlines()] == entries


def test_ids_can_be_copied_where_there_is_no_clipboard(visit: Visit) -> None:
    page = visit.page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.click("#pick-view")
    page.click("#copy")
    ids = page.input_value("#ids").split("\n")
    shown = TABLES.flags.filter("near_duplicate")["row_id"]  # the layer that is chosen at first
    assert sorted(ids) == sorted(shown)


def test_everything_can_be_done_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.focus("#canvas")
    page.keyboard.press("Space")
    before = page.inner_text("#picked")
    for _ in range(9):
        page.keyboard.press("-")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Space")
    page.keyboard.press("0")
    for key in ("+", "+", "ArrowUp", "ArrowRight", "Space"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    assert page.inner_text("#picked") == "Nothing selected"
    assert before
    order = ["layer", "zoom-in", "zoom-out", "zoom-reset", "lasso", "pick-view", "canvas"]
    page.focus("#layer")
    reached = []
    for _ in order:
        reached.append(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
    assert reached == order


def test_slices_and_scores_colour_the_map_and_have_a_legend(visit: Visit) -> None:
    page = visit.page
    seen = set()
    for label in ("nothing", "category", "dataset", "suspicion"):
        page.select_option("#layer", label=label)
        seen.add(picture(page))
    assert len(seen) == 4
    assert page.locator("#legend .ramp").count() == 1
    page.select_option("#layer", label="category")
    counts = TABLES.pairs["category"].value_counts(sort=True)
    assert page.locator("#legend li").all_inner_texts()[0].split() == [
        "●",
        counts["category"][0],
        f"({counts['count'][0]})",
    ]


def test_every_control_has_a_name_and_a_role(visit: Visit) -> None:
    named = """() => [...document.querySelectorAll('#map button, #map select, #map textarea, #map [role=application]')]
        .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label')))
        .map((e) => e.id)"""
    assert visit.page.evaluate(named) == []
    assert visit.page.get_attribute("#canvas", "role") == "application"
    assert visit.page.get_attribute("#picked", "role") == "status"


CONTRAST = """() => {
  const css = getComputedStyle(document.documentElement);
  const long = (t) => t.length < 7 ? t.replace(/[0-9a-f]/gi, '$&$&') : t;
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (t) => [0.2126, 0.7152, 0.0722].reduce(
    (sum, part, k) => sum + part * linear(parseInt(long(t.trim()).slice(2 * k + 1, 2 * k + 3), 16) / 255), 0);
  const of = (name) => light(css.getPropertyValue(name)), paper = of('--panel');
  const names = ['--drop', ...[1, 2, 3, 4, 5, 6, 7].map((k) => '--map-' + k)];
  return names.map((n) => (Math.max(of(n), paper) + 0.05) / (Math.min(of(n), paper) + 0.05));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_points_stand_out_from_the_paper(browser: Any, written: Path, scheme: str) -> None:
    """At least 3 : 1, as WCAG 2.2 (1.4.11) asks of graphics."""
    page = browser.new_page(color_scheme=scheme)
    page.goto(written.as_uri())
    assert min(page.evaluate(CONTRAST)) >= 3
    page.close()


def test_two_fingers_zoom_and_one_selects_in_lasso_mode(visit: Visit) -> None:
    page = visit.page
    page.locator("#canvas").scroll_into_view_if_needed()
    at = """(c, [kind, id, x, y]) => c.dispatchEvent(new PointerEvent(kind, { pointerId: id, pointerType: 'touch',
        clientX: c.getBoundingClientRect().x + x, clientY: c.getBoundingClientRect().y + y, bubbles: true }))"""

    def touch(*events: tuple[str, int, int, int]) -> None:
        for event in events:
            page.locator("#canvas").evaluate(at, list(event))

    before = picture(page)
    touch(("pointerdown", 11, 200, 200), ("pointerdown", 12, 260, 200), ("pointermove", 12, 500, 200))
    touch(("pointerup", 11, 200, 200), ("pointerup", 12, 500, 200))
    assert picture(page) != before
    page.click("#zoom-reset")
    page.click("#lasso")
    width, height = page.locator("#canvas").evaluate("c => [c.clientWidth, c.clientHeight]")
    touch(("pointerdown", 21, 0, 0), ("pointermove", 21, width, 0), ("pointermove", 21, width, height))
    touch(("pointermove", 21, 0, height), ("pointerup", 21, 0, height))
    assert page.inner_text("#picked") == "300 prompts selected, 300 pairs"
