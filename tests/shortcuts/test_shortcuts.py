import numpy as np
import polars as pl

from prefq.label_noise import NoiseRate
from prefq.shortcuts import find_shortcuts, slice_figures

RATE = NoiseRate(0.05, None, "given")


def labelled(rows: int = 8, **changes: object) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "dataset": ["d"] * rows,
            "category": pl.Series([None] * rows, dtype=pl.String),
            "chosen_length": [30] * rows,
            "rejected_length": [20] * rows,
            "margin": [1.0] * rows,
            "surface_margin": [0.5] * rows,
            "bold": [0.0] * rows,
        },
        schema_overrides=dict.fromkeys(("chosen_length", "rejected_length"), pl.UInt32)
        | dict.fromkeys(("margin", "surface_margin", "bold"), pl.Float64),
    )
    return frame.with_columns(**{k: pl.Series(v, dtype=frame.schema[k]) for k, v in changes.items()})


def test_lengths_of_equal_pairs_count_only_in_the_whole() -> None:
    figures = slice_figures(labelled(4, rejected_length=[20, 30, 30, 40]))
    assert figures["longer_wins"] == {"value": 0.5, "low": 0.0945, "high": 0.9055, "n": 2}
    assert figures["chosen_longer"]["value"] == 0.25
    assert figures["chosen_longer"]["n"] == 4


def test_accuracy_and_auc_are_of_margins_seen_from_both_sides() -> None:
    figures = slice_figures(labelled(4, margin=[2.0, 1.0, 1.0, -0.5], surface_margin=[1.0, -2.0, 0.0, -1.0]))
    assert figures["label_accuracy"]["value"] == 0.75
    assert figures["surface_accuracy"]["value"] == 0.375
    assert figures["label_auc"] == 0.9375
    assert figures["surface_auc"] == 0.2812


def test_a_feature_that_never_differs_decides_nothing() -> None:
    found = find_shortcuts(labelled(), ("bold",), RATE)
    assert found["features"] == {"bold": None}
    told = find_shortcuts(labelled(4, bold=[1.0, 2.0, 0.0, -1.0]), ("bold",), RATE)["features"]["bold"]
    assert (told["value"], told["n"]) == (0.6667, 3)


def test_without_models_their_figures_are_null() -> None:
    none = labelled().with_columns(pl.lit(None).alias(name) for name in ("margin", "surface_margin"))
    found = find_shortcuts(none, ("bold",), RATE)
    assert found["overall"]["label_accuracy"] is None
    assert found["overall"]["surface_auc"] is None
    assert (found["ece"], found["reliability"]) == (None, [])
    assert found["overall"]["chosen_longer"]["value"] == 1.0


def test_slices_need_100_pairs() -> None:
    frame = labelled(250, dataset=["a"] * 150 + ["b"] * 100, category=["x"] * 99 + ["y"] * 151)
    found = find_shortcuts(frame, ("bold",), RATE)
    assert [(s["by"], s["name"], s["pairs"]) for s in found["slices"]] == [
        ("dataset", "a", 150),
        ("dataset", "b", 100),
        ("category", "y", 151),
    ]


def test_no_pairs_at_all_are_no_error() -> None:
    found = find_shortcuts(labelled(0), ("bold",), RATE)
    assert found["overall"] == {
        "pairs": 0,
        "longer_wins": None,
        "chosen_longer": None,
        "surface_accuracy": None,
        "surface_auc": None,
        "label_accuracy": None,
        "label_auc": None,
    }


def test_calibration_sees_each_pair_from_both_sides() -> None:
    found = find_shortcuts(labelled(4, margin=[float(np.log(3))] * 3 + [-float(np.log(3))]), ("bold",), RATE)
    assert found["ece"] == 0.0
    assert [(b["predicted"], b["agreed"], b["rows"]) for b in found["reliability"]] == [
        (0.25, 0.25, 4),
        (0.75, 0.75, 4),
    ]
    assert found["format"] == 1
    assert found["noise_rate"]["value"] == 0.05
