"""The story of a record that is no pair, for `prefq why`: where it came from, and why it was rejected."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from prefq.report.text import brief, visible
from prefq.report.widths import wrapped

SHOWN = 600
"""Characters shown of the record itself."""


def find_rejects(rejects: pl.DataFrame | None, wanted: str) -> list[dict[str, Any]]:
    """The rejects of the record that `wanted` names, `DATASET:RECORD`, or the one `DATASET:RECORD#K`; or none."""
    if rejects is None:
        return []
    record = pl.format("{}:{}", "dataset", "record")
    return rejects.filter((record == wanted) | (pl.format("{}#{}", record, "k") == wanted)).sort("k").to_dicts()


def tell_reject(reject: Mapping[str, Any], sources: Sequence[Mapping[str, Any]] | None, width: int = 80) -> str:
    """The reject as text of at most `width` columns; whatever a dataset holds is shown harmlessly."""
    paths = [s["path"] for s in sources or [] if s.get("dataset") == reject["dataset"]]
    where = f"record {reject['record']} of {paths[0] if len(paths) == 1 else reject['dataset']}"
    raw = reject["raw"] or ""
    cut = raw if len(raw) <= SHOWN else f"{raw[:SHOWN]}… ({len(raw) - SHOWN:,} more characters)"
    shown = [part for line in visible(cut).split("\n") for part in wrapped(line, width - 2)]
    return "\n".join(
        [
            brief(f"{reject['dataset']}:{reject['record']}", 1_000),
            f"  no pair, {brief(where, 1_000)}, judgement {reject['k']}",
            "",
            f"Rejected: {brief(reject['reason'], 100)} ({brief(reject['detail'] or 'no detail', 400)})",
            "",
            *(f"  {line}" for line in shown),
        ]
    )


def reject_json(reject: Mapping[str, Any]) -> dict[str, Any]:
    """The reject as plain values; the record as it was read, where it is JSON."""
    try:
        raw = json.loads(reject["raw"] or "null")
    except ValueError:
        raw = reject["raw"]
    return {"format": 1, "reject": {**reject, "raw": raw}}
