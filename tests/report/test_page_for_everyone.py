"""The page for those who use a keyboard, a screen reader, a dark screen or a printer."""

import re
from pathlib import Path
from typing import Any

import pytest
from report_tables import SETTINGS, make_tables
from visits import CHROMIUM

import prefq.report
from prefq.cli.console import Console
from prefq.cli.reporting import foresee
from prefq.report import audit, render

STYLE = (Path(prefq.report.__file__).parent / "templates/style.css").read_text("utf-8")
OPEN = "for (const d of document.querySelectorAll('details')) d.open = true"
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    tables = make_tables(300)
    survival = foresee(tables, ["trl-dpo"], Path(), Console(-1))
    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(render(audit(tables, SETTINGS, survival)), encoding="utf-8")
    return path.as_uri()


@in_browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, address: str, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.evaluate(OPEN)
    page.wait_for_timeout(200)
    found = axe.run(page).response
    context.close()
    assert len(found["passes"]) > 40
    assert [(v["impact"], v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"]] == []


STEP = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {name: (at.id || at.textContent.trim()).slice(0, 40), tag: at.tagName,
          seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0,
          text: (at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent).trim()};
}"""


@in_browser
def test_tab_reaches_everything_in_order_and_shows_where_it_is(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    steps = []
    while len(steps) < 300:
        page.keyboard.press("Tab")
        step = page.evaluate(STEP)
        if step["tag"] == "BODY":
            break
        steps.append(step)
    page.close()
    assert steps[0]["name"] == "Skip to the report"
    assert [s for s in steps if not s["seen"] or not s["text"]] == []
    names = [s["name"] for s in steps]
    order = [names.index(name) for name in ("What to do", "filter", "sort", "unfold", "layer", "canvas")]
    assert order == sorted(order)
    assert {"SUMMARY", "A", "INPUT", "SELECT", "BUTTON", "DIV"} <= {s["tag"] for s in steps}


@in_browser
def test_long_texts_can_be_moved_by_the_keyboard(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(address)
    page.evaluate(OPEN)
    page.wait_for_timeout(200)
    lost = (
        "[...document.querySelectorAll('.text, .scroll, pre')].filter(b => b.tabIndex < 0 &&"
        " (b.scrollHeight > b.clientHeight + 1 || b.scrollWidth > b.clientWidth + 1)).length"
    )
    assert page.evaluate("document.querySelectorAll('.text[tabindex], .scroll[tabindex]').length") > 0
    assert page.evaluate(lost) == 0
    page.close()


@in_browser
def test_tables_have_heads_and_charts_have_texts(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    bare = "[...document.querySelectorAll('table')].filter(t => !t.querySelector('th[scope]')).map(t => t.outerHTML)"
    assert page.locator("table").count() > 10
    assert page.evaluate(bare) == []
    mute = "[...document.querySelectorAll('svg, canvas')].filter(c => !c.getAttribute('aria-label') && !c.ariaHidden)"
    assert page.locator("svg[role=img][aria-label], canvas[aria-label]").count() > 5
    assert page.evaluate(f"{mute}.map(c => c.outerHTML.slice(0, 200))") == []
    page.close()


@in_browser
def test_print_is_dark_on_light_and_has_no_tools(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".tools").is_visible()
    assert page.locator("#verdict h2").is_visible()
    ink, paper = (page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor"))
    assert contrast(*(tuple(map(int, re.findall(r"\d+", c)[:3])) for c in (ink, paper))) >= 7
    page.close()


Colour = tuple[int, ...]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    """The relative luminance of an sRGB colour, from 0 to 1 (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_contrast_of_known_colours() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


THEMES = {
    name: dict(re.findall(r"--([\w-]+): (#\w+);", part))
    for name, part in zip(("light", "dark"), STYLE.split("* { box-sizing")[0].split("@media"), strict=True)
}
WRITTEN = [
    *((ink, "paper") for ink in ("ink", "soft", "chosen", "rejected", "yes", "no", "open")),
    *((ink, "panel") for ink in ("ink", "soft", "chosen")),
    *((ink, f"{ink}-wash") for ink in ("yes", "no", "open", "chosen", "rejected")),
    *((ink, f"{wash}-wash") for ink in ("ink", "soft", "open", "chosen") for wash in ("yes", "no", "open")),
    ("found-ink", "found"),
    ("differs-ink", "differs"),
]
"""Colours of the style sheet: what is written, and what it is written on."""


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_written_can_be_read(theme: str) -> None:
    colours = {name: _rgb(value) for name, value in THEMES[theme].items()}
    faint = {(ink, on): round(contrast(colours[ink], colours[on]), 2) for ink, on in WRITTEN}
    assert {where: ratio for where, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_bars_stand_out_from_their_ground(theme: str) -> None:
    colours = {name: _rgb(value) for name, value in THEMES[theme].items()}
    dim = {name: round(contrast(colours[name], colours["paper"]), 2) for name in ("keep", "merge", "drop")}
    assert {name: ratio for name, ratio in dim.items() if ratio < 3} == {}


def _rgb(value: str) -> Colour:
    digits = value[1:] if len(value) == 7 else "".join(c * 2 for c in value[1:])
    return tuple(bytes.fromhex(digits))
