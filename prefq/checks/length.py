"""Checks on how long texts are."""

import polars as pl

from prefq.checks import check

_BLANK = r"\A[\s\x{200B}\x{FEFF}]*\z"


def _answer_size(**_: object) -> pl.Expr:
    return pl.struct("chars", "words")


def _lengths(**_: object) -> pl.Expr:
    ratio = pl.max_horizontal("chosen_chars", "rejected_chars") / pl.min_horizontal("chosen_chars", "rejected_chars")
    return pl.struct("chosen_chars", "rejected_chars", ratio=ratio.round(1))


def _prompt_size(**_: object) -> pl.Expr:
    return pl.struct(chars=pl.col("conversation").str.len_chars(), turns=pl.col("prompt").list.len())


@check(needs=("answer", "messages", "chars"), evidence=_answer_size, subject="answer")
def empty_answer() -> pl.Expr:
    """Either answer is empty or holds nothing but white space."""
    # An answer of several messages may end in a tool call without a text.
    return pl.col("answer").str.contains(_BLANK) & pl.col("messages").is_null()


@check(needs=("answer", "chars", "words"), evidence=_answer_size, subject="answer")
def answer_too_short(min_chars: int = 4, min_question: int = 40) -> pl.Expr:
    """Either answer has next to no text where the question is more than a few words."""
    # "4" and "Yes" are whole answers to short questions; an answer without any letter or digit is one to none.
    size = pl.col("answer").str.strip_chars().str.len_chars()
    wordless = ~pl.col("answer").str.contains(r"[\p{L}\p{N}\p{So}]")
    return (size > 0) & (wordless | ((size < min_chars) & (pl.col("question").str.len_chars() >= min_question)))


@check(needs=("chars",), evidence=_answer_size, subject="answer")
def answer_too_long(max_chars: int = 20_000) -> pl.Expr:
    """Either answer is longer than a trainer's context is likely to hold."""
    return pl.col("chars") > max_chars


@check(needs=("prompt", "conversation"), evidence=_prompt_size, subject="prompt")
def prompt_too_long(max_chars: int = 40_000) -> pl.Expr:
    """The prompt is longer than a trainer's context is likely to hold."""
    return pl.col("conversation").str.len_chars() > max_chars


@check(needs=("chosen_chars", "rejected_chars"), evidence=_lengths)
def length_ratio(ratio: float = 20.0, min_chars: int = 400) -> pl.Expr:
    """One answer is many times as long as the other."""
    longer = pl.max_horizontal("chosen_chars", "rejected_chars")
    shorter = pl.min_horizontal("chosen_chars", "rejected_chars")
    return (shorter > 0) & (longer >= min_chars) & (longer >= ratio * shorter)
