"""The bodies of the commands for people: audit, convert and synth."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prefq import __version__, params
from prefq.cli.baseline import Baseline, configured_baseline
from prefq.cli.console import Console, colors
from prefq.cli.running import given_options, given_sources, perform, refuse_project, seen_from_here
from prefq.cli.settings import require_benchmarks, settings_in_force
from prefq.cli.stages import AUDIT, BODIES, GATE
from prefq.cli.verdict_files import VerdictFiles
from prefq.errors import MissingTableError, PrefqError
from prefq.store import Workdir
from prefq.writers import WRITERS, Written

if TYPE_CHECKING:
    from prefq.report import Audit
    from prefq.report.since import Since

AUDITED = tuple(name for name in BODIES if name != "release")
"""What `prefq audit FILE` runs: a release is made only when it is asked for."""


def audit_files(
    files: tuple[str, ...],
    format_name: str | None,
    options: tuple[str, ...],
    workdir: Path,
    overrides: tuple[str, ...],
    console: Console,
    earlier: Baseline | None = None,
    sample: int | None = None,
) -> params.Settings:
    """Run every stage up to the report on the given files; the settings that were in force come back.

    `earlier`: an audit that the report is compared with. `sample`: so many of the records, in place of all.
    """
    from prefq.cli.reporting import open_tokenizers

    refuse_project(workdir)
    home = Workdir(workdir)
    settings = settings_in_force(workdir, overrides)
    settings["ingest"]["sources"] = given_sources(files, format_name, given_options(options, "--option"))
    settings["ingest"]["sample"] = sample or settings["ingest"]["sample"]
    against = settings["decontaminate"]["against"]
    if against != params.load(workdir)["decontaminate"]["against"]:  # named on the command line, like the files
        settings["decontaminate"]["against"] = [{**entry, "path": seen_from_here(entry["path"])} for entry in against]
    settings["report"]["survival"] = [_from_here(entry) for entry in settings["report"]["survival"]]
    require_benchmarks(settings, workdir)
    open_tokenizers(settings["report"]["survival"], workdir)  # what is not there is said before the hours of work
    with home.lock():
        for name in AUDITED:
            perform(name, home, settings, console, earlier)
    return settings


def _from_here(entry: Any) -> Any:
    """A trainer of `report.survival`, its tokenizer's path seen from here where it is there."""
    named = entry.get("tokenizer") if isinstance(entry, Mapping) else None
    return {**entry, "tokenizer": seen_from_here(named)} if named and Path(named).exists() else entry


def show_audit(
    workdir: Path,
    as_json: bool,
    console: Console,
    settings: params.Settings | None = None,
    files: VerdictFiles = VerdictFiles(),  # noqa: B008 - nothing can change it
    earlier: Baseline | None = None,
) -> int:
    """Print the audit of a directory; the exit code is 3 when its gate said no, else 0.

    `settings` are those it was made with; without them, those of the directory's `params.yaml`. `files` are written
    too; what is printed as Markdown is printed in place of the summary. `earlier`: an audit to compare with, in place
    of the one that `report.baseline` names.
    """
    from prefq.cli.reporting import page_again
    from prefq.report.since import since

    home = Workdir(workdir)
    if not home.has(AUDIT):
        raise MissingTableError(
            f"there is no audit in {workdir.resolve()}: run `dvc repro` in a project, or `prefq audit FILE`."
        )
    figures = home.json(AUDIT)
    in_force = settings_in_force(home.root) if settings is None else settings
    page = page_again(home, in_force) if files or not (as_json or console.verbosity < 0) else None
    earlier = earlier or configured_baseline(in_force, home.root)
    moves = since(earlier.figures, figures, earlier.name) if earlier and earlier.figures else None
    if files and page:
        files.write(page, figures, home, console, moves)
    if as_json:
        click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
    elif files.printed:
        pass
    elif console.verbosity < 0:
        said = home.optional_json(GATE)
        click.echo(f"The gate says {said['sentence']}." if said else "The gate has not been asked.")
    elif page:
        _print_summary(home, page, moves, figures)
    return 3 if figures["gate_passed"] == 0 else 0


def _print_summary(home: Workdir, page: "Audit", moves: "Since | None", figures: Mapping[str, Any]) -> None:
    from prefq.report import summary

    report, workdir = str(home.root / "reports/audit.html"), str(home.root)
    color = colors(sys.stdout.isatty())
    width, lost = _width(), figures.get("survival")
    click.echo(summary(page, color=color, width=width, report=report, workdir=workdir, since=moves, survival=lost))


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


@dataclass(frozen=True)
class Conversion:
    """What `prefq convert` was asked: formats and their options, and whether a loss is an error."""

    from_format: str | None
    from_options: Mapping[str, Any]
    to_format: str
    to_options: Mapping[str, Any]
    strict: bool = False


def convert_file(source: str, output: Path, asked: Conversion, console: Console) -> None:
    """Read a file in one format and write it in another; what is lost is said and counted."""
    from prefq.cli.datasets import only_dataset
    from prefq.cli.reading import in_memory
    from prefq.exports import check_output

    writer = WRITERS[asked.to_format]
    options = writer.checked(asked.to_options)
    check_output(output, folder=writer.folder)
    dataset = only_dataset(source, asked.from_format, asked.from_options)
    pairs, rejects = in_memory(dataset, console)
    for reason, count in rejects["reason"].value_counts(sort=True).iter_rows():
        console.say(f"  not read: {count:,} × {reason}")
    if pairs.is_empty():
        raise PrefqError(f"{source} yields not one usable pair ({rejects.height:,} rejects): nothing is written.")
    written = writer.write(pairs, **options)
    _check_losses(written, pairs.height, asked)
    _write(written, output)
    for what, count in written.lost.items():
        console.say(f"  not held by {asked.to_format}: {count:,} × {what}")
    console.say(f"{pairs.height + rejects['record'].n_unique():,} read, {written.pairs:,} pairs in {output}")


def _check_losses(written: Written, pairs: int, asked: Conversion) -> None:
    """Raises PrefqError when the format holds no pair at all, or, when that is asked, not everything."""
    lost = ", ".join(f"{count:,} × {what}" for what, count in written.lost.items())
    if not written.pairs:
        raise PrefqError(f"{asked.to_format} can hold none of the {pairs:,} pairs ({lost}): nothing is written.")
    if asked.strict and lost:
        raise PrefqError(f"{asked.to_format} cannot hold everything ({lost}): nothing is written, for --strict is set.")


def _write(written: Written, output: Path) -> None:
    from prefq.exports import write_file, write_folder

    if written.hub:
        write_folder(written, written.hub, output, version=__version__)
    else:
        write_file(written, output)


def write_synthetic(output: Path, rows: int, seed: int, console: Console) -> None:
    """Write synthetic data, its benchmark and its truth into a new folder: all of it or nothing."""
    from prefq.synthetic import blocks, jsonl

    if output.exists() and any(output.iterdir()):
        raise PrefqError(f"{output} is not empty: name a new folder.")
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    try:
        with console.progress(rows, "record", "synth") as advance:
            for block in blocks(rows, seed):
                for name, records in block.files.items():
                    with (part / name).open("a", encoding="utf-8", newline="\n") as file:
                        file.write(jsonl(records))
                advance(len(block.helpful) + len(block.assistant))
        output.mkdir(parents=True, exist_ok=True)
        part.replace(output)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    console.say(f"{rows:,} records with planted defects in {output}; {output / 'truth.jsonl'} says what and where")
