"""Plausible tables of every stage, for the report's tests: small texts of our own, flags drawn from a seed."""

import json
import random
from typing import Any

import polars as pl

from prefq import schema
from prefq.report import Tables

SHARES = {
    "near_duplicate": 0.14,
    "chosen_refuses": 0.11,
    "answer_too_short": 0.05,
    "length_ratio": 0.04,
    "likely_mislabelled": 0.034,
    "repetition": 0.012,
    "near_identical_answers": 0.01,
    "pii": 0.008,
    "benchmark_overlap": 0.006,
    "empty_answer": 0.004,
    "role_marker": 0.003,
    "mojibake": 0.0,
    "identical_answers": 0.0,
}
UNDECIDED = ("model_unsure", "off_pattern")
NOUNS = ["bread", "tax", "rent", "bicycle", "garden", "invoice", "river", "poem", "passport", "violin", "kettle"]
ASKS = (
    "How do I fix a {}?",
    "Write a short note about my {}.",
    "What should I know before I buy a {}?",
    "Explain a {} to a child.",
)
GOOD = (
    "Start with the {0}: look at it closely, then write down what you see. Most of the time a {0} only needs patience. "
)
BAD = "I think the {0} is fine. Just leave the {0} alone and see what happens. "
SETTINGS: dict[str, Any] = {
    "seed": 7,
    "flag": {"model_unsure": False},
    "curate": {"policy": {"pii": "drop"}},
    "decontaminate": {"against": [{"path": "bench.jsonl"}]},
    "map": {"color": ["near_duplicate", "chosen_refuses"]},
    "report": {"title": None, "examples": 10},
}


def make_pairs(rows: int, seed: int = 7) -> pl.DataFrame:
    """`rows` pairs over two datasets; several pairs share a prompt."""
    rng = random.Random(seed)
    return pl.DataFrame([_pair(i, rng) for i in range(rows)], schema=schema.PAIRS)


def _pair(i: int, rng: random.Random) -> dict[str, Any]:
    noun, ask = rng.choice(NOUNS), rng.choice(ASKS)
    dataset = "kitchen-table" if rng.random() < 0.7 else "help_desk"
    chosen, rejected = GOOD.format(noun) * rng.randint(1, 9), BAD.format(noun) * rng.randint(1, 7)
    if i % 90 == 3:
        rejected = chosen.replace("closely", "carefully")
    prompt = [{"role": "user", "content": f"{ask.format(noun)} ({i % max(3, 700)})"}]
    if i % 7 == 0:
        prompt = [
            {"role": "user", "content": "Hello!"},
            {"role": "assistant", "content": "Hello, what is it?"},
            *prompt,
        ]
    return {
        "row_id": f"{dataset}:{i}",
        "dataset": dataset,
        "record": i,
        "k": 0,
        "pair_id": f"{i % max(1, int(1e9)):032x}",
        "prompt_id": f"{i % max(3, 70000):032x}",
        "chosen_id": f"c{i}",
        "rejected_id": f"r{i}",
        "prompt": prompt,
        "chosen": chosen.strip(),
        "rejected": rejected.strip(),
        "label": "tie" if i % 97 == 5 else "chosen",
        "dimension": "preference",
        "category": rng.choice(["how-to", "writing", "advice"]),
        "language": "en",
    }


def make_tables(rows: int = 300, seed: int = 7, *, passed: bool = False) -> Tables:
    """Tables of a dataset on which every stage has run."""
    rng, pairs = random.Random(seed + 1), make_pairs(rows, seed)
    ids = pairs["row_id"].to_list()
    flags = pl.DataFrame(
        {"row_id": ids}
        | {c: [rng.random() < p * (1.6 if i.startswith("help") else 0.8) for i in ids] for c, p in SHARES.items()}
        | {c: pl.Series([None] * rows, dtype=pl.Boolean) for c in UNDECIDED}
    )
    ledger = make_ledger(pairs, flags)
    return Tables(
        pairs=pairs,
        rejects=make_rejects(rows),
        sources=make_sources(pairs, 5),
        neighbors=make_neighbors(),
        clusters=make_clusters(pairs),
        overlaps=make_overlaps(flags),
        scores=make_scores(pairs, rng),
        shortcuts={"noise_rate": 0.087},
        flags=flags,
        evidence=make_evidence(flags, pairs),
        curated=pairs.join(ledger.filter(decision="keep").select("row_id", new="split"), on="row_id").with_columns(
            split="new"
        ),
        ledger=ledger,
        gate=make_gate(passed),
        map=make_map(pairs, rng),
    )


def make_rejects(rows: int) -> pl.DataFrame:
    """Five records that gave no judgement."""
    reasons = ["context_mismatch"] * 3 + ["missing_field", "broken_json"]
    table = [
        {"dataset": "kitchen-table", "record": rows + k, "k": 0, "reason": r, "detail": "found in line 7", "raw": "{}"}
        for k, r in enumerate(reasons)
    ]
    return pl.DataFrame(table, schema=schema.REJECTS)


