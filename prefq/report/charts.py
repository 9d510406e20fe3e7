"""The page's charts with axes, as Vega-Lite specifications; their colours are the style sheet's, light or dark.

Every place is given in numbers, none hangs on how wide a text is: the same audit gives the same bytes whatever fonts
the machine has.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from prefq.report.figures import Bin, Lengths, Reliability
from prefq.report.numbers import NBSP, count, interval, plural, ratio
from prefq.report.pages import trusted
from prefq.vega import to_svg

Spec = dict[str, Any]
WIDTH, HEIGHT = 402, 194
"""Of the part between the axes, in units of the drawing."""
MARGINS = {"left": 54, "right": 24, "top": 12, "bottom": 50}
SIDES = ("chosen", "rejected")
DASHES = ((1, 0), (5, 3))
"""Of the outlines of the two sides: they tell them apart where colours do not."""
DIVIDING = {"strokeDash": [3, 4], "color": "var(--soft)"}
"""Of a line between two sides."""
UNDER = 32
"""How far below the lower axis its title is."""
LOOK: Spec = {
    "background": None,
    "font": "var(--sans)",
    "view": {"stroke": None},
    "axis": {
        **{"aria": False, "ticks": False, "domainColor": "var(--soft)", "gridColor": "var(--line)"},
        **{"labelColor": "var(--soft)", "labelFontSize": 12, "labelPadding": 6},
        **{"labelBound": False, "labelFlush": False, "labelOverlap": False},
        **{"titleColor": "var(--soft)", "titleFontSize": 12, "titleFontWeight": "normal"},
    },
    "axisX": {"grid": False, "labelPadding": 10, "titleY": UNDER},
    "axisY": {"grid": True, "domain": False},
    "text": {"aria": False, "color": "var(--soft)", "fontSize": 12, "baseline": "top"},
    **{mark: {"aria": False} for mark in ("area", "line", "rule")},
}
"""What all charts share."""


def _draw(title: str, *layers: Spec) -> Markup:
    spec = {"width": WIDTH, "height": HEIGHT, "padding": MARGINS, "autosize": "none", "config": LOOK}
    return trusted(to_svg({**spec, "layer": list(layers)}, title))


def _values(rows: Iterable[Spec]) -> Spec:
    return {"values": list(rows)}


def _number(field: str, axis: Spec, **scale: Any) -> Spec:
    """A numeric channel whose scale ends where it is told to."""
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"nice": False, "zero": False, **scale}}


def _ticks(labels: Mapping[int, str], title: str | None = None) -> Spec:
    """An axis with these labels at these values."""
    said = json.dumps(labels, ensure_ascii=False)
    return {"values": list(labels), "labelExpr": f"{said}[datum.value]", "title": title}


def _by_side(values: Sequence[Any]) -> Spec:
    return {"field": "side", "type": "nominal", "scale": {"domain": SIDES, "range": values}, "legend": None}


COLOUR = _by_side([f"var(--{side})" for side in SIDES])
WHOLE = "datum.value % 1 ? '' : format(datum.value, '~s')"


def _pairs(most: int) -> Spec:
    """A height: from zero to a round number of pairs, at least `most`."""
    scale = {"domain": [0, max(most, 1)], "nice": 4}
    axis = {"title": None, "tickCount": 4, "tickMinStep": 1, "labelExpr": WHOLE}
    return {"field": "pairs", "type": "quantitative", "stack": None, "scale": scale, "axis": axis}


def _under_the_pointer(rows: Iterable[Spec], x: Spec) -> Spec:
    """Columns from `low` to `high` that are not seen, each of which tells what it `says`."""
    return {
        "name": "hover",
        "data": _values({name: row[name] for name in ("low", "high", "says")} for row in rows),
        "mark": {"type": "rect", "color": "var(--ink)", "fillOpacity": 0, "y": 0, "y2": HEIGHT},
        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "description": {"field": "says"}},
    }


def length_chart(lengths: Lengths) -> Markup:
    """How long chosen and rejected answers are, on a logarithmic axis of characters; wants one bin at least."""
    bins = lengths.bins
    ends = _ends(bins)
    axis = _ticks({n: _short(n) for n in _round(*ends)}, "characters in the answer (logarithmic)")
    # log(1 + characters): a logarithm with a place for answers of no characters.
    x = _number("characters", axis, type="symlog", constant=1, domain=ends)
    outlines = {"data": _values(row for side in SIDES for row in _outline(bins, side))}
    at = {"x": x, "y": _pairs(max(max(b.chosen, b.rejected) for b in bins)), "color": COLOUR}
    steps = {"interpolate": "step-after"}
    return _draw(
        "Histogram of answer lengths, chosen against rejected",
        {**outlines, "mark": {"type": "area", "fillOpacity": 0.14, **steps}, "encoding": at},
        {**outlines, "mark": {"type": "line", **steps}, "encoding": {**at, "strokeDash": _by_side(DASHES)}},
        _under_the_pointer(({"low": b.low, "high": b.high, "says": _length_words(b)} for b in bins), x),
    )


def _outline(bins: Sequence[Bin], side: str) -> list[Spec]:
    """The corners of a histogram's outline, from the ground and back to it; a height lasts until the next corner."""
    corners = [(bins[0].low, 0), *((b.low, getattr(b, side)) for b in bins), (bins[-1].high, 0)]
    return [{"characters": at, "pairs": pairs, "side": side} for at, pairs in corners]


