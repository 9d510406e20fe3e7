"""Bars in the page's tables and lists, in percent of the cell they stand in: SVG without a script."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from prefq.report.habits import Share
from prefq.report.numbers import count, share


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
