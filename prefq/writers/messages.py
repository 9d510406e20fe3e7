"""Messages as a column: one type for all rows, though tool calls differ from row to row."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars.datatypes import DataTypeClass

from prefq.ids import compact_json
from prefq.schema import MESSAGES

# Objects of free form have no type a table could give them; the OpenAI API has arguments as text as well.
AS_TEXT = "arguments"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A whole prompt: its messages with all their fields, and the tool definitions as JSON text."""

    messages: list[dict[str, Any]]
    tools: str | None


def prompt_messages(prompts: Iterable[list[dict[str, str]]], extras: Iterable[str | None]) -> list[Prompt]:
    """The prompts with what of them is not text put back where it was."""
    return [
        _prompt(messages, json.loads(extra) if extra else {}) for messages, extra in zip(prompts, extras, strict=True)
    ]


def _prompt(messages: list[dict[str, str]], extra: dict[str, Any]) -> Prompt:
    parts = extra.get("parts") or [None] * len(messages)
    whole = [{**message, **(part or {})} for message, part in zip(messages, parts, strict=True)]
    return Prompt(whole, compact_json(extra["tools"]) if extra.get("tools") else None)


def messages_column(name: str, rows: Sequence[list[dict[str, Any]]]) -> pl.Series:
    """A column of lists of messages with every field that one of them has; a call's arguments are JSON text."""
    plain = [_spelled(row) for row in rows]
    dtype = _dtype(plain) if plain else MESSAGES
    return pl.Series(name, [_fitted(row, dtype) for row in plain], dtype)


def _spelled(value: Any, key: str = "") -> Any:
    """The value with arguments of tool calls as JSON text."""
    if key == AS_TEXT and not isinstance(value, str):
        return compact_json(value)
    if isinstance(value, dict):
        return {k: _spelled(v, k) for k, v in value.items()}
    return [_spelled(v) for v in value] if isinstance(value, list) else value


def _fitted(value: Any, dtype: pl.DataType) -> Any:
    """The value as its column's type has it: where rows disagree on a field's type, JSON text."""
    if value is None:
        return None
    if isinstance(dtype, pl.Struct):
        return {field.name: _fitted(value.get(field.name), _instance(field.dtype)) for field in dtype.fields}
    if isinstance(dtype, pl.List):
        return [_fitted(item, _instance(dtype.inner)) for item in value]
    return compact_json(value) if dtype == pl.String and not isinstance(value, str) else value


def _instance(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()


def _dtype(values: Iterable[Any]) -> pl.DataType:
    """The narrowest type that holds all of these; text where they are of different kinds."""
    there = [value for value in values if value is not None]
    kinds = {type(value) for value in there}
    names = list(dict.fromkeys(name for value in there for name in value)) if kinds == {dict} else []
    if names:
        return pl.Struct({name: _dtype(value.get(name) for value in there) for name in names})
    if kinds == {list}:
        return pl.List(_dtype(item for value in there for item in value))
    scalars: dict[frozenset[type], pl.DataType] = {
        frozenset({bool}): pl.Boolean(),
        frozenset({int}): pl.Int64(),
        frozenset({float}): pl.Float64(),
        frozenset({int, float}): pl.Float64(),
    }
    return scalars.get(frozenset(kinds), pl.String())
