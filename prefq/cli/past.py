"""A pair in earlier versions of its project: the tables of each, through Git and DVC."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from prefq.cli.sides import FLAGS, TABLES
from prefq.history import Commit, Records
from prefq.report.past import Past, Then, earlier_form, rows_of
from prefq.versions import LOCK, VersionError, commits, contents, files_at

LEDGER = "data/ledger.parquet"
PATHS = (TABLES["pairs"], FLAGS, LEDGER, TABLES["curated"])
MOST = 50
"""Versions that are looked at, the newest."""


def past_of(root: Path, rows: Sequence[Mapping[str, Any]], today: pl.Series) -> list[list[Past]]:
    """For each row of today, what every earlier version says of it, the newest first.

    `today`: the ids of all pairs of today.

    Raises VersionError where there is no Git repository. A version whose tables cannot be had says so in `missing`.
    """
    from prefq.cli.versions import tags_of
    from prefq.params import foreign_mapping

    told = commits(root, limit=MOST)
    locks = [foreign_mapping(lock or b"") for lock in contents(root, [(commit.id, LOCK) for commit in told])]
    named = tags_of(root, [commit.id for commit in told])
    found: list[list[Past]] = [[] for _ in rows]
    forms = [[row] for row in rows]
    known: dict[tuple[str | None, ...], Then | str] = {}
    for commit, lock in zip(told, locks, strict=True):
        outputs = Records(lock, {}).outputs()
        state = tuple(outputs.get(path) for path in PATHS)
        if not any(state):
            continue
        if state not in known:
            known[state] = _tables(root, commit, outputs)
        tables, name = known[state], ", ".join(named.get(commit.id, ())) or commit.id[:8]
        for past, own in zip(found, forms, strict=True):
            past.append(_past(name, commit, tables, own, today))
    return found


def last_rows(root: Path, wanted: str) -> tuple[str, list[dict[str, Any]]] | None:
    """The newest version that has a row or pair of that name, and these rows; None where none of the newest has.

    Raises VersionError where there is no Git repository, and PrefqError when a beginning fits several.
    """
    from prefq.cli.versions import tags_of
    from prefq.params import foreign_mapping
    from prefq.report.story import UnknownRowError, find_rows

    told, seen = commits(root, limit=MOST), set[str]()
    for commit, lock in zip(told, contents(root, [(commit.id, LOCK) for commit in told]), strict=True):
        md5 = Records(foreign_mapping(lock or b""), {}).outputs().get(TABLES["pairs"])
        if md5 is None or md5 in seen:
            continue
        seen.add(md5)
        try:
            table = _table(root, commit, TABLES["pairs"])
            names = find_rows(table.select("row_id", "pair_id").collect(), wanted)
        except (UnknownRowError, VersionError, pl.exceptions.PolarsError, OSError):
            continue
        tags = tags_of(root, [commit.id for commit in told]).get(commit.id, ())
        rows = table.filter(pl.col("row_id").is_in(names)).collect().to_dicts()
        return ", ".join(tags) or commit.id[:8], rows
    return None


def _past(name: str, commit: Commit, tables: Then | str, forms: list[Mapping[str, Any]], today: pl.Series) -> Past:
    """What a version says of a pair; a form that it has there and had not later is added to its `forms`."""
    about = (name, commit.id, _date(commit), commit.subject)
    if isinstance(tables, str):
        return Past(*about, missing=tables)
    try:
        if edited := earlier_form(tables, forms, today):
            forms.append(edited)
        return Past(*about, rows=rows_of(tables, forms))
    except (pl.exceptions.PolarsError, OSError) as error:
        return Past(*about, missing=f"its tables cannot be read ({str(error).splitlines()[0]})")


def _date(commit: Commit) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(commit.time, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _tables(root: Path, commit: Commit, outputs: Mapping[str, str]) -> Then | str:
    """The tables that DVC recorded at a commit; why they cannot be had, where one cannot."""
    try:
        frames = [_table(root, commit, path) if path in outputs else None for path in PATHS]
    except VersionError as error:
        return str(error)
    return Then(*frames)


def _table(root: Path, commit: Commit, path: str) -> pl.LazyFrame:
    return pl.concat(list(_scanned(root, commit, path)), how="diagonal_relaxed")


def _scanned(root: Path, commit: Commit, path: str) -> Iterator[pl.LazyFrame]:
    for place in files_at(root, commit.id, path, commit.id[:8]).values():
        yield pl.scan_parquet(place, glob=False)
