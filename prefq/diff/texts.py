"""The texts of a comparison, read once: what is measured on every row, and the rows that may be edited, in memory."""

from dataclasses import replace

import polars as pl

from prefq.diff.changes import Held, Side
from prefq.diff.narrow import chosen_first
from prefq.features import conversation_text

AT_ONCE = 50_000
"""Rows whose texts are held in memory at a time, or the SHARE of a table's where those are more."""
SHARE = 0.02
MARKS = {"longer": None, "more_lines": r"\n", "more_bold": r"\*\*"}
"""What is counted in both answers: characters (None), or matches. Polars counts a mark faster as a pattern than as it
is."""


def told(side: Side) -> Side:
    """The side with `conversation`, its prompt as one text."""
    return replace(side, frame=side.frame.with_columns(conversation=conversation_text(pl.col("prompt"))))


def read(side: Side, loose: pl.Series, measured: pl.Series | None) -> tuple[Side, pl.DataFrame]:
    """One pass over the texts of a side: `told` with those at the `loose` positions in memory, and the measures.

    The latter are `at`, each of MARKS (1 where the answer with the lower id has more of it, -1 where the other one
    has, 0 for as many), `length` (characters of the longer answer) and `turns`, of the rows at the `measured`
    positions; None means all. Where too many are loose, they are left to be read when they are asked for.
    """
    table = side.frame.with_row_index("at")
    if measured is not None:
        table = _at(table, measured)
    queries = [table.select("at", *_measures())]
    few = len(loose) <= max(AT_ONCE, int(SHARE * side.pairs))
    if few:
        queries.append(_copied(_at(table, loose)))
    # One scan serves both: the engine sees that the table is the same.
    found = pl.collect_all(queries, engine="streaming")
    return (_held(side, found[1]) if few else told(side)), found[0].sort("at")


def hold(side: Side, loose: pl.Series) -> Side:
    """`told`, with the texts at these positions in memory, unless they are too many."""
    if len(loose) > AT_ONCE:
        return told(side)
    return _held(side, _copied(_at(side.frame.with_row_index("at"), loose)).collect(engine="streaming"))


def _held(side: Side, rows: pl.DataFrame) -> Held:
    return Held(side.name, rows.lazy(), side.pairs, side.distinct)


def _at(table: pl.LazyFrame, positions: pl.Series) -> pl.LazyFrame:
    wanted = pl.LazyFrame({"at": positions.cast(pl.UInt32)})
    return table.join(wanted, on="at", how="semi", maintain_order="left")


def _copied(table: pl.LazyFrame) -> pl.LazyFrame:
    """What is read of rows that may be edited, in memory of its own.

    A text that is only filtered out of a table keeps the whole page alive that it was read with; one that something is
    appended to does not.
    """
    texts = {name: pl.concat_str(pl.col(name), pl.lit("")) for name in ("chosen", "rejected")}
    models = ("chosen_model", "rejected_model")
    return table.select("at", *models, conversation=conversation_text(pl.col("prompt")), **texts)


def _measures() -> list[pl.Expr]:
    chars = [pl.col(name).str.len_chars() for name in ("chosen", "rejected")]
    signs = [_sign(mark).alias(name) for name, mark in MARKS.items()]
    turns = pl.col("prompt").list.len().clip(0, 10).cast(pl.UInt8)
    return [*signs, pl.max_horizontal(*chars).alias("length"), turns.alias("turns")]


def _sign(mark: str | None) -> pl.Expr:
    """By the order of the answers' ids, not by the label: pairs that are one on both sides have the same."""
    texts = [pl.col(name).str for name in ("chosen", "rejected")]
    chosen, rejected = (t.len_chars() if mark is None else t.count_matches(mark) for t in texts)
    more = (chosen.cast(pl.Int64) - rejected.cast(pl.Int64)).sign().cast(pl.Int8)
    return pl.when(chosen_first()).then(more).otherwise(-more)


def of_both(old: pl.DataFrame, rest: pl.DataFrame, same: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The measures of all rows of both sides, by position: those of `same` rows are the old side's."""
    taken = old[same["old"]].with_columns(at=same["new"].cast(pl.UInt32))
    return old, pl.concat([taken, rest]).sort("at")
