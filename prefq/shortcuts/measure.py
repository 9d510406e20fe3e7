"""The shortcuts of a set of pairs, overall and by slice: what is measured of a dataset and of evaluation sets alike."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from prefq.bradley_terry import Comparisons, balanced_folds, cross_fit
from prefq.features import SURFACE, surface_matrix
from prefq.shortcuts.held_equal import balanced, matched, won
from prefq.shortcuts.rules import RULES, rule_frame
from prefq.stats import Array, Interval, clustered_share, label_auc

SLICE = 100
"""Labelled pairs from which a slice is shown: below, its interval is wider than what it could tell."""

BY = ("dataset", "subset", "category", "dimension", "language", "annotator")
MOST = 50
"""Slices of one column, the largest."""

FEWEST = 200
"""Labelled pairs, of two prompts at least, from which a model of the surface is fitted to an evaluation set."""

EQUAL = ("matched_accuracy", "matched_surface", "balanced_accuracy")


def shortcut_frame(
    pairs: pl.DataFrame, features: pl.DataFrame, scores: pl.DataFrame | None, clusters: pl.DataFrame | None
) -> pl.DataFrame:
    """What `measured` reads: the pairs with a preferred answer, by `row_id`.

    `scores`: `row_id`, `reward_margin` and `p_surface` out of fold (None: not known). A prompt is its own group without
    clusters.
    """
    told = pairs.filter(pl.col("label") == "chosen").sort("row_id")
    missing = [pl.lit(None, pl.String).alias(name) for name in BY if name not in told.columns]
    frame = told.with_columns(missing).select("row_id", "prompt_id", *BY)
    frame = frame.join(rule_frame(told, features), on="row_id", maintain_order="left")
    frame = frame.join(_differences(features), on="row_id", how="left", maintain_order="left")
    frame = frame.join(_margins(scores), on="row_id", how="left", maintain_order="left")
    named = pl.col("prompt_id")
    if clusters is not None:
        frame = frame.join(clusters.select("row_id", "prompt_group"), on="row_id", how="left", maintain_order="left")
        named = pl.coalesce("prompt_group", "prompt_id")
    # By number: names are slow to count a million of, and every figure counts them.
    return frame.with_columns(group=named.rank("dense"))


def _differences(features: pl.DataFrame) -> pl.DataFrame:
    """`row_id` and each surface feature's difference, chosen minus rejected, as `more_NAME`."""
    return features.select(
        "row_id", *((pl.col(f"chosen_{name}") - pl.col(f"rejected_{name}")).alias(f"more_{name}") for name in SURFACE)
    )


def _margins(scores: pl.DataFrame | None) -> pl.DataFrame:
    """`row_id`, `margin`, `surface_margin`."""
    if scores is None:
        return pl.DataFrame(schema={"row_id": pl.String, "margin": pl.Float64, "surface_margin": pl.Float64})
    surface = pl.col("p_surface").cast(pl.Float64).clip(1e-7, 1 - 1e-7)
    margin = pl.col("reward_margin").cast(pl.Float64).alias("margin")
    return scores.select("row_id", margin, surface_margin=(surface / (1 - surface)).log())


def measured(frame: pl.DataFrame) -> dict[str, Any]:
    """`overall`, `slices` (with `by` and `name`) and `features`.

    The first two hold the figures of `figures_of`. `features`: of the pairs that differ in a surface feature, the share
    whose chosen answer has more of it.
    """
    features = {name: _rule(frame[f"more_{name}"], frame["group"]) for name in SURFACE}
    return {"overall": figures_of(frame), "slices": list(_slices(frame)), "features": features}


def figures_of(frame: pl.DataFrame) -> dict[str, Any]:
    """The figures of some pairs; one that cannot be decided is null.

    `pairs` and `prompt_groups` are counts; each rule of RULES is a share of the pairs on which it has an opinion;
    `chosen_longer` is a share of all. `surface_*` and `label_*` are the accuracy and AUC of the model of surface
    features alone and of the whole reward model; `matched_*` and `balanced_accuracy` are explained in `held_equal`.
    Shares are {value, low, high, n}: 95 % Wilson intervals, prompt groups taken as what they are worth.
    """
    groups = frame["group"]
    longer = frame.select((pl.col("longer_wins") > 0).fill_null(False).cast(pl.Float64)).to_series()
    return {
        "pairs": frame.height,
        "prompt_groups": groups.n_unique(),
        **{name: _rule(frame[name], groups) for name in RULES},
        "chosen_longer": _told(clustered_share(longer.to_numpy(), groups)),
        **_model(frame, "surface_margin", "surface"),
        **_model(frame, "margin", "label"),
        **_equal(frame),
    }


def _slices(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for column in BY:
        counts = frame.drop_nulls(column).group_by(column).len()
        if counts.height < 2 and column != "dataset":
            continue
        large = counts.filter(pl.col("len") >= SLICE).sort(["len", column], descending=[True, False]).head(MOST)
        for name in large[column].sort():
            yield {"by": column, "name": name, **figures_of(frame.filter(pl.col(column) == name))}


def _rule(difference: pl.Series, groups: pl.Series) -> dict[str, float | int] | None:
    opinion = (difference != 0).fill_null(False)
    hits = (difference.filter(opinion) > 0).cast(pl.Float64).to_numpy()
    return _told(clustered_share(hits, groups.filter(opinion)))


def _model(frame: pl.DataFrame, column: str, name: str) -> dict[str, Any]:
    known = frame.drop_nulls(column)
    margins = _array(known[column])
    auc = label_auc(margins)
    share = _told(clustered_share(won(margins), known["group"]))
    return {f"{name}_accuracy": share, f"{name}_auc": None if auc is None else round(auc, 4)}


def _equal(frame: pl.DataFrame) -> dict[str, Any]:
    known = frame.drop_nulls(["margin", "surface_margin"])
    if known.is_empty():
        return dict.fromkeys(EQUAL)
    margins, surface, groups = _array(known["margin"]), _array(known["surface_margin"]), known["group"]
    found = matched(margins, surface, groups), matched(surface, surface, groups), balanced(margins, surface, groups)
    return {name: _told(one) for name, one in zip(EQUAL, found, strict=True)}


def _array(values: pl.Series) -> Array:
    return values.to_numpy().astype(np.float64)


def _told(found: Interval | None) -> dict[str, float | int] | None:
    return None if found is None else found.to_json()


def surface_margins(pairs: pl.DataFrame, features: pl.DataFrame, groups: pl.Series, folds: int = 5) -> Array | None:
    """Log-odds by surface features alone, chosen minus rejected, by linear heads that saw no pair of their fold.

    `pairs`, `features` and `groups` (the folds go by them) have the same rows. None where these are fewer than FEWEST
    or of one group. For sets that the score stage has not scored.
    """
    if pairs.height < FEWEST or groups.n_unique() < 2:
        return None
    chosen, rejected = (surface_matrix(features, side) for side in ("chosen", "rejected"))
    ones = np.ones(pairs.height)
    comparisons = Comparisons(chosen, rejected, np.ones(len(SURFACE)), ones, ones)
    return cross_fit(comparisons, balanced_folds(groups, min(folds, groups.n_unique()))).margin
