"""Charts as inline SVG: no script, colours from the page's style sheet, numbers in a table beside each."""

import math
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from prefq.report.figures import Bin, Lengths, Reliability
from prefq.report.habits import Share
from prefq.report.numbers import count, share

WIDTH, HEIGHT = 480, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 44


def _svg(title: str, parts: Iterable[Markup], height: int = HEIGHT) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, height, title)
    return head + Markup("").join(parts) + Markup("</svg>")


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "middle") -> Markup:
    shape = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}">{}</text>')
    return shape.format(x, y, anchor, kind, text)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(x1, y1, x2, y2, kind)


def _bar(x: float, y: float, width: float, height: float, kind: str, title: str) -> Markup:
    shape = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"><title>{}</title></rect>')
    return shape.format(x, y, max(width, 0), max(height, 0), kind, title)


def _nice_top(value: float) -> float:
    """The next round number (1, 2, 2.5 or 5 times a power of ten) at or above the value."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(float(m * power) for m in (1, 2, 2.5, 5, 10) if m * power >= value * 0.999)


def _short(n: float) -> str:
    """A number for an axis: `500`, `2k`, `1.5M`."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if n >= unit:
            return f"{n / unit:.1f}".removesuffix(".0") + name
    return f"{n:g}"


def _value_axis(top: float, bottom: float) -> list[Markup]:
    out = []
    for step in range(5):
        value, y = top * step / 4, bottom - (bottom - TOP) * step / 4
        out += [
            _line(LEFT, y, WIDTH - RIGHT, y, "grid" if step else "axis"),
            _text(LEFT - 6, y + 4, _short(value), "", "end"),
        ]
    return out if top >= 4 else [out[0], out[1], *out[-2:]]


def _steps(values: Sequence[int], top: float, kind: str) -> Markup:
    """A histogram's outline, filled: two of them can lie on each other and both be read."""
    wide, bottom = (WIDTH - LEFT - RIGHT) / max(1, len(values)), HEIGHT - BOTTOM
    points = [f"M{LEFT},{bottom}"]
    for k, value in enumerate(values):
        y = bottom - (bottom - TOP) * value / top
        points += [f"V{y:.1f}", f"H{LEFT + (k + 1) * wide:.1f}"]
    return Markup('<path d="{}" class="{}"/>').format("".join([*points, f"V{bottom}"]), kind)


def length_chart(lengths: Lengths) -> Markup:
    """How long chosen and rejected answers are, on a logarithmic axis of characters."""
    bins = lengths.bins
    top = _nice_top(max((max(b.chosen, b.rejected) for b in bins), default=0))
    wide, bottom = (WIDTH - LEFT - RIGHT) / max(1, len(bins)), HEIGHT - BOTTOM
    ticks = [_text(LEFT + k * wide, bottom + 16, _power(b.low)) for k, b in enumerate(bins) if _round(b.low)]
    hover = [_bar(LEFT + k * wide, TOP, wide, bottom - TOP, "hover", _bin_title(b)) for k, b in enumerate(bins)]
    outlines = [_steps([b.chosen for b in bins], top, "chosen"), _steps([b.rejected for b in bins], top, "rejected")]
    name = _text((LEFT + WIDTH) / 2, HEIGHT - 6, "characters in the answer (logarithmic)", "label")
    return _svg(
        "Histogram of answer lengths, chosen against rejected",
        [*_value_axis(top, bottom), *outlines, *ticks, name, *hover],
    )


def _round(characters: float) -> bool:
    """Whether a bin's lower end gets a number: 0, 1, 4, 16, 64, 256, 1k, 4k …"""
    return characters in (0, 1) or math.log(characters, 4).is_integer()


def _power(characters: float) -> str:
    """A power of two for the axis: `64`, `1k` (1,024), `4k`."""
    return next(
        (f"{characters / 1024**k:.0f}{'kM'[k - 1]}" for k in (2, 1) if characters >= 1024**k), f"{characters:g}"
    )


def _bin_title(b: Bin) -> str:
    return f"{count(b.low)} to {count(b.high - 1)} characters: {count(b.chosen)} chosen, {count(b.rejected)} rejected"


def ratio_chart(lengths: Lengths) -> Markup:
    """How many times longer the chosen answer is than the rejected one; left of the middle it is the shorter."""
    bins = lengths.ratio_bins
    top = _nice_top(max((b.chosen for b in bins), default=0))
    wide, bottom = (WIDTH - LEFT - RIGHT) / max(1, len(bins)), HEIGHT - BOTTOM
    bars = [
        _bar(
            LEFT + k * wide + 1,
            bottom - (bottom - TOP) * b.chosen / top,
            wide - 2,
            (bottom - TOP) * b.chosen / top,
            "rejected solid" if b.low < 0 else "chosen solid",
            f"{times(b.low)} to {times(b.high)}: {count(b.chosen)} pairs",
        )
        for k, b in enumerate(bins)
    ]
    ticks = [_text(LEFT + k * wide, bottom + 16, times(b.low)) for k, b in enumerate(bins) if k % 4 == 2]
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    names = [
        _text(LEFT, HEIGHT - 6, "← rejected is longer", "label", "start"),
        _text(WIDTH - RIGHT, HEIGHT - 6, "chosen is longer →", "label", "end"),
    ]
    parts = [*_value_axis(top, bottom), *bars, _line(middle, TOP, middle, bottom, "middle"), *ticks, *names]
    return _svg("Histogram of the length ratio of chosen to rejected answers", parts)


