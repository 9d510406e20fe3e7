"""The map as compact data: places, what the points can be coloured by, and the pairs behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.diff import CLASSES
from prefq.report import packing
from prefq.report.layers import (
    CHANGES,
    SCORES,
    Layer,
    Parts,
    Scale,
    change_layer,
    flag_layers,
    score_layers,
    slice_layers,
    told_of,
)
from prefq.report.masking import patterns
from prefq.report.queueing import Behind, behind
from prefq.report.results import SLICES
from prefq.report.tables import Tables
from prefq.report.text import visible

MOST_POINTS = 200_000
TEXT_BYTES = 2_800_000
"""About as much is told of all prompts together, so that the page stays small."""
LEAST_LETTERS, MOST_LETTERS = 12, 120


@dataclass(frozen=True)
class Map:
    """One point per distinct prompt. `x`, `y` and `rows` are base64 (uint16 little endian)."""

    points: int
    left_out: int
    x: str
    y: str
    rows: str
    texts: tuple[str, ...]
    layers: tuple[Layer, ...]
    slices: tuple[Parts, ...]
    change: Parts | None
    """By what changed since the previous version; None where it is not known."""
    scores: tuple[Scale, ...]
    behind: Behind

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        named = {"x": self.x, "y": self.y, "rows": self.rows, "texts": self.texts}
        changed = (self.change,) if self.change else ()
        layers = told_of((*self.layers, *changed, *self.slices, *self.scores))
        return {"n": self.points, **named, "layers": layers, "pairs": self.behind.data()}


def point_map(
    tables: Tables,
    settings: Mapping[str, Any],
    checks: Sequence[str],
    changes: pl.DataFrame | None = None,
    since: str = "",
) -> Map | None:
    """The map of the first 200,000 prompts by id; None when the map stage has not run or left no point.

    `changes` (`row_id`, `change`) says what changed since the version named `since`.
    """
    if tables.map is None or not tables.map.height:
        return None
    points = tables.map.sort("prompt_id").drop_nans(["x", "y"]).head(MOST_POINTS)
    rows = _rows(tables, settings, checks, points, changes)
    told = points.join(rows, on="prompt_id", maintain_order="left")
    x, y = packing.places(told["x"]), packing.places(told["y"])
    return Map(
        points=told.height,
        left_out=tables.map.height - told.height,
        x=packing.packed(x),
        y=packing.packed(y),
        rows=packing.shorts(told["rows"]),
        texts=tuple(visible(t or "") for t in told["text"]),
        layers=flag_layers(told, x, y, (settings.get("map") or {}).get("color") or [], checks),
        slices=slice_layers(told),
        change=change_layer(told, since),
        scores=score_layers(told),
        behind=behind(tables.pairs, told["prompt_id"].to_list()),
    )


def _rows(
    tables: Tables, settings: Mapping[str, Any], checks: Sequence[str], points: pl.DataFrame, changes: Any
) -> pl.DataFrame:
    """One row per prompt: of its first pair the id, the slices and the text, of all its pairs the flags and scores."""
    of_points = pl.col("prompt_id").is_in(points["prompt_id"].implode())
    rows = tables.pairs.filter(of_points).select(
        "row_id", "prompt_id", *SLICES, text=pl.col("prompt").list.last().struct.field("content")
    )
    rows = rows.sort("row_id")
    beside = [
        _some(tables.flags, checks),
        _some(tables.scores, SCORES),
        _some(tables.ledger, ("decision",)),
        changes if changes is None else _ranked(changes),
    ]
    for frame in beside:
        if frame is not None:
            rows = rows.join(frame, on="row_id", how="left", maintain_order="left")
    flags = [pl.col(c).fill_null(False).any() for c in checks if c in rows.columns]
    scores = [pl.col(c).cast(pl.Float64).fill_nan(None).mean() for c in SCORES if c in rows.columns]
    first = [c for c in ("row_id", "text", *SLICES, "decision") if c in rows.columns]
    change = [pl.col("change").min()] if "change" in rows.columns else []
    grouped = rows.group_by("prompt_id", maintain_order=True).agg(pl.col(first).first(), *change, *flags, *scores)
    return grouped.with_columns(_said(grouped["text"], settings))


def _ranked(changes: pl.DataFrame) -> pl.DataFrame:
    """`row_id` and `change`, such that the least change is the one that matters most."""
    known = pl.Enum([*CHANGES, *(name for name in CLASSES if name not in CHANGES)])
    return changes.select("row_id", pl.col("change").cast(known)).group_by("row_id").agg(pl.col("change").min())


def _some(frame: pl.DataFrame | None, columns: Sequence[str]) -> pl.DataFrame | None:
    return None if frame is None else frame.select("row_id", *(c for c in columns if c in frame.columns))


def _said(texts: pl.Series, settings: Mapping[str, Any]) -> pl.Series:
    """The beginnings of the texts on one line, e-mail addresses and keys masked: all of them in about TEXT_BYTES."""
    heads = texts.fill_null("").str.head(2 * MOST_LETTERS).str.replace_all(r"\s+", " ")
    for pattern in patterns(settings):
        heads = heads.str.replace_all(pattern, "•••")
    heads = heads.str.head(MOST_LETTERS)
    wide = float(heads.str.len_bytes().sum()) / max(1.0, float(heads.str.len_chars().sum()))
    letters = int(TEXT_BYTES / max(1.0, wide) / max(1, len(texts)))
    return heads.str.head(max(LEAST_LETTERS, min(MOST_LETTERS, letters))).alias("text")
