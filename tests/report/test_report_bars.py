"""The bars in tables say the figures that they stand beside."""

import re
from xml.etree import ElementTree

import pytest
from report_tables import SETTINGS, make_tables
from shapes import Node, marks, numbers, titles

from prefq.report import audit, bars
from prefq.report.habits import Share
from prefq.report.render import render

Box = tuple[str, float, float]


def boxes(drawn: str) -> list[Box]:
    """Colour, start and end of the pieces, the rail among them, in percent of the bar's width."""
    found = [(node.get("fill", ""), numbers(node.get("d"))) for node in marks(drawn, "rect")]
    return [(fill, round(d[0], 2), round(d[0] + d[2], 2)) for fill, d in found]


def lines(drawn: str) -> list[tuple[float, float]]:
    """Start and end of the lines, in percent of the bar's width."""
    found = [(numbers(node.get("transform"))[0], float(node.get("x2", 0))) for node in marks(drawn, "rule")]
    return [(round(x, 2), round(x + wide, 2)) for x, wide in found]


def only(bar: bars.Bar) -> str:
    return bars.draw({"it": bar})["it"]


RAIL = ("var(--rail)", 0.0, 100.0)


def test_a_share_is_as_long_as_it_is_on_the_scale() -> None:
    drawn = only(bars.share_bar({"keep": 10, "flip": 0, "drop": 30}, 400, (0.075, 0.15), largest=0.2))
    assert boxes(drawn) == [RAIL, ("var(--keep)", 0, 12.5), ("var(--drop)", 12.5, 50)]
    assert lines(drawn) == [(37.5, 75)]
    assert ElementTree.fromstring(drawn).get("aria-hidden") == "true"


def test_a_share_of_nothing_is_an_empty_rail() -> None:
    assert boxes(only(bars.share_bar({"": 0}, 0, None, largest=0.0))) == [RAIL]
    assert lines(only(bars.share_bar({"": 0}, 50, (0.0, 0.07), largest=0.07))) == []


@pytest.mark.parametrize(
    ("value", "piece"), [(0.75, ("var(--chosen)", 50, 75)), (0.2, ("var(--rejected)", 20, 50))], ids=["more", "less"]
)
def test_a_leaning_share_goes_from_the_middle(value: float, piece: Box) -> None:
    drawn = only(bars.lean_bar(Share(value, value - 0.1, value + 0.05, 80)))
    assert boxes(drawn) == [RAIL, piece]
    assert lines(drawn) == [(50, 50), (round(100 * value - 10, 2), round(100 * value + 5, 2))]


def test_a_stacked_bar_is_the_whole_and_each_piece_says_its_share() -> None:
    drawn = only(bars.stacked_bar({"keep": 6, "merge": 0, "drop": 2, "own": 2}, "Pairs by decision", {"keep": "kept"}))
    assert boxes(drawn) == [("var(--keep)", 0, 60), ("var(--drop)", 60, 80), ("var(--merge)", 80, 100)]
    assert [t.replace("\u00a0", " ") for t in titles(marks(drawn, "rect"))] == [
        "kept: 6 (60.0 %)",
        "drop: 2 (20.0 %)",
        "own: 2 (20.0 %)",
    ]
    root: Node = ElementTree.fromstring(drawn)
    assert (root.get("role"), root.get("aria-label")) == ("img", "Pairs by decision")


def test_a_stacked_bar_of_nothing_is_an_empty_rail() -> None:
    assert boxes(only(bars.stacked_bar({"whole": 0}, "Pairs in trl-dpo"))) == [RAIL]


def test_hostile_names_stay_words() -> None:
    name = "'] \"</title><script>alert(1)</script>"
    drawn = only(bars.stacked_bar({name: 1}, name))
    assert titles(marks(drawn, "rect"))[0].startswith(name)
    assert ElementTree.fromstring(drawn).get("aria-label") == name
    assert "<script" not in drawn


def test_many_bars_drawn_together_are_those_drawn_alone() -> None:
    many = {k: bars.share_bar({"keep": k, "drop": 3}, 100, (k / 100, k / 50), largest=0.5) for k in range(1, 25)}
    assert list(bars.draw(many)) == list(many)
    assert bars.draw(many) == {k: only(bar) for k, bar in many.items()}
    assert bars.draw({}) == {}


def test_every_check_of_the_page_has_its_bar() -> None:
    found = audit(make_tables(300), SETTINGS)
    page = render(found)
    told = {r.name: r for r in found.decided if r.count}
    rows = re.findall(r'<tbody id="check-(\w+)" data-name.*?(<svg .*?</svg>)', page, re.S)
    assert {name for name, _ in rows} == set(told)
    for name, drawn in rows:
        _, *pieces = boxes(drawn)
        ((low, high),) = lines(drawn)
        share, (below, above) = told[name].share, told[name].interval
        assert pieces[-1][2] / share == pytest.approx(high / above, rel=0.01)
        assert low / below == pytest.approx(high / above, rel=0.01)
