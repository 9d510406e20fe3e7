"""TRL preference data: what its DPO and reward trainers read."""

import json
from typing import Any

import polars as pl

from prefq.errors import UsageError
from prefq.writers import Written, writer
from prefq.writers.messages import messages_column, prompt_messages

STYLES = ("conversational", "string")
UNHELD = (
    *("subset", "annotator", "chosen_model", "rejected_model", "language", "category", "group_id", "split"),
    *("chosen_position", "extra"),
)


@writer("trl")
def write(pairs: pl.DataFrame, *, style: str = "conversational") -> Written:
    """TRL preference rows with an explicit prompt: `prompt`, `chosen`, `rejected`, `margin` and `pair_id`.

    `style=string` gives plain strings, for pairs of one user turn and plain answers. Ties are no preference and are
    left out. `margin` is the source's own number, and there only when every row has one. Tool definitions and the
    arguments of tool calls are JSON text.
    """
    if style not in STYLES:
        raise UsageError(f"The style of trl is {style!r}; it must be one of {', '.join(STYLES)}.")
    preferred = pairs.filter(pl.col("label") == "chosen")
    held = preferred.filter(_single_turn()) if style == "string" else preferred
    lost = _labels_lost(pairs) | {"not_single_turn": preferred.height - held.height} | _columns_lost(held)
    texts = _strings(held) if style == "string" else _conversations(held)
    frame = pl.DataFrame([*texts, *_margin(held), held["pair_id"]])
    return Written(frame, {what: count for what, count in lost.items() if count})


def _single_turn() -> pl.Expr:
    """The prompt is one user message of plain text, and so is each answer."""
    role = pl.col("prompt").list.first().struct.field("role")
    plain = pl.all_horizontal(pl.col("prompt_extra", "chosen_messages", "rejected_messages").is_null())
    return (pl.col("prompt").list.len() == 1) & (role == "user") & plain


def _strings(pairs: pl.DataFrame) -> list[pl.Series]:
    prompt = pl.col("prompt").list.first().struct.field("content").alias("prompt")
    return pairs.select(prompt, "chosen", "rejected").get_columns()


def _conversations(pairs: pl.DataFrame) -> list[pl.Series]:
    """The columns of messages, and `tools` where a row has some."""
    if pairs["prompt_extra"].is_null().all():
        prompt, tools = pairs["prompt"], []
    else:
        rows = prompt_messages(pairs["prompt"].to_list(), pairs["prompt_extra"].to_list())
        prompt = messages_column("prompt", [row.messages for row in rows])
        tools = [pl.Series("tools", [row.tools for row in rows], pl.String)]
    return [prompt, _answers(pairs, "chosen"), _answers(pairs, "rejected"), *_used(tools)]


def _used(columns: list[pl.Series]) -> list[pl.Series]:
    return [column for column in columns if column.count()]


def _answers(pairs: pl.DataFrame, side: str) -> pl.Series:
    held = pairs[f"{side}_messages"]
    if held.is_null().all():
        message = pl.struct(pl.lit("assistant").alias("role"), pl.col(side).alias("content"))
        return pairs.select(pl.concat_list(message).alias(side)).to_series()
    rows: list[list[dict[str, Any]]] = [
        json.loads(messages) if messages else [{"role": "assistant", "content": text}]
        for text, messages in zip(pairs[side], held, strict=True)
    ]
    return messages_column(side, rows)


def _margin(pairs: pl.DataFrame) -> list[pl.Series]:
    """The margins, when every row has one: TRL cannot do with a null among them."""
    margin = pairs["margin_raw"]
    return [margin.alias("margin")] if margin.len() and not margin.has_nulls() else []


def _labels_lost(pairs: pl.DataFrame) -> dict[str, int]:
    counts = pairs.filter(pl.col("label") != "chosen")["label"].value_counts().sort("label")
    return dict(counts.iter_rows())


def _columns_lost(pairs: pl.DataFrame) -> dict[str, int]:
    """In how many of these rows a column that TRL has no place for says something."""
    lost = {name: pairs[name].count() for name in UNHELD}
    lost["dimension"] = int((pairs["dimension"] != "preference").sum())
    lost["margin"] = pairs["margin_raw"].count() if not _margin(pairs) else 0
    return lost
