"""A comparison for a pull request's comment: totals first, everything from the data in code, capped in length."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from prefq.diff import CLASSES, Diff
from prefq.report import diff_words as words
from prefq.report.diff_examples import equal_start, row_name
from prefq.report.masking import masked, personal
from prefq.report.numbers import NBSP, count, share
from prefq.report.text import brief, visible

LIMIT = 60_000
"""Characters; GitHub takes 65,536."""
MOST_ROWS = 12
EXAMPLES = {"flipped": 3, "edited": 3, "prompt_edited": 2, "removed": 2, "added": 2}
EXAMPLE_CHARS = 300


def to_markdown(diff: Diff, *, limit: int = LIMIT) -> str:
    """The comparison as GitHub Markdown of at most `limit` characters; what does not fit is left out, and said."""
    head = [f"### {code(diff.old.name)} → {code(diff.new.name)}", f"{words.growth(diff)}. {words.verdict(diff)}"]
    parts = [*head, _counts(diff), *_sections(diff)]
    notes = [*words.schema_lines(diff), *diff.notes]
    text, left_out = "", 0
    for part in [*parts, *(code_free(n) for n in notes), *_examples(diff)]:
        if part and len(text) + len(part) + 200 <= limit:
            text += part + "\n\n"
        elif part:
            left_out += 1
    said = f"_{left_out} more parts of this comparison are too long for a comment._\n" if left_out else ""
    return (text + said).replace(NBSP, " ").rstrip("\n") + "\n"


def code(text: str) -> str:
    """Text from the data as a code span: nothing in it is a link, a mention, a table's bar or HTML."""
    shown = brief(text, 80).replace("|", "¦") or "(empty)"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def code_free(text: str) -> str:
    """A sentence of our own that may hold names of columns: every sign that Markdown or HTML knows is escaped."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|@&~])", r"\\\1", visible(text))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are safe already, the first column to the left."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rule = "|" + "|".join(" --- " if i == 0 else " ---: " for i in range(len(head))) + "|"
    return "\n".join([f"| {' | '.join(head)} |", rule, *lines])


def _counts(diff: Diff) -> str:
    rows = [(f"`{n}`", count(diff.counts[n]), share(diff.counts[n], diff.old.pairs)) for n in CLASSES if diff.counts[n]]
    return table(("change", "pairs", "of old"), rows)


def _sections(diff: Diff) -> list[str]:
    places = [f"- {words.concentrated(row, code(row['name']))}" for row in words.strongest(diff, MOST_ROWS)]
    moved = [
        f"- {column} {code(a)} → {code(b)}: {count(pairs)} pairs, {count(prompts)} prompts"
        for column in ("split", "status")
        for a, b, pairs, prompts in words.moves(diff, column)[:MOST_ROWS]
    ]
    columns = [f"{code(name)} {count(n)}" for name, n in list(diff.columns.items())[:MOST_ROWS]]
    figures = [*words.leanings(diff), *[f for f in words.flag_figures(diff) if f.change][:MOST_ROWS]]
    return [
        _list("Where change concentrates", places),
        _list("Moves", moved),
        f"**Columns that differ:** {', '.join(columns)}" if columns else "",
        _folded("Quality", table(("figure", "old", "new"), [(code(f.name), f.old, f.new) for f in figures])),
    ]


def _list(title: str, lines: list[str]) -> str:
    return f"**{title}**\n\n" + "\n".join(lines) if lines else ""


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _examples(diff: Diff) -> list[str]:
    """Some pairs of each class that has texts to show, as diffs, the class's total beside them."""
    told = []
    for name, most in EXAMPLES.items():
        rows = diff.changes.filter(pl.col("change") == name)
        if rows.height:
            some = diff.texts(rows.head(most)).to_dicts()
            title = f"{name}: {min(most, rows.height)} of {count(rows.height)}"
            told.append(_folded(title, "\n\n".join(_example(row) for row in some)))
    return told


def _example(row: dict[str, Any]) -> str:
    old, new = _shown(row)
    lines = [f"  {line}" for line in old if line in new]
    lines += [f"- {line}" for line in old if line not in new] + [f"+ {line}" for line in new if line not in old]
    text = "\n".join(lines)
    text = masked(text, personal(pl.Series("text", [text]), {}, False))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{code(row_name(row))}\n\n{fence}diff\n{text}\n{fence}"


def _shown(row: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The texts of both sides, each on a line, from shortly before the first character that differs."""
    old, new = _texts(row, "old"), _texts(row, "new")
    lines: tuple[list[str], list[str]] = ([], [])
    for name in ("prompt", "chosen", "rejected"):
        same = equal_start(old[name], new[name]) if old and new else 0
        start = max(0, same - 80) if old and new and old[name] != new[name] and same > 200 else 0
        for texts, told in zip((old, new), lines, strict=True):
            if texts:
                told.append(f"{name}: {'… ' if start else ''}{brief(texts[name][start:], EXAMPLE_CHARS)}")
    return lines


def _texts(row: dict[str, Any], side: str) -> dict[str, str]:
    if row[f"at_{side}"] is None:
        return {}
    last = (row[f"prompt_{side}"] or [{"content": ""}])[-1]["content"]
    return {"prompt": last or "", **{name: row[f"{name}_{side}"] or "" for name in ("chosen", "rejected")}}
