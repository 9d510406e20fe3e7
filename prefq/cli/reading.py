"""From source files to tables: what `ingest`, `convert` and `decontaminate` share."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from prefq import schema
from prefq.ahead import ahead
from prefq.blocks import Block, Listed, Tabled
from prefq.cli.console import Console
from prefq.cli.datasets import Dataset, datasets
from prefq.errors import SourceError
from prefq.formats import FORMATS, Unreadable
from prefq.ingest import Batch, detected, tables
from prefq.sampling import Sample
from prefq.sources import open_source
from prefq.sources.found import STDIN
from prefq.sources.places import is_remote
from prefq.store import Outputs


def read_dataset(dataset: Dataset, console: Console, told: list[dict[str, Any]]) -> Iterator[Batch]:
    """The batches of one dataset; records are numbered on through its files. Adds an entry per file to `told`."""
    start = 0
    for note in dataset.missing_shards():
        console.say(f"  {note}")
    for file in dataset.files:
        source = open_source(file.found)
        blocks = ahead(_with(file.partition, source.blocks(start)))
        if file.format_name:
            fmt = FORMATS[file.format_name]
        else:
            fmt, blocks = detected(blocks, source.name)
        first = start
        with console.progress(source.size or 0, "B", f"read {Path(source.name).name}") as advance:
            seen = 0
            for batch in tables(dataset.name, fmt, blocks, file.options):
                start += batch.records
                yield batch
                advance(source.position - seen)
                seen = source.position
        # Where several rows are one record, or none, these numbers are told too.
        more = {"rows": source.count} if source.count != start - first else {}
        more |= {"swallowed_lines": source.swallowed} if source.swallowed else {}
        told.append({"dataset": dataset.name, **source.summary(fmt.name), "records": start - first, **more})


def _with(partition: Mapping[str, str], blocks: Iterator[Block]) -> Iterator[Block]:
    """The records with the values that the names of their folders tell; what a record tells itself stands."""
    return (_told_by(partition, block) for block in blocks) if partition else blocks


def _told_by(partition: Mapping[str, str], block: Block) -> Block:
    if isinstance(block, Tabled):
        new = [pl.lit(value).alias(name) for name, value in partition.items() if name not in block.frame.columns]
        return replace(block, frame=block.frame.with_columns(new))
    records = [r if isinstance(r, Unreadable) else {**partition, **r} for r in block.records()]
    return Listed(block.numbers, records)


def read_sources(
    root: Path, entries: Sequence[Mapping[str, Any]], out: Outputs, console: Console, sample: int | None = None
) -> str:
    """Read every source, or `sample` records of all of them, into the tables of `ingest`.

    Raises SourceError when a dataset, or the sample, yields no pair at all.
    """
    told: list[dict[str, Any]] = []
    drawn = Sample(sample) if sample else None
    with (
        _without_collector(),
        out.stream("data/pairs.parquet", schema.PAIRS) as pairs,
        out.stream("data/rejects.parquet", schema.REJECTS) as rejects,
    ):
        every = (batch for dataset in datasets(root, entries) for batch in _of_use(dataset, console, told))
        total = Counter[str]()
        for batch in _sampled(drawn, every) if drawn else every:
            pairs.add(batch.pairs)
            rejects.add(batch.rejects)
            total.update(pairs=batch.pairs.height, rejects=batch.rejects.height)
    if drawn and not total["pairs"]:
        raise SourceError(f"a sample of so few records ({drawn.records:,}) yields not one usable pair: ask for more.")
    for entry in told:
        entry["path"] = _relative(entry["path"], root)
    read = sum(entry["records"] for entry in told)
    partly = {"sampled": drawn.records} if drawn and drawn.records < read else {}
    out.json("data/sources.json", {"format": 1, "sources": told, **partly})
    records = f"a sample of {partly['sampled']:,} of {read:,} records" if partly else f"{read:,} records"
    return f"{records} → {total['pairs']:,} pairs, {total['rejects']:,} rejects{_swallowed(told)}"


def _of_use(dataset: Dataset, console: Console, told: list[dict[str, Any]]) -> Iterator[Batch]:
    """The batches of a dataset. Raises SourceError at its end when it has yielded no pair at all."""
    kept, reasons, detail = 0, Counter[str](), ""
    for batch in read_dataset(dataset, console, told):
        yield batch
        kept += batch.pairs.height
        reasons.update(batch.rejects["reason"])
        detail = detail or str(batch.rejects["detail"].first() or "")
    if not kept:
        raise SourceError(_useless(dataset, reasons, detail))


def _sampled(drawn: Sample, every: Iterator[Batch]) -> Iterator[Batch]:
    for batch in every:
        drawn.add(batch)
    yield from drawn.batches()


def _swallowed(told: Sequence[Mapping[str, Any]]) -> str:
    """What to say of lines that are in no record of their own."""
    lines = {entry["path"]: entry["swallowed_lines"] for entry in told if "swallowed_lines" in entry}
    shown = ", ".join(f"{count:,} lines of {path}" for path, count in lines.items())
    return f" (broken quotes take in {shown})" if shown else ""


@contextmanager
def _without_collector() -> Iterator[None]:
    """Without the search for cyclic garbage: records hold none, and there are millions of them to search through."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _useless(dataset: Dataset, reasons: Mapping[str, int], detail: str) -> str:
    counted = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items(), key=lambda i: -i[1]))
    return (
        f"{dataset.files[0].found.name} yields not one usable pair: all its records were rejected ({counted}); "
        f"the first: {detail}. Is it of another format? See `prefq formats`, and force one with --format."
    )


def _relative(path: str, root: Path) -> str:
    """A path inside the working directory is told as seen from there, so that moving the project changes no byte."""
    place = Path(path)
    if path == STDIN or is_remote(path) or not place.resolve().is_relative_to(root.resolve()):
        return path
    return str(place.resolve().relative_to(root.resolve()))


def in_memory(dataset: Dataset, console: Console) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All pairs and rejects of one dataset, for commands that write one file from one file."""
    told: list[dict[str, Any]] = []
    read = list(read_dataset(dataset, console, told))
    return pl.concat([b.pairs for b in read]), pl.concat([b.rejects for b in read])
