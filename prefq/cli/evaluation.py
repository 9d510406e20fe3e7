"""The shortcuts of evaluation sets, and what the data's own labels teach about them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from prefq.bradley_terry import balanced_folds
from prefq.cli.console import Console
from prefq.cli.test_sets import encoded, own_groups, read_pairs, shared_groups
from prefq.features import pair_features
from prefq.prove.examples import Examples, best_penalty, fitted
from prefq.prove.material import sides_of
from prefq.shortcuts.measure import FEWEST, figures_of, shortcut_frame, surface_margins
from prefq.stats import Array, sigmoid
from prefq.store import Workdir
from prefq.vectors import Vectors

MOST = 50_000
"""Pairs of the data that the head is fitted to: more change it little."""


def shortcuts_against(
    home: Workdir,
    data: tuple[pl.DataFrame, pl.DataFrame],
    clusters: pl.DataFrame | None,
    settings: Mapping[str, Any],
    console: Console,
) -> list[dict[str, Any]]:
    """The figures of each set in `score.against`, with its `name`, in the settings' order.

    `data` are the pairs of the dataset and their features. `label_accuracy` and what hangs on it are those of a linear
    head fitted to the dataset, without the prompt groups that share a prompt with the evaluation set.
    """
    from prefq.cli.datasets import datasets

    entries = settings["score"]["against"]
    vectors = home.vectors() if entries else None
    found = []
    for dataset in datasets(home.root, entries) if entries else ():
        pairs = read_pairs(dataset, dataset.name, console)
        told = pairs.filter(pl.col("label") == "chosen", pl.col("chosen_id") != pl.col("rejected_id"))
        seen = None if vectors is None else (vectors, encoded(home, told, settings, console))
        figures = _figures(told, data, clusters, seen, settings)
        found.append({"name": dataset.name, **figures})
    return found


def _figures(
    told: pl.DataFrame,
    data: tuple[pl.DataFrame, pl.DataFrame],
    clusters: pl.DataFrame | None,
    seen: tuple[Vectors, Vectors] | None,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    features, groups = pair_features(told), own_groups(told)
    surface = surface_margins(told, features, groups)
    rewards = _transferred(told, features, data, clusters, seen, settings) if told.height else None
    scores = told.select(
        "row_id",
        reward_margin=pl.lit(None, pl.Float64) if rewards is None else pl.Series(rewards),
        p_surface=pl.lit(None, pl.Float64) if surface is None else pl.Series(sigmoid(surface)),
    )
    named = told.select("row_id", prompt_group=groups)
    return figures_of(shortcut_frame(told, features, scores, named))


def _transferred(
    told: pl.DataFrame,
    features: pl.DataFrame,
    data: tuple[pl.DataFrame, pl.DataFrame],
    clusters: pl.DataFrame | None,
    seen: tuple[Vectors, Vectors] | None,
    settings: Mapping[str, Any],
) -> Array | None:
    """The margins of a linear head fitted to the data; None where too few of its pairs are left."""
    pairs, known = data[0].sort("row_id"), data[1].sort("row_id")
    groups = _groups(pairs, clusters)
    barred = shared_groups(pairs, groups, told, settings)
    usable = (pairs["label"] == "chosen") & (pairs["chosen_id"] != pairs["rejected_id"])
    usable &= ~groups.is_in(list(barred))
    rows = np.flatnonzero(usable.to_numpy())
    rows = np.sort(np.random.default_rng(int(settings["seed"])).permutation(rows)[:MOST])
    if len(rows) < FEWEST:
        return None
    ours, theirs = seen or (None, None)
    sides = sides_of(pairs[rows], known[rows], ours)
    examples = Examples.plain(np.arange(len(rows)), np.ones(len(rows)))
    fold = balanced_folds(groups.gather(rows), 5)
    return fitted("linear", sides, examples, best_penalty(sides, examples, fold), 0, sides_of(told, features, theirs))


def _groups(pairs: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.Series:
    if clusters is None:
        return pairs["prompt_id"]
    table = pairs.select("row_id", "prompt_id").join(
        clusters.select("row_id", "prompt_group"), on="row_id", how="left", maintain_order="left"
    )
    return table.select(pl.coalesce("prompt_group", "prompt_id")).to_series()
