"""The charts say the numbers that they are drawn from."""

import json
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from shapes import Node, labels, marks, numbers, scale, titles

from prefq.report import charts
from prefq.report.figures import Bin, Lengths, Reliability, lengths

ANSWERS = [(40, 40), (300, 20), (300, 90), (700, 70), (65, 300), (5000, 33), (0, 12), (90, 3), (100, 100)]
"""Characters of the chosen and of the rejected answer of some pairs."""
BINS = (
    Reliability(0.5, 0.55, 4, 0.53, 0.5),
    Reliability(0.7, 0.75, 25, 0.72, 0.8),
    Reliability(0.95, 1, 400, 0.97, 0.9),
)


def of(answers: Sequence[tuple[int, int]]) -> Lengths:
    rows = [{"label": "chosen", "chosen": "c" * c, "rejected": "r" * r} for c, r in answers]
    return lengths(pl.DataFrame(rows))


def steps(path: Node, height: Callable[[float], float]) -> list[int]:
    """The heights of a histogram's outline, from left to right: of its pieces that go across."""
    corners = list(zip(*[iter(numbers(path.get("d")))] * 2, strict=True))
    return [round(height(y)) for (x, y), (after, same) in pairwise(corners) if after > x and y == same]


def test_the_outlines_of_lengths_are_as_high_as_their_bins() -> None:
    found = of(ANSWERS)
    drawn = charts.length_chart(found)
    chosen, rejected = marks(drawn, "line")
    height = scale(drawn, across=False)
    assert steps(chosen, height) == [b.chosen for b in found.bins]
    assert steps(rejected, height) == [b.rejected for b in found.bins]
    assert sum(steps(chosen, height)) == len(ANSWERS)


def test_the_outlines_are_told_apart_without_colours() -> None:
    chosen, rejected = marks(charts.length_chart(of(ANSWERS)), "line")
    assert (chosen.get("stroke"), rejected.get("stroke")) == ("var(--chosen)", "var(--rejected)")
    assert rejected.get("stroke-dasharray") == "5,3"
    assert chosen.get("stroke-dasharray") != rejected.get("stroke-dasharray")


def test_every_bin_of_lengths_tells_its_numbers_under_the_pointer() -> None:
    found = of(ANSWERS)
    columns = marks(charts.length_chart(found), "rect")
    assert len(columns) == len(found.bins)
    assert titles(columns)[0] == "0 to 0 characters: 1 chosen, 0 rejected"
    assert titles(columns)[-1].endswith("to 5,000 characters: 1 chosen, 0 rejected")
    assert {c.get("fill-opacity") for c in columns} == {"0"}


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0, 2901, ["0", "1", "4", "16", "64", "256", "1k"]),
        (8, 300, ["8", "16", "32", "64", "128", "256"]),
        (1, 5_000_000, ["1", "16", "256", "4k", "64k", "1M"]),
        (0, 2, ["0", "1", "2"]),
        (512, 700, ["512", "700"]),
        (0, 1, ["0", "1"]),
    ],
)
def test_lengths_have_round_ticks(low: int, high: int, told: list[str]) -> None:
    found = Lengths((Bin(low, high, 3, 2),), (), 1, 0, 0, (None, None))
    drawn = charts.length_chart(found)
    under = [(x, text) for text, x, y in labels(drawn) if x >= 0]
    assert [text for _, text in sorted(under)] == told
    assert min((b - a for (a, _), (b, _) in pairwise(sorted(under))), default=99) > 15


def test_the_bars_of_ratios_are_as_high_as_their_bins_and_have_the_colour_of_the_longer_side() -> None:
    found = of(ANSWERS)
    drawn = charts.ratio_chart(found)
    bars, columns = marks(drawn, "rect")[:20], marks(drawn, "rect")[20:]
    height = scale(drawn, across=False)
    tops = [(numbers(b.get("d"))[1], numbers(b.get("d"))[3]) for b in bars]
    assert [round(height(y)) for y, _ in tops] == [b.chosen for b in found.ratio_bins]
    assert {round(height(y + down)) for y, down in tops} == {0}
    assert [b.get("fill") for b in bars] == ["var(--rejected)"] * 10 + ["var(--chosen)"] * 10
    assert titles(columns)[10] == "equal to ×1.4: 2\u00a0pairs"


