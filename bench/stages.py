"""Stages as commands on real data."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench import data
from bench.measure import Cost, prefq
from bench.page import section, table
from prefq import schema

FIVE = ("ingest", "neighbors", "decontaminate", "flag", "curate")
ALL = tuple(stage.name for stage in schema.STAGES)
AIM = 2000

READ = """Each stage is a command of its own, start-up and files included, in a fresh directory, in the pipeline's
order, with the static encoder (MiniLM's own speed is a question further down). The aim is {aim:,} pairs a second
over the five stages at the head of the table; the others are beside them. *neighbors, first time* is on 500 records
where prefq never ran: its loops are compiled once and then read from a cache, as in every other row. *start* is
`prefq --version`."""


def costs(source: data.Source, workdir: Path, stages: Sequence[str]) -> dict[str, Cost]:
    """What each stage costs, run in this order."""
    settings = (f"decontaminate.against=[{source.benchmark}]", "embed.encoder=static")
    options = ("--workdir", workdir, *(word for setting in settings for word in ("--set", setting)))
    files = {"ingest": source.files}
    return {stage: prefq(stage, *files.get(stage, ()), *options) for stage in stages}


def compile_cost(home: Path) -> Cost:
    """What `neighbors` costs on 500 records with nothing compiled or kept; what the stages need is compiled before."""
    source = data.synthetic(home / "tiny", 500)
    costs(source, home / "tiny-work", ALL)
    empty = {"NUMBA_CACHE_DIR": str(home / "numba"), "PREFQ_CACHE": str(home / "kept")}
    return prefq("neighbors", "--workdir", home / "tiny-work", environment=empty)


def answer(quick: bool = False) -> str:
    """The section."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first = compile_cost(home)
        source = data.real(home / "raw", quick)
        found = costs(source, home / "work", ALL)
        rows = pl.scan_parquet(home / "work/data/pairs.parquet").select(pl.len()).collect().item()
    five = sum((found[stage] for stage in FIVE), Cost(0, 0))
    lines = [_line(stage, found[stage], rows) for stage in FIVE]
    lines.append(_line(f"**these five** (aim: {AIM:,} pairs/s)", five, rows))
    lines += [_line(stage, cost, rows) for stage, cost in found.items() if stage not in FIVE]
    lines += [_line("neighbors, first time", first, None), _line("start", prefq("--version"), None)]
    header = ("stage", "wall s", "CPU s", "pairs/s (wall)", "pairs per CPU s", "peak MB")
    question = "How many pairs a second do the stages handle on real data?"
    return section(question, f"{source.name}: {rows:,} pairs.", READ.format(aim=AIM), table(header, lines))


def _line(name: str, cost: Cost, rows: int | None) -> tuple[object, ...]:
    speeds = (None, None) if rows is None else (round(rows / cost.wall), round(rows / cost.cpu))
    return (name, cost.wall, cost.cpu, *speeds, round(cost.peak))
