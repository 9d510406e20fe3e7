"""Charts as SVG that may stand in a page with a strict policy."""

import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import pytest

from prefq.vega import to_svg

ATTACK = """"></title><script>alert(1)</script><!-- ' & ]]>"""


def bars(*rows: tuple[str, int], **mark: Any) -> dict[str, Any]:
    return {
        "data": {"values": [{"name": name, "n": n, "says": f"{name}: {n}"} for name, n in rows]},
        "mark": {"type": "bar", **mark},
        "encoding": {
            "x": {"field": "n", "type": "quantitative"},
            "y": {"field": "name", "type": "nominal"},
            "description": {"field": "says"},
        },
    }


def test_a_mark_says_its_description_under_the_pointer_and_the_chart_has_one_name() -> None:
    root = ElementTree.fromstring(to_svg(bars(("kept", 3), ("dropped", 2)), "Pairs & fates"))
    names = {node.get("aria-label") for node in root.iter()} - {None}
    assert (root.get("role"), root.get("class"), names) == ("img", "chart", {"Pairs & fates"})
    said = {node.text for node in root.iter() if node.tag.endswith("}title")}
    assert {"kept: 3", "dropped: 2"} <= said


def test_the_chart_is_as_wide_as_its_place() -> None:
    root = ElementTree.fromstring(to_svg({**bars(("kept", 3)), "width": 300, "padding": 0}, "Pairs"))
    assert {"width", "height", "style"} & set(root.attrib) == set()
    assert float(root.attrib["viewBox"].split()[2]) >= 300


def test_a_policy_without_inline_styles_and_scripts_holds() -> None:
    root = ElementTree.fromstring(to_svg(bars(("kept", 3), color="var(--chosen)"), "Pairs"))
    names = {name for node in root.iter() for name in node.attrib}
    assert [name for name in names if name == "style" or name.startswith("on") or "href" in name] == []
    assert {node.tag.rpartition("}")[2] for node in root.iter()} <= {
        "svg",
        "g",
        "rect",
        "path",
        "line",
        "text",
        "title",
    }
    assert 'fill="var(--chosen)"' in to_svg(bars(("kept", 3), color="var(--chosen)"), "Pairs")


def test_hostile_words_stay_words() -> None:
    drawn = to_svg(bars((ATTACK, 3)), ATTACK)
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == ATTACK
    assert [node.text for node in root.iter() if node.tag.endswith("}title")][-1] == f"{ATTACK}: 3"
    assert not re.search("<script|<!--", drawn)


def test_what_was_drawn_before_leaves_no_trace() -> None:
    spec = bars(("kept", 3), ("dropped", 2))
    first = to_svg(spec, "Pairs")
    to_svg(bars(("other", 9)), "Other")
    code = f"from prefq.vega import to_svg; print(to_svg({spec!r}, 'Pairs'), end='')"
    alone = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert first == to_svg(spec, "Pairs") == alone.stdout
    assert alone.stderr == ""


def test_nothing_is_fetched() -> None:
    with pytest.raises(ValueError, match="External data url not allowed"):
        to_svg({**bars(), "data": {"url": "http://127.0.0.1:9/pairs.json"}}, "Pairs")