def test_ratios_say_which_side_is_which_and_where_the_middle_is() -> None:
    drawn = charts.ratio_chart(of(ANSWERS))
    (middle,) = marks(drawn, "rule")
    assert numbers(middle.get("transform"))[0] == next(x for text, x, _ in labels(drawn) if text == "equal")
    assert [t.text for t in marks(drawn, "text")] == ["← rejected is longer", "chosen is longer →"]
    assert [text for text, x, _ in labels(drawn) if x >= 0] == ["÷16", "÷4", "equal", "×4", "×16"]


@pytest.mark.parametrize("answers", [[(5, 3)], [(0, 0)], [(600, 640)] * 3], ids=["one pair", "no text", "one length"])
def test_axes_of_little_data_tell_whole_pairs(answers: list[tuple[int, int]]) -> None:
    for chart in (charts.length_chart, charts.ratio_chart):
        told = [text for text, x, _ in labels(chart(of(answers))) if x < 0 and text]
        assert told[0] == "0"
        assert float(told[-1]) >= 1
        assert [text for text in told if "." in text] == []


def test_points_of_the_judge_stand_where_their_bins_are() -> None:
    drawn = charts.reliability_chart(BINS)
    across, height = scale(drawn, across=True), scale(drawn, across=False)
    places = [numbers(p.get("transform")) for p in marks(drawn, "symbol")]
    assert [across(x) for x, _ in places] == pytest.approx([53, 72, 97], abs=0.01)
    assert [height(y) for _, y in places] == pytest.approx([50, 80, 90], abs=0.01)
    radii = [numbers(p.get("d"))[0] for p in marks(drawn, "symbol")]
    assert radii == sorted(radii)
    assert titles(marks(drawn, "symbol"))[2].startswith(
        "400\u00a0pairs: 97.0\u00a0% sure on average, 90.0\u00a0% agree"
    )


def test_the_judge_is_shown_with_its_intervals_and_the_line_of_the_calibrated() -> None:
    drawn = charts.reliability_chart(BINS)
    across, height = scale(drawn, across=True), scale(drawn, across=False)
    strokes = [(numbers(r.get("transform"))[1], float(r.get("y2", 0))) for r in marks(drawn, "rule")]
    ends = [tuple(sorted((height(y), height(y + long)))) for y, long in strokes]
    assert ends[0] == pytest.approx((15.0, 85.0), abs=0.1)
    assert [e for low, high in ends for e in (low, high)] == pytest.approx(
        [100 * e for b in BINS for e in b.interval], abs=0.01
    )
    (line,) = marks(drawn, "line")
    x, y, after, above = numbers(line.get("d"))
    assert [across(x), height(y), across(after), height(above)] == pytest.approx([50, 50, 100, 100], abs=0.01)


def draw_all() -> list[str]:
    found = of(ANSWERS)
    return [charts.length_chart(found), charts.ratio_chart(found), charts.reliability_chart(BINS)]


def test_charts_are_the_same_whatever_room_texts_take(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = draw_all()
    look: dict[str, Any] = json.loads(json.dumps(charts.LOOK))
    monkeypatch.setattr(charts, "LOOK", look | {"font": "monospace"})
    wider = draw_all()
    assert all("monospace" in chart for chart in wider)
    assert [chart.replace("monospace", "var(--sans)") for chart in wider] == drawn


def test_charts_have_the_colours_of_the_page() -> None:
    colours = {c for chart in draw_all() for c in re.findall(r'(?:fill|stroke)="([^"]+)"', chart)}
    assert {c for c in colours if not c.startswith("var(--")} == {"none"}
