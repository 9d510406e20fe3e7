"""Checks on answers that take their words from elsewhere: the other answer, the prompt, answers to other prompts."""

import polars as pl

from prefq.checks import check

_LABEL = r"(?:question|q|prompt|instruction|human|user|input)"
_BEFORE = rf"(?i)\A[\s>*_#\"'“‘]*(?:{_LABEL}\s*[:：]\s*)?[\s>*_\"'“‘]*"
"""What may stand before a question that opens an answer: marks of a quotation, and what it is called."""


def _size(text: pl.Expr) -> pl.Expr:
    """How long a text is, in letters of the Latin sort: where a character is a syllable or a word it counts thrice."""
    wide = text.str.count_matches(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
    return text.str.len_chars() + 2 * wide


def _lengths(**_: object) -> pl.Expr:
    longer = pl.when(pl.col("chosen_chars") > pl.col("rejected_chars")).then(pl.lit("chosen"))
    return pl.struct("chosen_chars", "rejected_chars", longer=longer.otherwise(pl.lit("rejected")))


def _repeated(**_: object) -> pl.Expr:
    question = pl.col("question").str.strip_chars()
    return pl.struct(question_chars=question.str.len_chars(), answer_chars=pl.col("answer").str.len_chars())


def _prompts(**_: object) -> pl.Expr:
    return pl.struct(prompts=pl.col("prompt_id").n_unique().over("answer_id"))


@check(needs=("chosen", "rejected", "chosen_id", "rejected_id", "same_but_for_space"), evidence=_lengths)
def answer_contains_other(min_chars: int = 40) -> pl.Expr:
    """One answer is the other one and more, so that length is all that was judged."""
    chosen, rejected = (pl.col(side).str.strip_chars() for side in ("chosen", "rejected"))
    shorter = pl.min_horizontal(_size(chosen), _size(rejected))
    within = chosen.str.contains(rejected, literal=True) | rejected.str.contains(chosen, literal=True)
    different = (pl.col("chosen_id") != pl.col("rejected_id")) & ~pl.col("same_but_for_space")
    return within & different & (shorter >= min_chars)


@check(needs=("answer", "question"), evidence=_repeated, subject="answer")
def prompt_in_answer(min_chars: int = 60, opening_chars: int = 25) -> pl.Expr:
    """The answer repeats the whole question word for word, or opens with a shorter one."""
    question, answer = pl.col("question").str.strip_chars(), pl.col("answer")
    opens = answer.str.replace(_BEFORE, "").str.starts_with(question)
    anywhere = (_size(question) >= min_chars) & answer.str.contains(question, literal=True)
    return anywhere | ((_size(question) >= opening_chars) & opens)


@check(needs=("answer", "answer_id", "prompt_id", "question"), evidence=_prompts, subject="answer")
def reused_answer(prompts: int = 5, min_chars: int = 20, long_chars: int = 200) -> pl.Expr:
    """The same answer stands under several different prompts (a long one under two), so it answers none of them."""
    size, spread = _size(pl.col("answer")), pl.col("prompt_id").n_unique().over("answer_id")
    # Nobody writes a long answer twice; under the same question, in another case or conversation, it is one.
    asked = pl.col("question").str.strip_chars().str.to_lowercase().n_unique().over("answer_id")
    return (spread >= prompts) & (size >= min_chars) | (asked >= 2) & (size >= long_chars)
