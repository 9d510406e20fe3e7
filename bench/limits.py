"""How far `ingest` is from what parsing and hashing the same bytes take."""

import hashlib
import json
import tempfile
from pathlib import Path

import polars as pl

from bench import data
from bench.measure import Cost, call, prefq
from bench.page import section, table

READ = """One file of JSON lines, {size:.0f} MB, {records:,} records. `prefq ingest` as a command reads and parses
it, hashes the file (SHA-256) and every prompt and answer (BLAKE3), checks every record and writes Parquet. Below it
parts of that alone, in one thread, on the same bytes (the best of three): an ingest that does them in this way
takes at least their sum."""


def answer(quick: bool = False) -> str:
    """The section."""
    with tempfile.TemporaryDirectory() as folder:
        path = _one_file(Path(folder), quick)
        stage = prefq("ingest", path, "--workdir", Path(folder) / "work")
        start = prefq("--version")
        content = path.read_bytes()
    parts = _parts(content)
    size, records = len(content) / 1e6, content.count(b"\n")
    costs = {"`prefq ingest`": stage, "starting: `prefq --version`": start, **parts}
    costs["sum of the parts"] = sum(parts.values(), start)
    lines = [(name, cost.wall, cost.cpu, _rate(size, cost, name)) for name, cost in costs.items()]
    read = READ.format(size=size, records=records)
    header = ("", "wall s", "CPU s", "MB per CPU s")
    return section("How far is `ingest` from the limits of parsing and hashing?", read, table(header, lines))


def _one_file(folder: Path, quick: bool) -> Path:
    source = data.real(folder / "raw", quick)
    if source.files != (data.ALPACA,):
        return source.files[0]
    data.write_jsonl(pl.read_parquet(data.ALPACA), folder / "all.jsonl")
    return folder / "all.jsonl"


def _parts(content: bytes) -> dict[str, Cost]:
    import polars_hash

    lines = content.splitlines()
    column = pl.DataFrame({"line": [line.decode() for line in lines]})
    digest = polars_hash.col("line").chash.blake3()
    return {
        "`json.loads`, line by line": call(lambda: [json.loads(line) for line in lines], 3)[1],
        "SHA-256 (hashlib)": call(lambda: hashlib.sha256(content).hexdigest(), 3)[1],
        "BLAKE3 (polars-hash), line by line": call(lambda: column.select(digest), 3)[1],
    }


def _rate(size: float, cost: Cost, name: str) -> float | None:
    return None if "version" in name else size / cost.cpu
