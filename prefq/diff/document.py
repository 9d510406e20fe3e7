"""A comparison as plain values: what `--json` prints."""

from typing import Any

import polars as pl

from prefq.diff.changes import CLASSES, Diff, Side
from prefq.diff.slices import concentrations

MOST_CONCENTRATIONS = 50


def to_json(diff: Diff) -> dict[str, Any]:
    """The comparison as JSON values, format 1; the same comparison gives the same values.

    `counts` (every class, in order), `shares` (of the old side's pairs; null when it has none), `facts` (pairs for
    which a class holds beside others, and `flipped_back` where it is known), `since` (the version that those go back
    to), `old` and `new` (`name`, `pairs`, `distinct_pairs`), `moves`, `statuses`, `columns`, `slices`,
    `concentrations`, `deltas`, `schema`, `settings`, `notes`.
    """
    return {
        "format": 1,
        "old": _side(diff.old),
        "new": _side(diff.new),
        "counts": diff.counts,
        "shares": {name: _rounded(diff.share(name)) for name in CLASSES},
        "facts": diff.facts,
        "since": diff.since,
        "moves": diff.moves("split").to_dicts(),
        "statuses": diff.moves("status").to_dicts(),
        "columns": diff.columns,
        "slices": [_slice(row) for row in diff.slices.iter_rows(named=True)],
        "concentrations": _plain(found(diff)),
        "deltas": dict(diff.deltas),
        "schema": {
            "added": list(diff.drift.added),
            "gone": list(diff.drift.gone),
            "not_compared": list(diff.drift.retyped),
        },
        "settings": {name: getattr(diff.settings, name) for name in ("margin", "answer", "prompt")},
        "notes": list(diff.notes),
    }


def found(diff: Diff) -> pl.DataFrame:
    """Where changes concentrate, the strongest first."""
    return concentrations(diff.slices, diff.counts, diff.old.pairs).head(MOST_CONCENTRATIONS)


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.name, "pairs": side.pairs, "distinct_pairs": side.distinct}


def _slice(row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: row[name] for name in CLASSES}
    shares = {name: _rounded(row[name]) for name in ("old_share", "new_share")}
    rate = {name: _rounded(row[name]) for name in ("rate", "low", "high")}
    own = {name: row[name] for name in ("by", "name", "old", "new")}
    return {**own, **shares, "counts": counts, "changed": row["changed"], **rate}


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(pl.col(pl.Float64).round(4)).to_dicts()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
