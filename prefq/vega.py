"""Vega-Lite charts as SVG that stands in a page (the only file that knows vl-convert)."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

VERSION = "6.4"
"""The Vega-Lite that specifications are read by: one that the wheel brings along, so nothing is fetched."""
SVG = "http://www.w3.org/2000/svg"
UNSEEN = ("background", "foreground")
"""The classes of shapes that Vega adds to every group, and that paint nothing here."""


def to_svg(spec: Mapping[str, Any], title: str) -> str:
    """The chart as one `<svg class="chart" role="img">` called `title`, as wide as what it stands in.

    What a mark's `description` says becomes its `<title>`, which shows under the pointer. Same specification, same
    bytes, as long as no place in it hangs on how wide a text is: fonts differ between machines.
    """
    root = _drawn(spec)
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib |= {"class": "chart", "viewBox": box, "role": "img", "aria-label": title}
    return _text(root)


def to_rows(spec: Mapping[str, Any], titles: Sequence[str]) -> list[str]:
    """The rows of a chart in facets, each as an `<svg class="bar">` of its own that is stretched to its cell.

    `titles`: what each is called; those without a title are passed over by screen readers.
    """
    cells = [cell for group in _drawn(spec).iter(f"{{{SVG}}}g") if _is(group, "cell") for cell in group]
    sizes = spec["spec"]["width"], spec["spec"]["height"]
    return [_row(cell, title, *sizes) for cell, title in zip(cells, titles, strict=True)]


def _row(cell: ElementTree.Element, title: str, width: float, height: float) -> str:
    said = {"role": "img", "aria-label": title} if title else {"aria-hidden": "true"}
    stretch = {"viewBox": f"0 0 {width} {height}", "preserveAspectRatio": "none"}
    svg = ElementTree.Element(f"{{{SVG}}}svg", {"class": "bar", **stretch, **said})
    svg.extend(cell)
    return _text(svg)


def _drawn(spec: Mapping[str, Any]) -> ElementTree.Element:
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(dict(spec), vl_version=VERSION, allowed_base_urls=[])
    root = ElementTree.fromstring(drawn)  # noqa: S314 (written by vl-convert a moment ago)
    for node in list(root.iter()):
        _plain(node)
    return root


def _plain(node: ElementTree.Element) -> None:
    """Leaves of what is said to screen readers only a mark's title: to them the chart is one image with one name."""
    for child in [child for child in node if any(_is(child, name) for name in UNSEEN)]:
        node.remove(child)
    said = node.get("aria-label")
    for name in [name for name in node.attrib if name == "role" or name.startswith("aria-")]:
        del node.attrib[name]
    if said:
        title = ElementTree.SubElement(node, f"{{{SVG}}}title")
        title.text = said


def _is(node: ElementTree.Element, name: str) -> bool:
    return name in node.get("class", "").split()


def _text(node: ElementTree.Element) -> str:
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(node, encoding="unicode")
