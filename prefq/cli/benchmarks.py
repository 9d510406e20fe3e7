"""From benchmark files to prompts: by the reader of the format that a file has, else by the column of its prompts."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from prefq.blocks import Block
from prefq.blocks import first as head
from prefq.cli.datasets import plain_name
from prefq.cli.fingerprints import is_fingerprint, read_fingerprint
from prefq.errors import FormatError, SourceError
from prefq.formats import FORMATS, Format, Judgement, Record, RejectRecord, Unreadable
from prefq.formats.detection import SAMPLE, detect
from prefq.ingest import gathered
from prefq.overlap import FINGERPRINT
from prefq.sources import open_source
from prefq.sources.found import STDIN, Found
from prefq.sources.places import expand

NO_VECTORS = "no vectors, so semantic matches are not looked for: run `prefq embed` first"
PROMPTS = pl.Schema({"benchmark": pl.String, "benchmark_id": pl.String, "text": pl.String})

PROMPT_COLUMNS = ("prompt", "instruction", "question", "text", "conversation_input", "messages", "turns", "input")
ID_COLUMNS = (
    *("id", "benchmark_id", "pair_id", "pair_uid", "bon_uid", "question_id", "prompt_id", "original_id", "uid"),
)

Asked = tuple[str | None, str]
"""The id of a prompt, if it has one, and the prompt; or of an answer, and the answer."""


@dataclass(frozen=True)
class Benchmarks:
    """What must not be in the training data: prompts and answers (`PROMPTS`), and `FINGERPRINT`s of prompts."""

    prompts: pl.DataFrame
    prints: pl.DataFrame
    notes: tuple[str, ...] = ()
    answers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PROMPTS))

    @property
    def height(self) -> int:
        """How many prompts there are."""
        return self.prompts.height + self.prints.height

    def undecided(self, semantic: bool, vectors: bool) -> list[str]:
        """What cannot be decided, in sentences; `semantic` matches are wanted, `vectors` are there."""
        said = [NO_VECTORS] if semantic and self.prompts.height and not vectors else []
        if not self.prints.height:
            return said
        names = ", ".join(self.prints["benchmark"].unique().sort().to_list())
        near = "near or mean the same" if semantic else "near"
        return [*said, f"{names}: only a fingerprint, so prompts that are {near}, and answers, are not decided"]


@dataclass
class _Reading:
    """What has been read so far, with how many records of each name, for prompts without an id."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    prints: list[pl.DataFrame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)


def read_benchmarks(root: Path, entries: Sequence[Mapping[str, Any]], n: int) -> Benchmarks:
    """The prompts of benchmarks, or fingerprints of their runs of `n` words, that entries name.

    An entry is {path, name, column, format, options}. Prompts (the first user turn, each once in a benchmark, under its
    first id) are read by the format that is named or that the file has; else from the column that is named or one that
    is usual. A prompt is called by the benchmark's own id (`ID_COLUMNS`), else by its group, else by the number of its
    record, counted on through all files of one name. Answers are those of the judgements that the format's reader
    forms, under the prompt's id. Raises SourceError when a file holds no prompt.
    """
    done = _Reading()
    for entry in entries:
        for found in expand(entry["path"], root):
            _read(_fetched(found), entry, n, done)
    prompts, answers = (
        pl.DataFrame(rows, schema=PROMPTS, orient="row").unique(named, keep="first", maintain_order=True)
        for rows, named in ((done.rows, ["benchmark", "text"]), (done.answers, PROMPTS.names()))
    )
    prints = pl.concat([pl.DataFrame(schema=FINGERPRINT), *done.prints])
    return Benchmarks(prompts, prints, tuple(done.notes), answers)


def _fetched(found: Found) -> Found:
    """The file on this machine."""
    return found if isinstance(found.place, Path) else replace(found, place=found.place())


def _read(found: Found, entry: Mapping[str, Any], n: int, done: _Reading) -> None:
    if isinstance(found.place, Path) and found.name != STDIN and is_fingerprint(found.place):
        done.prints.append(read_fingerprint(found.place, found.name, n, entry.get("name")))
        return
    name = entry.get("name") or plain_name(found)
    source, start, without, before = open_source(found), done.read.get(name, 0), 0, len(done.rows)
    fmt, blocks = _format(source.blocks(start), entry, found.name)
    options = entry.get("options") or {}
    records = _by_format(blocks, fmt, options) if fmt else _by_column(blocks, entry.get("column"), found.name, start)
    for number, asked, answered in records:
        without += not asked
        done.rows += [(name, str(number) if own is None else own, text) for own, text in asked]
        done.answers += [(name, str(number) if own is None else own, text) for own, text in answered]
    done.read[name] = start + source.count
    if len(done.rows) == before:
        raise SourceError(f"{found.name} holds no prompt: name its column with `column` under decontaminate.against.")
    if without:
        done.notes.append(f"{name}: {without:,} records of {found.name} have no prompt")


