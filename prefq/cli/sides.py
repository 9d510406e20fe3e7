"""The two sides of a comparison: a Git revision, the workspace, a directory or a file, as one table of pairs each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from prefq import schema
from prefq.cli.console import Console
from prefq.errors import MissingTableError, PrefqError, SourceError, UsageError
from prefq.history import Records
from prefq.versions import VersionError, commit_of, files_at, find_commit, recorded_md5, records_at, records_in

WORKSPACE = "workspace"
TABLES = {"curated": "data/curated", "pairs": "data/pairs.parquet", "release": "data/release"}
"""What can be compared, and where a project keeps it."""

FLAGS, SHORTCUTS = "data/flags.parquet", "data/shortcuts.json"
"""What tells of the quality of a side."""

NEEDED = ("pair_id", "prompt_id", "chosen_id", "rejected_id", "prompt", "chosen", "rejected")
"""Without these columns a table is none of ours, of whatever version."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison, ready to be read."""

    name: str
    """As it was asked for."""
    title: str
    """As it is shown: a revision with its commit."""
    table: str
    """`curated`, `pairs` or `release`; the pairs of a bare file are `pairs`."""
    frame: pl.LazyFrame
    commit: str | None = None
    records: Records | None = None
    """What its project records, where it is the version of one."""
    flags: pl.LazyFrame | None = None
    """The flags of its pairs, where its project has them."""
    shortcuts: Mapping[str, Any] | None = None


class Place(Protocol):
    """Where a side is; its `tables` are None where there is but one thing to read."""

    @property
    def name(self) -> str:
        """As it was asked for."""
        ...

    @property
    def tables(self) -> frozenset[str] | None:
        """Which tables can be read there."""
        ...

    def side(self, table: str, console: Console) -> Side:
        """The table, as one side. Raises PrefqError when it cannot be had."""
        ...


@dataclass(frozen=True)
class Revision:
    """A commit of the project in `root`."""

    name: str
    root: Path
    commit: str
    records: Records | None

    @property
    def tables(self) -> frozenset[str]:
        """Those that DVC recorded there."""
        return frozenset(t for t, path in TABLES.items() if recorded_md5(self.root, self.commit, path))

    def side(self, table: str, console: Console) -> Side:
        """The table as DVC recorded it: from its cache, or its remote."""
        files = files_at(self.root, self.commit, TABLES[table], self.name)
        title = self.name if self.commit.startswith(self.name) else f"{self.name} ({self.commit[:8]})"
        frame = read_table(table, files, f"{TABLES[table]} as of {self.name}", console)
        quality = _quality(self._recorded(FLAGS), self._recorded(SHORTCUTS))
        return Side(self.name, title, table, frame, self.commit, self.records, *quality)

    def _recorded(self, path: str) -> Path | None:
        """A file as DVC recorded it; None where it did not, or where it cannot be had: a comparison can do without."""
        if not recorded_md5(self.root, self.commit, path):
            return None
        try:
            return files_at(self.root, self.commit, path, self.name)[Path(path).name]
        except VersionError:
            return None


@dataclass(frozen=True)
class Directory:
    """A directory with prefq's tables in data/, as it stands."""

    name: str
    root: Path

    @property
    def tables(self) -> frozenset[str]:
        """Those that are there."""
        return frozenset(table for table, path in TABLES.items() if (self.root / path).exists())

    def side(self, table: str, console: Console) -> Side:
        """The table that is there."""
        place = self.root / TABLES[table]
        if not place.exists():
            stage = next(s.name for s in schema.STAGES if any(w.startswith(TABLES[table]) for w in s.writes))
            tracked = f"`dvc pull {TABLES[table]}` or " if (self.root / "dvc.lock").is_file() else ""
            raise MissingTableError(f"{place} is not there: run {tracked}`prefq {stage}`.")
        frame = read_table(table, files_in(place), str(place), console)
        quality = _quality(self.root / FLAGS, self.root / SHORTCUTS)
        return Side(self.name, self.name, table, frame, None, records_in(self.root), *quality)


