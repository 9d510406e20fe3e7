"""Checks on how answers end."""

import polars as pl

from prefq.checks import check

_DANGLING = r"(?:[,(\[{–—/=]|\s[-&]|\b(?:the|a|an|and|or|of|to|in|on|at|for|with|from|by|as|that|which|is|are|was|were|be|your|their|its|his|her|my|our|than|such|into|because|if|when|while|but|can|will|may|should|would|has|have|not|it|this|these|we|they|he|she|you))\z"
_LAST_LINE = r"([^\n]*)\z"
_SHORT_LINE = 40
_FREE_LINE = (
    r"\A\s*(?:[-*•+|#>]|\d{1,3}[.)]|\[|\$|\\|[\p{L} ]{1,30}:)|https?://\S+\z|www\.\S+\z|[|$\\;}>*_@]\s*\z|\p{So}[\p{M}\x{FE0F}\x{200D}]*\z|\A\s*[^\s\w]|[\p{L}] ?[-–—] ?[\p{Lu}][\p{L}. ]+\z"
)


def _ending(**_: object) -> pl.Expr:
    return pl.struct(
        ending=pl.col("answer").str.strip_chars_end().str.tail(80), finished_share=pl.col("finished_share").round(3), chars="chars"
    )


@check(needs=("answer", "finished", "finished_share", "chars"), evidence=_ending, subject="answer")
def truncated_answer(peers: float = 0.7, min_chars: int = 80) -> pl.Expr:
    """An answer breaks off where most answers of its dataset end with a sentence."""
    text = pl.col("answer").str.strip_chars_end()
    line = text.str.tail(600).str.extract(_LAST_LINE, 1)
    open_fence = (pl.col("answer").str.count_matches("```", literal=True) % 2) == 1
    long_line = (line.str.len_chars() >= _SHORT_LINE) & line.str.contains(r"[\p{L}\p{N}]\z") & ~line.str.contains(_FREE_LINE)
    broken = open_fence | (~pl.col("finished") & (text.str.contains(_DANGLING) | long_line))
    return broken & (pl.col("chars") >= min_chars) & (pl.col("finished_share") >= peers)
