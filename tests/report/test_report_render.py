import base64
import json
import re
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest
from hostile_tables import ATTACK, hostile_tables
from report_tables import SETTINGS, make_pairs, make_tables

from prefq import schema
from prefq.report import Tables, audit, render
from prefq.report.pages import content_hash
from prefq.report.render import json_for_script

VOID = {"meta", "link", "br", "input"}


class Outline(HTMLParser):
    """What a browser would see: tags, attributes, scripts, and whether tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.unbalanced: list[str] = []
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [v for k, v in attrs if k == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    return parser


@pytest.fixture(scope="module")
def page() -> str:
    return render(audit(make_tables(300), SETTINGS))


@pytest.fixture(scope="module")
def hostile() -> str:
    settings = SETTINGS | {"report": {"title": ATTACK, "examples": 10}, ATTACK: ATTACK}
    return render(audit(hostile_tables(), settings))


@pytest.mark.parametrize("which", ["page", "hostile"])
def test_the_page_is_whole(which: str, request: pytest.FixtureRequest) -> None:
    seen = outline(request.getfixturevalue(which))
    assert seen.unbalanced == []
    assert seen.open == []
    assert len(seen.ids) == len(set(seen.ids))
    assert not [k for k, _ in seen.attributes if k.startswith("on") or k == "style"]
    assert {v for k, v in seen.attributes if k in ("src", "href") and not str(v).startswith("#")} == {"data:,"}


def test_hostile_texts_add_no_element(page: str, hostile: str) -> None:
    assert set(outline(hostile).tags) <= set(outline(page).tags) | {"q"}
    assert outline(hostile).tags.count("script") == outline(page).tags.count("script") == 3
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", hostile)
    assert "{{ 7*7 }}" in hostile
    assert len(hostile) < 15_000_000


def test_long_texts_are_cut_knowingly(hostile: str) -> None:
    assert re.search(r"… 1,000,\d{3} more characters", hostile)
    assert "NUL×" in hostile


def test_the_policy_knows_the_style_and_the_script_by_their_hashes(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    style, script = re.search(r"<style>(.*?)</style>", page, re.S), re.search(r"<script>(.*?)</script>", page, re.S)
    assert policy and style and script
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert f"'{content_hash(style[1])}'" in policy[1]
    assert f"'{content_hash(script[1])}'" in policy[1]


def test_the_same_tables_give_the_same_bytes(page: str) -> None:
    assert render(audit(make_tables(300), SETTINGS)) == page


def test_the_order_of_the_rows_does_not_matter() -> None:
    tables = make_tables(200)
    turned = {k: v.reverse() if isinstance(v, pl.DataFrame) else v for k, v in tables.__dict__.items()}
    assert render(audit(Tables(**turned), SETTINGS)) == render(audit(tables, SETTINGS))


def test_the_page_holds_what_the_audit_found(page: str) -> None:
    for text in (
        "The gate says no",
        "2 pairs share a prompt with a benchmark",
        "Every record and every pair",
        "prefq why",
    ):
        assert text in page
    assert page.index("fails</span>") < page.index("undecided</span>") < page.index("holds</span>")
    assert "Not decided: switched off by flag.model_unsure: false." in page


@pytest.mark.parametrize(
    "tables",
    [Tables(pairs=make_pairs(12)), Tables(pairs=pl.DataFrame(schema=schema.PAIRS)), make_tables(3)],
    ids=["pairs only", "no pairs", "three pairs"],
)
def test_pages_of_little_data(tables: Tables) -> None:
    page = render(audit(tables, {}))
    assert outline(page).unbalanced == []
    assert "nan" not in re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S).lower().split()


def test_json_cannot_leave_its_script_element() -> None:
    text = json_for_script({"a": "</script><!-- \u2028 & é"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- \u2028 & é"}


def test_the_map_holds_every_prompt_and_its_flags() -> None:
    tables = make_tables(300)
    found = audit(tables, SETTINGS).map
    assert found is not None and tables.flags is not None
    assert (found.points, found.left_out) == (300, 0)
    assert [layer.check for layer in found.layers][:2] == ["near_duplicate", "chosen_refuses"]
    bits = np.unpackbits(np.frombuffer(base64.b64decode(found.layers[0].bits), np.uint8), bitorder="little")
    assert bits.sum() == found.layers[0].points == tables.flags["near_duplicate"].sum()
    x = np.frombuffer(base64.b64decode(found.x), "<u2")
    assert (x.min(), x.max(), len(x)) == (0, 65535, 300)
