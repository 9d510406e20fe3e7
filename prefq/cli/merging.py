"""The body of `prefq merge`: three files or revisions read, merged, written whole, and what conflicts told."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import polars as pl

from prefq import schema
from prefq.cli.console import Console
from prefq.cli.sides import TABLES, files_in, own_table, place, read_table
from prefq.decisions import decisions, is_labels
from prefq.errors import PrefqError, UsageError
from prefq.merging import (
    Conflict,
    ConflictError,
    MergedLabels,
    MergedTable,
    merge_labels,
    merge_tables,
    queue_lines,
)
from prefq.merging.conflicts import Favor
from prefq.report.numbers import NBSP, plural
from prefq.report.text import brief
from prefq.store import write_table, written_whole

MAGIC = b"PAR1"
Names = tuple[str, str, str]


@dataclass(frozen=True)
class Asked:
    """What `prefq merge` was asked: where to write the result (nowhere: only tell) and the conflicts."""

    output: Path | None
    review: Path | None
    favor: Favor | None
    table: str | None
    as_json: bool


def tell_merge(names: Names, root: Path, asked: Asked, console: Console) -> None:
    """Merge two branches and tell it. Raises ConflictError when they decided differently, after all was written."""
    for path in (asked.output, asked.review):
        if path and not path.absolute().parent.is_dir():
            raise PrefqError(f"there is no folder {path.parent} to write {path.name} into: make it first.")
    review = asked.review or (Path("review.jsonl") if asked.output else None)
    texts = [_labels_text(name) for name in names]
    if any(text and text.strip() for text in texts) and all(text is not None for text in texts):
        found: MergedLabels | MergedTable = _labels(names, [text or "" for text in texts], root, asked)
    else:
        found = _tables(names, root, asked, console)
    queue = _queue(review, found.conflicts) if review and found.conflicts else None
    if asked.output:
        _write(found, asked.output)
    if review and queue is not None:
        with written_whole(review) as part:
            part.write_text(queue, encoding="utf-8")
    document = _document(found, names, asked.output, review if queue is not None else None)
    click.echo(json.dumps(document, indent=2, ensure_ascii=False) if asked.as_json else _told(found, asked.output))
    if found.conflicts:
        raise ConflictError(_sentence(found, review))


def _labels_text(name: str) -> str | None:
    """The text of a file of decisions; empty for an empty file, None for anything else."""
    path = Path(name)
    if not path.is_file():
        return None
    data = path.read_bytes()
    if data[:4] == MAGIC:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text if is_labels(text) or not text.strip() else None


def _labels(names: Names, texts: list[str], root: Path, asked: Asked) -> MergedLabels:
    logs = [decisions(text, name) for text, name in zip(texts, names, strict=True)]
    found = merge_labels(logs[0], logs[1], logs[2], asked.favor)
    if not found.conflicts:
        return found
    known = _texts_of({conflict.pair_id for conflict in found.conflicts}, root)
    return merge_labels(logs[0], logs[1], logs[2], asked.favor, known)


def _texts_of(pairs: set[str], root: Path) -> dict[str, dict[str, Any]]:
    """The prompt of each pair and its answers by their ids, as far as the project in `root` has them."""
    table = own_table(root / TABLES["pairs"])
    if table is None:
        return {}
    columns = ("pair_id", "prompt", "chosen_id", "rejected_id", "chosen", "rejected")
    rows = table.filter(pl.col("pair_id").is_in(sorted(pairs))).select(columns).collect(engine="streaming")
    return {
        row["pair_id"]: {
            "prompt": row["prompt"],
            row["chosen_id"]: row["chosen"],
            row["rejected_id"]: row["rejected"],
        }
        for row in rows.iter_rows(named=True)
    }


def _tables(names: Names, root: Path, asked: Asked, console: Console) -> MergedTable:
    frames = [_frame(name, root, asked.table, console) for name in names]
    held = next((frame for frame in frames if frame is not None), None)
    if held is None:
        raise PrefqError("all three files are empty: there is nothing to merge.")
    if asked.output and _is_foreign(names[1]) and asked.output.resolve() == Path(names[1]).resolve():
        raise UsageError(f"{names[1]} is no table of prefq's and would be replaced by one: name another file with -o.")
    base, ours, theirs = (frame if frame is not None else held.clear() for frame in frames)
    return merge_tables(base, ours, theirs, asked.favor)


def _is_foreign(name: str) -> bool:
    path = Path(name)
    return path.is_file() and path.stat().st_size > 0 and path.open("rb").read(4) != MAGIC


def _frame(name: str, root: Path, table: str | None, console: Console) -> pl.LazyFrame | None:
    """The table that a name stands for; None for an empty file. Git hands files over without their endings."""
    path = Path(name)
    if path.is_file() and not path.stat().st_size:
        return None
    if path.is_file() and not path.suffix and not _is_foreign(name):
        return read_table("pairs", {"x.parquet": path}, name, console)
    found = place(name, root)
    wanted = table or ("curated" if found.tables is None or "curated" in found.tables else "pairs")
    return found.side(wanted, console).frame


def _queue(review: Path, conflicts: tuple[Conflict, ...]) -> str:
    """The review queue with the conflicts in it, and what it holds already."""
    try:
        held = review.read_text(encoding="utf-8") if review.exists() else ""
    except UnicodeDecodeError:
        raise PrefqError(f"{review} is not UTF-8, so no review queue: name another file with --review.") from None
    return queue_lines(held, [conflict.to_json() for conflict in conflicts], str(review))


def _write(found: MergedLabels | MergedTable, output: Path) -> None:
    if isinstance(found, MergedLabels):
        with written_whole(output) as part:
            part.write_text(found.text, encoding="utf-8")
    elif output.is_dir() or (not output.exists() and not output.suffix):
        _write_folder(found.pairs, output)
    elif output.suffix in ("", ".parquet"):
        with written_whole(output) as part:
            write_table(found.pairs, part)
    else:
        raise UsageError(
            f"merged pairs are written as Parquet: name a file that ends with .parquet, not {output.name}."
        )


def _write_folder(pairs: pl.DataFrame, output: Path) -> None:
    """One table for each split, as `prefq curate` writes them; the folder takes its place whole."""
    unknown = pairs.filter(~pl.col("split").is_in(schema.SPLITS).fill_null(False))["split"].unique().to_list()
    if unknown:
        raise PrefqError(f"pairs in no known split ({unknown[0]!r}) fit in no folder of splits: name a .parquet file.")
    if output.exists() and set(files_in(output)) - {f"{split}.parquet" for split in schema.SPLITS}:
        raise PrefqError(f"{output} holds other files than a table for each split: name a new folder.")
    part, old = (output.with_name(f".{output.name}.{os.getpid()}.{kind}") for kind in ("part", "old"))
    try:
        for split in schema.SPLITS:
            write_table(pairs.filter(pl.col("split") == split), part / f"{split}.parquet")
        if output.exists():
            output.replace(old)
        part.replace(output)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _counted(found: MergedLabels | MergedTable) -> dict[str, Any]:
    if isinstance(found, MergedLabels):
        both = {"same": found.same, "decisions": found.decisions}
        return {"kind": "labels", "ours": found.ours, "theirs": found.theirs, **both}
    both = {"both": found.both, "settled": found.settled, "pairs": found.pairs.height}
    return {"kind": "pairs", "ours": dict(found.ours), "theirs": dict(found.theirs), **both}


def _document(
    found: MergedLabels | MergedTable, names: Names, output: Path | None, review: Path | None
) -> dict[str, Any]:
    """The merge as plain values, format 1: what each side changed, and every conflict as the review queue has it."""
    inputs = dict(zip(("base", "ours", "theirs"), names, strict=True))
    written = {"output": str(output) if output else None, "review": str(review) if review else None}
    conflicts = [conflict.to_json() for conflict in found.conflicts]
    return {"format": 1, "inputs": inputs, **_counted(found), "conflicts": conflicts, **written}


def _told(found: MergedLabels | MergedTable, output: Path | None) -> str:
    if isinstance(found, MergedLabels):
        lines = [
            f"decisions that count: {found.decisions:,}",
            f"  changed by ours {found.ours:,}, by theirs {found.theirs:,}, by both alike {found.same:,}",
        ]
    else:
        lines = [f"{plural(found.pairs.height, 'pair')}", f"  ours: {_changes(found.ours)}"]
        lines += [f"  theirs: {_changes(found.theirs)}", f"  changed by both: {found.both:,}"]
        if found.settled:
            lines.append(f"  other margins or columns on both sides, one taken by rule: {found.settled:,}")
    if found.conflicts:
        lines.append(f"  conflicts: {len(found.conflicts):,}")
        lines += [f"    {brief(c.pair_id, 40)} {', '.join(c.about)}" for c in found.conflicts[:5]]
        lines += [f"    and {len(found.conflicts) - 5:,} more"] if len(found.conflicts) > 5 else []
    lines.append(f"written to {output}" if output else "nothing is written: name a file with -o")
    return "\n".join(lines).replace(NBSP, " ")


def _changes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items()) or "no change"


def _sentence(found: MergedLabels | MergedTable, review: Path | None) -> str:
    many = "one pair was" if len(found.conflicts) == 1 else f"{len(found.conflicts):,} pairs were"
    where = f", with both opinions in {review}" if review else ""
    return f"{many} decided differently on both sides: until somebody decides, OURS stands{where}."
