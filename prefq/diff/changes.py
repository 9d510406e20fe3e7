"""The words a comparison is told in, and what it comes back as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

BACK = "flipped_back"
"""The fact of labels that flipped to what an earlier version said."""

CLASSES: Mapping[str, str] = {
    "added": "only the new side has the pair",
    "removed": "only the old side has the pair",
    "flipped": "the same pair, the other answer preferred",
    "tie_to_label": "undecided before, one answer preferred now",
    "label_to_tie": "one answer preferred before, undecided now",
    "edited": "the same prompt, an answer replaced by a similar one",
    "prompt_edited": "the same answers, the prompt replaced by a similar one",
    "margin_changed": "the same label, another margin",
    "moved_split": "now in another split",
    "status_changed": "now of another status (raw, silver, gold)",
    "metadata_changed": "only other columns differ",
    "unchanged": "nothing differs but names of files, datasets and rows",
}
"""Every class of change and what it means. A pair is counted in the first one that holds."""


@dataclass(frozen=True)
class Settings:
    """What counts as a change. Similarities are from 0 to 1: 2 · common characters in order / characters of both."""

    margin: float = 1e-3
    """Margins that differ by no more than this are the same."""
    answer: float = 0.6
    """From this similarity on, an answer is an edited one. Two answers to one prompt rarely reach it by chance."""
    prompt: float = 0.6
    """The same for prompts."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its name, its table, and how many rows (judgements) and distinct pairs it has."""

    name: str
    frame: pl.LazyFrame
    pairs: int
    distinct: int

    def rows(self, positions: pl.Series, *columns: str, **made: pl.Expr) -> pl.DataFrame:
        """`at` and these columns of the rows at these positions, in their order; nothing else is held in memory."""
        asked = pl.DataFrame({"at": positions.cast(pl.UInt32)})
        wanted = asked.drop_nulls().unique().lazy()
        found = (
            self._numbered()
            .join(wanted, on="at", how="semi")
            .select("at", *columns, **made)
            .collect(engine="streaming")
        )
        return asked.join(found, on="at", how="left", maintain_order="left")

    def _numbered(self) -> pl.LazyFrame:
        return self.frame.with_row_index("at")


@dataclass(frozen=True)
class Held(Side):
    """Some rows of a side, in memory, under the positions that they have in the whole table."""

    def _numbered(self) -> pl.LazyFrame:
        return self.frame


@dataclass(frozen=True)
class Drift:
    """How the columns of the two tables differ: only in the new, only in the old, of types that do not compare.

    A column of the source that is kept in `extra` is called `extra.NAME`.
    """

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()

    def __add__(self, other: "Drift") -> "Drift":
        """The columns of both."""
        return Drift(self.added + other.added, self.gone + other.gone, self.retyped + other.retyped)


@dataclass(frozen=True)
class Diff:
    """Two versions of a dataset, compared."""

    old: Side
    new: Side
    changes: pl.DataFrame
    """One row per pair that is not unchanged: `change` (its class), `facts` (every class that holds, in order),
    `columns` (metadata that differs), `similarity` (of edited texts), and OLD and NEW values of ids, label, margin,
    split, status and annotator as `NAME_old`, `NAME_new`. Sorted by class, then ids."""
    slices: pl.DataFrame
    """See `prefq.diff.slices.sliced`."""
    deltas: Mapping[str, Any]
    """Quality, old → new; see `prefq.diff.deltas.deltas`."""
    drift: Drift = field(default_factory=Drift)
    settings: Settings = field(default_factory=Settings)
    notes: tuple[str, ...] = ()
    """What a reader must know to trust the counts, a sentence each."""
    since: str | None = None
    """The version before both in which flipped-back labels were what they are now; None where none was looked at."""

    @cached_property
    def counts(self) -> dict[str, int]:
        """Pairs by class, every class named. Without `added` they sum to the old side, without `removed` to the new."""
        found = dict(self.changes["change"].value_counts().iter_rows())
        counts = {name: int(found.get(name, 0)) for name in CLASSES}
        counts["unchanged"] = self.old.pairs + counts["added"] - self.changes.height
        return counts

    @cached_property
    def facts(self) -> dict[str, int]:
        """Pairs for which each class holds, whatever class they are counted in; and `flipped_back`, given `since`."""
        found = dict(self.changes["facts"].explode(empty_as_null=False).value_counts().iter_rows())
        names = [name for name in CLASSES if name != "unchanged"] + ([BACK] if self.since is not None else [])
        return {name: int(found.get(name, 0)) for name in names}

    @property
    def flipped_back(self) -> int | None:
        """Of the flipped labels, those that are now what they were in `since`; None where that was not looked at."""
        return self.facts.get(BACK)

    @property
    def changed(self) -> int:
        """Pairs of any class but `unchanged`."""
        return self.changes.height

    def share(self, name: str) -> float | None:
        """The pairs of a class per pair of the old side; None when that has none."""
        return self.counts[name] / self.old.pairs if self.old.pairs else None

    @cached_property
    def flipped_share(self) -> float | None:
        """Flipped labels per pair of the old side."""
        return self.share("flipped")

    def moves(self, column: str) -> pl.DataFrame:
        """How `split` or `status` changed: `from`, `to`, `pairs`, `prompts` (distinct), most first."""
        fact = {"split": "moved_split", "status": "status_changed"}[column]
        return (
            self.changes.filter(pl.col("facts").list.contains(fact))
            .group_by(pl.col(f"{column}_old").alias("from"), pl.col(f"{column}_new").alias("to"))
            .agg(pairs=pl.len(), prompts=pl.col("prompt_id_new").n_unique())
            .sort(pl.col("pairs"), "from", "to", descending=[True, False, False])
        )

    @cached_property
    def columns(self) -> dict[str, int]:
        """How many pairs differ in each metadata column, most first."""
        named = self.changes["columns"].explode(empty_as_null=False).value_counts()
        return dict(named.sort(pl.col("count"), "columns", descending=[True, False]).iter_rows())

    def texts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """These rows of `changes` with `prompt`, `chosen` and `rejected` of both sides (`NAME_old`, `NAME_new`)."""
        for side, name in ((self.old, "old"), (self.new, "new")):
            found = side.rows(rows[f"at_{name}"], "prompt", "chosen", "rejected").drop("at")
            rows = rows.hstack(found.rename({c: f"{c}_{name}" for c in found.columns}))
        return rows

    def table(self) -> pl.DataFrame:
        """The row-level table for a file: `changes` without positions."""
        return self.changes.drop("at_old", "at_new", "slices")
