import json

import polars as pl
import pytest
from report_tables import SETTINGS, make_tables

from prefq import schema
from prefq.checks import CHECKS
from prefq.report import Tables
from prefq.report.evidence import chips, facts_of, occurrences, quotes
from prefq.report.examples import compared, example, select
from prefq.report.masking import masked


def row(chosen: str, rejected: str, row_id: str = "d:0", prompt: str = "How?") -> dict[str, object]:
    said = [{"role": "user", "content": prompt}]
    return {"row_id": row_id, "dataset": "d", "label": "chosen", "prompt": said, "chosen": chosen, "rejected": rejected}


def tables_of(rows: list[dict[str, object]], check: str, evidence: dict[str, object]) -> Tables:
    return Tables(
        pairs=pl.DataFrame(rows, schema=schema.PAIRS),
        flags=pl.DataFrame({"row_id": [r["row_id"] for r in rows], check: [True] + [False] * (len(rows) - 1)}),
        evidence=pl.DataFrame([(rows[0]["row_id"], check, json.dumps(evidence))], schema=schema.EVIDENCE, orient="row"),
    )


def test_evidence_is_flattened() -> None:
    facts = facts_of('{"chosen":{"match":"a@b.org"},"n_rows":3,"none":null,"at":[0.5],"ok":true}')
    assert facts == [("chosen match", "a@b.org"), ("n rows", "3"), ("at", "0.5"), ("ok", "yes")]
    assert facts_of("not json") == [("evidence", "not json")]
    assert facts_of(None) == []


def test_a_match_is_highlighted_on_its_own_side_only() -> None:
    facts = facts_of('{"rejected":{"match":"Human:"},"match":"<h3>"}')
    assert quotes(facts, "rejected") == ["Human:", "<h3>"]
    assert quotes(facts, "chosen") == quotes(facts, "prompt") == ["<h3>"]


def test_ids_and_quotations_are_no_facts_to_say() -> None:
    facts = [
        ("contrast partner", "a" * 32),
        ("chosen", "a long opening"),
        ("similarity", "0.9"),
        ("match", "a long opening"),
    ]
    assert chips(facts, ["a long opening of an answer"]) == (("similarity", "0.9"), ("match", "a long opening"))


@pytest.mark.parametrize(
    ("text", "needle", "spans"),
    [
        ("a.b a.b", "a.b", [(0, 3, "found"), (4, 7, "found")]),
        ("Say: what, then, is it?", "what then is it", [(5, 22, "found")]),
        ("nothing", "zz", []),
        ("nothing", "", []),
        ("Human and human", "human", [(10, 15, "found")]),
    ],
)
def test_occurrences(text: str, needle: str, spans: list[tuple[int, int, str]]) -> None:
    assert occurrences(text, [needle]) == spans


def test_answers_alike_show_what_differs() -> None:
    left, right = compared("Take the red one home now.", "Take the blue one home now.", 100)
    assert left.html == 'Take the <mark class="differs">red</mark> one home now.'
    assert right.html == 'Take the <mark class="differs">blue</mark> one home now.'


def test_a_difference_far_inside_is_shown() -> None:
    left, right = compared("word " * 1000 + "red " + "word " * 1000, "word " * 1000 + "blue " + "word " * 1000, 300)
    assert "red</mark>" in left.html
    assert "blue</mark>" in right.html
    assert left.before + left.after == left.length - 300


def test_a_long_answer_is_shown_around_its_match() -> None:
    shown = example(row("x" * 9000 + " Human: hello", "no"), [("chosen match", "Human:")], 400)
    assert '<mark class="found">Human:</mark>' in shown.chosen.html
    assert (shown.chosen.length, shown.chosen.before, shown.chosen.after) == (9013, 8613, 0)


def test_only_the_last_messages_of_a_prompt_are_shown() -> None:
    long = row("a", "b") | {"prompt": [{"role": "user", "content": str(k)} for k in range(7)]}
    shown = example(long, [], 100)
    assert (shown.earlier, [t.text.html for t in shown.turns]) == (4, ["4", "5", "6"])


@pytest.mark.parametrize("evidence", [{"rows": ["d:0", "d:1"]}, {"contrast_partner": "c" * 32}])
def test_the_other_row_stands_beside(evidence: dict[str, object]) -> None:
    other = row("Take the blue one home now.", "No idea.", "d:1") | {"prompt_id": "c" * 32}
    tables = tables_of([row("Take the red one home now.", "No idea."), other], "near_duplicate", evidence)
    found = select(tables, ["near_duplicate"], {}, 5)["near_duplicate"][0]
    assert found.relative is not None
    assert found.relative.row_id == "d:1"
    assert '<mark class="differs">blue</mark>' in found.relative.chosen.html
    assert found.facts == ()


@pytest.mark.skipif("pii" not in CHECKS, reason="no check for personal data")
def test_personal_data_is_masked() -> None:
    text = "Write to annabelle@somewhere.example or call +49 30 901820 today."
    tables = tables_of(
        [row(text, "No.", prompt="Is it annabelle@somewhere.example?")], "pii", {"chosen": {"match": "annabe…"}}
    )
    shown = select(tables, ["pii"], {}, 5)["pii"][0]
    assert "somewhere" not in shown.chosen.html + shown.turns[0].text.html
    assert '<mark class="found">annabe</mark>•' in shown.chosen.html


@pytest.mark.skipif("pii" not in CHECKS, reason="no check for personal data")
def test_personal_data_of_the_other_row_is_masked() -> None:
    other = row("Write to annabelle@somewhere.example today.", "No idea.", "d:1")
    tables = tables_of([row("Write to somebody today.", "No idea."), other], "near_duplicate", {"rows": ["d:1"]})
    relative = select(tables, ["near_duplicate"], {}, 5)["near_duplicate"][0].relative
    assert relative is not None
    assert "annabe•" in relative.chosen.html
    assert "somewhere" not in relative.chosen.html


def test_a_mask_keeps_the_start() -> None:
    assert masked("mail annabelle@x.example now", ["annabelle@x.example"]) == "mail annabe••••••••••••• now"
    assert masked("short", ["short"]) == "short"


def test_doubtful_labels_come_worst_first() -> None:
    tables = make_tables(400)
    shown = select(tables, ["likely_mislabelled"], SETTINGS, 5)["likely_mislabelled"]
    assert tables.scores is not None
    suspicion = dict(tables.scores.select("row_id", "suspicion").iter_rows())
    values = [suspicion[e.row_id] for e in shown]
    assert values == sorted(values, reverse=True)


def test_the_opening_that_a_check_speaks_of_is_highlighted() -> None:
    facts = facts_of('{"chosen":{"question_script":"Latin","opening":"空气把阳光"}}')
    shown = example(row("空气把阳光散射。", "The air."), facts, 400)
    assert '<mark class="found">空气把阳光</mark>散射。' in shown.chosen.html
    assert "<mark" not in shown.rejected.html
