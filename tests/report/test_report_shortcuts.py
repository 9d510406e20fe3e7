from dataclasses import replace
from typing import Any

import pytest
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.report import Tables, audit, render
from prefq.report.figures import lengths
from prefq.report.habits import habits
from prefq.report.headline import headline
from prefq.report.shortcuts import judge_figures, other_tables, shortcut_tables


def noise(value: Any) -> tuple[str, str, str]:
    return judge_figures(audit(replace(make_tables(60), shortcuts={"noise_rate": value}), SETTINGS))[-1]


def test_a_noise_rate_stands_with_its_interval() -> None:
    told = {"value": 0.08, "low": 0.05, "high": 0.12, "estimable": True, "source": "estimate", "why": None}
    name, value, text = noise(told)
    assert (name, value) == ("Wrong labels, estimated", "8.0\u00a0%")
    assert "95 % interval: 5.0–12.0\u00a0%." in text


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
    tables = other_tables(
        {
            "noise_rate": 0.1,
            "pairs": 1200,
            "auroc": {"value": 0.7, "low": 0.66, "high": 0.74, "n": 900},
            "length": {"longer": 0.61, "undecided": None},
            "weights": {"chars": {"weight": 1.5, "share": 0.25}, "lists": {"weight": -2}},
            "features": {"chars": {"value": 0.6, "low": 0.5, "high": 0.7, "n": 90}},
            "top": [{"word": "sorry", "rows": 3}],
        }
    )
    assert [(t.title, t.header, t.rows) for t in tables] == [
        ("Other figures", ("Figure", "Value"), (("Pairs", "1,200"), ("Auroc", "0.700 (0.660 to 0.740)"))),
        ("Length", ("Figure", "Value"), (("Longer", "0.610"), ("Undecided", "not decided"))),
        ("Weights", ("", "Weight", "Share"), (("chars", "1.500", "0.250"), ("lists", "-2", "not decided"))),
        ("Top", ("Word", "Rows"), (("sorry", "3"),)),
    ]
    assert other_tables(None) == []


def share(value: float, n: int = 1000) -> dict[str, Any]:
    return {"value": value, "low": value - 0.02, "high": value + 0.02, "n": n}


REAL = {
    "format": 1,
    "sees": ["features: the share of pairs whose chosen answer has more."],
    "limits": ["Intervals take pairs as independent."],
    "overall": {"pairs": 1000, "surface_accuracy": share(0.8), "surface_auc": 0.86, "label_accuracy": share(0.85)},
    "slices": [
        {
            "by": "dataset",
            "name": "a",
            "pairs": 600,
            "longer_wins": share(0.57),
            "surface_accuracy": None,
            "matched_accuracy": share(0.61),
        },
        {"by": "dataset", "name": "b", "pairs": 400, "longer_wins": None, "surface_accuracy": share(0.75)},
    ],
    "features": {"bold": None, "words": share(0.51), "newlines": share(0.2), "list_items": share(0.89)},
    "reliability": [{"low": 0.0, "high": 1.0, "predicted": 0.5, "agreed": 0.5, "rows": 2000}],
    "ece": 0.021,
    "noise_rate": {"value": 0.03, "low": None, "high": None, "estimable": False, "source": "given", "why": None},
}


def test_features_that_tell_stand_first_and_undecided_ones_nowhere() -> None:
    told = habits(lengths(make_pairs(10)), REAL)
    assert [(f.words, f.share.value) for f in told.clear] == [("list items", 0.89), ("line breaks", 0.2)]
    assert [f.words for f in told.faint] == ["words"]


def test_the_score_stages_own_figures_become_sentences() -> None:
    told = judge_figures(audit(replace(make_tables(60), shortcuts=REAL), SETTINGS))
    assert [name for name, _, _ in told] == [
        "Judge agrees with the label",
        "… and from the surface alone",
        "Calibration error",
        "Wrong labels, as given",
    ]
    assert told[1][1:] == (
        "80.0\u00a0%",
        "The same by length, layout and set phrases alone. 95 % interval: 78.0–82.0\u00a0%."
        " All the judge reads in the texts beyond that adds 5.0 points.",
    )
    assert told[2][1] == "2.1\u00a0%"


def test_slices_are_compared_only_when_there_are_several() -> None:
    found = audit(replace(make_tables(60), shortcuts=REAL), SETTINGS)
    rules, table = shortcut_tables(found)
    assert (rules.title, table.title) == ("How often each would pick the chosen answer", "By slice")
    assert table.rows == (
        ("dataset a", "600", "57.0\u00a0%", "not decided", "not decided", "61.0\u00a0%"),
        ("dataset b", "400", "not decided", "75.0\u00a0%", "not decided", "not decided"),
    )
    one = audit(replace(make_tables(60), shortcuts=REAL | {"slices": [REAL["slices"][0]]}), SETTINGS)
    assert [table.title for table in shortcut_tables(one)] == ["How often each would pick the chosen answer"]


