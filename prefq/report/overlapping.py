"""Which prompts and answers stand in which benchmark, on which side, with both texts and the words they share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.masking import masked, personal
from prefq.report.tables import Tables
from prefq.report.text import cut

SHOWN = 600
"""Characters shown of a text and of a benchmark item."""
SIDES = {"prompt": "prompt", "chosen": "chosen answer", "rejected": "rejected answer"}


@dataclass(frozen=True)
class Overlap:
    """Rows of which a text stands in one benchmark, in one way, and the example that covers most of its item.

    `sides` says how many rows overlap by their prompt and by each answer. Of the example: `side`, the text that
    overlaps, `text`, what it says, and `part`, whether it does so with the item's prompt or with an answer to it;
    `shared` is the first run of words in both, in small letters and without punctuation, `item_coverage` how much of
    the item's runs are in the text.
    """

    benchmark: str
    kind: str
    rows: int
    items: int
    sides: tuple[tuple[str, int], ...]
    coverage: float | None
    row_id: str
    benchmark_id: str
    side: str
    part: str
    shared: str
    item_coverage: float | None
    text: str
    item: str


def overlaps(tables: Tables, settings: Mapping[str, Any]) -> tuple[Overlap, ...] | None:
    """One entry per benchmark and kind, most rows first; None when decontaminate has not run."""
    if tables.overlaps is None:
        return None
    named = pl.col("evidence").str.extract(r'^\{"side":"\w+","sides":\[([\w",]*)\]').fill_null("prompt")
    counted = [
        pl.col("row_id").filter(pl.col("named").str.contains(side, literal=True)).n_unique().alias(side)
        for side in SIDES
    ]
    groups = (
        tables.overlaps.with_columns(named=named)
        .sort(["coverage", "row_id"], descending=[True, False])
        .group_by("benchmark", "kind")
    )
    table = groups.agg(
        pl.col("row_id").n_unique().alias("rows"),
        pl.col("benchmark_id").n_unique().alias("items"),
        *counted,
        pl.col("coverage", "row_id", "benchmark_id", "evidence").first(),
    ).sort(["rows", "benchmark", "kind"], descending=[True, False, False])
    examples = [{**_read(row.pop("evidence") or ""), **row} for row in table.to_dicts()]
    texts = _texts(tables, examples)
    parts = personal(pl.Series("text", texts, dtype=pl.String), settings, numbers=False)
    return tuple(_overlap(row, masked(text, parts)) for row, text in zip(examples, texts, strict=True))


def _overlap(row: dict[str, Any], text: str) -> Overlap:
    sides = tuple((SIDES[side], count) for side in SIDES if (count := row.pop(side)))
    at = text.lower().find(" ".join(row["shared"].split()[:3]))
    told = {**row, "benchmark_id": row["benchmark_id"] or "", "side": SIDES[row["side"]], "sides": sides}
    told["item"] = cut(row["item"], SHOWN).text
    return Overlap(**told, text=cut(text, SHOWN, max(0, at)).text)


def _read(evidence: str) -> dict[str, Any]:
    """What the evidence of an example tells; one that is no JSON object is the shared words."""
    try:
        found = json.loads(evidence)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        found = {"ngram": evidence}
    side, part, covers = found.get("side"), found.get("benchmark_part"), found.get("benchmark_coverage")
    return {
        "side": side if side in SIDES else "prompt",
        "part": part if part in ("prompt", "answer") else "prompt",
        "shared": str(found.get("ngram") or ""),
        "item_coverage": covers if isinstance(covers, float | int) else None,
        "item": str(found.get("benchmark_text") or ""),
    }


def _texts(tables: Tables, examples: list[dict[str, Any]]) -> list[str]:
    """What each example's side says: the answer, or what the user says in the prompt."""
    wanted = pl.Series([example["row_id"] for example in examples], dtype=pl.String)
    columns = ("row_id", "prompt", "chosen", "rejected")
    rows = tables.pairs.filter(pl.col("row_id").is_in(wanted.implode())).select(columns).to_dicts()
    said = {row["row_id"]: row | {"prompt": _asked(row["prompt"])} for row in rows}
    return [said.get(example["row_id"], {}).get(example["side"]) or "" for example in examples]


def _asked(prompt: list[dict[str, str]] | None) -> str:
    return "\n".join(m["content"] or "" for m in prompt or [] if m["role"] not in ("system", "assistant"))
