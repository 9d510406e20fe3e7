"""How clear the preference is by how much longer the chosen answer is: margins beside lengths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.numbers import count, decimal, ratio, share
from prefq.report.tables import Tables

STEPS: Mapping[str, tuple[str, float]] = {
    "shorter_4x": ("under ¼", 0.25),
    "shorter_2x": ("¼ to ½", 0.5),
    "shorter": ("½ to 0.8", 0.8),
    "even": ("0.8 to 1.25", 1.25),
    "longer": ("1.25 to 2", 2.0),
    "longer_2x": ("2 to 4", 4.0),
    "longer_4x": ("over 4", float("inf")),
}
"""A step's key in audit.json → what it is called, and the ratio chosen ÷ rejected up to which it goes."""


@dataclass(frozen=True)
class Step:
    """The pairs whose chosen answer is so much longer, or shorter, than the rejected one.

    `margin`: the mean margin that the source gives, of the pairs that have one. `p_chosen` and `agreed`: how likely the
    judge calls the label on average, and how often it agrees with it. None where nothing is known.
    """

    key: str
    pairs: int
    margin: float | None
    p_chosen: float | None
    agreed: float | None


def by_length(tables: Tables) -> tuple[Step, ...]:
    """The steps from the shortest to the longest, of the pairs with a chosen answer; none without such pairs."""
    told = tables.pairs.filter(pl.col("label") == "chosen").select("row_id", "margin", step=_step())
    if told.is_empty():
        return ()
    judged = tables.scores is not None and "p_chosen" in tables.scores.columns
    scores = tables.scores.select("row_id", "p_chosen") if tables.scores is not None and judged else None
    known = (
        told.join(scores, on="row_id", how="left") if scores is not None else told.with_columns(p_chosen=pl.lit(None))
    )
    p = pl.col("p_chosen").cast(pl.Float64)
    agreed = pl.when(p == 0.5).then(0.5).otherwise((p > 0.5).cast(pl.Float64))
    found = known.group_by("step").agg(pl.len(), pl.col("margin").mean(), p.mean().alias("p"), agreed.mean().alias("a"))
    rows = {row["step"]: row for row in found.to_dicts()}
    none = {"len": 0, "margin": None, "p": None, "a": None}
    return tuple(Step(key, *(rows.get(key, none)[k] for k in ("len", "margin", "p", "a"))) for key in STEPS)


def _step() -> pl.Expr:
    chosen, rejected = (pl.col(side).fill_null("").str.len_chars().cast(pl.Float64) for side in ("chosen", "rejected"))
    ratios = pl.when(chosen == rejected).then(1.0).otherwise(chosen / rejected)
    step = pl.lit(list(STEPS)[-1])
    for key, (_, most) in reversed(list(STEPS.items())[:-1]):
        step = pl.when(ratios <= most).then(pl.lit(key)).otherwise(step)
    return step


def to_json(steps: tuple[Step, ...]) -> dict[str, dict[str, Any]]:
    """The figures by step."""
    return {s.key: {"pairs": s.pairs, **{k: _rounded(getattr(s, k)) for k in SHOWN}} for s in steps}


SHOWN = ("margin", "p_chosen", "agreed")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def header(steps: tuple[Step, ...]) -> list[str]:
    """The columns of the page's table: margins only where the source gives some."""
    margins = ["Mean margin given"] if _margins(steps) else []
    return ["Chosen ÷ rejected", "Pairs", "Share", *margins, "Judge gives the label", "Judge agrees"]


def rows(steps: tuple[Step, ...]) -> list[list[str]]:
    """The rows of the page's table."""
    whole, margins = sum(s.pairs for s in steps), _margins(steps)
    return [
        [
            *(STEPS[s.key][0], count(s.pairs), share(s.pairs, whole)),
            *([decimal(s.margin) if s.margin is not None else "–"] if margins else []),
            *(ratio(value) if value is not None else "–" for value in (s.p_chosen, s.agreed)),
        ]
        for s in steps
    ]


def _margins(steps: tuple[Step, ...]) -> bool:
    return any(s.margin is not None for s in steps)
