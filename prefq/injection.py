"""Known flips in a dataset's own labels, and what is found of them: how far suspicions can be trusted here."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.stats import Array, Interval, auroc, ece, reliability, wilson

Mask = npt.NDArray[np.bool_]

BUDGETS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of the pairs, the most suspicious first, of which it is told what they would hold."""


@dataclass(frozen=True)
class Found:
    """What some flagged pairs hold of the injected flips: counts, and shares with their intervals."""

    flagged: int
    flips: int
    precision: Interval | None
    recall: Interval | None

    def to_json(self) -> dict[str, Any]:
        """Plain values; null where there is nothing to take a share of."""
        shares = {"precision": self.precision, "recall": self.recall}
        told = {name: share and share.to_json() for name, share in shares.items()}
        return {"flagged": self.flagged, "flips": self.flips, **told}


@dataclass(frozen=True)
class Ranking:
    """How well suspicion tells injected flips from the other labels: figures in [0, 1], None without scores.

    `precision_at_rate`: the share of flips among as many of the most suspicious pairs as there are flips.
    """

    pairs: int
    flips: int
    auroc: float | None
    average_precision: float | None
    precision_at_rate: float | None
    ece: float | None

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def flips(pairs: pl.DataFrame, rate: float, seed: int) -> Mask:
    """Which rows to turn round, shape (rows,): this share of the decided labels, whatever the order of rows."""
    decided = pairs.with_row_index("place").filter(pl.col("label") == "chosen").sort("row_id")["place"].to_numpy()
    drawn = np.random.default_rng(seed).permutation(len(decided))[: round(rate * len(decided))]
    rows = np.zeros(pairs.height, np.bool_)
    rows[decided[drawn]] = True
    return rows


def turned(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """The frame with what is the chosen and what the rejected answer's exchanged in these rows (`row_id`s)."""
    mask = pl.col("row_id").is_in(rows.implode())
    exchanged = [pl.when(mask).then(other).otherwise(name).alias(name) for name, other in _partners(frame.columns)]
    turned_position = pl.when(mask).then(3 - pl.col("chosen_position")).otherwise("chosen_position")
    position = [turned_position.alias("chosen_position")] if "chosen_position" in frame.columns else []
    return frame.with_columns(*exchanged, *position)


def _partners(columns: list[str]) -> Iterator[tuple[str, str]]:
    for name in columns:
        for one, other in (("chosen", "rejected"), ("rejected", "chosen")):
            if one in name.split("_") and (partner := name.replace(one, other, 1)) in columns:
                yield name, partner


def found(flagged: pl.Series, flipped: Mask) -> Found:
    """What the rows flagged (true) hold; null counts as not flagged."""
    hit = flagged.fill_null(False).to_numpy()
    right = int((hit & flipped).sum())
    count = int(hit.sum())
    return Found(count, right, wilson(right, count), wilson(right, int(flipped.sum())))


def ranking(scores: pl.DataFrame, flipped: Mask) -> Ranking:
    """How well the suspicion in a scores table (rows in the order of `flipped`) ranks the flips."""
    known = scores["suspicion"].is_not_null().to_numpy()
    suspicion, truth = scores["suspicion"].to_numpy()[known].astype(np.float64), flipped[known]
    if not truth.any() or truth.all():
        return Ranking(int(known.sum()), int(truth.sum()), None, None, None, None)
    ranked = truth[np.lexsort((np.flatnonzero(known), -suspicion))]
    hits = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    shares = float(hits[ranked].mean()), float(ranked[: int(truth.sum())].mean())
    separated = auroc(suspicion[truth], suspicion[~truth])
    return Ranking(int(known.sum()), int(truth.sum()), separated, *shares, _posterior_error(scores, flipped))


def _posterior_error(scores: pl.DataFrame, flipped: Mask) -> float | None:
    known = scores["p_correct"].is_not_null().to_numpy()
    right: Array = (~flipped[known]).astype(np.float64)
    return ece(reliability(scores["p_correct"].to_numpy()[known].astype(np.float64), right)) if known.any() else None


def by_budget(scores: pl.DataFrame, flipped: Mask) -> list[tuple[float, Found]]:
    """What the most suspicious pairs hold, for each share in BUDGETS; nothing without scores."""
    count = scores["suspicion"].count()
    if not count:
        return []
    place = scores["suspicion"].rank("ordinal", descending=True)
    return [(share, found(place <= max(1, int(share * count)), flipped)) for share in BUDGETS]
