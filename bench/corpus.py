"""Real texts that are unlike each other, with variants and traps planted among them: what searches are held against."""

import gzip
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from bench import data
from bench.measure import prefq
from bench.planted import Truth, planted
from prefq.neighbors.lexical import candidates, overlap, sketches
from prefq.neighbors.normalize import normalized

LEVELS = ("answers", "prompts")
APART, INSIDE = 0.35, 0.6
"""Originals share less than this of their shingles, and less than this of the smaller one's."""
QUICK, QUICK_EACH, EACH = 400, 5, 100
"""Answers in a quick run; variants of a kind in a quick run and else."""


def truths(rows: int, quick: bool) -> dict[str, Truth]:
    """Answers (up to so many originals) and prompts (all there are), each with variants and traps."""
    answers, prompts = real_texts(QUICK if quick else rows, quick)
    each = QUICK_EACH if quick else EACH
    return {"answers": planted(distinct(answers), each), "prompts": planted(distinct(prompts), each)}


def real_texts(rows: int, quick: bool, shortest: int = 200) -> tuple[list[str], list[str]]:
    """Answers and prompts of AlpacaEval, HH-RLHF's prompts beside them; else synthetic ones."""
    with tempfile.TemporaryDirectory() as folder:
        source = data.real(Path(folder) / "raw", quick)
        prefq("ingest", *source.files, "--workdir", Path(folder) / "work")
        content = pl.col("prompt").list.first().struct.field("content")
        prompts = data.pairs(Path(folder) / "work").select(content).to_series().unique().sort().to_list()
        answers = data.answers(Path(folder) / "work", rows, shortest)
    return answers, prompts if quick or not data.HH.exists() else prompts + _harmless()


def _harmless() -> list[str]:
    with gzip.open(data.HH, "rt", encoding="utf-8") as lines:
        asked = (json.loads(line)["chosen"].split("\n\nAssistant:")[0] for line in lines)
        return sorted({text.removeprefix("\n\nHuman:").strip() for text in asked})


def distinct(texts: Sequence[str]) -> list[str]:
    """Those that are not like one before them."""
    kept = [text for text in texts if len(text) >= 12]
    forms = normalized(pl.Series(kept))
    count = np.arange(len(kept))
    pairs = candidates(sketches(forms, 3), count, np.zeros(len(kept), np.int64), rows=3)
    shared = overlap(forms, pairs, 3)
    close = set(pairs.right[(shared.similarity >= APART) | (shared.contained >= INSIDE)].tolist())
    return [text for place, text in enumerate(kept) if place not in close]


def warm(texts: Sequence[str]) -> list[str]:
    """Few texts, near ones among them: a search of these loads all that a search loads once."""
    few = texts[:300]
    return [*few, *(f"{text} Twice, not 2 times." for text in few)]
