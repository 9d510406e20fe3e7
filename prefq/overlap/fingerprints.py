"""Fingerprints of benchmarks: hashes that stand in for texts, and the index in which texts are looked up."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.neighbors.kernels import Hashes, Ints
from prefq.neighbors.normalize import pack
from prefq.overlap.kernels import Flags, Table, mark_hashes, run_table, text_runs
from prefq.overlap.reading import Readable

NORMALIZATION = 2
"""The version of the normal form and of its hashes: fingerprints of another one cannot be compared with."""

FINGERPRINT = pl.Schema(
    {"benchmark": pl.String(), "benchmark_id": pl.String(), "whole": pl.UInt64(), "runs": pl.List(pl.UInt64())}
)


def fingerprint(prompts: pl.DataFrame, n: int) -> pl.DataFrame:
    """Hashes that stand in for the prompts of benchmarks (`benchmark`, `benchmark_id`, `text`): `FINGERPRINT`.

    `whole` is the hash of a prompt's normal form, `runs` are those of its runs of `n` words, sorted, each once; runs of
    fewer than a third different words are left out, and prompts without any content. No text can be read back: all
    that a hash gives away is whether a text that one has is the hashed one. (Who has `n` - 1 words running of a prompt
    can try all words for the next.) Sorted by benchmark, id and hash.
    """
    known = _hashed(prompts, n)
    runs = known.runs.unique().sort("row", "run").group_by("row", maintain_order=True).agg(runs="run")
    table = known.prompts.join(runs, on="row", how="left")
    table = table.with_columns(pl.col("runs").fill_null(pl.lit([], pl.List(pl.UInt64))))
    return table.select(FINGERPRINT.names()).unique().sort(FINGERPRINT.names()[:3])


@dataclass(frozen=True)
class _Hashed:
    """Prompts with any content, `row`, `benchmark`, `benchmark_id`, `text`, `whole`; and their runs, `row`, `run`."""

    prompts: pl.DataFrame
    runs: pl.DataFrame


def _hashed(prompts: pl.DataFrame, n: int) -> _Hashed:
    prompts = prompts.drop_nulls("text").with_columns(row=pl.int_range(pl.len()))
    wholes, counts, hashes, rows = text_runs(*Readable.of(prompts["text"]).parts, n)
    known = prompts.with_columns(whole(prompts["text"], wholes, counts)).drop_nulls("whole")
    return _Hashed(known, pl.DataFrame({"row": rows, "run": hashes}))


def _read(prints: pl.DataFrame, start: int) -> _Hashed:
    """What a fingerprint tells, its rows numbered from `start`."""
    rows = prints.with_columns(row=pl.int_range(pl.len()) + start, text=pl.lit(None, pl.String))
    runs = rows.select("row", run="runs").explode("run", empty_as_null=False)
    return _Hashed(rows.select("benchmark", "benchmark_id", "text", "row", "whole"), runs)


@dataclass(frozen=True)
class Index:
    """What texts are looked up in: the distinct prompts of benchmarks, called entries, and the runs they hold."""

    n: int
    items: pl.DataFrame
    """`entry`, `benchmark`, `benchmark_id`: entries go by their hashes, and several items may be one of them."""
    entries: pl.DataFrame
    """`entry`, `whole`, `benchmark_text` (null where only its fingerprint is known), `own`: its runs that few share."""
    table: Table
    """Of the runs: keys, places and filter of a `run_table`."""
    crowded: Flags
    """Of each run, whether more than `common` entries share it."""
    postings: pl.DataFrame
    """`run`, `entry`: where the runs are that are not crowded."""


def index(
    benchmarks: pl.DataFrame, prints: pl.DataFrame | None, n: int, common: int, *, by_item: bool = False
) -> Index:
    """The index of benchmarks' texts and of fingerprints (`FINGERPRINT`, of runs of the same `n`).

    A run is crowded that more than `common` entries share, or, `by_item`, entries of so many items.
    """
    sources = [_hashed(benchmarks, n)]
    if prints is not None and prints.height:
        sources.append(_read(prints, benchmarks.height))
    items = pl.concat([source.prompts.select(sources[0].prompts.columns) for source in sources])
    wholes = items.group_by("whole").agg(pl.col("row").min(), benchmark_text=pl.col("text").min())
    wholes = wholes.sort("whole").with_columns(entry=pl.int_range(pl.len()))
    named = items.join(wholes, on="whole").select("entry", "benchmark", "benchmark_id").unique()
    table, counts, stands = _looked_up_by(pl.concat([source.runs for source in sources]), wholes)
    if by_item:
        counts = _owners(stands, named, counts.size)
    postings = pl.DataFrame(stands[counts[stands[:, 0]] <= common], schema=["run", "entry"])
    own = np.bincount(postings["entry"], minlength=wholes.height)
    return Index(
        n,
        named,
        wholes.drop("row").with_columns(own=own),
        table,
        counts > common,
        postings,
    )


def _looked_up_by(runs: pl.DataFrame, wholes: pl.DataFrame) -> tuple[Table, Ints, Ints]:
    """The table of the runs of entries, how many entries each has, and where they stand (see `run_table`).

    Of the prompts that are one entry, the first lends it its runs: they all have the same.
    """
    entries = np.full(wholes.height + 1 if runs.is_empty() else runs["row"].to_numpy().max() + 1, -1)
    entries[wholes["row"].filter(wholes["row"] < entries.size)] = wholes["entry"].filter(wholes["row"] < entries.size)
    stands = entries[runs["row"]]
    kept = stands >= 0
    keys, places, bits, counts, found = run_table(runs["run"].to_numpy()[kept], stands[kept])
    return (keys, places, bits), counts, found


def _owners(stands: Ints, named: pl.DataFrame, runs: int) -> Ints:
    """How many items each run stands in, shape (runs,)."""
    items = named.with_columns(item=pl.struct("benchmark", "benchmark_id").rank("dense")).select("entry", "item")
    held = pl.DataFrame(stands, schema=["run", "entry"]).join(items, on="entry").select("run", "item").unique()
    return np.bincount(held["run"], minlength=runs)


def whole(texts: pl.Series, wholes: Hashes, counts: Ints) -> pl.Series:
    """The hash of each text, of how many words it has; where it has none, that of its marks, or null."""
    hashes = pl.Series("whole", wholes)
    bare = pl.Series(counts == 0)
    if not bare.any():
        return hashes
    marks = pack(texts.filter(bare).str.strip_chars())
    hashed = pl.Series(mark_hashes(marks.data, marks.starts)).set(pl.Series(marks.sizes == 0), None)
    return hashes.scatter(bare.arg_true(), hashed)
