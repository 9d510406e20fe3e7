"""That the parts of the comparison with cleanlab are right; never who finds more."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # bench is not installed

from bench import cleanlab as bench
from prefq.prove.examples import Sides
from prefq.vectors import Vectors

NOBODY = pl.DataFrame()
NOTHING = Vectors(pl.Series([], dtype=pl.String), np.zeros((0, 1), np.float32), "none")


def pairs(rows: int) -> pl.DataFrame:
    """Every other chosen answer is the longer one."""
    return pl.DataFrame(
        {"chosen": ["long answer", "short"] * (rows // 2), "rejected": ["short", "long answer"] * (rows // 2)}
    )


def noisy(rows: int = 400, turns: float = 0.1) -> bench.Noisy:
    """Pairs that one feature tells apart, but for those that are turned."""
    rng = np.random.default_rng(0)
    margin, turned = rng.uniform(0.5, 2, rows).astype(np.float32), rng.random(rows) < turns
    chosen = np.where(turned, -margin, margin)[:, None]
    sides = Sides(chosen, np.zeros_like(chosen), np.ones(1))
    clean = Sides(margin[:, None], np.zeros((rows, 1), np.float32), np.ones(1))
    return bench.Noisy(NOBODY, NOBODY, NOTHING, NOBODY, sides, clean, turned, rng.random(rows) < 0.5)


@pytest.mark.parametrize("kind", ["symmetric", "one side", "annotators", "shorter wins"])
def test_as_many_labels_are_turned_as_asked_for_and_of_the_kind(kind: str) -> None:
    table, first = pairs(1000), np.arange(1000) % 3 == 0
    turned = bench.planted(kind, 0.1, table, first, seed=1)
    assert int(turned.sum()) == 100
    assert np.array_equal(turned, bench.planted(kind, 0.1, table, first, seed=1))
    assert not np.array_equal(turned, bench.planted(kind, 0.1, table, first, seed=2))
    if kind == "one side":
        assert first[turned].all()
    if kind == "shorter wins":
        assert (np.flatnonzero(turned) % 2 == 0).all()


def test_no_more_are_turned_than_the_kind_may_turn() -> None:
    first = np.arange(1000) < 50
    assert np.array_equal(bench.planted("one side", 0.1, pairs(1000), first, seed=1), first)


def test_average_precision_is_the_mean_precision_at_each_hit() -> None:
    turned = np.array([True, False, True, False])
    assert bench.average_precision(np.array([0.9, 0.8, 0.7, 0.1]), turned) == pytest.approx((1 + 2 / 3) / 2)
    assert bench.worst(np.array([0.1, 0.9, 0.5]), 2).tolist() == [False, True, True]


def test_a_classifier_sees_the_first_answer_less_the_second_and_who_won() -> None:
    found = noisy()
    seen, labels = bench.sided(found)
    assert labels.tolist() == found.first.astype(int).tolist()
    assert np.array_equal(np.sign(seen[:, 0]), np.where(found.first ^ found.turned, 1.0, -1.0))


def test_one_model_finds_what_one_feature_tells() -> None:
    found = noisy()
    told = bench.figures(bench.by_one_model(found, 0.1), found)
    assert told["AUROC"] == pytest.approx(1.0)
    assert (told["P@rate"], told["AP"]) == (1.0, pytest.approx(1.0))
    assert told["rate"] == pytest.approx(found.turned.mean(), abs=1e-9)
    assert told["head"] == 1.0
    assert bench.head_accuracy(noisy(turns=0.9), None) == 0.0
