"""Checks on the language of answers."""

import polars as pl

from prefq.checks import check
from prefq.languages import OTHER_LANGUAGE_ASKED
from prefq.patterns import unless


def _languages(**_: object) -> pl.Expr:
    return pl.struct(
        *("question_script", "question_language"),
        answer_script="script",
        answer_language="language",
        opening=pl.col("answer").str.head(100),
    )


def _mixed() -> pl.Expr:
    # A question that is mostly code or names may be asked in a few words of another script.
    return (pl.col("question_script") == "Latin") & pl.col("question").str.contains(r"[\p{L}&&[^\p{Latin}]]")


@check(
    needs=("script", "language", "question_script", "question_language", "conversation", "prompt_words"),
    evidence=_languages,
    subject="answer",
)
def language_mismatch(asked: str = OTHER_LANGUAGE_ASKED, known_words: int = 2) -> pl.Expr:
    """An answer is in another script or language than the question, and nobody spoke of a language."""
    other_script = pl.col("script") != pl.col("question_script")
    # Code and formulas are Latin letters in no language; only a language that was recognised counts.
    certain = pl.col("language").is_not_null() | ((pl.col("script") != "Latin") & ~_mixed())
    other_language = (pl.col("language") != pl.col("question_language")) & (pl.col("prompt_words") <= known_words)
    differs = (other_script & certain).fill_null(False) | other_language.fill_null(False)
    return unless(differs, pl.col("conversation"), asked)
