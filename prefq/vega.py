"""Vega-Lite charts as SVG that stands in a page (the only file that knows vl-convert)."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

VERSION = "6.4"
"""The Vega-Lite that specifications are read by: one that the wheel brings along, so nothing is fetched."""
SVG = "http://www.w3.org/2000/svg"


def to_svg(spec: Mapping[str, Any], title: str) -> str:
    """The chart as one `<svg class="chart" role="img">` called `title`, as wide as what it stands in.

    What a mark's `description` says becomes its `<title>`, which shows under the pointer. Same specification, same
    bytes, as long as no place in it hangs on how wide a text is: fonts differ between machines.
    """
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(dict(spec), vl_version=VERSION, allowed_base_urls=[])
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(drawn)  # noqa: S314 (written by vl-convert a moment ago)
    for node in list(root.iter()):
        _plain(node)
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib |= {"class": "chart", "viewBox": box, "role": "img", "aria-label": title}
    return ElementTree.tostring(root, encoding="unicode")


def _plain(node: ElementTree.Element) -> None:
    """Leaves of what is said to screen readers only a mark's title: to them the chart is one image with one name."""
    said = node.get("aria-label")
    for name in [name for name in node.attrib if name == "role" or name.startswith("aria-")]:
        del node.attrib[name]
    if said:
        title = ElementTree.SubElement(node, f"{{{SVG}}}title")
        title.text = said
