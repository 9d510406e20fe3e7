"""A sample of records: so many of them, drawn by a hash of their names, whatever order they are read in."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from prefq.ids import text_id
from prefq.ingest import Batch
from prefq.schema import PAIRS

KEY = ("dataset", "record")


class Sample:
    """The `size` records whose tickets are the lowest of all that are added; memory grows with `size` alone.

    A ticket is the hash of a dataset's name and a record's number: the same file gives the same sample everywhere, and
    the larger of two samples of it holds the smaller one.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.read = 0
        """How many records were added."""
        self._drawn = pl.DataFrame(schema={**{name: PAIRS[name] for name in KEY}, "ticket": pl.String()})
        self._held: list[Batch] = []

    def add(self, batch: Batch) -> None:
        """Take in some records; what cannot be drawn any more is forgotten."""
        self.read += batch.records
        named = pl.concat([batch.pairs.select(KEY), batch.rejects.select(KEY)]).unique()
        ticket = text_id(pl.format("{}\n{}", *KEY)).alias("ticket")
        self._drawn = pl.concat([self._drawn, named.with_columns(ticket)]).sort("ticket", *KEY).head(self.size)
        kept = self._of(batch)
        if kept.pairs.height or kept.rejects.height:
            self._held.append(kept)

    def batches(self) -> Iterator[Batch]:
        """The tables of the records that were drawn, in the order in which they were added."""
        yield from map(self._of, self._held)

    @property
    def records(self) -> int:
        """How many records were drawn: `size`, or all there are."""
        return self._drawn.height

    def _of(self, batch: Batch) -> Batch:
        pairs, rejects = (
            table.join(self._drawn, on=KEY, how="semi", maintain_order="left") for table in (batch.pairs, batch.rejects)
        )
        return replace(batch, pairs=pairs, rejects=rejects)