def test_rules_stand_beside_those_of_evaluation_sets() -> None:
    overall = REAL["overall"] | {"lists_win": share(0.89, 310), "first_wins": None}
    against = [{"name": "<b>bench</b>", "lists_win": share(0.4, 90), "first_wins": share(0.5, 80)}]
    found = audit(replace(make_tables(60), shortcuts=REAL | {"overall": overall, "against": against}), SETTINGS)
    table = shortcut_tables(found)[0]
    assert table.header == ("What picks", "This dataset", "<b>bench</b>")
    assert table.rows == (
        ("more list items", "89.0\u00a0% (87.0–91.0\u00a0%; 310)", "40.0\u00a0% (38.0–42.0\u00a0%; 90)"),
        ("the one shown first", "not decided", "50.0\u00a0% (48.0–52.0\u00a0%; 80)"),
        ("a model of all surface features", "80.0\u00a0% (78.0–82.0\u00a0%; 1,000)", "not decided"),
        ("the judge", "85.0\u00a0% (83.0–87.0\u00a0%; 1,000)", "not decided"),
    )
    page = render(found)
    assert "&lt;b&gt;bench&lt;/b&gt;" in page
    assert "<b>bench</b>" not in page


def test_rules_by_slice() -> None:
    slices = [REAL["slices"][0] | {"code_wins": share(0.7)}, REAL["slices"][1]]
    found = audit(replace(make_tables(60), shortcuts=REAL | {"slices": slices}), SETTINGS)
    table = shortcut_tables(found)[-1]
    assert table.title == "Rules by slice"
    assert table.header[:4] == ("Slice", "More markdown", "More list items", "More code")
    assert [row[:4] for row in table.rows] == [
        ("dataset a", "–", "–", "70.0\u00a0%"),
        ("dataset b", "–", "–", "–"),
    ]


def test_rates_of_wrong_labels_by_slice_stand_with_their_intervals() -> None:
    parts = [
        {"by": "annotator", "name": "<i>ann</i>", "pairs": 2_000, "value": 0.3, "low": 0.26, "high": 0.34},
        {"by": "category", "name": "code", "pairs": 600, "value": None, "low": None, "high": None},
    ]
    found = audit(replace(make_tables(60), shortcuts=REAL | {"noise_rate": {"slices": parts}}), SETTINGS)
    table = shortcut_tables(found)[-1]
    assert (table.title, table.header) == ("Wrong labels by slice, estimated", ("Slice", "Pairs", "Wrong labels"))
    assert table.rows == (
        ("annotator <i>ann</i>", "2,000", "30.0\u00a0% (26.0–34.0\u00a0%)"),
        ("category code", "600", "not estimable"),
    )
    assert "<i>ann" not in render(found)


def test_what_is_left_at_equal_surface_is_said() -> None:
    overall = REAL["overall"] | {"matched_accuracy": share(0.58, 210), "balanced_accuracy": share(0.53)}
    told = judge_figures(audit(replace(make_tables(60), shortcuts=REAL | {"overall": overall}), SETTINGS))
    assert told[2] == (
        "… and with the surface held equal",
        "58.0\u00a0%",
        "On the 210\u00a0pairs that the surface calls even. 95 % interval: 56.0–60.0\u00a0%."
        " Were the surface right half of the time, the judge would be in 53.0\u00a0%.",
    )


@pytest.mark.parametrize(
    "broken", [{"against": 3}, {"against": [1, {"name": None}]}, {"slices": [1, 2]}, {"overall": []}]
)
def test_parts_of_another_shape_are_passed_over(broken: dict[str, Any]) -> None:
    found = audit(replace(make_tables(60), shortcuts=REAL | broken), SETTINGS)
    assert "Label noise and shortcuts" in render(found)


@pytest.mark.parametrize("broken", [{"overall": 3, "features": [1], "slices": {"a": 1}}, {"features": {"x": 1.5}}, {}])
def test_shortcuts_of_another_shape_are_no_error(broken: dict[str, Any]) -> None:
    told = habits(lengths(make_pairs(10)), broken)
    assert (told.surface, told.judge, told.features, told.slices) == (None, None, (), ())


def test_form_that_gives_the_label_away_is_a_finding() -> None:
    found = audit(replace(make_tables(300), shortcuts=REAL), SETTINGS | {"curate": {"policy": {}}})
    told = next(f for f in found.findings if f.check is None)
    if told.section == "lengths":
        assert told.share is not None and told.share >= 0.6
    else:
        assert (told.count, told.whole, told.section) == (800, 1000, "judge")


def test_the_five_key_figures() -> None:
    told = headline(audit(replace(make_tables(300), shortcuts=REAL), SETTINGS))
    assert [t.name for t in told] == ["Flagged", "Distinct", "Chosen is longer", "Judge agrees", "Wrong labels"]
    assert told[3].text == "with the label; by form alone 80.0\u00a0%"
    assert (told[4].value, told[4].text) == ("3.0\u00a0%", "as score.noise_rate says")
    bare = headline(audit(Tables(pairs=make_pairs(10)), {}))
    assert [t.value for t in bare if t.name in ("Flagged", "Judge agrees", "Wrong labels")] == ["not decided"] * 3
