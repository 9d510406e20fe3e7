"""How the stages grow with the rows."""

import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench import data
from bench.measure import Cost, command, prefq
from bench.page import section, table
from bench.stages import FIVE, costs

REPLICAS = (10_000, 100_000, 1_000_000)
SIZES = (1_500, 10_000, 30_000, 100_000)
STAGES = (*FIVE, "gate", "report")

READ = """Synthetic data, without vectors: its texts come from templates, so near duplicates are far denser than in
real data, which is hard on `neighbors`. The last columns say what a thousand more rows cost in CPU time between two
sizes: the same in both is linear."""

MEMORY = "Peak memory of each command, in MB; at 1,500 rows it is mostly that of the libraries."


NEAR = """`prefq neighbors` on {texts}, and copies of them with other letters, so that what is near stays as rare as it
is there; answers are compared within a prompt. *Again* is with another `lexical_similarity`: what was compared is kept.
Memory includes files that are mapped: the texts, their normal forms and sketches."""


def per_thousand(sizes: Sequence[int], cpu: Sequence[float]) -> list[float]:
    """CPU milliseconds for a thousand more rows, between each two sizes that follow each other."""
    steps = range(1, len(sizes))
    return [1e6 * (cpu[i] - cpu[i - 1]) / (sizes[i] - sizes[i - 1]) for i in steps]


def answer(quick: bool = False) -> str:
    """The section."""
    sizes = (500, 1_000, 2_000) if quick else SIZES
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(Path(folder) / str(rows), rows) for rows in sizes]
        near = _near(Path(folder) / "near", quick)
    times = [_times(stage, sizes, [run[stage] for run in runs]) for stage in STAGES]
    peaks = [(stage, *(round(run[stage].peak) for run in runs)) for stage in STAGES]
    named = [f"{rows:,}" for rows in sizes]
    steps = [f"CPU ms per 1,000, {small} to {large}" for small, large in list(pairwise(named))[1:]]
    return section(
        "How do time and memory grow with the rows?",
        READ,
        table(("wall s (CPU s)", *named, *steps), times),
        MEMORY,
        table(("peak MB", *named), peaks),
        *near,
    )


def _run(home: Path, rows: int) -> dict[str, Cost]:
    return costs(data.synthetic(home / "raw", rows), home / "work", STAGES)


def _times(stage: str, sizes: Sequence[int], found: list[Cost]) -> tuple[object, ...]:
    shown = [f"{cost.wall:.1f} ({cost.cpu:.1f})" for cost in found]
    return (stage, *shown, *(round(step) for step in per_thousand(sizes, [cost.cpu for cost in found])[1:]))


def _near(home: Path, quick: bool) -> tuple[str, str]:
    """What is told of `neighbors` on ever more replicas of real pairs."""
    source = data.real(home / "raw", quick)
    prefq("ingest", *source.files, "--workdir", home / "work")
    rows = [_replicated(home, rows) for rows in ((1_000, 2_000) if quick else REPLICAS)]
    header = ("pairs", "wall s", "CPU s", "CPU ms per 1,000", "peak MB", "again: wall s", "CPU s", "peak MB")
    return NEAR.format(texts=source.name), table(header, rows)


def _replicated(home: Path, rows: int) -> tuple[object, ...]:
    workdir = home / str(rows)
    command(sys.executable, "-m", "bench.replicas", home / "work/data/pairs.parquet", rows, workdir)
    options = ("neighbors", "--workdir", workdir, "--set", "neighbors.scope=prompt")
    first, again = prefq(*options), prefq(*options, "--set", "neighbors.lexical_similarity=0.7")
    each = round(1e6 * first.cpu / rows)
    return f"{rows:,}", first.wall, first.cpu, each, round(first.peak), again.wall, again.cpu, round(again.peak)
