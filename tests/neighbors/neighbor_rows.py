"""Tables of pairs made from a few texts, and the settings that tests of neighbors go by."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from prefq import ids, schema

SETTINGS = {"semantic": True, "semantic_similarity": 0.9, "lexical_similarity": 0.6, "scope": "all"}


def table(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Pairs from (prompt, chosen, rejected[, {column: value}]); a prompt is a text or a list of messages."""
    records = []
    for number, (prompt, chosen, rejected, *rest) in enumerate(rows):
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        row = {"row_id": f"d:{number}", "dataset": "d", "record": number, "k": 0, "label": "chosen"}
        row |= {"dimension": "preference", "prompt": messages, "chosen": chosen, "rejected": rejected}
        records.append(row | {"prompt_id": ids.prompt_json(messages)} | (rest[0] if rest else {}))
    names = {name: kind for name, kind in schema.PAIRS.items() if name != "prompt_id"}
    frame = pl.DataFrame(records, schema={**names, "prompt_id": pl.String})
    answers = {f"{s}_id": ids.answer_id(pl.col(s), pl.col(f"{s}_messages")) for s in ("chosen", "rejected")}
    frame = frame.with_columns(prompt_id=ids.text_id(pl.col("prompt_id")), **answers)
    pair = ids.pair_id(pl.col("prompt_id"), pl.col("chosen_id"), pl.col("rejected_id"))
    return frame.with_columns(pair_id=pair).select(schema.PAIRS.names())
