"""Checks on answers that refuse."""

import polars as pl

from prefq.checks import check
from prefq.patterns import REFUSAL, found, opening, refuses

_REQUESTED = r"(?i)\b(?:refus|declin|reject|apolog|resign|excuse|say(?:ing)? no\b|turn(?:ing)? (?:\w+ )?down|rewrite|paraphras|translat|role ?play|pretend|quote)"


def _opening(pattern: str = REFUSAL, **_: object) -> pl.Expr:
    return found(opening(pl.col("answer")), pattern)


def _declines(pattern: str) -> pl.Expr:
    # Who asks for a letter that declines an offer gets one.
    return refuses(pl.col("answer"), pattern) & ~pl.col("question").str.contains(_REQUESTED)


def _both_openings(**_: object) -> pl.Expr:
    return pl.struct(chosen=pl.col("chosen").str.head(120), rejected=pl.col("rejected").str.head(120))


@check(needs=("answer", "question"), evidence=_opening, subject="chosen")
def chosen_refuses(pattern: str = REFUSAL) -> pl.Expr:
    """The chosen answer opens with a refusal."""
    return _declines(pattern)


@check(needs=("answer", "question"), evidence=_opening, subject="rejected")
def rejected_refuses(pattern: str = REFUSAL) -> pl.Expr:
    """The rejected answer opens with a refusal."""
    return _declines(pattern)


@check(needs=("chosen_refuses", "rejected_refuses", "label"), evidence=_both_openings)
def only_chosen_refuses() -> pl.Expr:
    """The chosen answer refuses where the rejected one answers."""
    return pl.col("chosen_refuses") & ~pl.col("rejected_refuses") & (pl.col("label") == "chosen")
