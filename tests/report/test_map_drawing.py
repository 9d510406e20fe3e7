"""What the map shows: its points where they are, in the colours and shapes of the legend, on any screen and paper."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from report_tables import SETTINGS, make_tables
from visits import CHROMIUM, Visit, picture

from prefq.report import audit, render
from prefq.report.pages import template_text
from prefq.report.render import MAP_LIBRARY

TABLES = make_tables(300)
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture
def visit(browser: Any, written: Path) -> Iterator[Visit]:
    found = Visit(browser, written)
    found.page.locator("#canvas").evaluate("c => c.scrollIntoView({ block: 'center', behavior: 'instant' })")
    yield found
    assert found.said == []
    assert found.outside() == []
    found.page.close()


def test_the_library_is_that_of_its_release_and_ends_no_script() -> None:
    bundle = resources.files("prefq.report").joinpath("templates", MAP_LIBRARY).read_bytes()
    about = template_text("vendor/README.md")
    assert hashlib.sha256(bundle).hexdigest() in about
    assert re.search(rb"</script|<!--|<script", bundle, re.IGNORECASE) is None
    assert re.search(rb"\beval\s*\(|\bnew Function\b", bundle) is None
    assert "Licensed to the Apache Software Foundation" in bundle[:200].decode()


def test_only_a_page_with_a_map_has_the_library_and_its_policy_knows_each_script() -> None:
    for tables, scripts in ((TABLES, 2), (replace(TABLES, map=None), 1)):
        page = render(audit(tables, SETTINGS))
        found = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in found]
        assert len(found) == scripts
        assert f"script-src {' '.join(hashes)};" in page
        assert ("Apache Software Foundation" in page) == (scripts == 2)


CHART = "echarts.getInstanceByDom(document.getElementById('canvas'))"
LONELY = f"""() => {{
  const data = JSON.parse(document.getElementById("map-data").textContent), chart = {CHART};
  const shorts = (t) => new Uint16Array(Uint8Array.from(atob(t), (c) => c.charCodeAt(0)).buffer);
  const xs = shorts(data.x), ys = shorts(data.y), box = document.getElementById("canvas").getBoundingClientRect();
  const at = [...xs].map((x, i) => chart.convertToPixel({{ xAxisIndex: 0, yAxisIndex: 0 }}, [x, ys[i]]));
  const inside = ([x, y]) => x > 5 && y > 5 && x < box.width - 5 && y < box.height - 5;
  return at.flatMap(([x, y], i) => inside([x, y]) && at.every(([u, v], k) => k === i || Math.hypot(u - x, v - y) > 12)
    ? [[data.texts[i], x + box.x, y + box.y]] : []);
}}"""
"""The text and the place on the screen of each point that has no other near it, as ECharts places them."""


@in_browser
def test_what_is_pointed_at_is_what_is_drawn_there_however_the_map_was_moved(visit: Visit) -> None:
    page = visit.page
    for moves in ((), ("+", "+", "ArrowLeft"), ("+", "ArrowUp", "ArrowUp"), ("0",)):
        page.focus("#canvas")
        for key in moves:
            page.keyboard.press(key)
        picture(page)
        lonely = page.evaluate(LONELY)
        assert len(lonely) >= 3
        for text, x, y in lonely[:6]:
            page.mouse.move(x, y)
            assert page.locator("#point b").inner_text() == text


@in_browser
def test_values_differ_in_shape_as_well_as_in_colour(visit: Visit) -> None:
    page = visit.page
    page.select_option("#layer", label="category")
    picture(page)
    symbols = page.evaluate(f"{CHART}.getOption().series.map((s) => s.symbol)")
    assert sorted(set(symbols)) == ["circle", "diamond", "rect"]
    marks = page.locator("#legend li span").all_inner_texts()
    assert marks == ["●", "■", "◆"]


@in_browser
def test_what_is_selected_stands_out_until_it_is_cleared(visit: Visit) -> None:
    page = visit.page
    plain = picture(page)
    page.click("#pick-view")
    assert picture(page) != plain
    page.click("#unpick")
    assert picture(page) == plain


@in_browser
def test_the_ring_of_the_keyboard_is_there_only_while_keys_are_used(visit: Visit) -> None:
    page = visit.page
    page.focus("#canvas")
    page.keyboard.press("0")
    ring = picture(page)
    page.focus("#layer")
    assert picture(page) != ring


COLOURS = """(wanted) => {
  const canvases = [...document.querySelectorAll("#canvas canvas")], sum = document.createElement("canvas");
  [sum.width, sum.height] = [canvases[0].width, canvases[0].height];
  const ink = sum.getContext("2d");
  for (const canvas of canvases) ink.drawImage(canvas, 0, 0);
  const pixels = ink.getImageData(0, 0, sum.width, sum.height).data, counts = wanted.map(() => 0);
  for (let i = 0; i < pixels.length; i += 4) {
    const far = (c) => Math.abs(pixels[i] - c[0]) + Math.abs(pixels[i + 1] - c[1]) + Math.abs(pixels[i + 2] - c[2]);
    const nearest = wanted.reduce((best, c, k) => (far(c) < far(wanted[best]) ? k : best), 0);
    counts[nearest]++;
  }
  return counts;
}"""
"""How many pixels of the map are nearer to each colour than to the others."""


def colours(page: Any, *names: str) -> list[list[int]]:
    values = [page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{n}')") for n in names]
    return [list(bytes.fromhex(v.strip().removeprefix("#"))) for v in values]


@in_browser
def test_the_map_follows_the_light(visit: Visit) -> None:
    page = visit.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        picture(page)
        paper, flagged, _ = page.evaluate(COLOURS, colours(page, "panel", "drop", "merge"))
        assert paper > 100_000
        assert flagged > 100


@in_browser
def test_of_many_values_each_has_its_share_of_the_map(browser: Any, tmp_path: Path) -> None:
    """No value lies over the others, though the points of a value are drawn together and cover each other here."""
    tables = make_tables(30_000)
    path = tmp_path / "audit.html"
    path.write_text(render(audit(tables, SETTINGS)), encoding="utf-8")
    visit = Visit(browser, path, 390)
    page = visit.page
    page.select_option("#layer", label="dataset")
    picture(page)
    _, most, least = page.evaluate(COLOURS, colours(page, "panel", "map-1", "map-2"))
    share = (tables.pairs["dataset"] == "help_desk").mean()
    assert least / (most + least) == pytest.approx(share, abs=0.1)
    assert visit.said == []
    page.close()


@in_browser
def test_the_wheel_moves_the_page_and_zooms_with_ctrl(visit: Visit) -> None:
    page = visit.page
    before = picture(page)
    box = page.locator("#canvas").bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + box["height"] - 3)
    page.mouse.wheel(0, -120)
    page.wait_for_timeout(300)
    top = page.locator("#canvas").bounding_box()["y"]
    assert top > box["y"]
    assert picture(page) == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    assert picture(page) != before
    assert page.locator("#canvas").bounding_box()["y"] == top


CORNERS = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))


@in_browser
def test_shift_and_drag_selects_and_drag_alone_moves(visit: Visit) -> None:
    page = visit.page
    box = page.locator("#canvas").bounding_box()
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in CORNERS]
    page.keyboard.down("Shift")
    drag(page, at)
    page.keyboard.up("Shift")
    assert page.inner_text("#picked") == "300 prompts selected, 300 pairs"
    page.focus("#canvas")
    page.keyboard.press("+")
    before = picture(page)
    drag(page, [at[0], (at[0][0] + 90, at[0][1] + 40)])
    assert picture(page) != before
    assert page.inner_text("#picked") == "300 prompts selected, 300 pairs"


def drag(page: Any, places: list[tuple[float, float]]) -> None:
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


@in_browser
def test_by_touch_the_page_scrolls_until_the_map_was_tapped(browser: Any, written: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(written.as_uri())
    page.locator("#canvas").evaluate("c => c.scrollIntoView({ block: 'center', behavior: 'instant' })")
    before = picture(page)

    touch = context.new_cdp_session(page)

    def swipe() -> float:
        start, box = page.evaluate("scrollY"), page.locator("#canvas").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for k in range(13):
            kind = "touchMove" if k else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y - 10 * k}]})
            page.wait_for_timeout(16)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(200)
        return float(page.evaluate("scrollY") - start)

    assert swipe() > 60
    box = page.locator("#canvas").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("document.activeElement.id") == "canvas"
    page.keyboard.press("+")
    tapped = picture(page)
    assert tapped != before
    assert swipe() == 0
    assert picture(page) != tapped
    context.close()


@in_browser
@pytest.mark.parametrize("medium", ["screen", "print"])
def test_the_map_is_as_wide_as_its_frame(browser: Any, written: Path, medium: str) -> None:
    page = Visit(browser, written).page
    page.emulate_media(media=medium)
    page.set_viewport_size({"width": 700, "height": 900})
    picture(page)
    wide = "(e) => Math.round(e.getBoundingClientRect().width)"
    canvases = page.locator("#canvas canvas")
    assert canvases.count() > 0
    assert {c.evaluate(wide) for c in canvases.all()} == {page.locator("#canvas").evaluate(wide)}
    assert page.locator("#canvas").evaluate("c => c.clientWidth") > 500
    page.close()


@in_browser
def test_without_scripts_the_page_says_where_the_numbers_are(browser: Any, written: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    assert page.locator("#canvas").inner_text() == "The map needs scripts; its numbers are below."
    assert not page.locator(".map-tools").first.is_visible()
    context.close()
