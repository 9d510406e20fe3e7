import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from versions import LONG, PLAIN, changed, curated

from prefq.diff import Diff, compare
from prefq.report.diff_examples import cards
from prefq.report.diff_markdown import code, to_markdown
from prefq.report.diff_page import to_html
from prefq.report.diff_summary import summary
from prefq.report.widths import columns

FLIPPED = {"chosen": PLAIN, "rejected": LONG}
LAW = [{"name": f"law {n}", "category": "law"} for n in range(20)]
ART = [{"name": f"art {n}", "category": "art"} for n in range(80)]
ATTACK = (
    "<script>window.hacked=1</script></script><img src=x onerror=window.hacked=1>\" onmouseover='x' <!--<script>"
    "{{ 7*7 }}</style></title></textarea><iframe src=https://example.com></iframe>"
    "\x00\x1b[31m\u202etxet\u202c\u200b\u2028 | a `b` ```c``` @everyone [x](https://example.com)\n# head\n</details>"
)


def hostile() -> Diff:
    names = ("split", "status", "annotator", "category", "language", "subset", "dataset", "chosen_model")
    row: dict[str, Any] = dict.fromkeys((*names, "rejected_model", "chosen", "prompt", "name"), ATTACK)
    other = {**row, "category": "law", "name": "x" + ATTACK}
    old = [{**row, "rejected": ATTACK + PLAIN}, {**row, "prompt": "p", "rejected": "q"}, {"name": "gone"}, other]
    extra = '{"</script>|`x`": 1}'
    new = [{**row, "rejected": PLAIN + ATTACK, "extra": extra}, {**row, "prompt": "p", "rejected": "q", "split": "t"}]
    new += [{**other, "chosen": PLAIN, "rejected": ATTACK, "split": ATTACK + "2", "language": "de"}, {"name": "come"}]
    return changed(old, new, names=(ATTACK, ATTACK))


@pytest.fixture(scope="module")
def flipped() -> Diff:
    new = [*({**row, **FLIPPED} for row in LAW[:10]), *LAW[10:], *ART[1:], {"name": "new", "chosen": "Why not?"}]
    new[12] = {**new[12], "split": "test", "language": "de"}
    return changed([*LAW, *ART], new, names=("v1", "v2"))


def test_the_summary_tells_counts_shares_places_and_moves(flipped: Diff) -> None:
    lines = summary(flipped).splitlines()
    assert lines[1] == "┃" + "v1 → v2".center(78) + "┃"
    assert "   100 → 100 pairs (no change)" in lines
    assert "   ⇄ flipped             10    10.0 %" in lines
    assert "   - removed              1     1.0 %" in lines
    assert "   flipped in category law: 10 of 20 (50.0 %, 29.9–70.1 %; 10.0 % overall)" in lines
    assert "   split train → test: 1 pair, 1 prompt" in lines
    assert "   language 1" in lines
    assert "   chosen_longer        100 %       89.0 %" in lines


def test_the_box_shows_the_ends_of_both_names_however_long() -> None:
    names = tuple(f"/home/ada/projects/answers/data/exports/version-{n}/answers.jsonl" for n in (1, 2))
    title = summary(changed(LAW, LAW, names=names)).splitlines()[1]
    assert title.strip("┃ ") == "…ta/exports/version-1/answers.jsonl → …ata/exports/version-2/answers.jsonl"
    short = summary(changed(LAW, LAW, names=("v1", "旧" * 60 + ".csv"))).splitlines()[1]
    assert (columns(short), short.startswith("┃  v1 → …旧")) == (80, True)


def test_a_summary_of_nothing_says_so() -> None:
    said = summary(changed(LAW, LAW))
    assert "No pair differs." in said
    assert "Where" not in said


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_none_steers_it(width: int) -> None:
    said = summary(hostile(), width)
    assert max(map(len, said.splitlines())) <= width
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u200b\u2028]", said)


@pytest.mark.parametrize("width", [60, 80])
def test_chinese_names_take_two_columns_each(width: int) -> None:
    names = [{"name": f"{n}", "category": "安全与隐私保护类的问题集合" * 2} for n in range(12)]
    turned = [{**row, "chosen": PLAIN, "rejected": LONG, "split": "测试" * 9} for row in names]
    both = curated(*names, *ART), curated(*turned, *ART)
    told = summary(compare(*both, names=("旧版本" * 12, "新版本" * 12)), width)
    assert "安全与隐私" in told
    assert max(columns(line) for line in told.splitlines()) == width
    assert [columns(line) for line in told.splitlines()[:3]] == [width] * 3


def test_colour_is_only_written_when_asked_for(flipped: Diff) -> None:
    coloured = summary(flipped, color=True)
    assert "\x1b[33m   ⇄ flipped" in coloured
    assert re.sub("\x1b\\[[0-9]+m", "", coloured) == summary(flipped)


def test_markdown_has_totals_examples_and_a_cap(flipped: Diff) -> None:
    said = to_markdown(flipped)
    assert said.startswith("### `v1` → `v2`\n\n100 → 100 pairs (no change). 1 added, 1 removed, 10 flipped,")
    assert "| `flipped` | 10 | 10.0 % |" in said
    assert "<details><summary>flipped: 3 of 10</summary>" in said
    assert f"- chosen: {LONG}\n- rejected: {PLAIN}\n+ chosen: {PLAIN}\n+ rejected: {LONG}" in said
    short = to_markdown(flipped, limit=900)
    assert len(short) <= 900
    assert "| `flipped` | 10 | 10.0 % |" in short
    assert re.search(r"_\d+ more parts of this comparison are too long for a comment\._\n$", short)


