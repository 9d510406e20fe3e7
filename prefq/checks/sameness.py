"""Checks on pairs whose two answers are, more or less, one."""

import polars as pl

from prefq.checks import check

SHOWN = 12
"""So many words that only one answer has are named."""


def _words(side: str) -> pl.Expr:
    return pl.col(side).str.to_lowercase().str.extract_all(r"[\p{L}\p{N}]+")


def _similarity(**_: object) -> pl.Expr:
    """How alike the answers are by letters in place and by their sets of words, and what only one of them says."""
    chosen, rejected = _words("chosen"), _words("rejected")
    shared = chosen.list.set_intersection(rejected).list.len()
    return pl.struct(
        "chosen_chars",
        "rejected_chars",
        similarity=pl.col("answer_similarity").round(3),
        token_jaccard=(shared / chosen.list.set_union(rejected).list.len()).fill_nan(None).round(3),
        only_chosen=chosen.list.set_difference(rejected).list.sort().list.head(SHOWN).list.join(" "),
        only_rejected=rejected.list.set_difference(chosen).list.sort().list.head(SHOWN).list.join(" "),
    )


def _id(**_: object) -> pl.Expr:
    return pl.struct(answer_id="chosen_id", chars="chosen_chars")


@check(needs=("chosen_id", "rejected_id"), evidence=_id)
def identical_answers() -> pl.Expr:
    """The two answers are the same text, so the label says nothing."""
    return pl.col("chosen_id") == pl.col("rejected_id")


@check(needs=("same_but_for_space",), evidence=_similarity)
def whitespace_only_difference() -> pl.Expr:
    """The two answers differ in nothing but white space or letter case."""
    return pl.col("same_but_for_space")


@check(needs=("answer_similarity", "same_but_for_space", "same_but_for_stops", "same_numbers"), evidence=_similarity)
def near_identical_answers(similarity: float = 0.95) -> pl.Expr:
    """The two answers are nearly the same text, their numbers and negations included."""
    # Worked solutions that part only in the figure they arrive at are among the most telling pairs.
    distinct = (pl.col("chosen_id") != pl.col("rejected_id")) & ~pl.col("same_but_for_space")
    # Of short answers a full stop is more than a twentieth.
    alike = (pl.col("answer_similarity") >= similarity) | pl.col("same_but_for_stops")
    return distinct & pl.col("same_numbers") & alike
