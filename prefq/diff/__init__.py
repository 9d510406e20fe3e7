"""What changed between two versions of a dataset, in the words of preference data.

`compare` takes two tables of pairs; a `Diff` comes back, whose counts add up to both sides. Rows are met by the ids of
their texts, so what only renames a file, a dataset or a row is no change. Texts are read of changed rows only.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from prefq.diff.alignment import Alignment, align, aligned
from prefq.diff.budgets import Broken, Budget, broken
from prefq.diff.changes import CLASSES, Diff, Drift, Settings, Side
from prefq.diff.deltas import deltas
from prefq.diff.document import to_json
from prefq.diff.narrow import SLICES, columns_of, completed, drift, measured_slices, metadata, narrow
from prefq.diff.returns import with_returns
from prefq.diff.slices import sliced

__all__ = [
    "CLASSES",
    "Alignment",
    "Broken",
    "Budget",
    "Diff",
    "Drift",
    "Settings",
    "Side",
    "align",
    "broken",
    "compare",
    "to_json",
]

Frame = pl.DataFrame | pl.LazyFrame


def compare(
    old: Frame,
    new: Frame,
    *,
    names: tuple[str, str] = ("old", "new"),
    settings: Settings | None = None,
    flags: tuple[Frame | None, Frame | None] = (None, None),
    shortcuts: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None] = (None, None),
    before: tuple[str, Frame] | None = None,
) -> Diff:
    """The changes from one table of pairs (`pairs` or `curated`) to another.

    A lazy table (`pl.scan_parquet`) is read column by column and never held whole; it must stay readable as long as
    the result is asked for texts. `flags`: the flags tables of both sides; `shortcuts`: their `shortcuts.json`.
    `before`: a version before both, and its name: flips to what it says are told as flipped back. Raises PrefqError
    when a table is none of pairs.
    """
    settings = settings or Settings()
    left, right = (frame.lazy() for frame in (old, new))
    schemas = columns_of(left), columns_of(right)
    compared = metadata(*schemas)
    tables = completed(left, schemas[1]), completed(right, schemas[0])
    narrowed = [narrow(table, compared) for table in tables]
    sides = [
        Side(name, table, rows.height, rows["key"].n_unique())
        for name, table, rows in zip(names, tables, narrowed, strict=True)
    ]
    found = aligned((sides[0], sides[1]), (narrowed[0], narrowed[1]), compared, settings, measured=True)
    assert found.measures is not None, "it was asked for"
    narrowed = [rows.hstack(read.drop("at")) for rows, read in zip(narrowed, found.measures, strict=True)]
    more = {f"by_{name}": value.cast(pl.Categorical) for name, value in measured_slices().items()}
    narrowed = [rows.with_columns(**more) for rows in narrowed]
    since, told = (before[0], with_returns(found.changes, before[1].lazy())) if before else (None, found.changes)
    changes = _with_slices(told, narrowed)
    return Diff(
        *(sides[0], sides[1], changes),
        slices=sliced(narrowed[0], narrowed[1], changes),
        deltas=deltas((sides[0], sides[1]), (narrowed[0], narrowed[1]), flags, shortcuts),
        drift=drift(*schemas) + found.drift,
        settings=settings,
        notes=_notes(found.crowded),
        since=since,
    )


def _with_slices(changes: pl.DataFrame, narrowed: list[pl.DataFrame]) -> pl.DataFrame:
    """Adds `slices`: the slices of the old row, or of the new one where there is no old, as a struct."""
    rows, names = narrowed[0], [f"by_{name}" for name in SLICES]
    found = changes.select("at_old", "at_new").join(
        rows.select("at", *names), left_on="at_old", right_on="at", how="left", maintain_order="left"
    )
    added = found.select("at_new").join(
        narrowed[1].select("at", *names), left_on="at_new", right_on="at", how="left", maintain_order="left"
    )
    here = found["at_old"].is_not_null()
    values = [
        pl.select(pl.when(here).then(found[n]).otherwise(added[n]).cast(pl.String).alias(n[3:])).to_series()
        for n in names
    ]
    return changes.with_columns(slices=pl.struct(values))


def _notes(crowded: int) -> tuple[str, ...]:
    if not crowded:
        return ()
    return (
        "Where a prompt has very many pairs, only those with an answer that begins or ends alike, or from the same "
        f"place in the source, were looked at as edited: {crowded:,} of those counted as removed may be.",
    )
