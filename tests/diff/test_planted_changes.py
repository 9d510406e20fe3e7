"""Changes of every class planted into real data: what was planted is what is counted, pair by pair."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq import ids
from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.reading import in_memory
from prefq.diff import CLASSES, compare

SHARED = Path(__file__).parents[3] / "shared/data"
FILES = ("hh_rlhf_harmless_test.jsonl.gz", "alpaca_eval_annotations.parquet")
PLANTED = [name for name in CLASSES if name not in ("added", "unchanged")]
EACH = 60


def reworded(text: str, draw: np.random.Generator) -> str:
    """The text with a word put in, and the last two left out of a long one."""
    words = text.split(" ")
    words.insert(int(draw.integers(0, len(words))), "well,")
    return " ".join(words[:-2] if len(words) > 12 else words)


def planted(row: dict[str, Any], change: str, draw: np.random.Generator) -> dict[str, Any]:
    """The row after the change; `tie_to_label` begins with a tie, which `before` makes."""
    if change == "flipped":
        names = ("chosen", "chosen_model"), ("rejected", "rejected_model")
        sides = {a: row[b] for a, b in zip(names[0] + names[1], names[1] + names[0], strict=True)}
        return row | sides
    last = row["prompt"][-1]
    told: dict[str, dict[str, Any]] = {
        "label_to_tie": {"label": "tie"},
        "tie_to_label": {},
        "edited": {"chosen": reworded(row["chosen"], draw)},
        "prompt_edited": {"prompt": [*row["prompt"][:-1], {**last, "content": f"Please: {last['content']}"}]},
        "margin_changed": {"margin": 0.125 if row["margin"] != 0.125 else 0.5},
        "moved_split": {"split": "test"},
        "status_changed": {"status": "gold"},
        "metadata_changed": {"category": "planted"},
    }
    return row | told.get(change, {})


def with_ids(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=schema)
    prompts = pl.Series("prompt_id", [ids.prompt_json(prompt) for prompt in frame["prompt"].to_list()])
    frame = frame.with_columns(prompts).with_columns(
        prompt_id=ids.text_id(pl.col("prompt_id")),
        chosen_id=ids.text_id(pl.col("chosen")),
        rejected_id=ids.text_id(pl.col("rejected")),
    )
    return frame.with_columns(pair_id=ids.pair_id(*(pl.col(n) for n in ("prompt_id", "chosen_id", "rejected_id"))))


@pytest.mark.parametrize("name", FILES)
def test_what_was_planted_is_what_is_counted(name: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip("the real data is not here")
    pairs, _ = in_memory(only_dataset(str(SHARED / name), None, {}), Console(-1))
    plain = (pl.col("label") == "chosen") & (pl.col("chosen_id") != pl.col("rejected_id"))
    rows = pairs.filter(plain, pl.col("chosen").str.len_chars() >= 60).with_columns(
        split=pl.lit("train"), status=pl.lit("raw")
    )
    draw = np.random.default_rng(7)
    some = rows.gather(draw.permutation(rows.height)[: EACH * (len(PLANTED) + 1) + 900].tolist()).to_dicts()
    plan = [change for change in PLANTED for _ in range(EACH)]
    changed = [{**row, "change": change} for row, change in zip(some, plan, strict=False)]
    added, rest = some[len(plan) : len(plan) + EACH], some[len(plan) + EACH :]
    before = [row | ({"label": "tie"} if row["change"] == "tie_to_label" else {}) for row in changed]
    after = [planted(row, row["change"], draw) for row in changed if row["change"] != "removed"]
    old = with_ids([{k: v for k, v in row.items() if k != "change"} for row in (*before, *rest)], rows.schema)
    new = with_ids([{k: v for k, v in row.items() if k != "change"} for row in (*after, *added, *rest)], rows.schema)
    diff = compare(old, new.sample(fraction=1, shuffle=True, seed=7))
    assert diff.counts == {**dict.fromkeys(CLASSES, EACH), "unchanged": len(rest)}
    told = dict(diff.changes.select(pl.coalesce("row_id_old", "row_id_new"), "change").iter_rows())
    assert told == {row["row_id"]: row["change"] for row in changed} | {row["row_id"]: "added" for row in added}
