"""Which pair of an earlier version was edited into one of today."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import polars as pl

from prefq.diff import Settings
from prefq.diff.likeness import similarities

IDS = ("prompt_id", "chosen_id", "rejected_id")
COLUMNS = ("pair_id", *IDS, "row_id", "dimension", "prompt", "chosen", "rejected")


def edited_since(pairs: pl.LazyFrame, now: Mapping[str, Any], today: pl.Series) -> Mapping[str, Any] | None:
    """The row of an earlier table that became the row `now`, its COLUMNS, by the rules of `prefq diff`; None for none.

    It shares the prompt, both answers or the name of the row, and is similar in the rest. `today`: the ids of all pairs
    of today, which none of them has become.
    """
    settings = Settings()
    turned = {**now, "chosen_id": now["rejected_id"], "rejected_id": now["chosen_id"]}
    answers = [pl.all_horizontal(pl.col(n) == row[n] for n in IDS[1:]) for row in (now, turned)]
    near = pl.any_horizontal(pl.col("prompt_id") == now["prompt_id"], pl.col("row_id") == now["row_id"], *answers)
    other = pl.col("dimension") == now["dimension"], ~pl.col("pair_id").is_in(today.implode())
    found = pairs.filter(near, *other).select(COLUMNS).collect().unique("pair_id").sort("pair_id").to_dicts()
    alike = [_likeness(row, now, settings) for row in found]
    best = max(alike, default=0.0)
    return found[alike.index(best)] if best else None


def _likeness(row: Mapping[str, Any], now: Mapping[str, Any], settings: Settings) -> float:
    """How similar a row is to another, whichever way round; 0 when a part is not similar enough."""
    prompt = _similarity(_conversation(row), _conversation(now), settings.prompt)
    sides = ("chosen", "rejected")
    ways = [
        [_similarity(row[old], now[new], settings.answer) for old, new in zip(sides, order, strict=True)]
        for order in (sides, sides[::-1])
    ]
    return max((fmean([prompt, *answers]) for answers in ways if prompt and all(answers)), default=0.0)


def _similarity(old: str, new: str, least: float) -> float:
    return 1.0 if old == new else similarities([old], [new], least)[0]


def _conversation(row: Mapping[str, Any]) -> str:
    messages: Sequence[Mapping[str, str]] = row["prompt"]
    return "\n\n".join(f"{message['role']}: {message['content']}" for message in messages)
