"""Comparing two versions of a table beside the tools that compare rows, and beside bare joins."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import polars.selectors as cs

from bench import data
from bench.measure import Cost, FailedError, command, prefq
from bench.page import section, table
from prefq.schema import PAIRS
from prefq.store import TableStream

SIZES = (10_000, 100_000, 1_000_000)
BY_IDS, PART = 10_000_000, 1_000_000
CHANGED = {"flipped": 0.003, "edited": 0.003, "removed": 0.002, "moved_split": 0.002}
"""The share of rows that each change is planted into: one in a hundred is changed."""
ENOUGH, MOST = 600, 20
"""Seconds, and GB: who takes more at one size is not asked at the next."""
SHORT = 12
"""Characters of each answer that are left where only ids are compared."""

READ = """Two Parquet files of so many pairs of real texts, copied with prompts and ids of their own until there are
enough; in the second one row in a hundred is changed: {changed}, and the rows are in another order. Each tool is a
process of its own, start-up included, and says how many rows are new, gone and changed. prefq: `prefq diff --json`,
which also tells what changed in words of preference data, matches edited answers, counts slices and quality. The
others are told which column names a row: diffly compares all columns of all rows; datacompy and the *pandas merge* (an
outer merge, then column by column) those that are not nested; csv-diff and daff get these as CSV files, which were
written before. *Bare joins* are three Polars joins on ids, which say nothing but counts. *Table* is the size of one
table in memory. Who has not finished in {enough} seconds, or needs more than {most} GB, is not asked at the next size.
At {by_ids} pairs the answers are cut to {short} characters, and only ids, labels and splits are compared by the
others."""

DIFFLY = """
import sys, polars as pl
from diffly import compare_frames
old, new = (pl.scan_parquet(path) for path in sys.argv[1:])
print(compare_frames(old, new, primary_key="row_id").summary())
"""
DATACOMPY = """
import sys, polars as pl, datacompy
flat = [name for name, kind in pl.read_parquet_schema(sys.argv[1]).items() if not kind.is_nested()]
old, new = (pl.read_parquet(path, columns=flat).to_pandas() for path in sys.argv[1:])
compare = getattr(datacompy, "PandasCompare", None) or datacompy.Compare  # the name before 1.0
print(compare(old, new, join_columns="row_id").count_matching_rows())
"""
BARE = """
import sys, polars as pl
ids = ["pair_id", "dimension", "chosen_id", "label", "split"]
old, new = (pl.scan_parquet(path).select(ids) for path in sys.argv[1:])
for one, other in ((old, new), (new, old)):
    print(one.join(other, on=ids[:2], how="anti").select(pl.len()).collect(engine="streaming").item())
both = old.join(new, on=ids[:2])
differ = pl.any_horizontal(pl.col(c) != pl.col(f"{c}_right") for c in ids[2:])
print(both.filter(differ).select(pl.len()).collect(engine="streaming").item())
"""
PANDAS = """
import sys, polars as pl
flat = [name for name, kind in pl.read_parquet_schema(sys.argv[1]).items() if not kind.is_nested()]
old, new = (pl.read_parquet(path, columns=flat).to_pandas() for path in sys.argv[1:])
both = old.merge(new, on="row_id", how="outer", suffixes=("_old", "_new"), indicator=True)
print(both["_merge"].value_counts())
for name in flat:
    if name != "row_id":
        left, right = both[name + "_old"], both[name + "_new"]
        print(name, int(((left != right) & ~(left.isna() & right.isna()))[both["_merge"] == "both"].sum()))
"""
CSV_DIFF = """
import csv, sys
from csv_diff import compare, load_csv
csv.field_size_limit(2**31 - 1)
old, new = (load_csv(open(path + ".csv", newline=""), key="row_id") for path in sys.argv[1:])
print({name: len(rows) for name, rows in compare(old, new).items()})
"""
DAFF = """
import csv, sys, daff
csv.field_size_limit(2**31 - 1)
old, new = (daff.PythonTableView(list(csv.reader(open(path + ".csv", newline="")))) for path in sys.argv[1:])
flags = daff.CompareFlags()
flags.addPrimaryKey("row_id")
found = daff.TableDiff(daff.Coopy.compareTables(old, new, flags).align(), flags)
found.hilite(daff.PythonTableView([]))
summary = found.getSummary()
print(summary.row_inserts, summary.row_deletes, summary.row_updates)
"""
JOINS = {"bare joins": BARE}
PEERS = {"diffly": DIFFLY, "datacompy": DATACOMPY, "pandas merge": PANDAS, "csv-diff": CSV_DIFF, "daff": DAFF} | JOINS
LIMITS = f"""
import resource, signal
signal.alarm({ENOUGH})
resource.setrlimit(resource.RLIMIT_DATA, ({MOST} * 2**30, {MOST} * 2**30))
"""
"""What a peer's script begins with: the system ends it after that time, and gives it no more memory than that."""
MAKE = "import sys; from bench.diffing import write_versions; write_versions(*sys.argv[1:])"


