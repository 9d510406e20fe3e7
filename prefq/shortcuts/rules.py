"""Rules that pick an answer without reading it: the longer one, the one with more lists, the surer one.

A rule is a difference, chosen minus rejected; where it is 0 the rule has no opinion on the pair.
"""

from collections.abc import Mapping

import polars as pl

from prefq.features import both_sides

MARKDOWN = ("bold", "list_items", "headings", "code_fences", "table_bars")

RULES: Mapping[str, str] = {
    "longer_wins": "the answer with more characters is chosen",
    "shorter_wins": "the answer with fewer characters is chosen",
    "markdown_wins": "the answer with more marks of markdown (bold, lists, headings, code, tables) is chosen",
    "lists_win": "the answer with more list items is chosen",
    "code_wins": "the answer with more code fences is chosen",
    "refusal_loses": "of an answer that refuses and one that does not, the other is chosen",
    "first_wins": "the answer that was shown first is chosen",
    "overlap_wins": "the answer that has more of its words in common with the prompt (Jaccard) is chosen",
    "confident_wins": "the answer with more boosters and fewer hedges per word (English) is chosen",
}
"""Each rule's name and what it says."""

_BOOSTERS = (
    *("absolutely", "always", "assuredly", "certainly", "clearly", "conclusively", "decidedly", "definitely"),
    *("evidently", "indeed", "indisputably", "never", "obviously", "of course", "surely", "truly", "undeniably"),
    *("undoubtedly", "unquestionably", "without (?:a )?doubt", "in fact", "no doubt"),
)
_HEDGES = (
    *("almost", "apparently", "approximately", "could", "doubtful", "essentially", "generally", "likely", "largely"),
    *("mainly", "may", "maybe", "might", "mostly", "often", "perhaps", "plausibly", "possible", "possibly"),
    *("presumably", "probable", "probably", "rather", "relatively", "roughly", "seems?", "somewhat", "sometimes"),
    *("suggests?", "unlikely", "usually", "uncertain", "I (?:think|believe|guess|suppose)", "not sure"),
)
"""Words that claim, and words that hold back: from the lists of Hyland (2005), Metadiscourse, those that are rarely
anything else."""


def rule_frame(pairs: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """`row_id` and each rule's difference (Float64, null where it is not known), a row per row of `pairs`.

    `features` are those of `prefq.features.pair_features`, and may stand in another order.
    """
    sides = ("chosen", "rejected")
    table = pairs.select("row_id", "chosen_id", "rejected_id", "chosen_position", *(_chars(side) for side in sides))
    table = table.join(features, on="row_id", how="left", maintain_order="left")
    tones = _tones(pairs)
    for side in sides:
        named = tones.rename({"answer_id": f"{side}_id", "tone": f"{side}_tone"})
        table = table.join(named, on=f"{side}_id", how="left", maintain_order="left")
    longer, position = _more("length"), pl.col("chosen_position").cast(pl.Float64)
    return table.select(
        "row_id",
        longer_wins=longer,
        shorter_wins=-longer,
        markdown_wins=pl.sum_horizontal(_more(name) for name in MARKDOWN),
        lists_win=_more("list_items"),
        code_wins=_more("code_fences"),
        refusal_loses=-_more("refusal"),
        first_wins=1.5 - position,
        overlap_wins=_more("prompt_jaccard"),
        confident_wins=_more("tone"),
    )


def _chars(side: str) -> pl.Expr:
    return pl.col(side).str.len_chars().alias(f"{side}_length")


def _more(name: str) -> pl.Expr:
    return pl.col(f"chosen_{name}").cast(pl.Float64) - pl.col(f"rejected_{name}").cast(pl.Float64)


def _tones(pairs: pl.DataFrame) -> pl.DataFrame:
    """`answer_id` and `tone` of each distinct answer: boosters minus hedges per 100 words."""
    answers = both_sides(pairs).unique("answer_id", keep="first", maintain_order=True)
    text = pl.col("answer")
    words = text.str.count_matches(r"\s+") + 1
    balance = _occurrences(text, _BOOSTERS) - _occurrences(text, _HEDGES)
    return answers.select("answer_id", tone=100 * balance / words)


def _occurrences(text: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    return text.str.count_matches(rf"(?i)\b(?:{'|'.join(words)})\b").cast(pl.Int64)
