"""Checks on rows that say the same, or the opposite, as other rows."""

import polars as pl

from prefq.checks import Expression, check

MEMBERS = 12
"""How many rows of a contradiction are named as evidence."""

_CONTRADICTION = ("contradiction", "contradiction_id")


def _partners(count: str, rows: str) -> Expression:
    def evidence(**_: object) -> pl.Expr:
        return pl.struct(pl.col(count), pl.col(rows).alias("rows"))

    return evidence


def _contradiction(**_: object) -> pl.Expr:
    return pl.struct("contradiction_id", _others().alias("rows"), _votes().alias("votes"))


def _votes() -> pl.Expr:
    """How the votes on a row's contradiction fell, and what `keep_majority` makes of the row by them; or null."""
    kept = {"majority": "keep", "minority": "drop", "removed": "drop", "even": "review"}
    side = pl.col("contradiction_side")
    votes = pl.struct(
        pl.col("row_id").len().over(_CONTRADICTION).alias("members"),
        pl.col("contradiction_for").alias("for"),
        pl.col("contradiction_against").alias("against"),
        side.alias("side"),
        side.replace_strict(kept, default=None, return_dtype=pl.String).alias("proposed"),
    )
    return pl.when(side.is_not_null()).then(votes)


def _repeated(**_: object) -> pl.Expr:
    tie = pl.when(pl.col("contradiction") == "tie").then(_contradiction())
    return pl.struct("judgements", pl.col("judgement_rows").alias("rows"), tie.alias("tie_against_label"))


def _cycle(**_: object) -> pl.Expr:
    removed = pl.when(pl.col("contradiction_side") == "removed").then("row_id")
    return pl.struct(_contradiction().struct.unnest(), _members(removed).alias("removed"))


def _opposed(**_: object) -> pl.Expr:
    """The contradiction, the rows that say the opposite, and of which of the row's answers they do."""
    return pl.struct(_contradiction().struct.unnest(), opposed=pl.col("opposed_rows"), opposed_answer="opposed_answer")


def _swapped(**_: object) -> pl.Expr:
    by_clusters = pl.col("contradiction_id").is_not_null()
    rows = pl.when(by_clusters).then(_others()).otherwise("opposite_rows")
    opposed = pl.when(by_clusters).then("opposed_rows")
    return pl.struct(_contradiction().struct.unnest()).struct.with_fields(rows=rows, opposed=opposed)


def _members(rows: pl.Expr, most: int = MEMBERS) -> pl.Expr:
    """The first of these row ids in the row's contradiction."""
    return rows.drop_nulls().sort().head(most).implode().over(_CONTRADICTION)


def _others() -> pl.Expr:
    """The other rows of the row's contradiction."""
    others = _members(pl.col("row_id"), MEMBERS + 1).list.set_difference(pl.concat_list("row_id"))
    return others.list.sort().list.head(MEMBERS)


def _contrast(**_: object) -> pl.Expr:
    similarity = pl.col("contrast_similarity").round(3)
    return pl.struct("contrast_level", "contrast_reason", "contrast_partner", similarity=similarity)


@check(needs=("copies", "copy_rows"), evidence=_partners("copies", "copy_rows"))
def exact_duplicate() -> pl.Expr:
    """The same judgement of the same pair stands in another record as well."""
    return pl.col("copies") > 1


@check(needs=("judgements", "judgement_rows"), evidence=_repeated)
def repeated_judgement() -> pl.Expr:
    """The same pair was judged more than once, by several annotators or with several results."""
    return pl.col("judgements") > 1


@check(needs=("opposite_rows",), evidence=_swapped)
def swapped_duplicate() -> pl.Expr:
    """The same two answers stand in another row with the other one chosen."""
    # The majorities of pairs that were decided both ways may run in a circle, and then are named for that.
    in_a_cycle = (pl.col("contradiction") == "cycle") & (pl.col("contradiction_against") > 0)
    near = (pl.col("contradiction") == "swapped") | in_a_cycle
    return (pl.col("opposite_rows").list.len() > 0) | near.fill_null(False)


@check(needs=("pair_cluster", "cluster_pairs"), evidence=_partners("cluster_pairs", "cluster_rows"))
def near_duplicate() -> pl.Expr:
    """Another row is nearly the same pair: prompt and answers differ only in wording."""
    return pl.col("cluster_pairs") > 1


@check(needs=("contradiction", "pair_cluster"), evidence=_cycle)
def preference_cycle() -> pl.Expr:
    """The labels of a prompt run in a circle: a over b, b over c, c over a."""
    return (pl.col("contradiction") == "cycle").fill_null(False)


@check(needs=("contradiction", "pair_cluster"), evidence=_opposed)
def answer_both_ways() -> pl.Expr:
    """An answer is chosen here, and one that is nearly the same is rejected in another row, or the other way round."""
    return (pl.col("contradiction") == "both_ways").fill_null(False)


@check(needs=("contrast_partner",), evidence=_contrast)
def contrast_pair() -> pl.Expr:
    """A text of the pair is near to another in form but not in meaning (a number, a name, a negation differs)."""
    return pl.col("contrast_partner").is_not_null()
