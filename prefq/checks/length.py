"""Checks on how long texts are."""

import polars as pl

from prefq.checks import check
from prefq.patterns import any_of, unless, where

_BLANK = r"\A[\s\x{200B}\x{FEFF}]*\z"
_EXPLAIN = any_of(
    r"\A\W*(?:(?:please|can you|could you|would you) )?(?:write|list\b|suggest|design|create|compose|compare|outline)",
    r"\A\W*(?:why\b|how (?:do|does|did|can|could|to|should|would|is|are)\b|what (?:are|can|should)\b|help me)",
    r"\b(?:explain|describe|discuss|elaborate|summari[sz]e|tell me (?:more )?(?:about|how|why))",
    r"\b(?:teach me|give me (?:advice|tips)|i need (?:help|advice)|help me understand)\b",
    r"\b(?:wonder(?:ed)?|sum up) (?:how|why)\b",
    r"\b(?:(?:want|like) to (?:know|understand) (?:how|why))\b",
    r"\berkl[äa]r|\bwarum\b|\bfass\b.*\bzusammen|\bverstehen, w|\bexpli(?:que|quer|ca|car)\b|\bpourquoi\b",
    r"\bcomprendre comment|\braconte|\bpor qué\b|\bcómo\b|\bresum|怎样|怎么|为什么|如何|解释|介绍|说明",
)
_ONE_WORD = any_of(
    r"yes or no|true or false|classif|options?\b|choose|pick\b|(?:one|single|two) words?\b|answer with|identif|categor",
    r"label\b|only (?:answer|respond|reply|output|give|say)|just (?:answer|reply|say)|emoji|title|name of|convert",
    r"calculat|solve|multipl|how (?:many|much|old|long|far|tall|big)|regular expression|regex|synonym|antonym",
    r"word that|words? for|number of|acronym|abbreviat|pattern|correct\b|Q ?:|task",
    r"是或否|选项|分类|判断|标签|多少|几个|翻译|任务",
)


def _answer_size(**_: object) -> pl.Expr:
    return pl.struct("chars", "words")


def _short_answer(**_: object) -> pl.Expr:
    return pl.struct("chars", "words", text=pl.col("answer").str.strip_chars().str.head(40))


def _lengths(**_: object) -> pl.Expr:
    ratio = pl.max_horizontal("chosen_chars", "rejected_chars") / pl.min_horizontal("chosen_chars", "rejected_chars")
    return pl.struct("chosen_chars", "rejected_chars", ratio=ratio.round(1))


def _prompt_size(**_: object) -> pl.Expr:
    return pl.struct(chars=pl.col("conversation").str.len_chars(), turns=pl.col("prompt").list.len())


@check(needs=("answer", "messages", "chars", "words"), evidence=_answer_size, subject="answer")
def empty_answer() -> pl.Expr:
    """Either answer is empty or holds nothing but white space."""
    # An answer of several messages may end in a tool call without a text.
    return pl.col("answer").str.contains(_BLANK) & pl.col("messages").is_null()


@check(needs=("answer", "question", "chars", "words"), evidence=_short_answer, subject="answer")
def answer_too_short(min_chars: int = 15) -> pl.Expr:
    """Either answer is a word or two where the question asks for an explanation, or has no word at all."""
    text = pl.col("answer").str.strip_chars()
    # "4", "Yes" and "C" are whole answers to many questions, however long these are.
    short = (text.str.len_chars() < min_chars) & (pl.col("words") <= 2) & (text.str.len_chars() > 0)
    question = where(short, pl.col("question"))
    counted = text.str.contains(r"\d") & question.str.contains(r"\d")
    # Who asks to write "Test" gets it.
    quoted = question.str.contains(text.str.strip_chars(" .!\"'"), literal=True)
    needs_more = question.str.contains(rf"(?i){_EXPLAIN}") & ~counted & ~quoted
    wordless = short & ~pl.col("answer").str.contains(r"[\p{L}\p{N}\p{S}]")
    dots = text.str.contains(r"\A[.?!…\s]+\z")
    return unless(short & needs_more, question, rf"(?i){_ONE_WORD}") | wordless | dots


@check(needs=("chars", "words"), evidence=_answer_size, subject="answer")
def answer_too_long(max_chars: int = 16_000) -> pl.Expr:
    """Either answer is longer than a trainer's context is likely to hold."""
    return pl.col("chars") > max_chars


@check(needs=("prompt", "conversation"), evidence=_prompt_size, subject="prompt")
def prompt_too_long(max_chars: int = 32_000) -> pl.Expr:
    """The prompt is longer than a trainer's context is likely to hold."""
    return pl.col("conversation").str.len_chars() > max_chars


@check(needs=("chosen_chars", "rejected_chars"), evidence=_lengths)
def length_ratio(ratio: float = 20.0, min_chars: int = 400) -> pl.Expr:
    """One answer is many times as long as the other."""
    longer = pl.max_horizontal("chosen_chars", "rejected_chars")
    shorter = pl.min_horizontal("chosen_chars", "rejected_chars")
    return (shorter > 0) & (longer >= min_chars) & (longer >= ratio * shorter)
