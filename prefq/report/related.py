"""The other rows that the evidence of one row speaks of: its duplicate, its opposite, its near relation."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from prefq.report.evidence import ID, Fact
from prefq.report.tables import Tables

Row = Mapping[str, Any]


class Relations:
    """Looks up, once for all examples, the rows that ids in their facts stand for; `fetch` gives rows by row id."""

    def __init__(
        self, tables: Tables, facts: Iterable[Sequence[Fact]], fetch: Callable[[pl.Series], list[Row]]
    ) -> None:
        values = {value for f in facts for _, value in f}
        self._names = {**_by_content(tables, values), **_by_contradiction(tables, values)}
        ids = {i for rows in self._names.values() for i in rows} | values
        self._rows = {r["row_id"]: r for r in fetch(_series(ids))}

    def of(self, row_id: str, facts: Sequence[Fact]) -> Row | None:
        """The first other row that these facts speak of, or None."""
        candidates = (i for _, value in facts for i in (value, *self._names.get(value, ())))
        return next((self._rows[i] for i in candidates if i != row_id and i in self._rows), None)


def _series(values: Iterable[str]) -> pl.Series:
    return pl.Series("id", sorted(values), dtype=pl.String)


def _by_content(tables: Tables, values: set[str]) -> dict[str, list[str]]:
    """Prompt and answer ids → the first rows with that prompt or answer."""
    ids = _series(v for v in values if ID.fullmatch(v))
    columns = ("prompt_id", "chosen_id", "rejected_id")
    if ids.is_empty():
        return {}
    found = [tables.pairs.filter(pl.col(c).is_in(ids.implode())).select("row_id", id=c) for c in columns]
    return _first_rows(pl.concat(found))


def _by_contradiction(tables: Tables, values: set[str]) -> dict[str, list[str]]:
    if tables.clusters is None:
        return {}
    known = tables.clusters.filter(pl.col("contradiction_id").is_in(_series(values).implode()))
    return _first_rows(known.select("row_id", id="contradiction_id"))


def _first_rows(found: pl.DataFrame) -> dict[str, list[str]]:
    return dict(found.sort("row_id").group_by("id").agg(pl.col("row_id").head(2)).iter_rows())
