"""The shortcuts of a set of pairs, and what is left of a reward model when the surface is held equal."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq.features import SURFACE
from prefq.shortcuts.held_equal import EVEN, balanced, matched
from prefq.shortcuts.measure import BY, EQUAL, figures_of, measured
from prefq.shortcuts.rules import RULES

RNG = np.random.default_rng(0)


def frame(rows: int, **values: Any) -> pl.DataFrame:
    """Pairs of prompts of their own, on which no rule and no model has an opinion."""
    names = pl.DataFrame({"row_id": [f"r{number:05}" for number in range(rows)]}, schema={"row_id": pl.String})
    told = names.with_columns(
        pl.col("row_id").alias("group"),
        *(pl.lit(None, pl.String).alias(name) for name in BY),
        *(pl.lit(0.0).alias(name) for name in (*RULES, *(f"more_{feature}" for feature in SURFACE))),
        *(pl.lit(None, pl.Float64).alias(name) for name in ("margin", "surface_margin")),
    )
    return told.with_columns(pl.Series(name, value, strict=False) for name, value in values.items())


def test_a_rule_is_a_share_of_the_pairs_on_which_it_has_an_opinion() -> None:
    found = figures_of(
        frame(8, longer_wins=[1.0, 2.0, 5.0, -1.0, 0.0, 0.0, 0.0, 0.0], first_wins=[None] * 4 + [0.5] * 4)
    )
    assert (found["longer_wins"]["value"], found["longer_wins"]["n"]) == (0.75, 4)
    assert (found["chosen_longer"]["value"], found["chosen_longer"]["n"]) == (0.375, 8)
    assert (found["first_wins"]["value"], found["first_wins"]["n"]) == (1.0, 4)
    assert found["code_wins"] is None
    assert (found["pairs"], found["prompt_groups"]) == (8, 8)


def test_pairs_of_one_prompt_widen_the_interval() -> None:
    wins = np.repeat(np.where(RNG.random(40) < 0.6, 1.0, -1.0), 10)
    apart = figures_of(frame(400, longer_wins=wins))["longer_wins"]
    together = figures_of(frame(400, longer_wins=wins, group=np.repeat(np.arange(40), 10)))["longer_wins"]
    assert together["value"] == apart["value"]
    assert together["high"] - together["low"] > 2.5 * (apart["high"] - apart["low"])


def test_without_scores_what_needs_them_is_null() -> None:
    found = figures_of(frame(300))
    assert [found[name] for name in (*EQUAL, "label_accuracy", "label_auc", "surface_accuracy", "surface_auc")] == [
        None
    ] * 7


def test_accuracy_and_auc_are_of_margins_seen_from_both_sides() -> None:
    found = figures_of(frame(4, margin=[2.0, 1.0, 1.0, -0.5], surface_margin=[1.0, -2.0, 0.0, -1.0]))
    assert (found["label_accuracy"]["value"], found["label_auc"]) == (0.75, 0.9375)
    assert (found["surface_accuracy"]["value"], found["surface_auc"]) == (0.375, 0.2812)


def test_no_pairs_are_no_error() -> None:
    found = measured(frame(0))
    assert found["slices"] == []
    assert {value for name, value in found["overall"].items() if name not in ("pairs", "prompt_groups")} == {None}


def test_a_model_that_is_its_surface_keeps_nothing() -> None:
    surface = RNG.normal(0.8, 1.5, 4000)
    found = figures_of(frame(4000, margin=surface, surface_margin=surface))
    assert found["label_accuracy"]["value"] > 0.65
    assert found["balanced_accuracy"]["value"] == 0.5
    assert found["matched_accuracy"] == found["matched_surface"]


def test_a_model_that_reads_keeps_its_accuracy_at_equal_surface() -> None:
    surface, told = RNG.normal(0.8, 1.5, 4000), RNG.normal(1.2, 1.0, 4000)
    found = figures_of(frame(4000, margin=told, surface_margin=surface))
    assert found["matched_accuracy"]["value"] == pytest.approx(found["label_accuracy"]["value"], abs=0.05)
    assert found["balanced_accuracy"]["value"] == pytest.approx(found["label_accuracy"]["value"], abs=0.03)
    assert found["matched_accuracy"]["n"] == int((np.abs(surface) <= EVEN).sum())


def test_too_few_matched_pairs_decide_nothing() -> None:
    surface = np.concatenate([np.zeros(99), np.full(200, 2.0), np.full(99, -2.0)])
    margins, groups = np.ones(398), np.arange(398)
    assert matched(margins, surface, groups) is None
    assert balanced(margins, surface, groups) is None
    surface[:2] = [0.0, -2.0]
    assert balanced(margins, surface, groups) is not None
    more = np.concatenate([surface, np.zeros(2)])
    assert matched(np.ones(400), more, np.arange(400)) is not None


def test_balance_weighs_both_halves_alike_and_is_wider_than_the_plain_share() -> None:
    surface = np.concatenate([np.ones(900), -np.ones(100)])
    margins = np.concatenate([np.where(np.arange(900) < 810, 1.0, -1.0), np.where(np.arange(100) < 30, 1.0, -1.0)])
    found = balanced(margins, surface, np.arange(1000))
    assert found is not None
    assert (found.value, found.n) == (pytest.approx(0.6), 1000)
    assert 0.03 < found.value - found.low < 0.06


def test_of_each_feature_how_often_the_chosen_answer_has_more() -> None:
    found = measured(frame(4, more_bold=[1.0, 3.0, -1.0, 0.0]))["features"]
    assert list(found) == list(SURFACE)
    assert (found["bold"]["value"], found["bold"]["n"]) == (0.6667, 3)
    assert found["chars"] is None


def test_slices_by_every_column_that_has_several_values() -> None:
    values = {"dataset": ["a"] * 300, "language": ["en"] * 150 + ["de"] * 150, "dimension": ["preference"] * 300}
    found = measured(frame(300, category=["x"] * 99 + ["y"] * 201, **values))["slices"]
    assert [(s["by"], s["name"], s["pairs"]) for s in found] == [
        ("dataset", "a", 300),
        ("category", "y", 201),
        ("language", "de", 150),
        ("language", "en", 150),
    ]
