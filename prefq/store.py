"""The tables of one working directory. The one file that opens them; a write is whole or absent.

A stage writes into a temporary folder and its outputs then take their places together. When they differ from what was
there, the outputs of every later stage are removed first, so no table ever stands beside one that it was not made from.
"""

import fcntl
import filecmp
import json
import os
import queue
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.io.plugins import register_io_source

from prefq import schema
from prefq.decisions import DECIDES, decisions
from prefq.errors import LockedError, MissingTableError, PrefqError

if TYPE_CHECKING:
    from prefq.vectors import Vectors

ROW_GROUP, LEVEL = 10_000, 1
"""Small groups keep the writer's memory low; higher levels of zstd take twice the time for a tenth of the size."""


BESIDE = {"gate": ("reports/data_docs",)}
"""What a stage writes beside its outputs: it differs from run to run, so it is none, but goes when they go."""

VERSION = "prefq.schema"
"""In the metadata of every table: the version of the schema."""

BENCHMARKS = "prefq.benchmarks"
"""In the metadata of overlaps: how many benchmark prompts the data was compared with."""


def write_table(frame: pl.DataFrame | pl.LazyFrame, path: Path, notes: Mapping[str, str] | None = None) -> None:
    """Write a frame as Parquet (zstd) with the schema version, and what else is to be noted, in the file's metadata."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {VERSION: str(schema.SCHEMA_VERSION), **(notes or {})}
    frame.lazy().sink_parquet(
        path, compression="zstd", compression_level=LEVEL, row_group_size=ROW_GROUP, metadata=metadata
    )


def write_json(value: Any, path: Path) -> None:
    """Write JSON for people and machines: indented, keys in the order given, one newline at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file to write beside `path`: it takes that place when the block ends well, and is gone when it does not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class TableStream:
    """A table that is written while its batches are made: by a thread of its own, so that memory does not grow with it.

    Leaving the block ends the table; an error in the block leaves half of a file, for the caller to throw away.
    """

    def __init__(self, path: Path, columns: pl.Schema) -> None:
        self._batches: queue.Queue[pl.DataFrame | None] = queue.Queue(maxsize=2)
        self._failure: Exception | None = None
        self._columns, self._path, self._wanted = columns, path, True
        self._writer = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> "TableStream":
        self._writer.start()
        return self

    def add(self, batch: pl.DataFrame) -> None:
        """Append a batch. Raises what the writing has met."""
        while self._failure is None:
            try:
                return self._batches.put(batch, timeout=1)
            except queue.Full:
                continue
        raise self._failure

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._wanted = kind is None
        while self._writer.is_alive():
            with suppress(queue.Full):
                self._batches.put(None, timeout=1)
                self._writer.join()
        if kind is None and self._failure is not None:
            raise self._failure

    def _write(self) -> None:
        rows = register_io_source(lambda *_: self._made(), schema=self._columns, validate_schema=True)
        try:
            write_table(rows, self._path)
        except Exception as error:
            self._failure = error

    def _made(self) -> Iterator[pl.DataFrame]:
        while (batch := self._batches.get()) is not None and self._wanted:
            yield batch


@dataclass(frozen=True)
class Outputs:
    """A stage's temporary folder: what is written here takes its place when the stage has ended well."""

    root: Path

    def path(self, name: str) -> Path:
        """Where to write the output of that name (a path relative to the working directory)."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def folder(self, name: str) -> Path:
        """A folder among the outputs, made."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def table(self, name: str, frame: pl.DataFrame | pl.LazyFrame, notes: Mapping[str, str] | None = None) -> None:
        """Write a table."""
        write_table(frame, self.path(name), notes)

    def json(self, name: str, value: Any) -> None:
        """Write a JSON file."""
        write_json(value, self.path(name))

    def text(self, name: str, value: str) -> None:
        """Write a text file."""
        self.path(name).write_text(value, encoding="utf-8")

    def stream(self, name: str, columns: pl.Schema) -> TableStream:
        """A table to be written batch by batch."""
        return TableStream(self.path(name), columns)