def _format(blocks: Iterable[Block], entry: Mapping[str, Any], name: str) -> tuple[Format | None, Iterator[Block]]:
    """The format that is named or that the first records have, None where prompts are read by column; the blocks."""
    if entry.get("format"):
        return FORMATS[entry["format"]], iter(blocks)
    rest = iter(blocks)
    first = list(islice(rest, 1))
    records = [record for block in first for record in head(block, SAMPLE) if not isinstance(record, Unreadable)]
    try:
        fmt = None if entry.get("column") or not records else detect(records, name)
    except FormatError:
        fmt = None
    return fmt, chain(first, rest)


def _by_format(
    blocks: Iterable[Block], fmt: Format, options: Mapping[str, Any]
) -> Iterator[tuple[int, list[Asked], list[Asked]]]:
    """The number of each record, the distinct prompts in it, whether or not judgements can be formed, and answers."""
    unknown = [name for name in options if name not in fmt.options]
    if unknown:
        raise FormatError(f"The format {fmt.name} has no option {unknown[0]!r}.")
    for block in gathered(blocks, fmt):
        for number, record in zip(block.numbers, block.records(), strict=True):
            yield number, *(([], []) if isinstance(record, Unreadable) else _asked(fmt, record, options))


def _asked(fmt: Format, record: Record, options: Mapping[str, Any]) -> tuple[list[Asked], list[Asked]]:
    """The prompts of a record, and its answers, each once."""
    rows = record["rows"] if fmt.gather else [record]
    own = next((str(row[c]) for row in rows for c in ID_COLUMNS if row.get(c) is not None), None)
    try:
        items = list(fmt.read(record, **options))
    except RejectRecord:
        items = []
    judged = [item for item in items if isinstance(item, Judgement)]
    found = {
        text: _called(own, item.group_id) for item in judged if (text := _first_user_turn(item.prompt)) is not None
    }
    if not found:
        found = {text: own for row in rows if (text := _in_columns(row, PROMPT_COLUMNS)) is not None}
    answered = {
        (_called(own, item.group_id), text): None
        for item in judged
        for answer in (item.chosen, item.rejected)
        if (text := answer.text)
    }
    return [(name, text) for text, name in found.items()], list(answered)


def _called(own: str | None, group: str | None) -> str | None:
    """The id; the group where it says more than that (RM-Bench's ids are counted in each domain anew)."""
    return group if own is None or (group is not None and group.endswith(f"/{own}")) else own


def _by_column(
    blocks: Iterable[Block], column: str | None, path: str, start: int
) -> Iterator[tuple[int, list[Asked], list[Asked]]]:
    """The number of each record, its prompt, and no answer. Raises SourceError for one that has no prompt."""
    wanted = [column] if column else PROMPT_COLUMNS
    for block in blocks:
        for number, record in zip(block.numbers, block.records(), strict=True):
            if isinstance(record, Unreadable):
                yield number, [(None, _bare(record, f"{path}, record {number - start}"))], []
                continue
            text = _in_columns(record, wanted)
            if text is None:
                columns = ", ".join(map(str, record)) or "none"
                raise SourceError(
                    f"{path}, record {number - start} has no prompt in {' or '.join(wanted)} (its columns: {columns}): "
                    "name the column with `column` under decontaminate.against."
                )
            yield number, [(next((str(record[c]) for c in ID_COLUMNS if record.get(c) is not None), None), text)], []


def _bare(record: Unreadable, where: str) -> str:
    """A prompt that stands by itself in a list of prompts."""
    try:
        value = json.loads(record.raw)
    except ValueError:
        value = None
    if not isinstance(value, str):
        raise SourceError(f"{where}: {record.detail}; mend the benchmark file.")
    return value


def _in_columns(record: Record, columns: Sequence[str]) -> str | None:
    column = next((c for c in columns if record.get(c) is not None), None)
    return _first_user_turn(record[column]) if column else None


def _first_user_turn(value: Any) -> str | None:
    """The first thing that a user says: the text itself, the first of a list of texts, or a message."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not value:
        return None
    if isinstance(value[0], str):
        return value[0]
    turns = [turn for turn in value if isinstance(turn, dict)]
    users = [turn for turn in turns if turn.get("role", turn.get("from", "user")) in ("user", "human")]
    text = users[0].get("content", users[0].get("value")) if users else None
    return text if isinstance(text, str) else None
