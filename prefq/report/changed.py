"""What changed in the pairs since an earlier version, pair by pair, and how far the figures moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.diff import CLASSES, align
from prefq.report.numbers import count
from prefq.report.since import FIGURES, Since, since

WORDS = {
    "flipped": "with the label flipped",
    "tie_to_label": "a tie before, decided now",
    "label_to_tie": "decided before, a tie now",
    "edited": "with an edited answer",
    "prompt_edited": "with an edited prompt",
    "added": "new",
    "removed": "gone",
    "margin_changed": "with another margin",
    "moved_split": "in another split",
    "status_changed": "of another status",
    "metadata_changed": "with other columns changed",
    "unchanged": "unchanged",
}
"""The classes of `prefq.diff.CLASSES` as what is told of a number of pairs, those that matter most first."""


@dataclass(frozen=True)
class Changed:
    """The pairs as they came in, then and now."""

    name: str
    """The version they are compared with."""
    counts: Mapping[str, int]
    """Pairs by class of change, every class of `prefq.diff.CLASSES`."""
    rows: pl.DataFrame
    """`row_id` and `change` of the pairs of now that are not unchanged."""

    @property
    def sentence(self) -> str:
        """The classes that have pairs, in words."""
        told = [f"{count(self.counts[name])} {words}" for name, words in WORDS.items() if self.counts[name]]
        return f"Of the pairs as they came in: {', '.join(told) or 'none then and none now'}."


def changed(old: pl.LazyFrame, new: pl.DataFrame, name: str) -> Changed:
    """What `prefq diff` would say of two tables of pairs. Raises PrefqError when one is none of pairs."""
    found = align(old, new.lazy())
    told = dict(found.changes["change"].value_counts().iter_rows()) | {"unchanged": found.same.height}
    rows = found.changes.filter(pl.col("at_new").is_not_null()).select("change", row_id="row_id_new")
    return Changed(name, {kind: int(told.get(kind, 0)) for kind in CLASSES}, rows.select("row_id", "change"))


def trend_json(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """How far each key figure and each check's share moved between two contents of audit.json; null if undecided."""
    moves: Since = since(old, new, "")
    figures = {key: _step(move.before, move.after) for key, move in zip(FIGURES, moves.figures, strict=True)}
    return {**figures, "checks": {name: _step(move.before, move.after) for name, move in sorted(moves.checks.items())}}


def _step(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else round(after - before, 6)
