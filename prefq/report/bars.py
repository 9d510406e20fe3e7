"""Bars in the page's tables and lists, each as wide as the cell it stands in: drawn by Vega-Lite, all in one go."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from prefq.report.habits import Share
from prefq.report.numbers import count, share
from prefq.report.pages import trusted
from prefq.vega import to_rows

HEIGHT = 14
COLOURS = {
    **{kind: f"var(--{kind})" for kind in ("keep", "flip", "review", "drop")},
    **{"whole": "var(--keep)", "cut": "var(--flip)", "blank": "var(--review)", "dropped": "var(--drop)"},
    **{"less": "var(--rejected)", "more": "var(--chosen)", "": "var(--chosen)"},
}
"""What a piece stands for → its colour; all else has that of what is merged."""
Spec = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Piece:
    """A part of a bar, from `start` to `end` in percent of its width, and what it says under the pointer."""

    kind: str
    start: float
    end: float
    says: str = ""


@dataclass(frozen=True)
class Bar:
    """Pieces, an interval as a `whisker` (in percent), and whether the `middle` is marked.

    A bar without a `title` stands beside the figures that it shows, and screen readers pass over it; its pieces lie on
    a rail. One with a title is filled by its pieces.
    """

    pieces: Sequence[Piece]
    whisker: tuple[float, float] | None = None
    middle: bool = False
    title: str = ""


def share_bar(parts: Mapping[str, int], whole: int, interval: tuple[float, float] | None, largest: float) -> Bar:
    """A share in pieces (kind → count) with its interval, on a scale up to `largest`."""
    full = largest or 1
    pieces = [Piece(kind, _percent(a, whole * full), _percent(b, whole * full)) for kind, a, b in _stacked(parts)]
    low, high = interval or (0, 0)
    return Bar(pieces, whisker=(_percent(low, full), _percent(high, full)) if interval and pieces else None)


def lean_bar(found: Share) -> Bar:
    """From the middle (50 %) to the share, with its interval."""
    low, high = sorted((50.0, _percent(found.value, 1)))
    kind = "less" if found.value < 0.5 else "more"
    return Bar([Piece(kind, low, high)], (_percent(found.low, 1), _percent(found.high, 1)), middle=True)


def stacked_bar(parts: Mapping[str, int], title: str, words: Mapping[str, str] | None = None) -> Bar:
    """The whole in pieces (kind → count); `words` say what a kind is called."""
    whole = sum(parts.values())
    said = {kind: f"{(words or {}).get(kind, kind)}: {count(n)} ({share(n, whole)})" for kind, n in parts.items()}
    pieces = [Piece(kind, _percent(a, whole), _percent(b, whole), said[kind]) for kind, a, b in _stacked(parts)]
    return Bar(pieces, title=title)


def _stacked(parts: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of each part that is there."""
    start = 0
    for kind, n in parts.items():
        if n:
            yield kind, start, start + n
        start += n


def _percent(part: float, whole: float) -> float:
    """At most a hundred, and in digits that do not hang on the order of sums."""
    return round(min(100.0, part / whole * 100), 3) if whole else 0.0


def draw(bars: Mapping[Key, Bar]) -> dict[Key, Markup]:
    """The bars as SVG, by the same keys."""
    rows = [{"bar": k, **shape} for k, bar in enumerate(bars.values()) for shape in _shapes(bar)]
    drawn = to_rows({**LAYOUT, "data": {"values": rows}}, [bar.title for bar in bars.values()]) if bars else []
    return {key: trusted(svg) for key, svg in zip(bars, drawn, strict=True)}


def _shapes(bar: Bar) -> Iterable[Spec]:
    inset = 0 if bar.title else 2
    if not bar.title or not bar.pieces:
        yield {"shape": "piece", "colour": "var(--rail)", "x": 0, "x2": 100, "y": 0, "y2": HEIGHT, "says": ""}
    for p in bar.pieces:
        place = {"x": p.start, "x2": p.end, "y": inset, "y2": HEIGHT - inset}
        yield {"shape": "piece", "colour": COLOURS.get(p.kind, "var(--merge)"), **place, "says": p.says}
    if bar.middle:
        yield {"shape": "line", "colour": "var(--soft)", "x": 50, "x2": 50, "y": 0, "y2": HEIGHT}
    if bar.whisker:
        ends = {"x": bar.whisker[0], "x2": bar.whisker[1]}
        yield {"shape": "line", "colour": "var(--ink)", **ends, "y": HEIGHT / 2, "y2": HEIGHT / 2}


def _place(field: str, full: int) -> Spec:
    scale = {"domain": [0, full], "range": [0, full], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


BOX: Spec = {
    "x": _place("x", 100),
    "x2": {"field": "x2"},
    "y": _place("y", HEIGHT),
    "y2": {"field": "y2"},
    "color": {"field": "colour", "type": "nominal", "scale": None},
}


def _only(shape: str, mark: Spec, **encoding: Spec) -> Spec:
    return {"transform": [{"filter": f"datum.shape === '{shape}'"}], "mark": mark, "encoding": {**BOX, **encoding}}


LAYOUT: Spec = {
    "facet": {"row": {"field": "bar", "type": "ordinal", "header": None}},
    "spec": {
        "width": 100,
        "height": HEIGHT,
        "layer": [
            _only("piece", {"type": "rect"}, description={"field": "says"}),
            _only("line", {"type": "rule", "strokeWidth": 1.5, "aria": False}),
        ],
    },
    "config": {"background": None, "view": {"stroke": None}},
}
"""One row a bar; a row is cut out and fitted to its cell."""