def answer(quick: bool = False) -> str:
    """The section."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source = data.real(place / "raw", quick)
        prefq("ingest", *source.files, "--workdir", place / "work")
        lines = list(_lines(place, (500, 1_000) if quick else SIZES, PEERS, "csv"))
        lines += _lines(place, [2_000 if quick else BY_IDS], JOINS, "ids")
    told = READ.format(changed=_changed(), enough=ENOUGH, most=MOST, by_ids=f"{BY_IDS:,}", short=SHORT)
    header = ("pairs", "table MB", "tool", "wall s", "CPU s", "peak MB", "CPU: × prefq", "memory: × prefq")
    return section("What does a comparison of two versions cost?", told, table(header, lines))


def _changed() -> str:
    return ", ".join(f"{name.replace('_', ' ')} {share:.1%}" for name, share in CHANGED.items())


def _lines(place: Path, sizes: Sequence[int], peers: Mapping[str, str], form: str) -> Iterator[tuple[object, ...]]:
    gone = set[str]()
    for rows in sizes:
        paths = (place / "old.parquet", place / "new.parquet")
        made = [sys.executable, "-c", MAKE, place / "work/data/pairs.parquet", str(rows), *paths, form]
        root = Path(__file__).parents[1]
        size = subprocess.run([str(m) for m in made], cwd=root, check=True, capture_output=True, text=True).stdout
        ours = prefq("diff", *paths, "--json")
        told = (f"{rows:,}", float(size))
        yield (*told, "prefq", ours.wall, ours.cpu, ours.peak, None, None)
        for name, script in peers.items():
            yield (*told, name, *_beside(LIMITS + script, paths, ours, gone, name))


def _beside(script: str, paths: tuple[Path, Path], ours: Cost, gone: set[str], name: str) -> tuple[object, ...]:
    """What a peer costs, and how many times as much as prefq; dashes for one that failed or took too long before."""
    if name in gone:
        return (None,) * 5
    try:
        cost = command(sys.executable, "-c", script, *paths)
    except FailedError as failed:
        gone.add(name)
        said = f"none in {ENOUGH} s" if stopped(failed) else str(failed).split(": ", 1)[-1].replace("|", "/")
        return (f"failed: {said}"[:60], *(None,) * 4)
    return (cost.wall, cost.cpu, cost.peak, f"{cost.cpu / ours.cpu:.1f} ×", f"{cost.peak / ours.peak:.1f} ×")


def stopped(failed: FailedError) -> bool:
    """Whether the system ended a command after its time."""
    return str(failed).endswith("SIGALRM")


def write_versions(source: str, rows: str, old: str, new: str, form: str = "texts") -> None:
    """Both versions as Parquet; prints how many MB the first takes in memory.

    `form`: `csv` writes CSV files beside them, `ids` leaves but SHORT characters of each answer. PART rows are made at
    a time, so that ten million need no more memory than one; within a part the second version has another order.
    """
    pairs = pl.read_parquet(source)
    if form == "ids":
        pairs = pairs.with_columns(pl.col("chosen", "rejected").str.head(SHORT))
    size = 0
    with TableStream(Path(old), PAIRS) as before, TableStream(Path(new), PAIRS) as after:
        for first in range(0, int(rows), PART):
            part = versions(pairs, min(PART, int(rows) - first), first)
            size += part[0].estimated_size()
            for table, path, frame in zip((before, after), (old, new), part, strict=True):
                table.add(frame)
                if form == "csv":
                    with Path(f"{path}.csv").open("ab" if first else "wb") as text:
                        frame.select(~cs.nested()).write_csv(text, include_header=not first)
    print(f"{size / 1e6:.0f}")


def versions(pairs: pl.DataFrame, rows: int, first: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """So many pairs, and the same with the shares of CHANGED planted, in another order; seeded.

    `first` is the number of the first one.
    """
    copies = pl.concat([pairs] * -(-rows // pairs.height)).head(rows).with_row_index("number", offset=first)
    number = pl.col("number").cast(pl.String)
    ids = {name: _renamed(name, number) for name in ("pair_id", "prompt_id", "chosen_id", "rejected_id")}
    first_turn = pl.struct(role=pl.lit("system"), content=pl.concat_str(pl.lit("Copy "), number))
    old = copies.with_columns(
        **ids,
        prompt=pl.concat_list(first_turn, "prompt"),
        row_id=pl.concat_str(pl.lit("d:"), number),
        record=pl.col("number").cast(pl.Int64),
        split=pl.lit("train"),
    ).drop("number")
    ends, at = {}, 0.0
    for name, share in CHANGED.items():
        ends[name] = (at, at := at + share)
    draw = pl.int_range(pl.len()).shuffle(data.SEED) / rows
    drawn = old.with_columns(draw=draw).with_columns(
        **{f"is_{n}": pl.col("draw").is_between(low, high, closed="left") for n, (low, high) in ends.items()}
    )
    left = drawn.select(pl.arg_where(~pl.col("is_removed")).shuffle(data.SEED)).to_series()
    return old, drawn[left].with_columns(**_changes()).select(old.columns)


def _renamed(name: str, number: pl.Expr) -> pl.Expr:
    """Ids of the copy's own, as long as real ones; equal texts of one copy keep equal ids."""
    own = pl.concat_str(pl.col(name), number)
    return pl.concat_str(own.hash(1).cast(pl.String), own.hash(2).cast(pl.String)).str.zfill(40).str.tail(32)


def _changes() -> dict[str, pl.Expr]:
    flipped, edited = pl.col("is_flipped") & (pl.col("label") == "chosen"), pl.col("is_edited")
    sides = {}
    for name in ("chosen", "rejected"):
        other = "rejected" if name == "chosen" else "chosen"
        for column in ("", "_id", "_model"):
            kept = pl.col(f"{name}{column}")
            sides[f"{name}{column}"] = pl.when(flipped).then(pl.col(f"{other}{column}")).otherwise(kept)
    words = pl.concat_str(pl.col("chosen"), pl.lit(" That is all."))
    sides["chosen"] = pl.when(edited).then(words).otherwise(sides["chosen"])
    sides["chosen_id"] = pl.when(edited).then(pl.col("chosen_id").str.reverse()).otherwise(sides["chosen_id"])
    sides["pair_id"] = pl.when(edited).then(pl.col("pair_id").str.reverse()).otherwise("pair_id")
    return {**sides, "split": pl.when(pl.col("is_moved_split")).then(pl.lit("test")).otherwise("split")}
