"""What is measured on: real preference data where it is there, else synthetic data."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.measure import prefq

SHARED = Path(__file__).parents[2] / "shared/data"
ALPACA = SHARED / "alpaca_eval_annotations.parquet"
HH = SHARED / "hh_rlhf_harmless_test.jsonl.gz"
SEED = 7


@dataclass(frozen=True)
class Source:
    """Files for `prefq ingest` and prompts of others to compare them with."""

    name: str
    files: tuple[Path, ...]
    benchmark: Path


def synthetic(folder: Path, rows: int) -> Source:
    """So many records of prefq's own making in a new folder."""
    prefq("synth", folder, "--rows", rows, "--seed", SEED)
    files = (folder / "helpful.jsonl", folder / "assistant.jsonl")
    return Source(f"synthetic data, {rows:,} records", files, folder / "benchmark.jsonl")


def real(folder: Path, quick: bool = False) -> Source:
    """The AlpacaEval annotations, with 2,000 prompts of HH-RLHF as the benchmark; else synthetic data."""
    if quick or not (ALPACA.exists() and HH.exists()):
        return synthetic(folder, 500 if quick else 30_000)
    folder.mkdir(parents=True)
    prefq("ingest", HH, "--workdir", folder / "hh")
    prompt = pl.col("prompt").list.first().struct.field("content")
    prompts = pairs(folder / "hh").select(prompt=prompt).unique(maintain_order=True).head(2000)
    prompts.write_ndjson(folder / "benchmark.jsonl")
    return Source("AlpacaEval annotations, 32,198 records", (ALPACA,), folder / "benchmark.jsonl")


def pairs(workdir: Path) -> pl.DataFrame:
    """The pairs of a working directory."""
    return pl.read_parquet(workdir / "data/pairs.parquet")


def answers(workdir: Path, count: int, shortest: int = 200) -> list[str]:
    """Up to so many distinct answers of at least `shortest` characters, in a seeded order."""
    frame = pairs(workdir)
    texts = pl.concat([frame["chosen"], frame["rejected"].alias("chosen")]).unique().sort()
    texts = texts.filter(texts.str.len_chars() >= shortest)
    return texts.sample(min(count, len(texts)), seed=SEED, shuffle=True).to_list()


def other_form(text: str, draw: random.Random) -> str:
    """The same words in other case, with other marks and spaces."""
    words = [f"**{word}**" if draw.random() < 0.1 else word for word in text.upper().split()]
    return "  ".join(words).replace(",  ", "  -  ")


def write_jsonl(frame: pl.DataFrame, path: Path) -> None:
    """A frame as JSON lines, every character as itself."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in frame.iter_rows(named=True))