@dataclass(frozen=True)
class File:
    """A file, or anything else that can be read as a dataset."""

    name: str

    @property
    def tables(self) -> None:
        """There is one thing to read."""
        return None

    def side(self, table: str, console: Console) -> Side:
        """Its pairs; a table that prefq wrote is taken as it is."""
        own = own_table(Path(self.name))
        if own is not None:
            kind = "curated" if "status" in own.collect_schema() else "pairs"
            return Side(self.name, self.name, kind, own)
        return Side(self.name, self.name, "pairs", _dataset(self.name, console).lazy())


def place(wanted: str, root: Path) -> Place:
    """What `wanted` names, seen from here: `workspace` is the project in `root`, a revision is one of its Git.

    Raises UsageError for what is both a file and a revision, and VersionError for what is neither.
    """
    from prefq.sources.places import is_remote

    if wanted == WORKSPACE:
        return Directory(wanted, root)
    if not wanted:
        raise UsageError("A side to compare has no name: give a revision, `workspace`, a directory or a file.")
    path = Path(wanted)
    if is_remote(wanted) or wanted == "-" or any(sign in wanted for sign in "*?["):
        return File(wanted)
    if path.exists() or path.is_symlink():
        if path.name == wanted and _is_revision(root, wanted):
            raise UsageError(f"{wanted} is a file here and a Git revision: write ./{wanted} or refs/heads/{wanted}.")
        return _at_path(wanted, path)
    return _revision(wanted, root)


def _at_path(wanted: str, path: Path) -> Place:
    if not path.is_dir():
        return File(wanted)
    tables = any((path / table).exists() for table in TABLES.values())
    return Directory(wanted, path) if tables or (path / "dvc.lock").is_file() else File(wanted)


def _is_revision(root: Path, name: str) -> bool:
    try:
        return find_commit(root, name) is not None
    except VersionError:
        return False


def _revision(name: str, root: Path) -> Revision:
    try:
        commit = commit_of(root, name)
    except VersionError as error:
        raise VersionError(f"there is no file {name}, and as a revision: {error}") from None
    found = Revision(name, root, commit, records_at(root, commit))
    if found.records is None and not found.tables:
        raise VersionError(f"{name} ({commit[:8]}) has no dvc.lock: the pipeline had not run there (`dvc repro`).")
    return found


def sides(old: str, new: str, table: str | None, root: Path, console: Console) -> tuple[Side, Side]:
    """Both sides of a comparison. Where no table is asked for, it is the most curated that both have.

    Raises PrefqError when a side cannot be had.
    """
    places = (place(old, root), place(new, root))
    wanted = table or _common([p.tables for p in places], _bare_kinds(places))
    first, second = (p.side(wanted, console) for p in places)
    return first, second


def _bare_kinds(places: tuple[Place, Place]) -> list[str]:
    """Which table each file on its own is."""
    own = [own_table(Path(p.name)) for p in places if p.tables is None]
    return ["curated" if f is not None and "status" in f.collect_schema() else "pairs" for f in own]


def _common(held: list[frozenset[str] | None], bare: list[str]) -> str:
    """The most curated table on all sides; a project's side follows a file, which is what it is."""
    known = [tables for tables in held if tables is not None]
    if bare:
        return bare[0]
    return next((name for name in ("curated", "pairs") if all(name in tables for tables in known)), "curated")


def _quality(flags: Path | None, shortcuts: Path | None) -> tuple[pl.LazyFrame | None, Mapping[str, Any] | None]:
    """The flags and the shortcuts' figures from their files; None for what is not there."""
    frame = pl.scan_parquet(flags, glob=False) if flags and flags.is_file() else None
    try:
        figures = json.loads(shortcuts.read_text(encoding="utf-8")) if shortcuts and shortcuts.is_file() else None
    except ValueError:
        figures = None
    return frame, figures


