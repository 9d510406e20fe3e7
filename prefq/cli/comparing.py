"""The body of `prefq diff`: both sides read, compared, and told as asked."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prefq.cli.console import Console, colors
from prefq.cli.sides import TABLES, WORKSPACE, Side, place, read_table, sides
from prefq.diff import Budget, Diff, broken, compare, to_json
from prefq.errors import GateError, PrefqError, UsageError
from prefq.history import Changes, changed_inputs, changes, outdated, strayed
from prefq.sources.dvc_tracked import md5_of
from prefq.versions import before, cached_at

if TYPE_CHECKING:
    import polars as pl

    from prefq.diff import Broken


@dataclass(frozen=True)
class Asked:
    """What `prefq diff` was asked to write; `form` is `text`, `json` or `markdown`, for standard output."""

    form: str = "text"
    html: Path | None = None
    output: Path | None = None
    fail_on: tuple[str, ...] = ()
    since: str | None = None
    """The version in which flipped-back labels were what they are now; None: the one before OLD, if it is at hand."""


def tell_difference(old: str, new: str, table: str | None, root: Path, asked: Asked, console: Console) -> None:
    """Compare two sides and tell it. Raises GateError when a budget is broken, after all was told."""
    budgets = [Budget.parse(text) for text in asked.fail_on]
    for path in (asked.html, asked.output):
        if path and not path.absolute().parent.is_dir():
            raise PrefqError(f"there is no folder {path.parent} to write {path.name} into: make it first.")
    if asked.output and asked.output.suffix != ".parquet":
        raise UsageError(f"the changed pairs are written as Parquet: name a file .parquet, not {asked.output.name}.")
    left, right = sides(old, new, table, root, console)
    for note in _notes(left, right, root):
        console.say(f"note: {note}")
    diff = compare(
        *(left.frame, right.frame),
        names=(left.title, right.title),
        flags=(left.flags, right.flags),
        shortcuts=(left.shortcuts, right.shortcuts),
        before=_before(left, root, asked.since, console),
    )
    project = changes(left.records, right.records) if left.records and right.records else None
    failed = broken(diff, budgets)
    _write_files(diff, project, asked, console)
    click.echo(_told(diff, (left, right), project, failed, asked.form))
    if failed:
        raise GateError(" ".join(each.sentence for each in failed))


def _before(left: Side, root: Path, since: str | None, console: Console) -> "tuple[str, pl.LazyFrame] | None":
    """A version before OLD, to tell which flips go back to it: the one asked for, else the last, from the cache alone.

    Raises PrefqError when the one that was asked for cannot be had.
    """
    if since is not None:
        asked = place(since, root).side(left.table, console)
        return asked.title, asked.frame
    commit = (
        before(root, left.commit, TABLES[left.table]) if left.commit and left.table in ("curated", "pairs") else None
    )
    files = cached_at(root, commit, TABLES[left.table]) if commit else None
    if not commit or not files:
        return None
    try:
        return commit[:8], read_table(left.table, files, f"{TABLES[left.table]} as of {commit[:8]}", console)
    except PrefqError:
        return None


def _notes(left: Side, right: Side, root: Path) -> list[str]:
    """What a reader must know of the sides to trust the comparison, a sentence each."""
    told = []
    if left.table != right.table:
        told.append(f"{left.title} is a table of {left.table}, {right.title} one of {right.table}.")
    for side in (left, right):
        if side.name == WORKSPACE and side.records:
            if late := outdated(side.records):
                told.append(f"the workspace's tables were made with other settings ({', '.join(late)}): `dvc repro`.")
            inputs = changed_inputs(side.records, lambda path: md5_of(root / path, root))
            if stray := [*inputs, *strayed(side.records, lambda path: _size(root / path))]:
                told.append(f"{', '.join(stray)} in the workspace is not what dvc.lock records: `dvc repro`.")
    return told


def _size(path: Path) -> int | None:
    if path.is_dir():
        return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    return path.stat().st_size if path.is_file() else None


def _write_files(diff: Diff, project: Changes | None, asked: Asked, console: Console) -> None:
    from prefq.store import write_table, written_whole

    if asked.output:
        with written_whole(asked.output) as part:
            write_table(diff.table(), part)
        console.say(f"{diff.changed:,} changed pairs in {asked.output}")
    if asked.html:
        from prefq.report.diff_page import to_html

        text = to_html(diff, project=project)
        with written_whole(asked.html) as part:
            part.write_text(text, encoding="utf-8")
        console.say(f"the comparison in {asked.html}")


def _told(diff: Diff, both: tuple[Side, Side], project: Changes | None, failed: "list[Broken]", form: str) -> str:
    if form == "json":
        return json.dumps(document(diff, both, project, failed), indent=2, ensure_ascii=False)
    from prefq.report.project_changes import as_lines, as_markdown

    if form == "markdown":
        from prefq.report.diff_markdown import code_free, to_markdown

        verdicts = "".join(f"**{code_free(each.sentence)}**\n\n" for each in failed)
        return (verdicts + to_markdown(diff) + (as_markdown(project) if project else "")).rstrip("\n")
    from prefq.report.diff_summary import summary

    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    lines = as_lines(project, width) if project else []
    return "\n".join([summary(diff, width, color=colors(sys.stdout.isatty())), *lines])


def document(diff: Diff, both: tuple[Side, Side], project: Changes | None, failed: "list[Broken]") -> dict[str, Any]:
    """The comparison as plain values, with what it was made from.

    Beside `prefq.diff.to_json`: `old` and `new` have `table` and `commit` (null where the side is no revision),
    `project` (params, inputs, stages; null unless both sides are versions of one), `broken` (budgets).
    """
    told = to_json(diff)
    for name, side in zip(("old", "new"), both, strict=True):
        told[name] |= {"table": side.table, "commit": side.commit}
    told["project"] = project.to_json() if project else None
    told["broken"] = [{"budget": b.budget.text, "count": b.count, "sentence": b.sentence} for b in failed]
    return told