def times(power: float) -> str:
    """A power of two as a ratio: `×2`, `÷4`, `1`."""
    if power == 0:
        return "equal"
    return ("×" if power > 0 else "÷") + f"{2 ** abs(power):.1f}".removesuffix(".0")


def reliability_chart(bins: Sequence[Reliability]) -> Markup:
    """What the judge's certainty is worth: on the diagonal it is right as often as it says."""
    bottom, wide = HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT
    most = max((b.rows for b in bins), default=1)
    low = min(0.5, *(math.floor(b.agreed * 10) / 10 for b in bins)) if bins else 0.5

    def x(p: float) -> float:
        return LEFT + (p - 0.5) / 0.5 * wide

    def y(p: float) -> float:
        return bottom - (p - low) / (1 - low) * (bottom - TOP)

    levels = [round(low + k * 0.1, 1) for k in range(round((1 - low) * 10) + 1)]
    grid = [_line(LEFT, y(p), WIDTH - RIGHT, y(p), "grid") for p in levels]
    marks = [_text(LEFT - 6, y(p) + 4, f"{p * 100:.0f} %", "", "end") for p in levels[:: 1 if len(levels) < 7 else 2]]
    ticks = [_text(min(x(p), WIDTH - 22), bottom + 16, f"{p * 100:.0f} %") for p in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)]
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="dot"><title>{}</title></circle>')
    dots = [dot.format(x(b.predicted), y(b.agreed), 3 + 9 * math.sqrt(b.rows / most), _says(b)) for b in bins]
    names = [
        _text((LEFT + WIDTH) / 2, HEIGHT - 6, "how sure the judge is → (height: how often the label agrees)", "label")
    ]
    diagonal = _line(x(max(0.5, low)), y(max(0.5, low)), x(1), y(1), "middle")
    return _svg("Reliability of the judge", [*grid, *marks, diagonal, *ticks, *dots, *names])


def _says(b: Reliability) -> str:
    return f"{count(b.rows)} pairs: {b.predicted * 100:.1f} % sure on average, {b.agreed * 100:.1f} % agree"


def share_bar(parts: Mapping[str, int], whole: int, interval: tuple[float, float] | None, largest: float) -> Markup:
    """A small bar for a table: the share in pieces (kind → count), its interval as a whisker, up to `largest`."""
    full, before, bar = largest or 1, 0, Markup("")

    def at(value: float) -> str:
        return f"{min(100.0, value / full * 100):.2f}%"

    head = Markup(
        '<svg class="bar" width="100%" height="14" aria-hidden="true"><rect width="100%" height="100%" class="rail"/>'
    )
    for kind, n in parts.items():
        shape = Markup('<rect x="{}" y="2" height="10" width="{}" class="part {}"/>')
        bar += shape.format(at(before / whole), at(n / whole), kind) if whole else ""
        before += n
    if not interval or not before:
        return head + bar + Markup("</svg>")
    whisker = Markup('<line x1="{}" x2="{}" y1="7" y2="7" class="whisker"/>').format(at(interval[0]), at(interval[1]))
    return head + bar + whisker + Markup("</svg>")


def lean_bar(share: Share) -> Markup:
    """A small bar for a table, from the middle (50 %) to the share, with its interval as a whisker."""
    low, wide = min(share.value, 0.5) * 100, abs(share.value - 0.5) * 100
    return Markup(
        '<svg class="bar" width="100%" height="14" aria-hidden="true"><rect width="100%" height="100%" class="rail"/>'
        '<rect x="{:.1f}%" width="{:.1f}%" y="2" height="10" class="part {}"/>'
        '<line x1="50%" x2="50%" y1="0" y2="14" class="axis"/>'
        '<line x1="{:.1f}%" x2="{:.1f}%" y1="7" y2="7" class="whisker"/></svg>'
    ).format(low, wide, "less" if share.value < 0.5 else "more", share.low * 100, share.high * 100)


def stacked_bar(parts: Sequence[tuple[str, int]], title: str, words: Mapping[str, str] | None = None) -> Markup:
    """One bar across the page, one piece per (kind, count); `words` say what a kind is called."""
    whole, at, out = sum(n for _, n in parts), 0, []
    shape = Markup('<rect x="{:.3f}%" width="{:.3f}%" height="100%" class="piece {}"><title>{}</title></rect>')
    for kind, n in parts:
        if n:
            said = f"{(words or {}).get(kind, kind)}: {count(n)} ({share(n, whole)})"
            out.append(shape.format(at / whole * 100, n / whole * 100, kind, said))
        at += n
    return (
        Markup('<svg class="stack" width="100%" height="18" role="img" aria-label="{}">').format(title)
        + Markup("").join(out)
        + Markup("</svg>")
    )
