"""Which row of one table is which of another: every row of both, with what changed of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from prefq.diff.changes import Settings, Side
from prefq.diff.classing import classified, details, ordered, with_extra_keys
from prefq.diff.edits import NONE, find_edits
from prefq.diff.matching import equal_rows, matched, without
from prefq.diff.narrow import columns_of, completed, metadata, narrow


@dataclass(frozen=True)
class Alignment:
    """Two tables, row by row: each row of both is in `same` or in `changes`, once."""

    same: pl.DataFrame
    """`old`, `new`: the positions of rows that are unchanged."""
    changes: pl.DataFrame
    """See `Diff.changes`; without `slices`."""
    crowded: int = 0
    """Old rows whose prompt had too many candidates to look for edits among all of them."""


def align(old: pl.LazyFrame, new: pl.LazyFrame, settings: Settings | None = None) -> Alignment:
    """The rows of two tables of pairs, matched. Raises PrefqError when a table is none of pairs."""
    schemas = columns_of(old), columns_of(new)
    compared = metadata(*schemas)
    tables = completed(old, schemas[1]), completed(new, schemas[0])
    narrowed = narrow(tables[0], compared, ()), narrow(tables[1], compared, ())
    sides = [Side(name, table, 0, 0) for name, table in zip(("old", "new"), tables, strict=True)]
    return aligned((sides[0], sides[1]), narrowed, compared, settings or Settings())


def aligned(
    sides: tuple[Side, Side],
    narrowed: tuple[pl.DataFrame, pl.DataFrame],
    compared: Mapping[str, pl.DataType],
    settings: Settings,
) -> Alignment:
    """The same from tables that are completed, and narrowed to `at`, `key` and `content` at least."""
    same = equal_rows(*narrowed)
    rests = [without(rows, same[at]).select("at", "key") for rows, at in zip(narrowed, ("old", "new"), strict=True)]
    old, new = (
        details(side, rest["at"], compared).join(rest, on="at", maintain_order="left")
        for side, rest in zip(sides, rests, strict=True)
    )
    met = matched(old, new)
    edits = find_edits(without(old, met["old"]), without(new, met["new"]), sides, settings)
    matches = (
        pl.concat([met, edits.pairs], how="diagonal")
        if not edits.pairs.is_empty()
        else met.join(NONE, on=["old", "new"], how="left")
    )
    told = classified(matches, old, new, compared, settings)
    alike = told.filter(pl.col("change").is_null()).select(old="at_old", new="at_new")
    changes = with_extra_keys(told.filter(pl.col("change").is_not_null()), *sides)
    return Alignment(pl.concat([same, alike]), ordered(changes), edits.crowded)
