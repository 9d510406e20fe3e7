"""Checks on labels, by what a cross-fitted reward model thinks of them."""

import re
from collections.abc import Callable

import polars as pl

from prefq.checks import check
from prefq.errors import SettingsError

SURE = 1e-6
"""Probabilities this near to 0 or 1 are taken for it: single precision tells no more."""


def _log_odds(probability: pl.Expr) -> pl.Expr:
    inside = probability.cast(pl.Float64).clip(SURE, 1 - SURE)
    return (inside / (1 - inside)).log()


def _beyond_surface() -> pl.Expr:
    """What the model adds to what surface features say of the label, in log-odds: below 0 it speaks against it."""
    return _log_odds(1 - pl.col("suspicion")) - _log_odds(pl.col("p_surface"))


def _cause() -> pl.Expr:
    """Why a pair is ambiguous: the remedies differ."""
    return (
        pl.when(pl.col("label") == "tie")
        .then(pl.lit("called a tie"))
        .when(pl.col("contradiction") == "swapped")
        .then(pl.lit("annotators split"))
        .when(pl.col("answer_similarity") > 0)
        .then(pl.lit("answers nearly alike"))
        .when((pl.col("p_chosen") - 0.5).abs() < 0.1)
        .then(pl.lit("small margin"))
        .otherwise(pl.lit("answers of like length and form"))
    )


def _rounded(*names: str) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.Float64).round(3) for name in names]


def _closeness(**_: object) -> pl.Expr:
    return pl.struct(*_rounded("ambiguity", "p_chosen", "reward_margin"), cause=_cause())


def _margin(**_: object) -> pl.Expr:
    return pl.struct(_rounded("p_chosen", "p_surface", "reward_margin", "reward_std"))


def _doubt(**_: object) -> pl.Expr:
    names = ("p_correct", "suspicion", "p_chosen", "p_surface", "reward_margin")
    return pl.struct(*_rounded(*names), beyond_surface=_beyond_surface().round(3))


@check(needs=("ambiguity",), evidence=_closeness)
def ambiguous(threshold: float = 0.8) -> pl.Expr:
    """The two answers are so close in what was measured that annotators are likely to disagree."""
    return pl.col("ambiguity") >= threshold


@check(needs=("p_chosen",), evidence=_margin)
def model_unsure(band: float = 0.05) -> pl.Expr:
    """The reward model gives either answer about the same chance."""
    return (pl.col("p_chosen") - 0.5).abs() < band


@check(needs=("p_correct",), evidence=_doubt)
def likely_mislabelled(threshold: float = 0.5, budget: str = "") -> pl.Expr:
    """The label is more likely wrong than right, at the estimated rate of wrong labels (or within a budget)."""
    return within(budget, threshold) if budget else pl.col("p_correct") < threshold


@check(needs=("likely_mislabelled", "p_surface"), evidence=_doubt)
def off_pattern(surface: float = 0.5, beyond: float = 0.25) -> pl.Expr:
    """The label looks wrong, but only to surface (length, format, refusals): off habits, and perhaps right."""
    return pl.col("likely_mislabelled") & (pl.col("p_surface") < surface) & (_beyond_surface() > -beyond)


def within(budget: str, threshold: float = 0.5) -> pl.Expr:
    """The most suspicious labels that a budget has room for.

    `500 pairs` or `2%`: at most so many of those that look wrong (`p_correct` below the threshold; where there is no
    `p_correct`, those against which the model speaks). `precision >= 80%`: as many as can be flagged so that the share
    of wrong ones among them is expected to be that. Rows of equal suspicion are taken together or not at all. Raises
    SettingsError on another text.
    """
    for pattern, made in _BUDGETS.items():
        if found := re.fullmatch(pattern, budget.strip().lower()):
            number = float(found[1].replace(",", ""))
            if number <= (100 if "%" in pattern else float("inf")):
                return made(number, threshold)
    raise SettingsError(
        f"flag.likely_mislabelled.budget is {budget!r}; write `500 pairs`, `2%` (of the pairs) or `precision >= 80%`."
    )


def _at_most(count: pl.Expr, threshold: float) -> pl.Expr:
    place = pl.col("suspicion").rank("max", descending=True)
    doubted = pl.coalesce(pl.col("p_correct") < threshold, pl.col("suspicion") > 0.5)
    return doubted & (place <= count)


def _precise(percent: float, _: float) -> pl.Expr:
    wrong = 1 - pl.col("p_correct").cast(pl.Float64)
    ranked = wrong.drop_nulls().sort(descending=True)
    so_far = ranked.cum_sum() / pl.int_range(1, ranked.len() + 1)
    # Of rows of equal suspicion the last one decides for all.
    last = ranked != ranked.shift(-1, fill_value=-1.0)
    return wrong >= pl.coalesce(ranked.filter(last & (so_far >= percent / 100)).min(), pl.lit(2.0))


_BUDGETS: dict[str, Callable[[float, float], pl.Expr]] = {
    r"(?:at most )?(\d[\d,]*)(?: (?:pairs|rows))?": lambda number, threshold: _at_most(pl.lit(number), threshold),
    r"(?:at most )?(\d+(?:\.\d+)?) ?%(?: of (?:the )?pairs)?": lambda number, threshold: _at_most(
        (pl.len() * (number / 100)).floor(), threshold
    ),
    r"(?:expected )?precision ?(?:>=|≥) ?(\d+(?:\.\d+)?) ?%": _precise,
}
