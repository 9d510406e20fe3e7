"""What a chart shows, read from its SVG: shapes, their places and titles, and the numbers on its axes."""

import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree

Node = ElementTree.Element
SVG = "{http://www.w3.org/2000/svg}"


def marks(drawn: str, kind: str) -> list[Node]:
    """The shapes of the layers of a kind (`line`, `rect`, `rule`, `symbol`), in their order."""
    groups = (
        g for g in ElementTree.fromstring(drawn).iter(f"{SVG}g") if g.get("class", "").startswith(f"mark-{kind} ")
    )
    return [node for g in groups if "role-mark" in g.get("class", "") for node in g]


def numbers(text: str | None) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text or "")]


def labels(drawn: str) -> list[tuple[str, float, float]]:
    """What the axes say, and where: text, x and y."""
    groups = (g for g in ElementTree.fromstring(drawn).iter(f"{SVG}g") if "role-axis-label" in g.get("class", ""))
    return [(t.text or "", *numbers(t.get("transform"))) for g in groups for t in g]  # type: ignore[misc]


def scale(drawn: str, across: bool) -> Callable[[float], float]:
    """From a place in the drawing to the number that an axis would give it, by the axis' own first and last label."""
    anchor = {True: lambda x, y: x, False: lambda x, y: y - 4}[across]
    said = [(numbers(text)[0], anchor(x, y)) for text, x, y in labels(drawn) if (x >= 0) == across and numbers(text)]
    (low, start), (high, end) = min(said), max(said)
    return lambda at: low + (at - start) / (end - start) * (high - low)


def titles(nodes: Sequence[Node]) -> list[str]:
    return [node.findtext(f"{SVG}title", "") for node in nodes]
