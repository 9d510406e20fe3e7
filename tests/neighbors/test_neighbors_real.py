"""The search on real preference data: nothing wrongly merged there, and what is known to be there found."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from prefq.neighbors import find_neighbors

DATA = Path(__file__).parents[3] / "shared" / "data"
ANNOTATIONS = DATA / "alpaca_eval_annotations.parquet"
HARMLESS = DATA / "hh_rlhf_harmless_test.jsonl.gz"


@pytest.mark.skipif(not ANNOTATIONS.exists(), reason="the real data is not here")
def test_alpaca_eval(make_pairs: Callable[..., pl.DataFrame], settings: dict[str, Any]) -> None:
    raw = pl.read_parquet(ANNOTATIONS).filter(pl.col("preference").is_not_null() & (pl.col("preference") != 1.5))
    some = raw.filter(pl.col("instruction").rank("dense") % 4 == 0)
    first = pl.col("preference") < 1.5
    sides = [pl.when(first).then(a).otherwise(b) for a, b in (("output_1", "output_2"), ("output_2", "output_1"))]
    pairs = make_pairs(some.select("instruction", sides[0].alias("chosen"), sides[1].alias("rejected")).rows())
    found = find_neighbors(pairs, None, settings=settings, seed=7)
    assert found.clusters["prompt_cluster"].n_unique() == pairs["prompt_id"].n_unique(), "the instructions are distinct"
    kinds = dict(found.clusters["contradiction"].value_counts().rows())
    assert kinds.get(None, 0) > 0.985 * pairs.height, kinds
    assert kinds.get("swapped", 0) > 0


@pytest.mark.skipif(not HARMLESS.exists(), reason="the real data is not here")
def test_hh_harmless_has_hardly_a_repeated_prompt(
    make_pairs: Callable[..., pl.DataFrame], settings: dict[str, Any]
) -> None:
    with gzip.open(HARMLESS, "rt", encoding="utf-8") as lines:
        asked = [
            json.loads(line)["chosen"].split("\n\nAssistant:")[0].removeprefix("\n\nHuman:").strip() for line in lines
        ]
    found = find_neighbors(make_pairs([(text, "Yes.", "No.") for text in asked]), None, settings=settings, seed=7)
    distinct = len(set(asked))
    assert 0.97 * distinct < found.clusters["prompt_cluster"].n_unique() < distinct