def _round(low: float, high: float) -> list[int]:
    """The lengths that the axis tells: 0 and powers of two, eight of them at most; the ends where none are between."""
    first, last = math.ceil(math.log2(max(low, 1))), math.floor(math.log2(high))
    step = next(step for step in (1, 2, 4, 8) if (last - first) // step < 8)
    powers = [2**k for k in range(first, last + 1) if k % step == 0]
    return [*([] if low else [0]), *powers] if len(powers) > 1 else [round(low), round(high)]


def _short(characters: int) -> str:
    """A length for the axis: `64`, `1k` (1,024), `4k`."""
    units = ((1024**2, "M"), (1024, "k"))
    return next((f"{characters // n}{name}" for n, name in units if not characters % n and characters), str(characters))


def _length_words(b: Bin) -> str:
    return f"{count(b.low)} to {count(b.high - 1)} characters: {count(b.chosen)} chosen, {count(b.rejected)} rejected"


def ratio_chart(lengths: Lengths) -> Markup:
    """How many times longer the chosen answer is than the rejected one; left of the middle it is the shorter."""
    rows = [
        {"low": b.low, "high": b.high, "pairs": b.chosen, "side": SIDES[b.low < 0], "says": _ratio_words(b)}
        for b in lengths.ratio_bins
    ]
    x = _number("low", _ticks({power: times(power) for power in (-4, -2, 0, 2, 4)}), domain=_ends(lengths.ratio_bins))
    y = _pairs(max(b.chosen for b in lengths.ratio_bins))
    bars = {"x": {**x, "bin": "binned"}, "x2": {"field": "high"}, "y": y, "color": COLOUR}
    return _draw(
        "Histogram of the length ratio of chosen to rejected answers",
        {"data": _values(rows), "mark": {"type": "bar", "binSpacing": 2, "aria": False}, "encoding": bars},
        {"data": _values([{"low": 0}]), "mark": {"type": "rule", **DIVIDING}, "encoding": {"x": x}},
        _aside("← rejected is longer", 0, "left"),
        _aside("chosen is longer →", WIDTH, "right"),
        _under_the_pointer(rows, x),
    )


def _ends(bins: Sequence[Bin]) -> tuple[float, float]:
    return bins[0].low, bins[-1].high


def _aside(words: str, x: int, align: str) -> Spec:
    """Words under the lower axis, where its title would be."""
    mark = {"type": "text", "text": words, "x": x, "y": HEIGHT + UNDER, "align": align}
    return {"data": _values([{}]), "mark": mark}


def times(power: float) -> str:
    """A power of two as a ratio: `×2`, `÷4`, `equal`."""
    if power == 0:
        return "equal"
    return ("×" if power > 0 else "÷") + f"{2 ** abs(power):.1f}".removesuffix(".0")


def _ratio_words(b: Bin) -> str:
    return f"{times(b.low)} to {times(b.high)}: {plural(b.chosen, 'pair')}"


def reliability_chart(bins: Sequence[Reliability]) -> Markup:
    """What the judge's certainty is worth: on the diagonal it is right as often as it says; wants one bin at least."""
    rows = [_reliability_row(b) for b in bins]
    low = min(50, *(math.floor(row["low"] / 10) * 10 for row in rows))
    x = _number("sure", _ticks(_percents(50, 10), "how sure the judge is →"), domain=(50, 100))
    y = _number("agreed", _ticks(_percents(low, 10 if low > 30 else 20)), domain=(low, 100))
    size = {"field": "pairs", "type": "quantitative", "legend": None, "scale": {"domainMin": 0, "range": [14, 420]}}
    points = {"data": _values(rows)}
    dot = {"type": "circle", "color": "var(--chosen)", "opacity": 0.72, "stroke": "var(--paper)", "strokeWidth": 1}
    stroke = {"type": "rule", "color": "var(--chosen)", "strokeWidth": 1.5}
    return _draw(
        "Reliability of the judge",
        {
            "data": _values({"sure": p, "agreed": p} for p in (50, 100)),
            "mark": {"type": "line", **DIVIDING, "strokeWidth": 1},
            "encoding": {"x": x, "y": y},
        },
        {**points, "mark": stroke, "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {**points, "mark": dot, "encoding": {"x": x, "y": y, "size": size, "description": {"field": "says"}}},
    )


def _percents(low: int, step: int) -> dict[int, str]:
    return {p: f"{p}{NBSP}%" for p in range(100, low - 1, -step)}


def _reliability_row(b: Reliability) -> Spec:
    sure, agreed = ratio(b.predicted), ratio(b.agreed)
    # Rounded: the last digits of means hang on the order of rows.
    shares = {"sure": b.predicted, "agreed": b.agreed, "low": b.interval[0], "high": b.interval[1]}
    return {
        **{name: round(100 * value, 2) for name, value in shares.items()},
        "pairs": b.rows,
        "says": f"{plural(b.rows, 'pair')}: {sure} sure on average, {agreed} agree ({interval(b.interval)})",
    }
