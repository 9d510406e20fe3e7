"""What every check found: counts, intervals, where it concentrates, and why some are not decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.checks import CHECKS
from prefq.report.examples import Example, select
from prefq.report.fates import Fate, fates
from prefq.report.tables import Tables
from prefq.stats import wilson

SLICES = ("dataset", "subset", "category", "language")
MOST_VALUES, MOST_SLICES = 100, 12


@dataclass(frozen=True)
class Concentration:
    """A slice and a check: `hits` of its hits fall on the slice's `rows` pairs."""

    column: str
    value: str
    hits: int
    rows: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the slice's share of hits."""
        found = wilson(self.hits, self.rows)
        return (found.low, found.high) if found else (0.0, 1.0)


@dataclass(frozen=True)
class Result:
    """One check. `count` is None, and `why` says the reason, when no row could be decided."""

    name: str
    description: str
    count: int | None
    decided: int
    rows: int
    why: str | None
    where: Concentration | None
    row_id: str | None
    examples: tuple[Example, ...]
    fate: Fate | None = None
    slices: tuple[Concentration, ...] = ()
    """The slices with the most hits, at most twelve: those of one column together, its fullest first."""

    @property
    def share(self) -> float | None:
        """The flagged share of the rows that could be decided."""
        return self.count / self.decided if self.count is not None and self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the share. Of these pairs the share is exact; this is about their source."""
        found = wilson(self.count, self.decided) if self.count is not None else None
        if found is None:
            return None
        return (found.low if self.count else 0.0), (found.high if self.count != self.decided else 1.0)

    @property
    def undecided(self) -> int:
        """Rows on which the check could not be decided."""
        return self.rows - self.decided


def results(tables: Tables, settings: Mapping[str, Any]) -> tuple[Result, ...]:
    """Every known check: those that found most first, the undecided ones last."""
    counts, decided = _totals(tables)
    hits = [name for name in tables.checks if counts[name]]
    examples = select(tables, hits, settings, int((settings.get("report") or {}).get("examples", 10)))
    counted = _by_slice(tables, hits)
    told = _Told(_concentrations(counted, tables.pairs.height), fates(tables, hits), examples, counted)
    names = [*tables.checks, *(name for name in CHECKS if name not in tables.checks)]
    found = [_result(name, tables, settings, counts, decided, told) for name in names]
    return tuple(sorted(found, key=lambda r: (r.count is None, -(r.count or 0), r.name)))


def description(name: str) -> str:
    """A check's own description, on one line; its name in words when it is not registered."""
    return " ".join(CHECKS[name].description.split()) if name in CHECKS else name.replace("_", " ").capitalize() + "."


def _totals(tables: Tables) -> tuple[dict[str, int], dict[str, int]]:
    if tables.flags is None or not tables.checks:
        return {}, {}
    columns = pl.col(tables.checks)
    counts = tables.flags.select(columns.cast(pl.Boolean).sum()).row(0, named=True)
    return counts, tables.flags.select(columns.count()).row(0, named=True)


@dataclass(frozen=True)
class _Told:
    """What is told of a check's hits beside their number, by check."""

    where: Mapping[str, Concentration]
    fates: Mapping[str, Fate]
    examples: Mapping[str, Sequence[Example]]
    counted: "Counted"


def _result(
    name: str,
    tables: Tables,
    settings: Mapping[str, Any],
    counts: Mapping[str, int],
    decided: Mapping[str, int],
    told: _Told,
) -> Result:
    known = bool(decided.get(name))
    examples = told.examples.get(name, ())
    return Result(
        name=name,
        description=description(name),
        count=int(counts[name]) if known else None,
        decided=decided.get(name, 0) if known else 0,
        rows=tables.pairs.height,
        why=None if known else why_undecided(name, tables, settings),
        where=told.where.get(name),
        row_id=examples[0].row_id if examples else None,
        examples=tuple(examples),
        fate=told.fates.get(name),
        slices=_fullest(told.counted, name),
    )


def why_undecided(name: str, tables: Tables, settings: Mapping[str, Any]) -> str:
    """The reason why a check has no result, as a clause."""
    if (settings.get("flag") or {}).get(name) is False:
        return f"switched off by flag.{name}: false"
    if tables.flags is None:
        return "the flag stage has not run"
    if not tables.pairs.height:
        return "there are no pairs"
    if name not in tables.checks:
        return "flags has no column for it; run the flag stage again"
    needs = CHECKS[name].needs if name in CHECKS else ()
    reasons = [reason for column in needs if (reason := tables.without(column))]
    return reasons[0] if reasons else "what it needs is not there for any pair"


Counted = Mapping[str, pl.DataFrame]
"""Column → one row a value: its name, `_rows` and how often each check hits."""


def _by_slice(tables: Tables, checks: Sequence[str]) -> Counted:
    """The columns that part the pairs into 2 to 100 slices."""
    if tables.flags is None or not checks:
        return {}
    joined = tables.pairs.select("row_id", *SLICES).join(tables.flags.select("row_id", *checks), on="row_id")
    found = {
        column: joined.drop_nulls(column).group_by(column).agg(pl.len().alias("_rows"), pl.col(checks).sum())
        for column in SLICES
    }
    return {column: groups.sort(column) for column, groups in found.items() if 1 < groups.height <= MOST_VALUES}


def _fullest(counted: Counted, name: str) -> tuple[Concentration, ...]:
    rows = [
        Concentration(column, str(value), int(hits), int(size))
        for column, groups in counted.items()
        if name in groups.columns
        for value, hits, size in groups.select(column, name, "_rows").iter_rows()
        if hits
    ]
    rows.sort(key=lambda part: (-part.hits, part.column, part.value))
    return tuple(sorted(rows[:MOST_SLICES], key=lambda part: (SLICES.index(part.column), -part.hits, part.value)))


def _concentrations(counted: Counted, rows: int) -> dict[str, Concentration]:
    best: dict[str, tuple[float, Concentration]] = {}
    for column, groups in counted.items():
        checks = [name for name in groups.columns if name not in (column, "_rows")]
        _keep_best(best, groups, column, checks, rows)
    return {name: where for name, (_, where) in best.items()}


def _keep_best(
    best: dict[str, tuple[float, Concentration]], groups: pl.DataFrame, column: str, checks: Sequence[str], rows: int
) -> None:
    """Keep, per check, the slice with at least half again its fair part of the hits that explains the most of them."""
    for row in groups.to_dicts():
        for name in checks:
            total = int(groups[name].sum())
            hits, fair = row[name], total * row["_rows"] / rows
            if hits >= max(5, 0.2 * total) and hits >= 1.5 * fair and hits - fair > best.get(name, (0.0, None))[0]:
                best[name] = (hits - fair, Concentration(column, str(row[column]), int(hits), int(row["_rows"])))
