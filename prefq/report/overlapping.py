"""Which prompts stand in which benchmark, with both texts and the words they share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.masking import masked, personal
from prefq.report.tables import Tables
from prefq.report.text import cut

SHOWN = 600
"""Characters shown of a prompt and of a benchmark item."""


@dataclass(frozen=True)
class Overlap:
    """Rows whose prompt stands in one benchmark, in one way, and the example that covers most of its item.

    `shared` is the longest run of words in both texts, in small letters and without punctuation.
    """

    benchmark: str
    kind: str
    rows: int
    items: int
    coverage: float | None
    row_id: str
    benchmark_id: str
    shared: str
    prompt: str
    item: str


def overlaps(tables: Tables, settings: Mapping[str, Any]) -> tuple[Overlap, ...] | None:
    """One entry per benchmark and kind, most rows first; None when decontaminate has not run."""
    if tables.overlaps is None:
        return None
    groups = tables.overlaps.sort(["coverage", "row_id"], descending=[True, False]).group_by("benchmark", "kind")
    table = groups.agg(
        pl.col("row_id").n_unique().alias("rows"),
        pl.col("benchmark_id").n_unique().alias("items"),
        pl.col("coverage", "row_id", "benchmark_id", "evidence").first(),
    ).sort(["rows", "benchmark", "kind"], descending=[True, False, False])
    prompts = _prompts(tables, table["row_id"])
    parts = personal(pl.Series("text", list(prompts.values()), dtype=pl.String), settings, numbers=False)
    return tuple(_overlap(row, masked(prompts.get(row["row_id"], ""), parts)) for row in table.to_dicts())


def _overlap(row: dict[str, Any], prompt: str) -> Overlap:
    shared, item = _read(row.pop("evidence") or "")
    at = prompt.lower().find(" ".join(shared.split()[:3]))
    told = {**row, "benchmark_id": row["benchmark_id"] or "", "shared": shared}
    return Overlap(**told, prompt=cut(prompt, SHOWN, max(0, at)).text, item=cut(item, SHOWN).text)


def _read(evidence: str) -> tuple[str, str]:
    """The shared words and the benchmark's text; evidence that is no JSON object is the shared words."""
    try:
        found = json.loads(evidence)
    except json.JSONDecodeError:
        return evidence, ""
    if not isinstance(found, dict):
        return evidence, ""
    return str(found.get("ngram") or ""), str(found.get("benchmark_text") or "")


def _prompts(tables: Tables, rows: pl.Series) -> dict[str, str]:
    """Row id → what the user says in its prompt."""
    asked = tables.pairs.filter(pl.col("row_id").is_in(rows.implode())).select("row_id", "prompt").to_dicts()
    return {
        r["row_id"]: "\n".join(
            m["content"] or "" for m in r["prompt"] or [] if m["role"] not in ("system", "assistant")
        )
        for r in asked
    }
