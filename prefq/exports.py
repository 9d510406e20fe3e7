"""Files in other formats: whole or not at all."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from prefq.card import Part, hub_card
from prefq.errors import PrefqError, UsageError
from prefq.store import write_table, written_whole
from prefq.writers import Hub, Written
from prefq.writers.lines import flat, json_lines

ENDINGS = (".parquet", ".jsonl", ".ndjson", ".csv")
CARD = "README.md"


def check_output(output: Path, folder: bool) -> None:
    """Raises when nothing can be written there: UsageError for an ending that does not fit, PrefqError for the place.

    `folder` says that the format is a folder: it must be a new one, or empty.
    """
    if not output.parent.is_dir():
        raise PrefqError(f"there is no folder {output.parent} to write {output.name} into: make it first.")
    if folder and output.suffix in ENDINGS:
        raise UsageError(f"{output}: this format is a folder; name one, without an ending.")
    if folder and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise PrefqError(f"{output} is there and not an empty folder: name a new one.")
    if not folder and (output.suffix not in ENDINGS or output.is_dir()):
        raise UsageError(f"{output}: name a .parquet, .jsonl or .csv file.")


def write_file(written: Written, output: Path) -> None:
    """Write the rows by the ending of the file's name, and the entries about it into the JSON files beside it.

    A JSON file that is there keeps its other entries. Raises PrefqError when it cannot be merged with.
    """
    beside = {output.with_name(name): entry for name, entry in written.entries.items()}
    merged = {path: merged_entries(path, output, entry) for path, entry in beside.items()}
    with written_whole(output) as part:
        write_rows(written.frame, part, output.suffix)
    for path, entries in merged.items():
        with written_whole(path) as part:
            part.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_rows(frame: pl.DataFrame, path: Path, ending: str) -> None:
    """Write rows as a file of that ending. Raises UsageError for another one than ENDINGS."""
    if ending == ".parquet":
        write_table(frame, path)
    elif ending in (".jsonl", ".ndjson"):
        with path.open("wb") as file:
            file.writelines(json_lines(frame))
    elif ending == ".csv":
        flat(frame).write_csv(path)
    else:
        raise UsageError(f"{path}: name a .parquet, .jsonl or .csv file.")


def merged_entries(path: Path, output: Path, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a JSON file with one more for the output, called like it."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError:
        raise PrefqError(f"{path} is not valid JSON, so no entry can be added to it: mend it.") from None
    if not isinstance(entries, dict):
        raise PrefqError(f"{path} is not a JSON object, so no entry can be added to it: move it away.")
    before = entries.get(output.stem)
    if before is not None and not (isinstance(before, dict) and before.get("file_name") == output.name):
        raise PrefqError(f"{path} has an entry {output.stem!r} for something else: give the output another name.")
    return {**entries, output.stem: {"file_name": output.name, **entry}}


def write_folder(written: Written, hub: Hub, output: Path, *, version: str) -> None:
    """Write a folder for dataset hubs: a Parquet file for each split, and the dataset card."""
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    (part / "data").mkdir(parents=True)
    try:
        rows, size = _write_splits(written.frame, hub.split, part)
        made = Part("default", rows, written.frame.schema, written.lost, size, "data/{split}-00000-of-00001.parquet")
        text = hub_card(made, name=output.resolve().name, licence=hub.licence, version=version)
        (part / CARD).write_text(text, encoding="utf-8", newline="\n")
        output.mkdir(exist_ok=True)
        part.replace(output)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_splits(frame: pl.DataFrame, split: pl.Series, folder: Path) -> tuple[dict[str, int], int]:
    """Rows by split, in the order of their first rows, and bytes in all."""
    rows: dict[str, int] = {}
    size = 0
    for name in split.unique(maintain_order=True):
        path = folder / f"data/{name}-00000-of-00001.parquet"
        part = frame.filter(split == name)
        write_table(part, path)
        rows[name], size = part.height, size + path.stat().st_size
    return rows, size
