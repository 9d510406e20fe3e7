"""Distinct texts taken from a table batch by batch, so that no more than a batch of it is in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.neighbors.normalize import Bytes, Ints, Packed, pack
from prefq.neighbors.spools import InMemory, Room

BATCH = 20_000
"""Rows of a table that are read at once: two of its row groups."""


@dataclass(frozen=True)
class Stored:
    """Texts in UTF-8 in any order: text i is `data[begins[i]:ends[i]]`."""

    data: Bytes
    begins: Ints
    ends: Ints

    @classmethod
    def of(cls, texts: pl.Series) -> "Stored":
        """The texts of a string column without nulls."""
        packed = pack(texts)
        return cls(packed.data, packed.starts[:-1].copy(), packed.starts[1:].copy())

    def __len__(self) -> int:
        return self.begins.size

    @property
    def sizes(self) -> Ints:
        """The length of each text in bytes."""
        return self.ends - self.begins

    def packed(self, rows: slice | Ints) -> Packed:
        """The texts in these rows, one after the other."""
        from prefq.neighbors.kernels import texts_together

        return Packed(*texts_together(self.data, self.begins[rows], self.ends[rows]))

    def gather(self, rows: Ints) -> pl.Series:
        """The texts in these rows as a string column."""
        begins, ends = self.begins[rows].tolist(), self.ends[rows].tolist()
        texts = [bytes(self.data[begin:end]).decode() for begin, end in zip(begins, ends, strict=True)]
        return pl.Series(texts, dtype=pl.String)


@dataclass(frozen=True)
class Wanted:
    """Texts to be taken from a table: an expression that gives them, their rows in it and their places in the store."""

    text: pl.Expr
    rows: Ints
    places: Ints

    def within(self, begin: int, end: int) -> "Wanted":
        """Those in the rows from `begin` up to `end`, counted from there."""
        here = (self.rows >= begin) & (self.rows < end)
        return Wanted(self.text, self.rows[here] - begin, self.places[here])


def stored(table: pl.LazyFrame, height: int, wanted: Sequence[Wanted], room: Room = InMemory) -> Stored:
    """The wanted texts of a table of so many rows; the places name each of them once, from 0."""
    count = sum(one.rows.size for one in wanted)
    begins, ends, spool, end = np.zeros(count, np.int64), np.zeros(count, np.int64), room(), 0
    for first in range(0, height, BATCH):
        here = [part for one in wanted if (part := one.within(first, first + BATCH)).rows.size]
        batch = table.slice(first, BATCH).select(part.text.alias(str(i)) for i, part in enumerate(here)).collect()
        for part, column in zip(here, batch, strict=True):
            texts = pack(column.gather(part.rows))
            spool.add(texts.data)
            begins[part.places], ends[part.places] = end + texts.starts[:-1], end + texts.starts[1:]
            end += texts.data.size
    return Stored(spool.whole(), begins, ends)


def column(table: pl.LazyFrame, height: int, values: pl.Expr) -> pl.Series:
    """A column made of a table of so many rows, batch by batch."""
    batches = (
        table.slice(first, BATCH).select(values).collect().to_series() for first in range(0, max(height, 1), BATCH)
    )
    return pl.concat(list(batches))
