"""Checks on the language of answers."""

import polars as pl

from prefq.checks import check
from prefq.languages import OTHER_LANGUAGE_ASKED
from prefq.patterns import unless, where

_NOT_LATIN = r"[\p{L}&&[^\p{Latin}]]"
BREAK = r"[a-z],?[\p{Han}\p{Hiragana}\p{Katakana}]{2,}|[\p{Han}，、]{10,}|\p{Hangul}{4,}\s+\p{Hangul}{2,}"
"""Another script in the middle of a Latin sentence, or a sentence of it; a name in brackets is neither."""


def _languages(**_: object) -> pl.Expr:
    return pl.struct(
        *("question_script", "question_language"),
        answer_script="script",
        answer_language="language",
        opening=pl.col("answer").str.head(100),
        break_at=pl.col("answer").str.extract(rf"(?s)(.{{0,30}}(?:{BREAK}))", 1).str.head(100),
    )


@check(
    needs=("script", "language", "question_script", "question_language", "conversation", "prompt_words"),
    evidence=_languages,
    subject="answer",
)
def language_mismatch(asked: str = OTHER_LANGUAGE_ASKED, known_words: int = 2) -> pl.Expr:
    """An answer is in, or breaks into, another script or language than the question's, and nobody asked for it."""
    script, question = pl.col("script"), pl.col("question_script")
    # A question that is mostly code or names may be asked in a few words of another script.
    latin = (question == "Latin").fill_null(False)
    latin_only = latin & ~where(latin, pl.col("question")).str.contains(_NOT_LATIN)
    # Code and formulas are Latin letters in no language; only a language that was recognised counts.
    certain = pl.col("language").is_not_null() | ((script != "Latin") & (latin_only | ~latin))
    other_language = (pl.col("language") != pl.col("question_language")) & (pl.col("prompt_words") <= known_words)
    # Half and half is no script of the two.
    breaks = latin_only & (script == "Latin").fill_null(True) & pl.col("answer").str.contains(BREAK)
    differs = ((script != question) & certain, other_language, breaks)
    return unless(pl.any_horizontal(one.fill_null(False) for one in differs), pl.col("conversation"), asked)
