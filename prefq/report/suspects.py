"""The labels most in doubt, ranked: a reading list, also where the share of wrong labels cannot be estimated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.examples import masked_rows
from prefq.report.tables import Tables
from prefq.report.text import brief

MOST = 20
COLUMNS = ("suspicion", "p_chosen", "p_surface", "p_correct")


@dataclass(frozen=True)
class Suspect:
    """A pair and what speaks against its label, from 0 to 1, None where not known; `prompt`: how its last turn begins.

    `p_chosen`: how likely the judge calls the label; `p_surface`: the same by form alone; `p_correct`: how likely it is
    right at the estimated share of wrong labels.
    """

    row_id: str
    prompt: str
    p_chosen: float | None
    p_surface: float | None
    p_correct: float | None


def suspects(tables: Tables, settings: Mapping[str, Any]) -> tuple[Suspect, ...]:
    """The MOST labels of the highest suspicion; none where nothing was scored."""
    if tables.scores is None or "suspicion" not in tables.scores.columns:
        return ()
    there = [name for name in COLUMNS if name in tables.scores.columns]
    labelled = tables.pairs.filter(pl.col("label") == "chosen").select("row_id")
    known = tables.scores.select("row_id", *there).drop_nulls("suspicion").join(labelled, on="row_id", how="semi")
    ranked = known.sort("suspicion", "row_id", descending=[True, False]).head(MOST)
    prompts = {r["row_id"]: _begins(r) for r in masked_rows(tables, ranked["row_id"], settings, numbers=False)}
    return tuple(
        Suspect(row["row_id"], prompts[row["row_id"]], *(row.get(name) for name in COLUMNS[1:]))
        for row in ranked.to_dicts()
    )


def _begins(row: Mapping[str, Any]) -> str:
    return brief(row["prompt"][-1]["content"] or "") if row["prompt"] else ""
