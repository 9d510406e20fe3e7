"""A folder as dataset hubs have them: Parquet files by split, and a dataset card."""

from typing import Any

import polars as pl

from prefq.errors import UsageError
from prefq.writers import Hub, Written, writer
from prefq.writers.losses import STANDING, UNHELD, labels_lost, said, without_zeros
from prefq.writers.messages import answers, prompts, tools
from prefq.writers.trl import margins

TOLD = ("dimension", *(name for name in UNHELD if name not in ("split", "dimension", "margin")), *STANDING)


@writer("hf", folder=True)
def write(pairs: pl.DataFrame, *, license: Any = None) -> Written:  # noqa: A002 - the name that hubs have for it
    """A folder for dataset hubs: `data/SPLIT-00000-of-00001.parquet`, and `README.md`, a card with a YAML header.

    `datasets.load_dataset("FOLDER")` reads it. Rows are TRL's conversational ones (`prompt`, `chosen`, `rejected`,
    `tools`, `pair_id`), so ties are left out, with a column for whatever else is known of some row: models, annotator,
    dimension, language, …, `extra` (JSON text), and of curated pairs `weight` and `agreement`, where they are not all
    1. `margin` is there when every row has one; else it is called `margin_raw`, which no trainer takes for complete.
    Rows of no split are `train`. `license=ID` goes into the card.
    """
    if license is not None and not isinstance(license, str):
        raise UsageError(f"The license of hf is {license!r}; it must be a text, such as cc-by-4.0.")
    held = pairs.filter(pl.col("label") == "chosen")
    texts = [prompts(held), answers(held, "chosen"), answers(held, "rejected"), *tools(held)]
    margin = margins(held) or ([held["margin_raw"]] if held["margin_raw"].count() else [])
    frame = pl.DataFrame([*texts, *margin, held["pair_id"], *(held[name] for name in TOLD if said(held, name))])
    return Written(frame, without_zeros(labels_lost(pairs)), hub=Hub(_splits(held), license))


def _splits(pairs: pl.DataFrame) -> pl.Series:
    """The split of each row, in letters, digits and underscores, as hubs want it."""
    name = pl.col("split").fill_null("train").str.replace_all(r"[^A-Za-z0-9_]+", "_")
    return pairs.select(pl.when(name == "").then(pl.lit("train")).otherwise(name).alias("split")).to_series()
