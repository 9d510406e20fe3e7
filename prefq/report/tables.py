"""What the report is made from: the tables of one working directory, each null when its stage has not run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from prefq import schema

NO_BENCHMARK = "decontaminate.against names no benchmark"


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of `prefq.schema`, as frames; `curated` is the splits one after the other."""

    pairs: pl.DataFrame
    rejects: pl.DataFrame | None = None
    sources: list[dict[str, Any]] | None = None
    sampled: int | None = None
    """How many records were drawn from the sources; None when all were taken."""
    neighbors: pl.DataFrame | None = None
    clusters: pl.DataFrame | None = None
    overlaps: pl.DataFrame | None = None
    scores: pl.DataFrame | None = None
    shortcuts: dict[str, Any] | None = None
    flags: pl.DataFrame | None = None
    evidence: pl.DataFrame | None = None
    curated: pl.DataFrame | None = None
    ledger: pl.DataFrame | None = None
    gate: dict[str, Any] | None = None
    map: pl.DataFrame | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds that each stage took; empty where the report must not differ from run to run."""
    uncompared: bool = False
    """Whether `decontaminate` has run, but there was no benchmark to compare with; `overlaps` is None then."""

    @property
    def checks(self) -> list[str]:
        """The checks that `flags` has a column for."""
        return [c for c in self.flags.columns if c != "row_id"] if self.flags is not None else []

    def without(self, column: str) -> str | None:
        """Why a column that a check needs has no values, as the end of a sentence; None when it has some."""
        for stage, name, columns in (
            ("neighbors", "clusters", schema.CLUSTERS),
            ("score", "scores", schema.SCORES),
            ("decontaminate", "overlaps", {**schema.OVERLAPS, "overlap": None}),
        ):
            if column == "row_id" or not any(column == c or column.startswith(f"{c}_") for c in columns):
                continue
            frame = getattr(self, name)
            if frame is None and name == "overlaps" and self.uncompared:
                return NO_BENCHMARK
            if frame is None:
                return f"the {stage} stage has not run"
            if column in frame.columns and frame[column].null_count() == frame.height:
                told = f"nothing could be scored ({self.unscored})" if name == "scores" and self.unscored else None
                return self._noise_unknown(column) or told or f"the {stage} stage could not decide {column}"
        if column in self.pairs.columns and self.pairs[column].null_count() == self.pairs.height:
            return f"no pair of these sources has a {column}"
        return None

    @property
    def unscored(self) -> str | None:
        """Why no pair has a score, as a clause; None when some have one, and when the score stage has not run."""
        if self.scores is None or "p_chosen" not in self.scores.columns or self.scores["p_chosen"].count():
            return None
        from prefq.score import FEWEST

        labelled = self.pairs.filter(pl.col("label") == "chosen").height
        there = "there is 1" if labelled == 1 else f"there are {labelled:,}"
        return f"it takes {FEWEST} labelled pairs of 2 prompt groups, {there}"

    def _noise_unknown(self, column: str) -> str | None:
        noise = (self.shortcuts or {}).get("noise_rate")
        why = noise.get("why") if column == "p_correct" and isinstance(noise, dict) else None
        return f"the share of wrong labels is not estimable ({why})" if why else None
