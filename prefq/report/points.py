"""The map as compact data: quantised coordinates, one bit per point and check, a line of text to hover over."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from prefq.report.masking import patterns
from prefq.report.tables import Tables
from prefq.report.text import visible

MOST_POINTS = 50_000
GRID = 8
TEXT_BUDGET = 2_400_000


@dataclass(frozen=True)
class Layer:
    """One check on the map: the points (prompts) it touches, and the cell of an 8 × 8 grid where they crowd."""

    check: str
    points: int
    crowd: int
    crowd_points: int
    row_id: str
    bits: str


@dataclass(frozen=True)
class Map:
    """One point per distinct prompt. `x`, `y` and the layers' bits are base64 (uint16 little endian; bits by 8)."""

    points: int
    left_out: int
    x: str
    y: str
    rows: str
    texts: tuple[str, ...]
    row_ids: tuple[str, ...]
    layers: tuple[Layer, ...]

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {
            "n": self.points,
            "x": self.x,
            "y": self.y,
            "rows": self.rows,
            "texts": self.texts,
            "ids": self.row_ids,
            "layers": [{"check": layer.check, "n": layer.points, "bits": layer.bits} for layer in self.layers],
        }


def point_map(tables: Tables, settings: Mapping[str, Any], checks: Sequence[str]) -> Map | None:
    """The map of the first 50,000 prompts by id; None when the map stage has not run or left no point."""
    if tables.map is None or not tables.map.height:
        return None
    points = tables.map.sort("prompt_id").drop_nans(["x", "y"]).head(MOST_POINTS)
    told = points.join(
        _prompts(tables, settings, checks, points.height), on="prompt_id", how="left", maintain_order="left"
    )
    told = told.filter(pl.col("row_id").is_not_null())
    x, y = _quantised(told["x"]), _quantised(told["y"])
    return Map(
        points=told.height,
        left_out=tables.map.height - told.height,
        x=_base64(x),
        y=_base64(y),
        rows=_base64(told["rows"].clip(0, 65_535).to_numpy().astype("<u2")),
        texts=tuple(visible(t or "") for t in told["text"]),
        row_ids=tuple(told["row_id"]),
        layers=_layers(told, x, y, settings, checks),
    )


def _prompts(tables: Tables, settings: Mapping[str, Any], checks: Sequence[str], points: int) -> pl.DataFrame:
    """One row per prompt: its first row's id, the start of its last message, and whether any row has the flag."""
    letters = max(24, min(120, TEXT_BUDGET // max(1, points)))
    said = pl.col("prompt").list.last().struct.field("content").str.head(letters).str.replace_all(r"\s+", " ")
    for pattern in patterns(settings):
        said = said.str.replace_all(pattern, "•••")
    rows = tables.pairs.select("row_id", "prompt_id", said.alias("text")).sort("row_id")
    if tables.flags is not None and checks:
        rows = rows.join(tables.flags.select("row_id", *checks), on="row_id", how="left", maintain_order="left")
        flags = [pl.col(c).fill_null(False).any() for c in checks]
    else:
        flags = []
    return rows.group_by("prompt_id", maintain_order=True).agg(pl.col("row_id", "text").first(), *flags)


def _layers(
    told: pl.DataFrame, x: Any, y: Any, settings: Mapping[str, Any], checks: Sequence[str]
) -> tuple[Layer, ...]:
    first = list((settings.get("map") or {}).get("color") or [])
    cell = (x.astype(int) * GRID >> 16) * GRID + (y.astype(int) * GRID >> 16)
    present = [c for c in checks if c in told.columns and told[c].any()]
    ordered = sorted(present, key=lambda c: (first.index(c) if c in first else len(first), c))
    return tuple(_layer(c, told, cell) for c in ordered)


def _layer(check: str, told: pl.DataFrame, cell: Any) -> Layer:
    flagged = told[check].to_numpy().astype(bool)
    hits = np.bincount(cell[flagged], minlength=GRID * GRID)
    crowd = int(hits.argmax())
    example = told["row_id"][int(np.flatnonzero(flagged & (cell == crowd))[0])]
    bits = _base64(np.packbits(flagged, bitorder="little"))
    return Layer(check, int(flagged.sum()), int(hits[crowd]), int((cell == crowd).sum()), example, bits)


def _quantised(values: pl.Series) -> Any:
    v = values.to_numpy().astype(np.float64)
    low, high = (v.min(), v.max()) if len(v) else (0.0, 0.0)
    return ((v - low) / (high - low or 1) * 65_535).round().astype("<u2")


def _base64(values: Any) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
