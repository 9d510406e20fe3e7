"""Commands on versions of a dataset: log and diff."""

import inspect
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from prefq.cli.console import Console

if TYPE_CHECKING:
    from prefq.history import Version

WORKDIR: dict[str, Any] = {
    "type": click.Path(file_okay=False, path_type=Path),
    "default": Path(),
    "help": "The project (default: here).",
}


FILE = click.Path(dir_okay=False, path_type=Path)


def _command(name: str, *examples: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command whose help ends with examples."""

    def make(function: Callable[..., None]) -> click.Command:
        text = inspect.cleandoc(function.__doc__ or "")
        shown = "\n".join(f"  {example}" for example in examples)
        short = text.split("\n", maxsplit=1)[0]
        return click.command(name, help=text, short_help=short, epilog=f"\b\nExample:\n{shown}")(function)

    return make


@_command("log", "prefq log -n 10")
@click.option("-n", "--max-count", "limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N versions.")
@click.option("--workdir", **WORKDIR)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def log(limit: int | None, workdir: Path, as_json: bool) -> None:
    """Versions of the dataset with their key figures.

    A version is a Git commit that changed dvc.lock or data/labels; those with a tag come first. The figures are those
    of reports/audit.json and reports/gate.json in that commit; the data itself is not read.
    """
    found = versions(workdir, limit)
    if as_json:
        click.echo(json.dumps({"format": 1, "versions": [v.to_json() for v in found]}, indent=2, ensure_ascii=False))
    else:
        click.echo(show_log(found, min(shutil.get_terminal_size((80, 24)).columns, 120)))


def versions(root: Path, limit: int | None = None) -> "list[Version]":
    """The newest versions of the project in `root`, at most `limit`: those with a tag first, then newest first.

    A tag is at the version whose dataset it has. Raises VersionError where there is no Git repository, or no version.
    """
    from prefq.history import AUDIT, GATE, version
    from prefq.params import foreign_mapping
    from prefq.versions import LOCK, VersionError, commits, contents

    told = commits(root, limit=limit)
    files = contents(root, [(commit.id, path) for commit in told for path in (LOCK, AUDIT, GATE)])
    named = tags_of(root, [commit.id for commit in told])
    found = [
        version(commit, named.get(commit.id, ()), foreign_mapping(lock or b""), audit, gate)
        for commit, lock, audit, gate in zip(told, files[::3], files[1::3], files[2::3], strict=True)
        if lock or audit or gate
    ]
    if not found:
        raise VersionError(f"{root.resolve()} has no version yet: run `dvc repro`, then commit dvc.lock.")
    return sorted(found, key=lambda v: not v.tags)


def tags_of(root: Path, told: list[str]) -> dict[str, tuple[str, ...]]:
    """The tags of each version: of the newest that has the same dataset as the tagged commit."""
    from prefq.versions import DATASET, object_ids, tags

    tagged = tags(root)
    asked = [*told, *tagged.values()]
    ids = object_ids(root, [(commit, path) for commit in asked for path in DATASET])
    width = len(DATASET)
    states = [tuple(ids[i : i + width]) for i in range(0, len(ids), width)]
    owner: dict[tuple[str | None, ...], str] = {}
    for commit, state in zip(told, states, strict=False):
        owner.setdefault(state, commit)
    named: dict[str, tuple[str, ...]] = {}
    for (tag, commit), state in zip(tagged.items(), states[len(told) :], strict=True):
        at = commit if commit in told else owner.get(state)
        if at:
            named[at] = (*named.get(at, ()), tag)
    return named


HEADS = ("version", "date", "rows", "kept", "flipped", "flags ‰", "gate")


def show_log(found: "list[Version]", width: int = 80) -> str:
    """The versions as a table of at most `width` columns; an unknown figure is a dash."""
    from prefq.report.text import visible
    from prefq.report.widths import clipped, columns

    rows = [HEADS, *(_cells(v) for v in found)]
    wide = [max(columns(row[i]) for row in rows) for i in range(len(HEADS))]
    wide[0] = max(8, min(wide[0], 18, width - sum(wide[1:]) - 2 * (len(HEADS) - 1)))
    rest = width - sum(wide) - 2 * len(HEADS)
    subjects = ["what", *(visible(v.commit.subject) for v in found)]
    lines = [
        _line(row, wide) + (f"  {clipped(said, rest)}" if rest >= 8 else "")
        for row, said in zip(rows, subjects, strict=True)
    ]
    tagged = sum(bool(v.tags) for v in found)
    if 0 < tagged < len(found):
        lines.insert(1 + tagged, "")
    if any(v.figures_current is False for v in found):
        lines += ["", "* the figures in that commit are not those of the run it records"]
    return "\n".join(line.rstrip() for line in lines)


def _line(row: tuple[str, ...], wide: list[int]) -> str:
    from prefq.report.widths import clipped, left

    texts = (0, 1, 6)
    row = (clipped(row[0], wide[0]), *row[1:])
    return "  ".join(left(c, w) if i in texts else c.rjust(w) for i, (c, w) in enumerate(zip(row, wide, strict=True)))


def _cells(v: "Version") -> tuple[str, ...]:
    from prefq.report.text import visible

    counts = ("–" if n is None else f"{n:,}" for n in (v.rows, v.kept, v.flipped))
    flags = "–" if v.flags_per_thousand is None else f"{v.flags_per_thousand:,.1f}"
    gate = {True: "yes", False: "no", None: "–"}[v.gate]
    return (visible(v.name), f"{v.date:%Y-%m-%d}", *counts, flags, gate + ("*" if v.figures_current is False else ""))


@_command("diff", "prefq diff answers.jsonl answers.parquet --fail-on 'flipped>0.5%' --fail-on 'removed>1000'")
@click.argument("old", default="HEAD", metavar="[OLD]")
@click.argument("new", default="workspace", metavar="[NEW]")
@click.option("--table", type=click.Choice(["curated", "pairs", "release"]), help="What to compare [default: curated].")
@click.option("--json", "form", flag_value="json", help="Print everything as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print it for a pull request's comment.")
@click.option("--html", type=FILE, help="Write a page with the texts side by side.")
@click.option("--output", type=FILE, help="Write the changed pairs as a Parquet table.")
@click.option("--fail-on", multiple=True, metavar="BUDGET", help="Exit code 3 when it comes true. May be repeated.")
@click.option("--since", metavar="REV", help="Tell which flips go back to it [default: the version before OLD].")
@click.option("--workdir", **WORKDIR)
@click.pass_obj
def diff(
    console: Console,
    old: str,
    new: str,
    table: str | None,
    form: str | None,
    html: Path | None,
    output: Path | None,
    fail_on: tuple[str, ...],
    since: str | None,
    workdir: Path,
) -> None:
    """What changed between two versions, in the words of preference data.

    OLD and NEW are each a Git revision, tag or branch of the project, `workspace`, a directory with prefq's tables, or
    a file in any format that prefq reads. Without them: HEAD against the workspace. Tables of a revision come from
    DVC's cache or remote. A BUDGET is a class of change, > or >=, and a number of pairs or a percentage of OLD's.
    """
    from prefq.cli.comparing import Asked, tell_difference

    tell_difference(old, new, table, workdir, Asked(form or "text", html, output, fail_on, since), console)


@_command("merge", "prefq merge answers.jsonl answers.jsonl answers.parquet -o merged.parquet")
@click.argument("base", metavar="BASE")
@click.argument("ours", metavar="OURS")
@click.argument("theirs", metavar="THEIRS")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the result; without it, only tell.")
@click.option("--review", type=FILE, help="Add conflicts to this review queue [default with -o: review.jsonl].")
@click.option("--favor", type=click.Choice(["ours", "theirs"]), help="Decide every conflict for one side.")
@click.option("--table", type=click.Choice(["curated", "pairs"]), help="What to take of a revision or directory.")
@click.option("--workdir", **WORKDIR)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def merge(
    console: Console,
    base: str,
    ours: str,
    theirs: str,
    output: Path | None,
    review: Path | None,
    favor: Literal["ours", "theirs"] | None,
    table: str | None,
    workdir: Path,
    as_json: bool,
) -> None:
    """Merge two branches of a dataset, or of decisions in data/labels, by what they decided.

    BASE is what both began with. All three are files of decisions, or tables: whatever `prefq diff` takes. What one
    side alone added, dropped or changed is taken; so is a new label from one side beside an edited answer from the
    other. A conflict is two different decisions about one pair: its label, an answer, its split or status, or a drop.
    Then OURS stands, both opinions go to the review queue (a JSON line for each pair), and the exit code is 3.

    As Git's merge driver:

    \b
      git config merge.prefq.driver "prefq merge %O %A %B -o %A"
      echo "data/labels/*.jsonl merge=prefq" >> .gitattributes
    """
    from prefq.cli.merging import Asked, tell_merge

    tell_merge((base, ours, theirs), workdir, Asked(output, review, favor, table, as_json), console)


VERSION_TOOLS = (diff, merge, log)
