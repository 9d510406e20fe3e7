"""Quality, old against new: what the labels lean on, how margins lie, how often each check flags."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from prefq.diff.changes import Side
from prefq.diff.texts import MARKS
from prefq.stats import Interval, wilson

Frame = pl.DataFrame | pl.LazyFrame
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEANINGS = {
    "chosen_longer": "the chosen answer has more characters",
    "longer_wins": "the same among pairs of different length",
    "more_lines_win": "among pairs that differ in it, the chosen answer has more lines",
    "more_bold_wins": "among pairs that differ in it, the chosen answer has more bold text",
    "first_wins": "among pairs whose order is known, the chosen answer was shown first",
}
"""Shares of decided pairs: what a reader that saw nothing else would get right."""
MODELS = ("surface_accuracy", "surface_auc", "label_accuracy", "label_auc")
"""Figures of `shortcuts.json` (its `overall`) that are set side by side."""


def deltas(
    sides: tuple[Side, Side],
    measured: tuple[pl.DataFrame, pl.DataFrame],
    flags: tuple[Frame | None, Frame | None],
    shortcuts: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
) -> dict[str, Any]:
    """Each figure as {"old": …, "new": …}; null where a side cannot decide it.

    `labels` (pairs by label), `leanings` (LEANINGS, each {value, low, high, n}), `margins` (n, null, mean, quantiles),
    `shortcuts` (MODELS) and `flags` (per check {count, n, rate}; only when there are tables of flags). `measured`: the
    rows of both sides with `outcome` and what `prefq.diff.texts.read` measures.
    """
    figures = [_figures(side, rows) for side, rows in zip(sides, measured, strict=True)]
    rates = [_flag_rates(frame, side) for frame, side in zip(flags, sides, strict=True)]
    found = {name: {"old": figures[0][name], "new": figures[1][name]} for name in ("labels", "leanings", "margins")}
    return {
        **{name: found[name] for name in ("labels", "margins")},
        "leanings": _side_by_side(figures[0]["leanings"], figures[1]["leanings"]),
        "shortcuts": _side_by_side(*(_models(s) for s in shortcuts)),
        "flags": _side_by_side(*rates),
    }


def _side_by_side(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys([*old, *new])
    return {name: {"old": old.get(name), "new": new.get(name)} for name in names}


def _models(shortcuts: Mapping[str, Any] | None) -> dict[str, Any]:
    overall = (shortcuts or {}).get("overall") or {}
    return {name: overall[name] for name in MODELS if overall.get(name) is not None}


def _figures(side: Side, measured: pl.DataFrame) -> dict[str, Any]:
    """One pass over the columns of figures; no text is read."""
    shown = pl.col("chosen_position").filter(pl.col("label") == "chosen")
    first = {"first_wins_0": (shown == 1).sum(), "first_wins_1": shown.count()}
    margin = pl.col("margin").cast(pl.Float64)
    spread = {f"q{q}": margin.quantile(q, "linear") for q in QUANTILES}
    told = side.frame.select(**first, n=margin.count(), mean=margin.mean(), **spread).collect(engine="streaming")
    row = told.row(0, named=True) | _leanings(measured)
    labels = side.frame.group_by("label").len().collect(engine="streaming").sort("label")
    return {
        "labels": {label: int(n) for label, n in labels.iter_rows()},
        "leanings": {name: _interval(wilson(row[f"{name}_0"], row[f"{name}_1"])) for name in LEANINGS},
        "margins": _margins(row, side.pairs),
    }


def _leanings(measured: pl.DataFrame) -> dict[str, int]:
    """Of each measure, how many chosen answers have more (`NAME_0`), of how many decided pairs that differ in it."""
    decided, turned = pl.col("outcome") > 0, pl.col("outcome") == 2
    chosen = {name: pl.when(turned).then(-pl.col(name)).otherwise(name) for name in MARKS}
    more = {name: ((sign > 0) & decided).sum() for name, sign in chosen.items()}
    differ = {name: ((sign != 0) & decided).sum() for name, sign in chosen.items()}
    pairs = {"longer_wins": "longer", "more_lines_win": "more_lines", "more_bold_wins": "more_bold"}
    counted = {f"{name}_0": more[mark] for name, mark in pairs.items()}
    counted |= {f"{name}_1": differ[mark] for name, mark in pairs.items()}
    return measured.select(**counted, chosen_longer_0=more["longer"], chosen_longer_1=decided.sum()).row(0, named=True)


def _interval(found: Interval | None) -> dict[str, float | int] | None:
    return None if found is None else found.to_json()


def _margins(row: Mapping[str, Any], pairs: int) -> dict[str, Any] | None:
    if not row["n"]:
        return None
    quantiles = {str(q): round(row[f"q{q}"], 4) for q in QUANTILES}
    return {"n": row["n"], "null": pairs - row["n"], "mean": round(row["mean"], 4), "quantiles": quantiles}


def _flag_rates(frame: Frame | None, side: Side) -> dict[str, Any]:
    """Per check, how many of the table's rows it flags, of how many it decided."""
    if frame is None:
        return {}
    lazy = frame.lazy()
    names = [name for name, kind in lazy.collect_schema().items() if kind == pl.Boolean()]
    if not names:
        return {}
    here = lazy.join(side.frame.select("row_id"), on="row_id", how="semi")
    counts = here.select(
        *(pl.col(n).sum().alias(f"{n}|count") for n in names), *(pl.col(n).count().alias(f"{n}|n") for n in names)
    ).collect(engine="streaming")
    row = counts.row(0, named=True)
    return {n: _rate(int(row[f"{n}|count"]), int(row[f"{n}|n"])) for n in names}


def _rate(count: int, n: int) -> dict[str, float | int] | None:
    return {"count": count, "n": n, "rate": round(count / n, 6)} if n else None
