"""Checks on answers that refuse."""

import polars as pl

from prefq.checks import check
from prefq.patterns import REFUSAL, found, opening, refuses, unless

_REQUESTED = (
    r"(?i)(?:write|draft|compose|letter|e-?mail|message|reply|respond|note|say|schreib|escrib|écri)[^\n]{0,80}"
    r"(?:refus|declin|reject|apolog|resign|excuse|saying no\b|turn(?:ing)? (?:\w+ )?down|ablehn|absag|rechaz)"
    r"|role ?-?play|pretend to be|in character"
)
"""Who asks for a letter that declines an offer gets one."""


def _opening(pattern: str = REFUSAL, **_: object) -> pl.Expr:
    return found(opening(pl.col("answer")), pattern)


def _declines(pattern: str) -> pl.Expr:
    asked = unless(refuses(pl.col("answer"), pattern), pl.col("question"), _REQUESTED)
    # A refusal that stands in the question is quoted, translated or rewritten.
    return unless(asked, pl.col("question").str.tail(1000), pattern)


def _both_openings(**_: object) -> pl.Expr:
    return pl.struct(chosen=found(opening(pl.col("chosen")), REFUSAL), rejected=pl.col("rejected").str.head(120))


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