@dataclass(frozen=True)
class Workdir:
    """A directory with prefq's tables in `data/` and its reports in `reports/`."""

    root: Path

    def has(self, name: str) -> bool:
        """Whether that file or folder is there."""
        return (self.root / name).exists()

    def need(self, name: str) -> Path:
        """The path of a table; raises MissingTableError when it is not there."""
        if self.has(name):
            return self.root / name
        maker, missing = schema.maker(name), f"{self.root / name} is not there: run"
        if self.has("dvc.lock"):
            raise MissingTableError(f"{missing} `dvc pull {name}` if a remote has it, or else `dvc repro {maker}`.")
        raise MissingTableError(f"{missing} `prefq {maker}` first (or `dvc repro {maker}` in a DVC project).")

    def table(self, name: str) -> pl.DataFrame:
        """Read a table whole."""
        path = self.need(name)
        try:
            self._require_version(name)
            return pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = "a folder" if path.is_dir() else str(error).splitlines()[0]
            raise PrefqError(f"{path} cannot be read ({reason}): {_again(name)}.") from None

    @contextmanager
    def scan(self, name: str) -> Iterator[pl.LazyFrame]:
        """A table that is read in the block, as much of it as is asked for. Raises PrefqError as `table` does."""
        path = self.need(name)
        try:
            self._require_version(name)
            yield pl.scan_parquet(path)
        except (pl.exceptions.ComputeError, OSError) as error:
            raise PrefqError(f"{path} cannot be read ({str(error).splitlines()[0]}): {_again(name)}.") from None

    def _require_version(self, name: str) -> None:
        """Raises PrefqError for a table of another version of the schema, and for one that prefq did not write."""
        found = pl.read_parquet_metadata(self.root / name).get(VERSION)
        if found is None:
            raise PrefqError(f"{self.root / name} is no table of prefq's: {_again(name)}.")
        if found != str(schema.SCHEMA_VERSION):
            told = f"version {found} of the tables, and this prefq reads version {schema.SCHEMA_VERSION}"
            raise PrefqError(f"{self.root / name} is of {told}: {_again(name)}, and then the stages after it.")

    def optional_table(self, name: str) -> pl.DataFrame | None:
        """Read a table, or None when its stage has not run."""
        return self.table(name) if self.has(name) else None

    def json(self, name: str) -> Any:
        """Read a JSON file that a stage wrote."""
        path = self.need(name)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise PrefqError(f"{path} is not valid JSON: {_again(name)}.") from None

    def optional_json(self, name: str) -> Any:
        """Read a JSON file, or None when its stage has not run."""
        return self.json(name) if self.has(name) else None

    def vectors(self) -> "Vectors | None":
        """The vectors of the current texts, or None when `embed` has not run."""
        from prefq.vector_cache import load_vectors

        return load_vectors(self.root / "data/vectors") if self.has("data/vectors") else None

    def overlaps(self) -> pl.DataFrame | None:
        """The overlaps with benchmarks; None when there was no benchmark to compare with, for that is no finding."""
        found = self.optional_table("data/overlaps.parquet")
        if found is None or pl.read_parquet_metadata(self.root / "data/overlaps.parquet").get(BENCHMARKS) == "0":
            return None
        return found

    def curated(self) -> pl.DataFrame:
        """The curated pairs of all splits, train first."""
        self.need("data/curated")
        return pl.concat([self.table(f"data/curated/{split}.parquet") for split in schema.SPLITS])

    def decisions(self) -> pl.DataFrame | None:
        """The decisions of people in `data/labels`, a column per name of DECIDES; None when there are none."""
        found = pl.DataFrame(read_labels(self.root / "data/labels"), schema=dict.fromkeys(DECIDES, pl.String))
        return found if found.height else None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this directory for one process; raises LockedError when another one has it."""
        state = self.root / ".prefq"
        state.mkdir(parents=True, exist_ok=True)
        with (state / "lock").open("a+", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.seek(0)
                owner = handle.read().strip() or "another process"
                raise LockedError(f"{self.root} is in use by {owner}: wait for it, or use another --workdir.") from None
            handle.truncate(0)
            handle.write(f"process {os.getpid()}")
            handle.flush()
            yield

    @contextmanager
    def outputs(self, stage_name: str) -> Iterator[Outputs]:
        """A place for a stage's outputs; they take effect together when the block ends without an error."""
        scratch = self.root / ".prefq/tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        self._undo_half_commit()
        made = Outputs(scratch / stage_name)
        made.root.mkdir(parents=True)
        try:
            yield made
            self._commit(stage_name, made)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _commit(self, stage_name: str, made: Outputs) -> None:
        stage = schema.stage(stage_name)
        for name in BESIDE.get(stage_name, ()):
            if (made.root / name).exists():
                self.remove((name,))
                self._place(made, name)
        changed = [name for name in stage.writes if not _same(made.root / name, self.root / name)]
        if not changed:
            return
        self._committing.write_text(stage_name, encoding="utf-8")
        for later in schema.later_stages(stage_name):
            self.remove(_all(later))
        self.remove(stage.writes)
        for name in stage.writes:
            self._place(made, name)
        self._committing.unlink()

    def _place(self, made: Outputs, name: str) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (made.root / name).replace(target)

    @property
    def _committing(self) -> Path:
        """Names the stage whose outputs are taking their places; it stays behind when that is cut short."""
        return self.root / ".prefq/committing"

    def _undo_half_commit(self) -> None:
        """Of outputs that did not all take their places none stays: a table must not stand beside an older one."""
        if self._committing.exists():
            name = self._committing.read_text(encoding="utf-8")
            for half in [stage for stage in schema.STAGES if stage.name == name]:
                for stage in (half, *schema.later_stages(name)):
                    self.remove(_all(stage))
            self._committing.unlink()

    def remember(self, stage_name: str, section: Mapping[str, Any]) -> None:
        """Note the settings that a stage's tables were made with."""
        text = json.dumps({**self.remembered(), stage_name: dict(section)}, indent=2, default=str)
        self._settings.write_text(text + "\n", encoding="utf-8")

    def remembered(self) -> dict[str, dict[str, Any]]:
        """The settings that each stage's tables were made with, by stage; nothing of those that never ran here."""
        try:
            found = json.loads(self._settings.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        there = (stage for stage in schema.STAGES if any(self.has(name) for name in stage.writes))
        return {stage.name: found[stage.name] for stage in there if isinstance(found.get(stage.name), dict)}

    @property
    def _settings(self) -> Path:
        return self.root / ".prefq/settings.json"

    def remove(self, names: tuple[str, ...]) -> None:
        """Remove outputs that no longer belong to the tables before them."""
        for name in names:
            path = self.root / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _all(stage: schema.Stage) -> tuple[str, ...]:
    return stage.writes + BESIDE.get(stage.name, ())


def _again(name: str) -> str:
    """The remedy for a table or file that cannot be used."""
    return f"run `prefq {schema.maker(name)}` again (`dvc repro -f {schema.maker(name)}` in a DVC project)"


def _same(new: Path, old: Path) -> bool:
    if new.is_dir() and old.is_dir():
        names = {p.relative_to(new) for p in new.rglob("*")}
        if names != {p.relative_to(old) for p in old.rglob("*")}:
            return False
        return all(_same(new / name, old / name) for name in names if (new / name).is_file())
    return new.is_file() and old.is_file() and filecmp.cmp(new, old, shallow=False)


def read_labels(folder: Path) -> list[Mapping[str, Any]]:
    """Every decision in `data/labels/ANNOTATOR.jsonl`, file by file, in the order written.

    Raises PrefqError for a line that is not a decision, naming file and line.
    """
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    return [decision.row for path in paths for decision in decisions(_label_text(path), str(path))]


def _label_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PrefqError(f"{path} is not UTF-8; convert it to UTF-8.") from None