def files_in(path: Path) -> dict[str, Path]:
    """A file by its name, or a folder's files by their paths in it."""
    if path.is_file():
        return {path.name: path}
    return {p.relative_to(path).as_posix(): p for p in sorted(path.rglob("*")) if p.is_file()}


def read_table(table: str, files: Mapping[str, Path], shown: str, console: Console) -> pl.LazyFrame:
    """One of a project's tables, from its files. Raises PrefqError, calling it `shown`, for what is none of ours."""
    if table == "release":
        return _release(files, shown, console).lazy()
    wanted = [files[name] for name in _in_order(files)]
    if not wanted:
        raise PrefqError(f"{shown} holds no table: run `prefq curate` again.")
    frames = [_scanned(path, shown) for path in wanted]
    return pl.concat(frames, how="vertical")


def _in_order(files: Mapping[str, Path]) -> list[str]:
    """Tables by name, those of the splits in their order."""
    order = {f"{split}.parquet": number for number, split in enumerate(schema.SPLITS)}
    return sorted((n for n in files if n.endswith(".parquet")), key=lambda n: (order.get(n, len(order)), n))


def _scanned(path: Path, shown: str) -> pl.LazyFrame:
    try:
        frame = pl.scan_parquet(path, glob=False)
        columns = frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise PrefqError(f"{shown} cannot be read ({str(error).splitlines()[0]}).") from None
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise PrefqError(
            f"{shown} is no table of pairs that this version of prefq can compare: it has no {', '.join(missing)}. "
            "Make it anew with `dvc repro`."
        )
    return frame


def own_table(path: Path) -> pl.LazyFrame | None:
    """A Parquet file, or a folder with one for each split, that prefq wrote; None when it is something else."""
    held = files_in(path) if path.exists() else {}
    if path.is_dir() and set(held) != {f"{split}.parquet" for split in schema.SPLITS}:
        return None
    tables = [held[name] for name in _in_order(held)]
    if not tables or len(tables) != len(held):
        return None
    try:
        frames = [pl.scan_parquet(table, glob=False) for table in tables]
        fits = all(set(NEEDED) <= set(frame.collect_schema().names()) for frame in frames)
    except (pl.exceptions.PolarsError, OSError):
        return None
    return pl.concat(frames, how="vertical") if fits else None


def _release(files: Mapping[str, Path], shown: str, console: Console) -> pl.DataFrame:
    """The pairs of a release, read back from the first of its formats, each with the split whose file it is in."""
    from prefq.cli.datasets import Dataset
    from prefq.cli.datasets import File as Part
    from prefq.cli.reading import in_memory
    from prefq.sources.found import Found

    tables = [name for name in _splits_first(files) if name.endswith(".parquet") and "/" in name]
    if not tables:
        raise PrefqError(f"{shown} holds no pairs: run `prefq release` again.")
    folder = min(name.rpartition("/")[0] for name in tables)
    found = []
    for name in (name for name in tables if name.rpartition("/")[0] == folder):
        part = Part(Found(files[name], f"{shown}/{name}", name), None, {})
        pairs, _ = in_memory(Dataset("release", (part,)), console)
        found.append(pairs.with_columns(split=pl.lit(name.rpartition("/")[2].removesuffix(".parquet"))))
    return pl.concat(found)


def _splits_first(files: Mapping[str, Path]) -> list[str]:
    order = {split: number for number, split in enumerate(schema.SPLITS)}
    return sorted(files, key=lambda n: (order.get(n.rpartition("/")[2].removesuffix(".parquet"), len(order)), n))


def _dataset(source: str, console: Console) -> pl.DataFrame:
    from prefq.cli.datasets import only_dataset
    from prefq.cli.reading import in_memory

    pairs, rejects = in_memory(only_dataset(source, None, {}), console)
    for reason, count in rejects["reason"].value_counts(sort=True).iter_rows():
        console.say(f"  {source}, not read: {count:,} × {reason}")
    if pairs.is_empty():
        raise SourceError(f"{source} yields not one usable pair ({rejects.height:,} rejects): nothing to compare.")
    return pairs
