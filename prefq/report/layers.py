"""What the points of the map can be coloured by: a check, a slice, what changed, a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from prefq.report import packing
from prefq.report.results import SLICES
from prefq.report.text import brief

GRID = 8
NAMED = 6
"""Values of a slice that have a colour of their own; it is hard to tell more colours apart."""
SCORES = ("suspicion", "p_correct", "p_chosen", "p_surface", "ambiguity")
CHANGES = {
    "flipped": "label flipped",
    "tie_to_label": "a tie before",
    "label_to_tie": "a tie now",
    "edited": "answer edited",
    "prompt_edited": "prompt edited",
    "added": "new",
}
"""What can have changed in a pair, by the names of `prefq.diff.CLASSES`; the rest is `changed otherwise`."""


@dataclass(frozen=True)
class Layer:
    """One check on the map: the points (prompts) it touches, and the cell of an 8 × 8 grid where they crowd."""

    check: str
    points: int
    crowd: int
    crowd_points: int
    row_id: str
    bits: str

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {"kind": "flag", "name": self.check, "n": self.points, "codes": self.bits}


@dataclass(frozen=True)
class Parts:
    """The points by the value of their first pair: most frequent values first, at most six, the others together."""

    name: str
    values: tuple[tuple[str, int], ...]
    rest: str
    """What a point without a value is called."""
    without: int
    codes: str

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        values = [{"name": brief(name), "n": n} for name, n in self.values]
        rest = {"rest": self.rest, "without": self.without}
        return {"kind": "part", "name": self.name, "values": values, **rest, "codes": self.codes}


@dataclass(frozen=True)
class Scale:
    """The points by the mean of a score over their pairs."""

    name: str
    low: float
    high: float
    """The ends of the colours: what lies beyond has the colour of the end."""
    scored: int
    quartiles: tuple[float, float, float]
    codes: str

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {"kind": "scale", "name": self.name, "low": self.low, "high": self.high, "codes": self.codes}


def flag_layers(told: pl.DataFrame, x: Any, y: Any, first: Sequence[str], checks: Sequence[str]) -> tuple[Layer, ...]:
    """The checks that touch a point of `told` (a boolean column each), those named `first` first."""
    cell = (x.astype(int) * GRID >> 16) * GRID + (y.astype(int) * GRID >> 16)
    present = [c for c in checks if c in told.columns and told[c].any()]
    ordered = sorted(present, key=lambda c: (first.index(c) if c in first else len(first), c))
    return tuple(_layer(c, told, cell) for c in ordered)


def _layer(check: str, told: pl.DataFrame, cell: Any) -> Layer:
    flagged = told[check].to_numpy().astype(bool)
    hits = np.bincount(cell[flagged], minlength=GRID * GRID)
    crowd = int(hits.argmax())
    example = told["row_id"][int(np.flatnonzero(flagged & (cell == crowd))[0])]
    return Layer(
        check, int(flagged.sum()), int(hits[crowd]), int((cell == crowd).sum()), example, packing.bits(flagged)
    )


def slice_layers(told: pl.DataFrame) -> tuple[Parts, ...]:
    """The slices (and the decision) that part the points in two or more."""
    found = [parts(told[name], name, "no value") for name in (*SLICES, "decision") if name in told.columns]
    return tuple(p for p in found if len(p.values) > 1 or (p.values and p.without))


def change_layer(told: pl.DataFrame, since: str) -> Parts | None:
    """The points by what changed in their pairs since the version of that name; None where that is not known."""
    if "change" not in told.columns:
        return None
    words = pl.col("change").cast(pl.String).replace_strict(CHANGES, default="changed otherwise")
    named = told.select(pl.when(pl.col("change").is_not_null()).then(words)).to_series()
    return parts(named, f"change since {since}", "unchanged")


def parts(values: pl.Series, name: str, rest: str) -> Parts:
    """The points by one text value each."""
    counts = values.drop_nulls().value_counts().sort("count", values.name, descending=[True, False])
    told = [(str(value), int(n)) for value, n in counts.iter_rows()]
    kept = told if len(told) <= NAMED + 1 else told[:NAMED]
    others = told[len(kept) :]
    shown = [*kept, (f"{len(others):,} others", sum(n for _, n in others))] if others else kept
    code = packing.codes(values, [value for value, _ in kept], other=len(kept) + 1)
    return Parts(name, tuple(shown), rest, values.null_count(), code)


def score_layers(told: pl.DataFrame) -> tuple[Scale, ...]:
    """The scores that at least one point has."""
    return tuple(_scale(told[name], name) for name in SCORES if name in told.columns and told[name].count())


def _scale(values: pl.Series, name: str) -> Scale:
    known = values.drop_nulls()
    quartiles = [float(known.quantile(q, "linear") or 0.0) for q in (0.25, 0.5, 0.75)]
    low, high = float(known.min()), float(known.max())  # type: ignore[arg-type]
    return Scale(
        name, low, high, len(known), (quartiles[0], quartiles[1], quartiles[2]), packing.scaled(values, low, high)
    )


def told_of(layers: Sequence[Layer | Parts | Scale]) -> list[Mapping[str, Any]]:
    """What the page's script reads of each."""
    return [layer.data() for layer in layers]
