"""Rows as the records of their files, the truth about them, and both as JSON lines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from prefq.synthetic.block import Placed
from prefq.synthetic.draft import Turn
from prefq.synthetic.row import TRL, Row

Json = dict[str, Any]
_SPEAKERS = {"user": "Human", "assistant": "Assistant"}


def record(placed: Placed) -> Json:
    """The record in its dataset's format."""
    return _trl(placed.row) if placed.dataset == TRL else _hh(placed.row)


def _hh(row: Row) -> Json:
    other = row.other_prompt or row.prompt
    return {"chosen": _transcript(row.prompt, row.chosen), "rejected": _transcript(other, row.rejected)}


def _transcript(prompt: Sequence[Turn], answer: str) -> str:
    turns = (*prompt, ("assistant", answer))
    return "".join(f"\n\n{_SPEAKERS[role]}: {content}" for role, content in turns)


def _trl(row: Row) -> Json:
    found: Json = {
        "prompt": [{"role": role, "content": content} for role, content in row.prompt],
        "chosen": [{"role": "assistant", "content": row.chosen}],
        "rejected": [{"role": "assistant", "content": row.rejected}],
        "category": row.task,
    }
    if row.margin is not None:
        found["margin"] = row.margin
    if row.broken == "null":
        found["chosen"] = None
    elif row.broken == "number":
        found["rejected"] = [{"role": "assistant", "content": len(row.rejected)}]
    elif row.broken == "missing":
        del found["rejected"]
    return found


def truth(rows: Iterable[Placed]) -> list[Json]:
    """One line for each statement about a record, in the records' order; what does not apply is left out."""
    rows = tuple(rows)
    names = {(placed.group, placed.member): placed.name for placed in rows}
    return [_statement(placed, asdict(mark), names) for placed in rows for mark in placed.row.marks]


def _statement(placed: Placed, mark: Json, names: Mapping[tuple[int, int], str]) -> Json:
    partner = mark.pop("partner")
    said = {key: value for key, value in mark.items() if value not in (None, False, ()) or key == "check"}
    if partner is not None:
        said["partner"] = names[placed.group, partner]
    return {"dataset": placed.dataset, "record": placed.record, **said}


def jsonl(records: Iterable[Mapping[str, Any]]) -> str:
    """The records as JSON lines, every character as itself, each line with its end."""
    return "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records)