def test_markdown_shows_long_texts_where_they_differ() -> None:
    long = "And so on. " * 60
    said = to_markdown(changed([{"chosen": long + "It ends."}], [{"chosen": long + "It ended."}]))
    assert re.search(r"\n- chosen: … .*It ends\.\n\+ chosen: … .*It ended\.\n", said)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("law", "`law`"),
        ("a|b", "`a¦b`"),
        ("`", "`` ` ``"),
        ("a``b", "``` a``b ```"),
        ("x\ny", "`x y`"),
        ("", "`(empty)`"),
    ],
)
def test_names_in_markdown_are_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_markdown_leaves_nothing_of_the_data_outside_code() -> None:
    said = to_markdown(hostile())
    fenced = re.sub(r"(?ms)^(`{3,})diff\n.*?^\1$", "", said)
    bare = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", fenced)
    for sign in ("<script", "@everyone", "](https", "<img", "\x1b", "\u202e"):
        assert sign not in bare
    assert set(re.findall(r"</?\w+", bare)) <= {"<details", "</details", "<summary", "</summary"}


class Tags(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_page_asks_for_nothing_and_runs_only_its_own_script() -> None:
    page = to_html(hostile())
    seen = Tags(page).seen
    tags = [tag for tag, _ in seen]
    assert (tags.count("script"), tags.count("style")) == (1, 1)
    assert not {"img", "iframe", "svg", "object", "form", "base"} & set(tags)
    assert not [name for _, attributes in seen for name in attributes if name.startswith("on")]
    assert {a["href"] for _, a in seen if "href" in a} <= {
        *("data:,", "#main", "#changes", "#where", "#quality", "#pairs"),
        *(f"#class-{name}" for name in ("added", "removed", "flipped", "edited", "prompt_edited", "moved_split")),
    }
    policy = next(a["content"] for tag, a in seen if tag == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; img-src data:; "
        r"base-uri 'none'; form-action 'none'",
        policy,
    )
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u200b\u2028]", page)


def test_the_page_marks_the_words_that_differ() -> None:
    page = to_html(changed([{}], [{"chosen": LONG.replace("warm", "hot")}]))
    assert 'because <mark class="differs">warm</mark> air' in page
    assert 'because <mark class="differs">hot</mark> air' in page


def test_an_answer_stands_once_with_what_it_was_and_is() -> None:
    (card,) = cards(changed([{}], [{**FLIPPED, "margin": 0.75}]))
    assert [(s.title, s.same) for s in card.slots] == [
        ("prompt", True),
        ("chosen → rejected", True),
        ("rejected → chosen", True),
    ]
    assert card.chips == [("margin", "0.5 → 0.75")]
    (tie,) = cards(changed([{"label": "tie"}], [{}]))
    assert [s.title for s in tie.slots] == ["prompt", "undecided → chosen", "undecided → rejected"]


def test_a_class_shows_some_pairs_from_all_over(flipped: Diff) -> None:
    shown = [card.row_id for card in cards(flipped, 3) if card.change == "flipped"]
    every = flipped.changes["row_id_new"].to_list()
    assert len(shown) == 3
    assert len([row for row in every if row in shown]) == 3


def test_addresses_and_keys_are_masked_in_what_travels() -> None:
    diff = changed([], [{"chosen": "Write to jane.doe@example.com, please."}])
    for text in (to_html(diff), to_markdown(diff)):
        assert "jane.doe@example.com" not in text
        assert "jane.d••••" in text


def test_a_text_of_a_million_characters_is_cut() -> None:
    long = "word " * 200_000
    assert len(to_html(changed([{"chosen": long}], [{"chosen": long + "end"}]))) < 100_000


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_filters_by_class_and_slice_work_and_nothing_hostile_runs(tmp_path: Path, flipped: Diff) -> None:
    api = pytest.importorskip("playwright.sync_api")
    said: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if "file:" not in request.url[:5] else None)
        for name, diff in (("hostile", hostile()), ("flipped", flipped)):
            (tmp_path / f"{name}.html").write_text(to_html(diff), encoding="utf-8")
            page.goto((tmp_path / f"{name}.html").as_uri())
            assert page.evaluate("window.hacked") is None
        assert page.inner_text("#shown") == "13 of 13 pairs shown"
        page.select_option("#change", "flipped")
        assert page.inner_text("#shown") == "10 of 13 pairs shown"
        page.select_option("#change", "")
        page.select_option("#by", "category")
        page.select_option("#name", "art")
        assert page.inner_text("#shown") == "1 of 13 pairs shown"
        browser.close()
    assert [line for line in said if not line.startswith("data:")] == []


def test_rows_without_ids_are_named_by_their_pair() -> None:
    old, new = (curated(row).drop("row_id", "record", "k", "dimension") for row in ({}, FLIPPED))
    diff = compare(old, new)
    (card,) = cards(diff)
    assert (card.change, card.row_id) == ("flipped", old["pair_id"][0])
    assert f"`{card.row_id}`" in to_markdown(diff)
