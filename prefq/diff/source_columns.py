"""Columns of the source that a table keeps as JSON in `extra`: which of them differ, and which only one side has."""

import re
from typing import Any

import orjson
import polars as pl

from prefq.diff.changes import Drift, Side

NAMES = ("id", "row_id", "pair_id")
"""What only names a row in its source."""
MOST_PAIRS = 0.5
"""The share of the pairs that have a value in a source column which the other side lacks, from which it has drifted."""


def with_source_columns(rows: pl.DataFrame, old: Side, new: Side) -> pl.DataFrame:
    """`extra` in `columns` of classified rows replaced by the source columns in it that differ, as `extra.NAME`.

    A column without a value is one that is not there, the order of columns means nothing, and a row of which only the
    name differs has not changed. Adds `only_old`, `only_new`: those of them that one side has a value in.
    """
    found = rows.with_row_index("place").filter(pl.col("columns").list.contains("extra"))
    texts = [
        side.rows(found[at], text=pl.col("extra"))["text"].to_list() for side, at in ((old, "at_old"), (new, "at_new"))
    ]
    told = [_differing(a, b) for a, b in zip(*texts, strict=True)]
    named = {"keys": 0, "only_old": 1, "only_new": 2}
    lists = {name: pl.Series([each[i] for each in told], dtype=pl.List(pl.String)) for name, i in named.items()}
    keys = pl.DataFrame({"place": found["place"], **lists})
    every = rows.with_row_index("place").join(keys, on="place", how="left", maintain_order="left").drop("place")
    rest = pl.col("columns").list.set_difference(pl.lit(["extra"]))
    joined = pl.when(pl.col("keys").is_null()).then("columns").otherwise(pl.concat_list(rest, "keys"))
    return _classified_anew(every.with_columns(columns=joined.list.sort()).drop("keys"))


def without_drift(rows: pl.DataFrame, old: Side, new: Side, same: int) -> tuple[pl.DataFrame, Drift]:
    """The rows, those source columns left out of `columns` that only one side has, and which these are.

    They are those that most pairs have on one side and no row on the other: a column that is added or gone says
    nothing about any pair. `same`: how many pairs of both sides are not among the rows.
    """
    pairs = same + rows.filter(pl.col("at_old").is_not_null(), pl.col("at_new").is_not_null()).height
    added = [name for name in _frequent(rows["only_new"], pairs) if not _has(old, name)]
    gone = [name for name in _frequent(rows["only_old"], pairs) if not _has(new, name)]
    kept = pl.col("columns").list.set_difference(pl.lit([*added, *gone], pl.List(pl.String)))
    told = _classified_anew(rows.with_columns(columns=kept.list.sort())) if added or gone else rows
    return told, Drift(tuple(added), tuple(gone))


def _classified_anew(rows: pl.DataFrame) -> pl.DataFrame:
    none = pl.col("columns").list.len() == 0
    others = pl.col("facts").list.set_difference(pl.lit(["metadata_changed"]))
    ends_with_it = pl.col("facts").list.last() == "metadata_changed"
    facts = pl.when(none & ends_with_it).then(pl.col("facts").list.head(others.list.len())).otherwise("facts")
    return rows.with_columns(facts=facts).with_columns(change=pl.col("facts").list.first())


def _differing(old: str | None, new: str | None) -> tuple[list[str], list[str], list[str]]:
    """The source columns that differ between two rows, those that only the old one has a value in, and the new one."""
    try:
        left, right = _object(old), _object(new)
    except (orjson.JSONDecodeError, TypeError):
        return ["extra"], [], []
    differ = sorted(k for k in left.keys() | right.keys() if k not in NAMES and left.get(k) != right.get(k))
    sides = differ, [k for k in differ if right.get(k) is None], [k for k in differ if left.get(k) is None]
    told = [[f"extra.{k}" for k in keys] for keys in sides]
    return told[0], told[1], told[2]


def _object(text: str | None) -> dict[str, Any]:
    value = orjson.loads(text) if text is not None else {}
    if not isinstance(value, dict):
        raise TypeError
    return value


def _frequent(names: pl.Series, pairs: int) -> list[str]:
    counts = names.explode(empty_as_null=False).drop_nulls().value_counts(name="rows")
    return sorted(counts.filter(pl.col("rows") > MOST_PAIRS * pairs)[names.name].to_list())


def _has(side: Side, name: str) -> bool:
    """Whether any row of a side has a source column, by what its JSON looks like: in doubt it has."""
    key = orjson.dumps(name.removeprefix("extra.")).decode()
    there = pl.col("extra").str.contains(f"{re.escape(key)}\\s*:").any()
    return bool(side.frame.select(there).collect(engine="streaming").item())
