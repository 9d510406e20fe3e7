"""What a layout has no place for, counted."""

from collections.abc import Mapping

import polars as pl

from prefq.writers.messages import tools

UNHELD = (
    *("subset", "annotator", "chosen_model", "rejected_model", "language", "category", "group_id", "split"),
    *("chosen_position", "extra", "dimension", "margin"),
)
"""What most trainers' layouts have no place for. A dimension is something to lose when it is not the default one."""

SEVERAL = "judgements_of_one_pair"

STANDING = ("weight", "agreement")
"""What curated pairs have beside those: how much a pair counts, and the share of its judgements that its label has."""


def labels_lost(pairs: pl.DataFrame, *held: str) -> dict[str, int]:
    """How many rows have a label that a layout of preferences cannot say (ties, `both_bad`), other than those held."""
    counts = pairs.filter(~pl.col("label").is_in(["chosen", *held]))["label"].value_counts().sort("label")
    return dict(counts.iter_rows())


def columns_lost(pairs: pl.DataFrame, *held: str) -> dict[str, int]:
    """In how many of these rows a column says something that the layout has no place for.

    Several judgements of one pair in one record (by several annotators, in several dimensions) are counted too, as
    `judgements_of_one_pair`: they become as many rows, which a trainer takes for as many pairs.
    """
    lost = {name: said(pairs, name) for name in (*UNHELD, *STANDING) if name not in held}
    together = pl.len().over("dataset", "record", "pair_id") > 1
    several = {} if SEVERAL in held else {SEVERAL: int(pairs.select(together.sum()).item() or 0)}
    return lost | several


def said(pairs: pl.DataFrame, name: str) -> int:
    """In how many of these rows a column says something; a default dimension and a weight or agreement of 1 do not."""
    if name == "dimension":
        return int((pairs["dimension"] != "preference").sum())
    if name in STANDING:
        return int((pairs[name] != 1).sum()) if name in pairs.columns else 0
    return pairs["margin_raw" if name == "margin" else name].count()


def without_zeros(*counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of all of these that are not zero."""
    return {what: count for part in counts for what, count in part.items() if count}


def kept(pairs: pl.DataFrame, reasons: Mapping[str, pl.Series | pl.Expr]) -> tuple[pl.DataFrame, dict[str, int]]:
    """The pairs that no reason excludes, and how many were left out for each; the first reason that holds counts.

    A reason is a boolean column of the pairs, or an expression over them.
    """
    marks = pairs.select(**reasons) if reasons else pl.DataFrame()
    open_still = pl.Series([True] * pairs.height, dtype=pl.Boolean)
    lost: dict[str, int] = {}
    for reason in marks.columns:
        hit = open_still & marks[reason].fill_null(False)
        lost[reason] = int(hit.sum())
        open_still &= ~hit
    return pairs.filter(open_still), lost


def tools_lost(pairs: pl.DataFrame) -> dict[str, int]:
    """How many of these rows have tool definitions, for layouts that have no place for them."""
    return {"tools": sum(column.count() for column in tools(pairs))}
