"""The dataset card of a release: a Markdown page under a YAML header, as dataset hubs read it.

Whatever comes from the data (names of datasets, reasons, licences) is escaped: it cannot become markup or metadata.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.figures import percent
from prefq.schema import SPLITS

SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
)
"""Upper ends of the size categories that hubs know, and their names."""

MOST_ROWS = 20
"""Longer tables are cut, and say so."""


@dataclass(frozen=True)
class Part:
    """One format of a release: its rows by split, its columns, and what it could not hold (how many pairs)."""

    name: str
    """The format's name, with its options if it has some: what hubs call a configuration."""
    rows: Mapping[str, int]
    schema: pl.Schema
    lost: Mapping[str, int]
    size: int
    """Bytes of its files."""
    place: str
    """Where the file of a split is: a path with `{split}` in it."""
    rows_per_pair: int = 1

    @property
    def pairs(self) -> int:
        """Pairs over all splits."""
        return sum(self.rows.values()) // self.rows_per_pair


def card(
    curated: pl.DataFrame,
    parts: Sequence[Part],
    audit: Mapping[str, Any],
    verdict: Mapping[str, Any],
    ledger: pl.DataFrame | None,
    *,
    name: str,
    licence: str | None,
    version: str,
) -> str:
    """The card's text. `audit` and `verdict` are `audit.json` and `gate.json`; equal input gives equal bytes."""
    sections = [
        header(parts, name=name, licence=licence),
        f"# {escaped(name)}\n\n{_summary(curated, verdict, licence, version)}",
        _loading(parts[0]),
        _contents(curated),
        _history(audit, ledger),
        _gate(verdict),
        *(_format(part, f"Format `{part.name}`") for part in parts),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def hub_card(part: Part, *, name: str, licence: str | None, version: str) -> str:
    """The card of a folder that holds one format alone, as `prefq convert --to hf` writes it."""
    terms = f"Licence: {escaped(licence)}." if licence else "No licence was given: that of the source applies."
    made = f"{part.pairs:,} preference pairs (prompt, chosen, rejected), written by prefq {escaped(version)}."
    splits = table(("split", "pairs"), part.rows.items(), most=100)
    top = header([part], name=name, licence=licence)
    return "\n\n".join([top, f"# {escaped(name)}\n\n{made} {terms}", splits, _format(part, "Columns")]) + "\n"


def header(parts: Sequence[Part], *, name: str, licence: str | None) -> str:
    """The YAML block: licence, size, and of each format its columns, the places of its splits and their rows."""
    lines = ["---", *([f"license: {_scalar(licence)}"] if licence else []), f"pretty_name: {_scalar(name)}"]
    lines += ["size_categories:", f"- {_scalar(_size(parts[0].pairs))}", "tags:"]
    lines += [f"- {tag}" for tag in ("preference", "dpo", "reward-model", "prefq")]
    lines += ["configs:"]
    for index, part in enumerate(parts):
        default = ["  default: true"] if not index else []
        lines += [f"- config_name: {_scalar(part.name)}", *default, "  data_files:"]
        for split in part.rows:
            lines += [f"  - split: {_scalar(split)}", f"    path: {_scalar(part.place.format(split=split))}"]
    lines += ["dataset_info:"]
    for part in parts:
        lines += _info(part)
    return "\n".join([*lines, "---"])


def _info(part: Part) -> list[str]:
    """The entry of `dataset_info` that describes a format."""
    features = feature_lines(part.schema)
    lines = [f"- config_name: {_scalar(part.name)}", *(["  features:", *features] if features else []), "  splits:"]
    for split, rows in part.rows.items():
        lines += [f"  - name: {_scalar(split)}", f"    num_examples: {rows}"]
    return [*lines, f"  download_size: {part.size}"]


SCALARS: Mapping[Any, str] = {
    pl.String: "string",
    pl.Boolean: "bool",
    pl.Int8: "int8",
    pl.Int32: "int32",
    pl.Int64: "int64",
    pl.UInt32: "uint32",
    pl.Float32: "float32",
    pl.Float64: "float64",
}
"""The names that hubs have for types of values."""


def feature_lines(schema: Mapping[str, Any], indent: str = "  ") -> list[str]:
    """The columns and their types as the YAML of `features`; nothing when a type has no name there."""
    lines: list[str] = []
    for name, dtype in schema.items():
        told = _type_lines(dtype, f"{indent}  ")
        if not told:
            return []
        lines += [f"{indent}- name: {_scalar(name)}", *told]
    return lines


def _type_lines(dtype: Any, indent: str) -> list[str]:
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    word = "list" if isinstance(dtype, pl.List) else "struct"
    if isinstance(inner, pl.Struct):
        fields = feature_lines({field.name: field.dtype for field in inner.fields}, indent)
        return [f"{indent}{word}:", *fields] if fields else []
    scalar = SCALARS.get(inner)
    return [f"{indent}{'list' if isinstance(dtype, pl.List) else 'dtype'}: {scalar}"] if scalar else []


def _summary(curated: pl.DataFrame, verdict: Mapping[str, Any], licence: str | None, version: str) -> str:
    said = "yes" if verdict.get("passed") else "no"
    terms = f"Licence: {escaped(licence)}." if licence else "No licence was given: the licences of the sources apply."
    return (
        f"{curated.height:,} preference pairs (prompt, chosen, rejected) for reward-model and DPO training, "
        f"curated with prefq {escaped(version)}. The gate said **{said}**. {terms}"
    )


def _loading(part: Part) -> str:
    load = f'pairs = load_dataset("path/to/this/folder", "{part.name}")'
    code = f"```python\nfrom datasets import load_dataset\n\n{load}\n```"
    return f"{code}\n\n`sha256sum -c SHA256SUMS` checks the files."


def _contents(curated: pl.DataFrame) -> str:
    longer = pl.col("chosen").str.len_chars() > pl.col("rejected").str.len_chars()
    summary = [
        pl.len().alias("pairs"),
        pl.col("prompt_id").n_unique().alias("prompts"),
        longer.filter(pl.col("label") == "chosen").mean().alias("longer"),
        (pl.col("status") == "gold").sum().alias("gold"),
        ((pl.col("votes") > 1) & (pl.col("agreement") < 1)).sum().alias("disputed"),
    ]
    by_split = {row["split"]: row for row in curated.group_by("split").agg(summary).to_dicts()}
    found = [by_split[split] for split in SPLITS if split in by_split]
    rows = [
        (
            r["split"],
            f"{r['pairs']:,}",
            f"{r['prompts']:,}",
            percent(r["longer"]),
            f"{r['gold']:,}",
            f"{r['disputed']:,}",
        )
        for r in found
    ]
    head = ("split", "pairs", "prompts", "chosen is longer", "decided by annotators", "judgements disagreed")
    datasets = curated["dataset"].value_counts().sort(["count", "dataset"], descending=[True, False])
    return f"## Contents\n\n{table(head, rows)}\n\n{table(('source', 'pairs'), datasets.iter_rows())}"


def _history(audit: Mapping[str, Any], ledger: pl.DataFrame | None) -> str:
    """What was read, what became of it and why."""
    counted = {"records read": "records", "judgements rejected on reading": "rejected", "judgements read": "pairs"}
    steps = [(what, audit[key]) for what, key in counted.items() if isinstance(audit.get(key), int)]
    steps += [(f"decided: {decision}", n) for decision, n in (audit.get("decisions") or {}).items()]
    text = f"## How it was made\n\n{table(('step', 'count'), steps)}"
    rejects = sorted((audit.get("rejects_by_reason") or {}).items(), key=lambda item: (-item[1], item[0]))
    if rejects:
        text += f"\n\n{table(('rejected on reading because', 'count'), rejects)}"
    return text if ledger is None else f"{text}\n\n{table(('decision', 'reason', 'rows'), _reasons(ledger))}"


def _reasons(ledger: pl.DataFrame) -> Iterable[tuple[Any, ...]]:
    """How many rows each reason took part in deciding, the most frequent first. A row may have several."""
    counts = ledger.explode("reasons").drop_nulls("reasons").group_by("decision", "reasons").len()
    return counts.sort(["len", "decision", "reasons"], descending=[True, False, False]).iter_rows()


def _gate(verdict: Mapping[str, Any]) -> str:
    said = {True: "holds", False: "does not hold", None: "not decided"}
    rules = [(r["suite"], r["name"], r["rule"], said[r["passed"]]) for r in verdict.get("rules", ())]
    return f"## The gate\n\n{table(('suite', 'rule on', 'rule', 'result'), rules, most=100)}" if rules else ""


def _format(part: Part, heading: str) -> str:
    columns = [(column, str(dtype)) for column, dtype in part.schema.items()]
    text = f"## {heading}\n\n{table(('column', 'type'), columns, most=100)}"
    if not part.lost:
        return text
    lost = table(("what", "pairs"), sorted(part.lost.items()), most=100)
    return f"{text}\n\nWhat this format has no place for, and in how many pairs it was there:\n\n{lost}"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], most: int = MOST_ROWS) -> str:
    """A Markdown table, numbers with a comma between thousands; of more than `most` rows the rest is only counted."""
    body = [[f"{cell:,}" if isinstance(cell, int) else escaped(str(cell)) for cell in row] for row in rows]
    lines = [" | ".join(row) for row in [list(head), ["---"] * len(head), *body[:most]]]
    more = f"\n\n… and {len(body) - most:,} more." if len(body) > most else ""
    return "\n".join(f"| {line} |" for line in lines) + more


_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#!|~&$@])")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def escaped(text: str, most: int = 200) -> str:
    """Any text as one line of plain Markdown: markup loses its meaning, control characters become spaces."""
    line = _SPACE.sub(" ", text).strip()
    return _MARKUP.sub(r"\\\1", line if len(line) <= most else line[: most - 1] + "…")


def _scalar(text: str) -> str:
    """A text as a YAML value: JSON's double quotes are YAML's."""
    return json.dumps(_SPACE.sub(" ", text).strip(), ensure_ascii=False)


def _size(pairs: int) -> str:
    return next((name for end, name in SIZES if pairs < end), "n>1B")
