"""Checks on answers that go round in circles."""

import polars as pl

from prefq.checks import check
from prefq.patterns import unless

_REPEAT_ASKED = (
    r"(?i)repeat|\btimes\b|over and over|lyrics|\bsong|sudoku|poem|chant|refrain|list of (?:random )?(?:numbers|words)"
    r"|filler|lorem|pattern|ascii|draw|重复"
)


def _repeated(**_: object) -> pl.Expr:
    shares = (pl.col(name).round(2) for name in ("repeated_trigrams", "end_variety"))
    return pl.struct(*shares, words="words", ending=pl.col("answer").str.tail(120))


def _loops_at_the_end(variety: float) -> pl.Expr:
    # Where an answer is caught in a loop, it ends in it. Grids of figures and letters loop without being caught.
    figures = pl.col("answer").str.tail(160).str.count_matches(r"[0-9]") > 16
    letters = (pl.col("end_word_length") < 2.5) & (pl.col("script") == "Latin").fill_null(True)
    words = (pl.col("end_variety") <= variety) & ~figures & ~letters
    end = pl.col("answer").str.strip_chars_end().str.tail(40)
    one_sign = (end.str.strip_chars(end.str.tail(1)) == "") & end.str.contains(r"[\p{L}\p{N}]\z")
    return (words | one_sign) & (pl.col("chars") >= 80)


@check(
    needs=("answer", "chars", "words", "repeated_trigrams", "end_variety", "question"),
    evidence=_repeated,
    subject="answer",
)
def repetition(share: float = 0.65, min_words: int = 40, variety: float = 0.25) -> pl.Expr:
    """An answer says the same again and again: most of its three-word runs are repeats, or its end is a loop."""
    repeats = (pl.col("repeated_trigrams") >= share) & (pl.col("words") >= min_words)
    # Rows of a table, a grid or code repeat by nature.
    tabular = (pl.col("table_bars") > 20) | (pl.col("code_fences") > 1)
    return unless((repeats | _loops_at_the_end(variety)) & ~tabular, pl.col("question"), _REPEAT_ASKED)
