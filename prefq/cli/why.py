"""The body of `prefq why`: the stories of the rows that a name means, today and in earlier versions."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prefq.store import Workdir, read_labels

if TYPE_CHECKING:
    import polars as pl

    from prefq.report.story import Story
    from prefq.report.tables import Tables


def tell_why(wanted: str, workdir: Path, as_json: bool, history: bool = False) -> None:
    """Print the story of the row, or of every row of the pair, that `wanted` names; with `history`, through versions.

    Of a record that is no pair, why it was rejected.

    Raises VersionError when the history is asked for where there is no Git repository.
    """
    from prefq.cli.reporting import read_tables
    from prefq.report.rejected import find_rejects, reject_json, tell_reject
    from prefq.report.story import tell

    tables, width = read_tables(Workdir(workdir)), min(shutil.get_terminal_size((80, 24)).columns, 100)
    if (tables.pairs["row_id"] != wanted).all() and (rejects := find_rejects(tables.rejects, wanted)):
        _print([reject_json(r) for r in rejects], [tell_reject(r, tables.sources, width) for r in rejects], as_json)
    else:
        stories = _stories(tables, wanted, workdir, history)
        _print([found.to_json() for found in stories], [tell(found, width) for found in stories], as_json)


def _print(documents: list[dict[str, Any]], told: list[str], as_json: bool) -> None:
    click.echo(json.dumps(documents, indent=2, ensure_ascii=False) if as_json else "\n\n".join(told))


def _stories(tables: "Tables", wanted: str, workdir: Path, history: bool) -> "list[Story]":
    import polars as pl

    from prefq.cli.past import past_of
    from prefq.report.story import UnknownRowError, find_rows, story

    labels, today = read_labels(workdir / "data/labels"), tables.pairs["pair_id"]
    try:
        found = find_rows(tables.pairs, wanted)
    except UnknownRowError as unknown:
        if history and (earlier := _gone(wanted, workdir, labels, today)):
            return earlier
        if history or not (workdir / "dvc.lock").is_file():
            raise
        told = str(unknown).removesuffix(".")
        raise UnknownRowError(f"{told}; --history looks in earlier versions, too.") from None
    rows = [tables.pairs.row(by_predicate=pl.col("row_id") == row_id, named=True) for row_id in found]
    past = past_of(workdir, rows, today) if history else [None] * len(found)
    told_all = (story(tables, row_id, labels, then) for row_id, then in zip(found, past, strict=True))
    return [_with_line(each, workdir) for each in told_all]


def _gone(wanted: str, workdir: Path, labels: Sequence[Mapping[str, Any]], today: "pl.Series") -> "list[Story]":
    """The stories of rows that only earlier versions have; none where none has."""
    from prefq.cli.past import last_rows, past_of
    from prefq.report.story import gone

    found = last_rows(workdir, wanted)
    if found is None:
        return []
    version, rows = found
    past = past_of(workdir, rows, today)
    return [gone(row, version, labels, then) for row, then in zip(rows, past, strict=True)]


def _with_line(found: "Story", workdir: Path) -> "Story":
    """The story with the line that its row came from, where its file is here, as it was read."""
    from prefq.sources.lines import line_of

    if found.origin is None or not found.origin.plain:
        return found
    places = (place for place in (workdir / found.origin.path, Path(found.origin.path)) if place.is_file())
    here = next((place for place in places if place.stat().st_size == found.origin.size), None)
    line = line_of(here, found.origin.record) if here else None
    return replace(found, origin=replace(found.origin, line=line))
