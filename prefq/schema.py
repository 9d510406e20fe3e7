"""The tables that stages hand to each other: their columns, types and places. The contract of the pipeline."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

SCHEMA_VERSION = 2

MESSAGES = pl.List(pl.Struct({"role": pl.String(), "content": pl.String()}))

PAIRS = pl.Schema(
    {
        "row_id": pl.String(),
        "dataset": pl.String(),
        "record": pl.Int64(),
        "k": pl.Int32(),
        "subset": pl.String(),
        "pair_id": pl.String(),
        "prompt_id": pl.String(),
        "chosen_id": pl.String(),
        "rejected_id": pl.String(),
        "prompt": MESSAGES,
        "prompt_extra": pl.String(),
        "chosen": pl.String(),
        "rejected": pl.String(),
        "chosen_messages": pl.String(),
        "rejected_messages": pl.String(),
        "label": pl.String(),
        "dimension": pl.String(),
        "chosen_position": pl.Int8(),
        "margin_raw": pl.Float64(),
        "margin": pl.Float32(),
        "annotator": pl.String(),
        "chosen_model": pl.String(),
        "rejected_model": pl.String(),
        "language": pl.String(),
        "category": pl.String(),
        "group_id": pl.String(),
        "split": pl.String(),
        "extra": pl.String(),
    }
)

REJECTS = pl.Schema(
    {
        "dataset": pl.String(),
        "record": pl.Int64(),
        "k": pl.Int32(),
        "reason": pl.String(),
        "detail": pl.String(),
        "raw": pl.String(),
    }
)

NEIGHBORS = pl.Schema(
    {
        "level": pl.String(),
        "left_id": pl.String(),
        "right_id": pl.String(),
        "kind": pl.String(),
        "similarity": pl.Float32(),
        "reason": pl.String(),
    }
)

CLUSTERS = pl.Schema(
    {
        "row_id": pl.String(),
        "prompt_cluster": pl.String(),
        "prompt_group": pl.String(),
        "chosen_cluster": pl.String(),
        "rejected_cluster": pl.String(),
        "pair_cluster": pl.String(),
        "contradiction": pl.String(),
        "contradiction_id": pl.String(),
        "contradiction_side": pl.String(),
        "contradiction_for": pl.Float32(),
        "contradiction_against": pl.Float32(),
    }
)

OVERLAPS = pl.Schema(
    {
        "row_id": pl.String(),
        "benchmark": pl.String(),
        "benchmark_id": pl.String(),
        "kind": pl.String(),
        "coverage": pl.Float32(),
        "evidence": pl.String(),
    }
)

# The columns every scores table has; the surface features stand after them, as `chosen_NAME` and `rejected_NAME`.
SCORES = pl.Schema(
    {
        "row_id": pl.String(),
        "reward_chosen": pl.Float32(),
        "reward_rejected": pl.Float32(),
        "reward_margin": pl.Float32(),
        "reward_std": pl.Float32(),
        "p_chosen": pl.Float32(),
        "p_correct": pl.Float32(),
        "p_surface": pl.Float32(),
        "suspicion": pl.Float32(),
        "ambiguity": pl.Float32(),
        "fold": pl.Int32(),
    }
)

EVIDENCE = pl.Schema({"row_id": pl.String(), "check": pl.String(), "evidence": pl.String()})

LEDGER = pl.Schema(
    {
        "row_id": pl.String(),
        "pair_id": pl.String(),
        "decision": pl.String(),
        "reasons": pl.List(pl.String()),
        "split": pl.String(),
        "evidence": pl.String(),
    }
)

CURATED = pl.Schema(
    {**PAIRS, "status": pl.String(), "weight": pl.Float32(), "agreement": pl.Float32(), "votes": pl.Int32()}
)

MAP = pl.Schema({"prompt_id": pl.String(), "x": pl.Float32(), "y": pl.Float32(), "rows": pl.Int32()})

LABELS = ("chosen", "tie", "both_bad")
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline: its name, the paths it reads (if they are there, in any case) and those it writes."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    uncached: tuple[str, ...] = ()
    """Paths among `writes` that DVC tracks without keeping a copy (small, in Git)."""


_CURATED = tuple(f"data/curated/{split}.parquet" for split in SPLITS)

STAGES = (
    Stage("ingest", (), ("data/pairs.parquet", "data/rejects.parquet", "data/sources.json")),
    Stage("embed", ("data/pairs.parquet",), ("data/vectors",)),
    Stage("neighbors", ("data/pairs.parquet", "data/vectors"), ("data/neighbors.parquet", "data/clusters.parquet")),
    Stage("decontaminate", ("data/pairs.parquet", "data/vectors"), ("data/overlaps.parquet",)),
    Stage(
        "score",
        ("data/pairs.parquet", "data/vectors", "data/clusters.parquet"),
        ("data/scores.parquet", "data/shortcuts.json"),
    ),
    Stage(
        "flag",
        (
            "data/pairs.parquet",
            "data/clusters.parquet",
            "data/neighbors.parquet",
            "data/overlaps.parquet",
            "data/scores.parquet",
        ),
        ("data/flags.parquet", "data/evidence.parquet"),
    ),
    Stage(
        "curate",
        ("data/pairs.parquet", "data/flags.parquet", "data/clusters.parquet", "data/scores.parquet", "data/labels"),
        ("data/curated", "data/ledger.parquet"),
    ),
    Stage(
        "gate",
        (
            "data/pairs.parquet",
            "data/rejects.parquet",
            "data/clusters.parquet",
            "data/shortcuts.json",
            "data/flags.parquet",
            "data/curated",
            "data/ledger.parquet",
        ),
        ("reports/gate.json",),
        ("reports/gate.json",),
    ),
    Stage("map", ("data/pairs.parquet", "data/vectors", "data/flags.parquet"), ("data/map.parquet",)),
    Stage(
        "report",
        (
            *(
                "data/pairs.parquet",
                "data/rejects.parquet",
                "data/sources.json",
                "data/neighbors.parquet",
            ),
            *("data/clusters.parquet", "data/overlaps.parquet", "data/scores.parquet", "data/shortcuts.json"),
            *("data/flags.parquet", "data/evidence.parquet", "data/curated", "data/ledger.parquet"),
            *("reports/gate.json", "data/map.parquet"),
        ),
        ("reports/audit.html", "reports/audit.json", "reports/plots"),
        ("reports/audit.json",),
    ),
    Stage(
        "release", ("data/curated", "data/ledger.parquet", "reports/gate.json", "reports/audit.json"), ("data/release",)
    ),
)


def stage(name: str) -> Stage:
    """The stage of that name."""
    return next(s for s in STAGES if s.name == name)


def later_stages(name: str) -> Iterator[Stage]:
    """The stages that read, directly or through others, what this stage writes."""
    stale = set(stage(name).writes)
    for later in STAGES:
        if stale & set(later.reads):
            stale |= set(later.writes)
            yield later


def maker(path: str) -> str:
    """The name of the stage that writes this path, or the folder it is in."""
    return next(s.name for s in STAGES if any(path == name or path.startswith(f"{name}/") for name in s.writes))
