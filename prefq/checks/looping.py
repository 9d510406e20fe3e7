"""Checks on answers that go round in circles."""

import polars as pl

from prefq.checks import check

_REPEAT_ASKED = r"(?i)repeat|\btimes\b|over and over|lyrics|\bsong|poem|chant|list of (?:random )?(?:numbers|words)|filler|lorem|pattern|ascii|draw|重复"


def _repeated(**_: object) -> pl.Expr:
    return pl.struct(repeated_trigrams=pl.col("repeated_trigrams").round(2), words="words", ending=pl.col("answer").str.tail(120))


@check(needs=("answer", "words", "repeated_trigrams", "question"), evidence=_repeated, subject="answer")
def repetition(share: float = 0.6, min_words: int = 40) -> pl.Expr:
    """An answer says the same again and again: most of its three-word runs occurred before."""
    looped = (pl.col("repeated_trigrams") >= share) & (pl.col("words") >= min_words)
    # Rows of a table, a grid or code repeat by nature.
    tabular = (pl.col("table_bars") > 20) | (pl.col("code_fences") > 1)
    return looped & ~tabular & ~pl.col("question").str.contains(_REPEAT_ASKED)
