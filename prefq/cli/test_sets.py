"""Test sets in files: their pairs, their vectors, and what the data has in common with them."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from prefq.cli.console import Console
from prefq.cli.datasets import Dataset
from prefq.cli.reading import in_memory
from prefq.errors import PrefqError
from prefq.store import Workdir
from prefq.vectors import Vectors

VECTORS = "data/vectors"


def read_pairs(dataset: Dataset, called: str, console: Console) -> pl.DataFrame:
    """The pairs of a test set, by `row_id`; says how many records are none."""
    pairs, rejects = in_memory(dataset, console)
    if rejects.height:
        console.say(f"  {called}: {rejects.height:,} records are no pairs")
    return pairs.sort("row_id")


def own_groups(pairs: pl.DataFrame) -> pl.Series:
    """The group of each pair of a test set: the source's own, else its prompt."""
    return pairs.select(pl.coalesce("group_id", "prompt_id").alias("group")).to_series()


def encoded(home: Workdir, pairs: pl.DataFrame, settings: Mapping[str, Any], console: Console) -> Vectors:
    """The vectors of a test set's texts, by the encoder that made those of the data.

    What is in the cache is not encoded again. Raises PrefqError where the settings name another encoder.
    """
    from prefq.embed import distinct_texts, embed
    from prefq.encoders import open_encoder
    from prefq.vector_cache import ChunkCache, load_info

    encoder, info = open_encoder(settings["embed"]["encoder"]), load_info(home.root / VECTORS)
    if encoder.fingerprint != info.fingerprint:
        raise PrefqError(
            f"the vectors in {home.root / VECTORS} are those of {info.name}, embed.encoder is {encoder.name}: "
            f"run `prefq embed` again, or --set embed.encoder to what it was."
        )
    texts = distinct_texts(pairs)
    with console.progress(texts.height, "text", "embed") as advance:
        return embed(texts, encoder, ChunkCache.of(home.root, encoder.fingerprint), advance).vectors


def shared_groups(
    data: pl.DataFrame, groups: pl.Series, pairs: pl.DataFrame, settings: Mapping[str, Any]
) -> frozenset[str]:
    """The prompt groups of the data with a prompt of the test set, or one near it, in them.

    `groups` has the group of each row of `data`. Near is what `prefq decontaminate` calls exact or near.
    """
    from prefq.overlap import FINGERPRINT, find_overlaps, first_question

    asked = {name: settings["decontaminate"][name] for name in ("n", "near", "common")}
    texts = pairs.select(benchmark=pl.lit("test"), benchmark_id=pl.col("prompt_id"), text=first_question())
    texts = texts.drop_nulls("text").unique("text", keep="first", maintain_order=True)
    overlaps = find_overlaps(data, texts, pl.DataFrame(schema=FINGERPRINT), answers=False, **asked)
    same = pl.col("prompt_id").is_in(pairs["prompt_id"].unique().implode())
    close = pl.col("row_id").is_in(overlaps.filter(pl.col("kind") != "ngram")["row_id"].unique().implode())
    return frozenset(data.select("row_id", "prompt_id", group=groups).filter(same | close)["group"].unique().to_list())
