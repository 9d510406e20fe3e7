"""Checks on rows that say the same, or the opposite, as other rows."""

import polars as pl

from prefq.checks import Expression, check


def _partners(count: str, rows: str) -> Expression:
    def evidence(**_: object) -> pl.Expr:
        return pl.struct(pl.col(count), pl.col(rows).alias("rows"))

    return evidence


def _contradiction(**_: object) -> pl.Expr:
    return pl.struct("contradiction_id", "pair_cluster")


def _swapped(**_: object) -> pl.Expr:
    return pl.struct("contradiction_id", rows="opposite_rows")


def _contrast(**_: object) -> pl.Expr:
    similarity = pl.col("contrast_similarity").round(3)
    return pl.struct("contrast_level", "contrast_reason", "contrast_partner", similarity=similarity)


@check(needs=("copies", "copy_rows"), evidence=_partners("copies", "copy_rows"))
def exact_duplicate() -> pl.Expr:
    """The same judgement of the same pair stands in another record as well."""
    return pl.col("copies") > 1


@check(needs=("judgements", "judgement_rows"), evidence=_partners("judgements", "judgement_rows"))
def repeated_judgement() -> pl.Expr:
    """The same pair was judged more than once, by several annotators or with several results."""
    return pl.col("judgements") > 1


@check(needs=("opposite_rows",), evidence=_swapped)
def swapped_duplicate() -> pl.Expr:
    """The same two answers stand in another row with the other one chosen."""
    return (pl.col("opposite_rows").list.len() > 0) | (pl.col("contradiction") == "swapped").fill_null(False)


@check(needs=("pair_cluster", "cluster_pairs"), evidence=_partners("cluster_pairs", "cluster_rows"))
def near_duplicate() -> pl.Expr:
    """Another row is nearly the same pair: prompt and answers differ only in wording."""
    return pl.col("cluster_pairs") > 1


@check(needs=("contradiction", "pair_cluster"), evidence=_contradiction)
def preference_cycle() -> pl.Expr:
    """The labels of a prompt run in a circle: a over b, b over c, c over a."""
    return (pl.col("contradiction") == "cycle").fill_null(False)


@check(needs=("contradiction", "pair_cluster"), evidence=_contradiction)
def answer_both_ways() -> pl.Expr:
    """Nearly the same two answers stand in another row with the other one chosen."""
    return (pl.col("contradiction") == "both_ways").fill_null(False)


@check(needs=("contrast_partner",), evidence=_contrast)
def contrast_pair() -> pl.Expr:
    """A text of the pair is near to another in form but not in meaning (a number, a name, a negation differs)."""
    return pl.col("contrast_partner").is_not_null()
