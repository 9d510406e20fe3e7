"""The contents of a release: train-ready files by format and split, a dataset card, and checksums."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from prefq.card import Part, card
from prefq.errors import PrefqError, SettingsError
from prefq.registry import did_you_mean
from prefq.schema import SPLITS
from prefq.writers import WRITERS, Written

CARD, CHECKSUMS = "README.md", "SHA256SUMS"


@dataclass(frozen=True)
class Release:
    """What was written: pairs in the first format, paths below the release's folder, and what is worth saying."""

    pairs: int
    files: tuple[str, ...]
    notes: tuple[str, ...]


def write_release(
    folder: Path,
    curated: pl.DataFrame,
    audit: Mapping[str, Any],
    verdict: Mapping[str, Any],
    ledger: pl.DataFrame | None = None,
    *,
    settings: Mapping[str, Any],
    name: str,
    version: str,
) -> Release:
    """Write a release into an empty folder: `FORMAT/SPLIT.parquet`, `README.md` and `SHA256SUMS`.

    `settings` is the `release` section (`formats`, `license`), `audit` and `verdict` are `audit.json` and `gate.json`;
    with a ledger the card says what was left out and why. A split without rows has no file. Equal input gives equal
    bytes. Raises SettingsError for a format that does not exist, or none at all, and PrefqError for one that can hold
    none of the pairs.
    """
    formats = _formats(settings.get("formats"))
    parts = [_write_part(folder, curated, name) for name in formats]
    if useless := next((part for part in parts if not part.pairs), None):
        held = f"none of the {curated.height:,} pairs: {_why_none(useless)}"
        raise PrefqError(f"The format {useless.format} can hold {held}.")
    text = card(curated, parts, audit, verdict, ledger, name=name, licence=settings.get("license"), version=version)
    (folder / CARD).write_text(text, encoding="utf-8", newline="\n")
    files = _write_checksums(folder)
    return Release(parts[0].pairs, files, tuple(note for part in parts for note in _notes(part, curated.height)))


def _formats(given: Any) -> Sequence[str]:
    """The formats to write, checked, each once."""
    if not isinstance(given, list) or not given:
        raise SettingsError("release.formats must be a list of at least one format, such as [trl].")
    for name in given:
        if name not in WRITERS:
            raise SettingsError(
                f"release.formats: there is no output format {name!r}{did_you_mean(str(name), WRITERS)}"
            )
    return list(dict.fromkeys(given))


def _write_part(folder: Path, curated: pl.DataFrame, name: str) -> Part:
    """Write one format's files, and say what is in them.

    All splits are written as one and then cut, since they must have the same columns: a format may have a column only
    when every row, or any row, has a value for it.
    """
    (folder / name).mkdir()
    splits = [curated.filter(pl.col("split") == split) for split in SPLITS]
    write = WRITERS[name].write
    whole: Written = write(pl.concat(splits))
    rows: dict[str, int] = {}
    for split, pairs in zip(SPLITS, splits, strict=True):
        if height := write(pairs).frame.height:
            part = whole.frame.slice(sum(rows.values()), height)
            part.write_parquet(folder / name / f"{split}.parquet", compression="zstd")
            rows[split] = height
    columns = {column: str(dtype) for column, dtype in whole.frame.schema.items()}
    lost = {what: count for what, count in whole.lost.items() if what != "split"}  # the files say it
    return Part(name, rows, columns, lost)


def _why_none(part: Part) -> str:
    return ", ".join(f"{count:,} × {what}" for what, count in part.lost.items()) or "there are none"


def _notes(part: Part, pairs: int) -> list[str]:
    """A sentence when a format could not hold every pair."""
    left_out = pairs - part.pairs
    return [f"{part.format}: {left_out:,} of {pairs:,} pairs left out; see {CARD}"] if left_out else []


def _write_checksums(folder: Path) -> tuple[str, ...]:
    """Write the SHA-256 of every file, in the form that `sha256sum -c` reads; the paths of all files come back."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(folder / path)}  {path}\n" for path in paths]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    return (*paths, CHECKSUMS)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
