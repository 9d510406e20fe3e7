from dataclasses import replace
from typing import Any

from report_tables import SETTINGS, make_tables

from prefq.report import audit
from prefq.report.shortcuts import judge_figures, shortcut_tables


def noise(value: Any) -> tuple[str, str, str]:
    return judge_figures(audit(replace(make_tables(60), shortcuts={"noise_rate": value}), SETTINGS))[-1]


def test_a_noise_rate_stands_with_its_interval() -> None:
    told = {"value": 0.08, "low": 0.05, "high": 0.12, "estimable": True, "source": "estimate", "why": None}
    name, value, text = noise(told)
    assert (name, value) == ("Wrong labels, estimated", "8.0\u00a0%")
    assert "Between 5.0–12.0\u00a0% at 95 % confidence." in text


def test_a_noise_rate_that_is_not_estimable_says_why() -> None:
    told = {
        "value": None,
        "low": None,
        "high": None,
        "estimable": False,
        "source": "estimate",
        "why": "needs 5,000 pairs",
    }
    assert noise(told) == ("Wrong labels, estimated", "not estimable", "Needs 5,000 pairs.")
    assert noise(None)[1] == "not estimable"


def test_a_given_noise_rate_is_no_estimate() -> None:
    assert noise({"value": 0.1, "low": None, "high": None, "source": "given"})[0] == "Wrong labels, as given"


def test_without_a_judge_nothing_is_claimed() -> None:
    figures = judge_figures(audit(replace(make_tables(60), scores=None), SETTINGS))
    assert [value for _, value, _ in figures] == ["not decided"]


def test_every_shape_of_figures_becomes_a_table() -> None:
    tables = shortcut_tables(
        {
            "noise_rate": 0.1,
            "pairs": 1200,
            "auroc": {"value": 0.7, "low": 0.66, "high": 0.74, "n": 900},
            "length": {"longer": 0.61, "undecided": None},
            "features": {"chars": {"weight": 1.5, "share": 0.25}, "lists": {"weight": -2}},
            "top": [{"word": "sorry", "rows": 3}],
        }
    )
    assert [(t.title, t.header, t.rows) for t in tables] == [
        ("Shortcuts", ("Figure", "Value"), (("Pairs", "1,200"), ("Auroc", "0.700 (0.660 to 0.740)"))),
        ("Length", ("Figure", "Value"), (("Longer", "0.610"), ("Undecided", "not decided"))),
        ("Features", ("", "Weight", "Share"), (("chars", "1.500", "0.250"), ("lists", "-2", "not decided"))),
        ("Top", ("Word", "Rows"), (("sorry", "3"),)),
    ]
    assert shortcut_tables(None) == []
