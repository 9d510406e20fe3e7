"""The cosine from which prompts ask the same, beside what a reader said of real prompts (see the README here)."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from prefq.cli.main import cli

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared/data"
FILES = ("hh_rlhf_harmless_test.jsonl.gz", "alpaca_eval_annotations.parquet", "llamafactory_dpo_en_demo.json")
LEAST = 0.72
"""Pairs were drawn from this cosine on."""


def _prompts(workdir: Path, wanted: set[str]) -> list[list[dict[str, str]]]:
    cli.main(["-q", "ingest", *(str(DATA / name) for name in FILES), "--workdir", str(workdir)], standalone_mode=False)
    pairs = pl.scan_parquet(workdir / "data/pairs.parquet").select("prompt_id", "prompt")
    found = pairs.filter(pl.col("prompt_id").is_in(list(wanted))).unique("prompt_id").sort("prompt_id").collect()
    assert found.height == len(wanted)
    return found["prompt"].to_list()


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Pairs of prompts, what a reader says (`same`), and the cosine where they are linked by their vectors."""
    if not all((DATA / name).exists() for name in FILES):
        pytest.skip("the real data is not here")
    with (HERE / "semantic_prompts.csv").open(newline="") as lines:
        verdicts = list(csv.DictReader(lines))
    wanted = {line[side] for line in verdicts for side in ("left_id", "right_id")}
    workdir = tmp_path_factory.mktemp("semantic")
    source = workdir / "judged.jsonl"
    rows = ({"prompt": one, "chosen": "Yes.", "rejected": "No."} for one in _prompts(workdir / "all", wanted))
    answers = ("chosen", "rejected")
    rows = (row | {side: [{"role": "assistant", "content": row[side]}] for side in answers} for row in rows)
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for step in (
        ["ingest", str(source)],
        ["embed", "--set", "embed.encoder=minilm"],
        ["neighbors", "--set", f"neighbors.semantic_similarity={LEAST}"],
    ):
        cli.main(["-q", *step, "--workdir", str(workdir)], standalone_mode=False)
    edges = pl.read_parquet(workdir / "data/neighbors.parquet").filter(level="prompt", kind="semantic")
    said = pl.DataFrame(verdicts).select("left_id", "right_id", same=pl.col("verdict") == "yes")
    return said.join(edges.select("left_id", "right_id", "similarity"), on=["left_id", "right_id"], how="left")


def _precision(judged: pl.DataFrame, threshold: float) -> tuple[int, int]:
    linked = judged.filter(pl.col("similarity") >= threshold)
    return linked["same"].sum(), linked.height


def test_the_default_links_only_what_a_reader_calls_one_question(judged: pl.DataFrame) -> None:
    right, linked = _precision(judged, 0.9)
    assert (right, linked) == (2, 2)


def test_a_lower_threshold_would_link_other_questions(judged: pl.DataFrame) -> None:
    right, linked = _precision(judged, 0.8)
    assert linked >= 6 and right / linked <= 0.6
    right, linked = _precision(judged, LEAST)
    assert linked >= 20 and right / linked <= 0.4
