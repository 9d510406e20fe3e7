"""The contents of a release: train-ready files by format and split, a dataset card, and checksums."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from prefq.card import Part, card
from prefq.errors import PrefqError, SettingsError, UsageError
from prefq.exports import write_file
from prefq.registry import did_you_mean
from prefq.schema import SPLITS
from prefq.writers import WRITERS, Writer, Written

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

    `settings` is the `release` section (`formats`, `license`): a format is a name, or a mapping with `format` and its
    writer's options (`{format: trl, style: string}`, whose folder is `trl-string`). `audit` and `verdict` are
    `audit.json` and `gate.json`; with a ledger the card says what was left out and why. A split without rows has no
    file. Equal input gives equal bytes. Raises SettingsError for a format or an option that does not exist, or no
    format at all, and PrefqError for one that can hold none of the pairs.
    """
    formats = wanted_formats(settings.get("formats"))
    parts = [_write_part(folder, curated, wanted) for wanted in formats]
    if useless := next((part for part in parts if not part.pairs), None):
        held = f"none of the {curated.height:,} pairs: {why_none(useless.lost)}"
        raise PrefqError(f"The format {useless.name} can hold {held}.")
    text = card(curated, parts, audit, verdict, ledger, name=name, licence=settings.get("license"), version=version)
    (folder / CARD).write_text(text, encoding="utf-8", newline="\n")
    files = _write_checksums(folder)
    return Release(parts[0].pairs, files, tuple(note for part in parts for note in _notes(part, curated.height)))


@dataclass(frozen=True)
class Wanted:
    """A format to write: the folder it goes to, its writer, and the writer's options."""

    folder: str
    writer: Writer
    options: Mapping[str, Any]

    def written(self, pairs: pl.DataFrame) -> Written:
        """The pairs in that format. Raises SettingsError when the value of an option is wrong."""
        try:
            return self.writer.write(pairs, **self.options)
        except UsageError as error:
            raise SettingsError(f"release.formats: {error}") from None


def wanted_formats(given: Any) -> Sequence[Wanted]:
    """The formats that `release.formats` names, each once. Raises SettingsError for what is no format or option."""
    if not isinstance(given, list) or not given:
        raise SettingsError("release.formats must be a list of at least one format, such as [trl].")
    wanted = [_wanted(entry) for entry in given]
    return list({each.folder: each for each in wanted}.values())


def _wanted(entry: Any) -> Wanted:
    """One entry of `release.formats`: a name, or a mapping with `format` and options."""
    options = dict(entry) if isinstance(entry, dict) else {"format": entry}
    name = options.pop("format", None)
    if not isinstance(name, str) or name not in WRITERS:
        raise SettingsError(f"release.formats: there is no output format {name!r}{did_you_mean(str(name), WRITERS)}")
    try:
        checked = WRITERS[name].checked(options)
    except UsageError as error:
        raise SettingsError(f"release.formats: {error}") from None
    told = "-".join([name, *(str(value) for value in checked.values())])
    return Wanted(re.sub(r"[^A-Za-z0-9._-]+", "_", told), WRITERS[name], checked)


def _write_part(folder: Path, curated: pl.DataFrame, wanted: Wanted) -> Part:
    """Write one format's files, and say what is in them.

    All splits are written as one and then cut, since they must have the same columns: a format may have a column only
    when every row, or any row, has a value for it.
    """
    (folder / wanted.folder).mkdir()
    splits = [curated.filter(pl.col("split") == split) for split in SPLITS]
    whole = wanted.written(pl.concat(splits))
    rows: dict[str, int] = {}
    size = 0
    for split, pairs in zip(SPLITS, splits, strict=True):
        if height := wanted.written(pairs).frame.height:
            path = folder / wanted.folder / f"{split}.parquet"
            write_file(replace(whole, frame=whole.frame.slice(sum(rows.values()), height)), path)
            rows[split], size = height, size + path.stat().st_size
    lost = {what: count for what, count in whole.lost.items() if what != "split"}  # the files say it
    place = f"{wanted.folder}/{{split}}.parquet"
    return Part(wanted.folder, rows, whole.frame.schema, lost, size, place, whole.rows_per_pair)


def why_none(lost: Mapping[str, int]) -> str:
    """Why a format can hold none of some pairs."""
    return ", ".join(f"{count:,} × {what}" for what, count in lost.items()) or "there are none"


def _notes(part: Part, pairs: int) -> list[str]:
    """Sentences on the pairs that a format could not hold, and on what of the others it could not."""
    left_out = pairs - part.pairs
    notes = [f"{part.name}: {left_out:,} of {pairs:,} pairs left out; see {CARD}"] if left_out else []
    for what in ("margin", "weight", "agreement"):
        if part.lost.get(what):
            notes.append(f"{part.name}: the {what}s of {part.lost[what]:,} pairs left out; see {CARD}")
    return notes


def _write_checksums(folder: Path) -> tuple[str, ...]:
    """Write the SHA-256 of every file, in the form that `sha256sum -c` reads; the paths of all files come back."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(folder / path)}  {path}\n" for path in paths]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    return (*paths, CHECKSUMS)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