def make_sources(pairs: pl.DataFrame, rejected: int) -> list[dict[str, Any]]:
    """Two source files whose records add up."""
    first = int((pairs["dataset"] == "kitchen-table").sum()) + rejected
    return [
        {"path": "data/raw/kitchen-table.jsonl.gz", "name": "kitchen-table", "format": "hh-rlhf", "revision": None}
        | {"sha256": "53aa51172d142c89d9012cce15ae4d6c" * 2, "records": first, "bytes": 742_801},
        {"path": "data/raw/help_desk.parquet", "name": "help_desk", "format": "trl", "revision": "v1.2"}
        | {
            "sha256": "73b0b13429885f7a6f5a70706be6882f" * 2,
            "records": pairs.height + rejected - first,
            "bytes": 91_220,
        },
    ]


def make_ledger(pairs: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """Drop what is empty or overlaps, merge near duplicates, review likely wrong labels, keep the rest."""
    decision = (
        pl.when(pl.col("empty_answer") | pl.col("benchmark_overlap"))
        .then(pl.lit("drop"))
        .when("likely_mislabelled")
        .then(pl.lit("review"))
        .when("near_duplicate")
        .then(pl.lit("merge"))
        .otherwise(pl.lit("keep"))
    )
    split = pl.when(pl.int_range(pl.len()) % 10 == 0).then(pl.lit("test")).otherwise(pl.lit("train"))
    return (
        pairs.select("row_id", "pair_id")
        .join(flags, on="row_id", maintain_order="left")
        .select(
            "row_id",
            "pair_id",
            decision=decision,
            reasons=pl.lit([], pl.List(pl.String)),
            split=split,
            evidence=pl.lit(None, pl.String),
        )
    )


def make_clusters(pairs: pl.DataFrame) -> pl.DataFrame:
    """Every prompt is a cluster; the first pairs contradict each other."""
    n = pl.int_range(pl.len())
    kind = pl.when(n < 6).then(pl.lit("swapped")).when(n < 9).then(pl.lit("cycle"))
    return pairs.select(
        "row_id",
        prompt_cluster="prompt_id",
        prompt_group="prompt_id",
        chosen_cluster="chosen_id",
        rejected_cluster="rejected_id",
        pair_cluster="pair_id",
        contradiction=kind,
        contradiction_id=pl.when(n < 9).then((n // 3).cast(pl.String)),
    )


def make_neighbors() -> pl.DataFrame:
    """A few edges of two kinds."""
    kinds = ["lexical", "lexical", "normalized", "semantic"]
    rows = [("prompt", f"a{k}", f"b{k}", kind, 0.93, None) for k, kind in enumerate(kinds)]
    return pl.DataFrame(rows, schema=schema.NEIGHBORS, orient="row")


def make_overlaps(flags: pl.DataFrame) -> pl.DataFrame:
    """One overlap for every row flagged so."""
    ids = flags.filter("benchmark_overlap")["row_id"].to_list()
    text = "what should i know before i buy a kettle from the shop around the corner"
    rows = [
        (i, "our-bench", f"q{k}", ("exact", "ngram")[k % 2], 1.0 if k % 2 == 0 else 0.62, text)
        for k, i in enumerate(ids)
    ]
    return pl.DataFrame(rows, schema=schema.OVERLAPS, orient="row")


def make_scores(pairs: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    """A judge that agrees with about four labels in five; `p_correct` is not decided."""
    p = [min(0.999, max(0.001, rng.betavariate(3.2, 1.4))) for _ in range(pairs.height)]
    none = [None] * pairs.height
    columns = dict.fromkeys(schema.SCORES.names(), none) | {"row_id": pairs["row_id"], "p_chosen": p}
    return pl.DataFrame(columns | {"suspicion": [1 - v for v in p]}, schema=schema.SCORES)


def make_evidence(flags: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Evidence as the checks write it: a JSON object per flagged row."""
    texts = dict(pairs.select("row_id", "chosen").iter_rows())
    rows = []
    for check in SHARES:
        for row_id in flags.filter(pl.col(check))["row_id"]:
            rows.append((row_id, check, json.dumps({"side": "chosen", "match": " ".join(texts[row_id].split()[2:6])})))
    return pl.DataFrame(rows, schema=schema.EVIDENCE, orient="row")


def make_gate(passed: bool) -> dict[str, Any]:
    """A verdict with a rule of each state."""
    rules = [
        ("raw", "empty_answer", "<= 2%", 0.004, True, "0.4 % of the answers are empty, at most 2 % may be."),
        ("curated", "label_noise", "<= 20%", None, None, "The label noise could not be estimated on so few pairs."),
        ("curated", "split_leak", "== 0", 0, True, "No prompt group stands in two splits."),
        ("curated", "benchmark_overlap", "== 0", 2, passed, "2 pairs share a prompt with a benchmark; none may."),
    ]
    keys = ("suite", "name", "rule", "value", "passed", "sentence")
    return {"format": 1, "passed": passed, "rules": [dict(zip(keys, r, strict=True)) for r in rules]}


def make_map(pairs: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    """Prompts in a handful of clouds."""
    centres = [(rng.uniform(0, 12), rng.uniform(0, 9)) for _ in range(14)]
    counts = pairs.group_by("prompt_id").len(name="rows").sort("prompt_id")
    at = [centres[rng.randrange(14)] for _ in range(counts.height)]
    x = [cx + rng.gauss(0, 0.5) for cx, _ in at]
    y = [cy + rng.gauss(0, 0.4) for _, cy in at]
    return counts.select("prompt_id", x=pl.Series(x), y=pl.Series(y), rows="rows").cast(schema.MAP)
