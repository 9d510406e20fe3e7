"""Rules that pick an answer without reading it."""

from typing import Any

import polars as pl
import pytest

from prefq.features import pair_features
from prefq.shortcuts.rules import RULES, rule_frame

PROMPT = "Which planet is the largest?"


def pair(name: str, chosen: str, rejected: str, **values: Any) -> dict[str, Any]:
    ids = {"chosen_id": f"id of {chosen}", "rejected_id": f"id of {rejected}", "prompt_id": "p"}
    prompt = [{"role": "user", "content": PROMPT}]
    messages = {"chosen_messages": None, "rejected_messages": None, "chosen_position": None}
    return {"row_id": name, "prompt": prompt, "chosen": chosen, "rejected": rejected, **ids, **messages, **values}


def rules(*rows: dict[str, Any]) -> pl.DataFrame:
    texts = ("chosen_messages", "rejected_messages")
    pairs = pl.DataFrame(list(rows), schema_overrides={"chosen_position": pl.Int32, **dict.fromkeys(texts, pl.String)})
    return rule_frame(pairs, pair_features(pairs).reverse())


def signs(chosen: str, rejected: str, **values: Any) -> dict[str, int]:
    row = rules(pair("a", chosen, rejected, **values)).row(0, named=True)
    return {name: (row[name] > 0) - (row[name] < 0) for name in RULES if row[name] is not None}


@pytest.mark.parametrize(
    ("rule", "chosen", "rejected"),
    [
        ("longer_wins", "It is Jupiter, by far.", "Jupiter."),
        ("shorter_wins", "Jupiter.", "It is Jupiter, by far."),
        ("markdown_wins", "**Jupiter**", "Saturn, or Jupiter"),
        ("lists_win", "- Jupiter\n- Saturn", "Jupiter, then Saturn, and so on"),
        ("code_wins", "```\nJupiter\n```", "Jupiter and nothing else"),
        ("refusal_loses", "Jupiter.", "I cannot help you with that."),
        ("overlap_wins", "The largest planet is Jupiter.", "Jupiter."),
        ("confident_wins", "It is certainly Jupiter.", "It might be Jupiter."),
        ("confident_wins", "It is Jupiter.", "I think it is perhaps Jupiter."),
    ],
)
def test_a_rule_is_for_the_answer_it_names_and_against_it_turned_round(rule: str, chosen: str, rejected: str) -> None:
    assert signs(chosen, rejected)[rule] == 1
    assert signs(rejected, chosen)[rule] == -1


def test_the_answer_shown_first() -> None:
    assert signs("a", "b", chosen_position=1)["first_wins"] == 1
    assert signs("a", "b", chosen_position=2)["first_wins"] == -1
    assert "first_wins" not in signs("a", "b")


def test_equal_answers_give_no_rule_an_opinion() -> None:
    assert set(signs("Jupiter.", "Jupiter.").values()) == {0}


def test_tone_is_per_word() -> None:
    """One booster in four words is surer than one in forty."""
    long = "It is certainly Jupiter" + " and nothing else" * 12
    assert signs("Certainly it is Jupiter", long)["confident_wins"] == 1


def test_rows_keep_their_order() -> None:
    found = rules(pair("b", "long answer", "short"), pair("a", "short", "long answer"))
    assert found["row_id"].to_list() == ["b", "a"]
    assert (found["longer_wins"] > 0).to_list() == [True, False]
    assert found.columns == ["row_id", *RULES]
