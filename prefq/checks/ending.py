"""Checks on how answers end."""

import polars as pl

from prefq.checks import check
from prefq.patterns import any_of, unless, where

_DANGLING_WORDS = (
    "the a an and or of to in on at for with from by as that which is are was were be your their its his her my our"
    " than such into because if when while but can will may should would has have not it this these we they he she you"
)
_DANGLING = rf"(?:[,(\[{{–—]| =|\s[-&]|(?-u:\b)(?:{_DANGLING_WORDS.replace(' ', '|')}))\z"
_BULLET = r"(?:[-*•+]|\d{1,3}[.)])"
_LONE_MARKER = r"\n\s*(?:[-*•]|\d{1,2}[.)])\z"
_CUT_LIST = any_of(
    rf"(?:\A|\n)[ \t]*{_BULLET}[ \t][^\n]*(?:\p{{Ll}}{{3}}|[^\p{{L}}\n])[.!?。]\s*\n\s*{_BULLET}[ \t][^\n]*\p{{L}}\z",
    _LONE_MARKER,
    r"[.!?。]\s*\n\s*[2-9]\z",
)
"""Items end with a stop (not that of "Jr."), the last one without; or a marker stands alone at the end."""
_UNSTOPPED = any_of(
    r"\A\s*(?:[-*•+|#>]|\d{1,3}[.)]|\(?[A-Za-z][.)] |\[|\$|\\|[\p{L} ]{1,30}:)",
    r"\A\s*[^\s\w]|[|$\\;}>*_@]\s*\z|\p{So}[\p{M}\x{FE0F}\x{200D}]*\z",
    r"\p{L} ?[-–—] ?\p{Lu}[\p{L}. ]+\z",
    r"=[^=]*\d\z|#\w+\z| \| |(?:, [^,.]{1,25}){4}\z",
)
"""Last lines that need no stop: items, table rows, headings, signatures, formulas, tags, enumerations."""
_LINK = r"(?:https?://|www\.)\S+\z"
_AFTER_UNSTOPPED = r"[\p{L}\p{N}] *\n\s*[^\n]+\z"
_VERSE = r"(?i)poem|song|lyric|\brap\b|verse|haiku|limerick|sonnet|诗|歌"
_SHORT_LINE = 40


def _ending(**_: object) -> pl.Expr:
    tail = pl.col("answer").str.strip_chars_end().str.tail(80)
    return pl.struct(ending=tail, finished_share=pl.col("finished_share").round(3), chars="chars")


def _breaks_off(end: pl.Expr) -> pl.Expr:
    line = end.str.extract(r"([^\n]*)\z", 1)
    bare = line.str.contains(r"[\p{L}\p{N}]\z") & (line.str.len_chars() >= _SHORT_LINE) & ~line.str.contains(_UNSTOPPED)
    # Lines of verse and bare items end as they please; the line before tells that the last one is of that kind.
    alone = ~end.str.contains(_AFTER_UNSTOPPED)
    return (((end.str.contains(_DANGLING) | bare) & alone) | end.str.contains(_CUT_LIST)) & ~line.str.contains(_LINK)


@check(needs=("answer", "finished", "finished_share", "chars", "question"), evidence=_ending, subject="answer")
def truncated_answer(peers: float = 0.7, min_chars: int = 80) -> pl.Expr:
    """An answer breaks off in a sentence, a list or code, where most answers of its dataset end with a sentence."""
    # A fence at the very end closes what was never opened.
    closed = pl.col("answer").str.strip_chars_end().str.ends_with("```")
    open_fence = (pl.col("answer").str.count_matches("```", literal=True) % 2 == 1) & ~closed
    # A lone "3." is no end, for all its stop.
    marker = pl.col("answer").str.strip_chars_end().str.tail(8).str.contains(_LONE_MARKER)
    able = (~pl.col("finished") | marker) & (pl.col("chars") >= min_chars) & (pl.col("finished_share") >= peers)
    end = where(able, pl.col("answer")).str.strip_chars_end().str.tail(600)
    return unless(able & (open_fence | _breaks_off(end)), pl.col("question"), _VERSE)
