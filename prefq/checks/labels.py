"""Checks on labels, by what a cross-fitted reward model thinks of them."""

import polars as pl

from prefq.checks import check


def _scores(**_: object) -> pl.Expr:
    names = ("p_chosen", "p_correct", "p_surface", "ambiguity", "reward_margin")
    return pl.struct(pl.col(name).cast(pl.Float64).round(3) for name in names)


@check(needs=("ambiguity",), evidence=_scores)
def ambiguous(threshold: float = 0.8) -> pl.Expr:
    """The two answers are so close in what was measured that annotators are likely to disagree."""
    return pl.col("ambiguity") >= threshold


@check(needs=("p_chosen",), evidence=_scores)
def model_unsure(band: float = 0.05) -> pl.Expr:
    """The reward model gives either answer about the same chance."""
    return (pl.col("p_chosen") - 0.5).abs() < band


@check(needs=("p_correct",), evidence=_scores)
def likely_mislabelled(threshold: float = 0.5) -> pl.Expr:
    """The label is more likely wrong than right, at the estimated rate of wrong labels."""
    return pl.col("p_correct") < threshold


@check(needs=("likely_mislabelled", "p_surface"), evidence=_scores)
def off_pattern(surface: float = 0.4) -> pl.Expr:
    """The label looks wrong, but length, format and refusals alone say so: off the dataset's habits, perhaps right."""
    return pl.col("likely_mislabelled") & (pl.col("p_surface") < surface)
