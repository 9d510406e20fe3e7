"""What became of the pairs that each check flags: the ledger's word, not the policy's promise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from prefq.report.tables import Tables

ORDER = ("drop", "review", "merge", "flip", "keep")
NAMED = ("drop", "review", "flip")
"""Decisions whose reasons are worth naming; a merge gives none that its check does not say already."""


@dataclass(frozen=True)
class Fate:
    """The flagged pairs by decision, and the other reasons for it where the check itself was none."""

    decisions: Mapping[str, int]
    reasons: Mapping[str, tuple[str, ...]]

    @property
    def total(self) -> int:
        """Pairs that the check flags and the ledger knows."""
        return sum(self.decisions.values())

    @property
    def kept(self) -> int:
        """Pairs that stay, as given or flipped."""
        return self.decisions.get("keep", 0) + self.decisions.get("flip", 0)

    @property
    def waiting(self) -> int:
        """Pairs held out for review."""
        return self.decisions.get("review", 0)


def fates(tables: Tables, checks: Sequence[str]) -> dict[str, Fate]:
    """The fate of each check's pairs; nothing when there is no ledger or there are no flags."""
    if tables.flags is None or tables.ledger is None:
        return {}
    decided = tables.ledger.select("row_id", "decision", "reasons")
    rows = decided.join(tables.flags.select("row_id", *checks), on="row_id").drop("row_id")
    return {check: _fate(rows.filter(pl.col(check)), check) for check in checks}


def _fate(rows: pl.DataFrame, check: str) -> Fate:
    counts = dict(rows.group_by("decision").len().iter_rows())
    by_itself = set(rows.filter(pl.col("reasons").list.contains(check))["decision"])
    named = [d for d in NAMED if d in counts and d not in by_itself]
    return Fate({d: counts[d] for d in ORDER if d in counts}, {d: _reasons(rows, d) for d in named})


def _reasons(rows: pl.DataFrame, decision: str) -> tuple[str, ...]:
    """The reasons for a decision, the most frequent first."""
    said = rows.filter(decision=decision)["reasons"].explode(empty_as_null=True).drop_nulls()
    return tuple(said.value_counts().sort(["count", "reasons"], descending=[True, False])["reasons"])
