"""What the report costs, how large its page is and how fast it opens."""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench import data
from bench.measure import Cost, command, prefq
from bench.page import section, table
from bench.stages import FIVE, costs
from prefq import schema
from prefq.store import write_table

SIZES = (10_000, 100_000, 1_000_000)
BEFORE = (*FIVE[:3], "score", *FIVE[3:], "gate")
OPENED = 100_000
"""Pairs up to which the page is opened in a browser."""
TIMES = 3
SECONDS, MEGABYTES = 2, 15

READ = f"""`prefq report` on so many records of synthetic data on which every other stage has run. Embedding and UMAP,
which cost more than all else, are left out: there are no vectors (so no judge either), and the map's points are drawn
at random, one for each distinct prompt. *Opens* is the median of {TIMES} times in headless Chromium, from the file to
the end of the page's `load` event with the map drawn; *map* is how long one redraw of all points takes after that.
Aim at {OPENED:,} pairs: under {SECONDS} s and {MEGABYTES} MB."""

MAKE = "import sys; from bench.reporting import write_map; write_map(sys.argv[1])"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
DRAWN = """new Promise((done) => {
  const look = () => {
    const last = performance.getEntriesByName("map drawn").at(-1);
    if (last && document.readyState === "complete") done(performance.now()); else requestAnimationFrame(look);
  };
  look();
})"""
"""The time when the map has all its points and the page is complete, in JavaScript."""


def answer(quick: bool = False, rows: int | None = None) -> str:
    """The section."""
    sizes: Sequence[int] = (rows,) if rows else (500, 1_000) if quick else SIZES
    with tempfile.TemporaryDirectory() as folder:
        lines = [_line(Path(folder) / str(size), size) for size in sizes]
    header = (
        "records",
        "pairs",
        "points",
        "wall s",
        "CPU s",
        "peak MB",
        "page MB",
        "audit.json kB",
        "opens s",
        "map s",
    )
    return section("What does the report cost, and how fast does its page open?", READ, table(header, lines))


def _line(home: Path, rows: int) -> tuple[object, ...]:
    found = report(home, rows)
    page, figures = (home / "work/reports" / name for name in ("audit.html", "audit.json"))
    opens, drawn = opening(page) if rows <= OPENED else (None, None)
    points = pl.scan_parquet(home / "work/data/map.parquet").select(pl.len()).collect().item()
    sizes = (page.stat().st_size / 1e6, round(figures.stat().st_size / 1e3))
    return (
        *(f"{n:,}" for n in (rows, data.pairs(home / "work").height, points)),
        *(found.wall, found.cpu, round(found.peak), *sizes, opens, drawn),
    )


def report(home: Path, rows: int) -> Cost:
    """The cost of `prefq report`, in `home/work`, after the stages before it."""
    costs(data.synthetic(home / "raw", rows), home / "work", BEFORE)
    command(sys.executable, "-c", MAKE, home / "work")
    return prefq("report", "--workdir", home / "work")


def write_map(workdir: str) -> None:
    """A map of every distinct prompt at random places in forty clouds, seeded."""
    home, draw = Path(workdir), np.random.default_rng(data.SEED)
    pairs = pl.scan_parquet(home / "data/pairs.parquet").select("prompt_id")
    found = pairs.group_by("prompt_id").agg(rows=pl.len()).sort("prompt_id").collect()
    centres = draw.uniform(0, 20, (40, 2))
    places = centres[draw.integers(0, 40, found.height)] + draw.normal(0, 0.7, (found.height, 2))
    points = found.with_columns(x=pl.Series(places[:, 0]), y=pl.Series(places[:, 1]))
    write_table(points.select(schema.MAP.names()).cast(dict(schema.MAP)), home / "data/map.parquet")


def opening(page: Path) -> tuple[float | None, float | None]:
    """Seconds until the page is there, and until its map is drawn anew; None without a browser."""
    if CHROMIUM is None:
        return None, None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        times = [_opened(browser, page) for _ in range(TIMES)]
        browser.close()
    return statistics.median(t for t, _ in times), statistics.median(t for _, t in times)


def _opened(browser: Any, page: Path) -> tuple[float, float]:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(page.as_uri())
    opens = float(tab.evaluate(DRAWN)) / 1000
    tab.locator("#canvas").scroll_into_view_if_needed()
    zoom = "document.getElementById('canvas').dispatchEvent(new KeyboardEvent('keydown', {key: '+'}));"
    began = "const began = performance.now(); performance.clearMarks();"
    drawn = tab.evaluate(f"(() => {{ {began} {zoom} return {DRAWN}.then((at) => at - began); }})()")
    tab.close()
    return opens, float(drawn) / 1000
