"""Commands for people: audit, why, init, convert, formats, checks, synth, fingerprint, prove."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from prefq.cli.console import Console
from prefq.cli.proving import prove
from prefq.cli.verdict_files import NEW_FILE, OPTIONS, VerdictFiles
from prefq.cli.versions import VERSION_TOOLS
from prefq.errors import UsageError

FORMAT_OPTION: dict[str, Any] = {"metavar": "F", "help": "The input's format (see `prefq formats`); default: detected."}


def epilog(example: str) -> str:
    """The end of a command's help."""
    return f"\b\nExample:\n  {example}"


def _tool(name: str, example: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command whose help ends with an example that runs."""

    def make(function: Callable[..., None]) -> click.Command:
        text = inspect.cleandoc(function.__doc__ or "")
        short = text.split("\n", maxsplit=1)[0]
        return click.command(name, help=text, short_help=short, epilog=epilog(example))(function)

    return make


SAMPLE = "A quick look: only N records of all FILEs, drawn at random and always the same; the report says so."
AGAINST = (
    "Tell what changed since OLD: an audit.json, a folder with one, a Git revision, or (with FILEs) a file of pairs."
)


@_tool("audit", "prefq audit answers.jsonl --workdir work --set embed.encoder=static")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--format", "format_name", **FORMAT_OPTION)
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="An option of the format's reader.")
@click.option("--workdir", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a setting. May be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print reports/audit.json instead of a summary.")
@click.option("--junit", type=NEW_FILE, metavar="FILE", help=OPTIONS["junit"])
@click.option("--markdown", type=NEW_FILE, metavar="FILE", help=OPTIONS["markdown"])
@click.option("--against", metavar="OLD", help=AGAINST)
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help=SAMPLE)
@click.pass_obj
def audit(
    console: Console,
    files: tuple[str, ...],
    format_name: str | None,
    options: tuple[str, ...],
    workdir: Path,
    overrides: tuple[str, ...],
    as_json: bool,
    junit: Path | None,
    markdown: Path | None,
    against: str | None,
    sample: int | None,
) -> None:
    """One report on what is wrong with a dataset.

    With FILEs: the whole analysis on them, no project needed; tables are kept in data/, the report in reports/ of the
    --workdir. Without: the report of the project you stand in. Exit code 3 when the gate says no.
    """
    from prefq.cli.baseline import find_baseline
    from prefq.cli.people import audit_files, show_audit

    settings, also = None, VerdictFiles(junit, markdown)
    also.check()
    if as_json and also.printed:
        raise UsageError("--json and --markdown - both print: give --markdown a file.")
    earlier = find_baseline(against, workdir, console) if against else None
    if earlier and earlier.figures is None and not files:
        raise UsageError(
            f"--against {against}: no audit was made of it; `prefq diff {against} workspace` compares pairs."
        )
    if files:
        settings = audit_files(files, format_name, options, workdir, overrides, console, earlier, sample)
    elif format_name or options or overrides or sample:
        raise UsageError(
            "--format, --option, --sample and --set go with FILEs; a project's settings are in its params.yaml."
        )
    sys.exit(show_audit(workdir, as_json, console, settings, also, earlier))


@_tool("init", "prefq init my-dataset answers.jsonl")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.pass_obj
def init(console: Console, directory: Path, files: tuple[str, ...]) -> None:
    """A ready DVC + prefq project for your own data.

    FILEs, or folders of them, or globs, are copied into DIR/data/raw (more can be put there later); then `dvc repro` in
    DIR does the rest.
    """
    from prefq.cli.scaffold import make_project

    make_project(directory, files, console)


@_tool("convert", "prefq convert answers.jsonl -o answers.parquet --to trl")
@click.argument("source", metavar="IN")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file, or folder, to write.")
@click.option("--from", "from_format", **FORMAT_OPTION)
@click.option("--from-option", "from_options", multiple=True, metavar="KEY=VALUE", help="An option of its reader.")
@click.option("--to", "to_format", default="trl", show_default=True, metavar="F", help="The format to write.")
@click.option("--option", "to_options", multiple=True, metavar="KEY=VALUE", help="An option of its writer.")
@click.option("--style", type=click.Choice(["conversational", "string"]), help="Short for --option style=STYLE.")
@click.option("--strict", is_flag=True, help="Write nothing when the format cannot hold everything: exit code 1.")
@click.pass_obj
def convert(
    console: Console,
    source: str,
    output: Path,
    from_format: str | None,
    from_options: tuple[str, ...],
    to_format: str,
    to_options: tuple[str, ...],
    style: str | None,
    strict: bool,
) -> None:
    """Between dataset formats; what a format cannot hold is said and counted.

    The output is Parquet, JSON lines or CSV, by the ending of its name; for --to hf it is a folder with a dataset card.
    --to llamafactory also makes or extends the dataset_info.json beside it. `prefq formats` lists all formats and their
    options.
    """
    from prefq.cli.people import Conversion, convert_file
    from prefq.cli.running import given_options

    options = given_options(to_options, "--option") | ({"style": style} if style else {})
    asked = Conversion(from_format, given_options(from_options, "--from-option"), to_format, options, strict)
    convert_file(source, output, asked, console)


@_tool("formats", "prefq formats")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def formats(names: tuple[str, ...]) -> None:
    """Which dataset formats can be read and written.

    With NAMEs: all there is to say of these, with their options.
    """
    from prefq.cli.catalog import describe_formats

    click.echo(describe_formats(names))


@_tool("checks", "prefq checks")
def checks() -> None:
    """Which checks exist, with their parameters and their policy."""
    from prefq.cli.catalog import describe_checks

    click.echo(describe_checks())


@_tool("synth", "prefq synth planted --rows 200 --seed 7")
@click.argument("output", type=click.Path(file_okay=False, path_type=Path), metavar="OUT")
@click.option("--rows", type=click.IntRange(min=10), default=1500, show_default=True, help="How many records.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Same seed, same bytes.")
@click.pass_obj
def synth(console: Console, output: Path, rows: int, seed: int) -> None:
    """Preference data of our own making with planted, labelled defects.

    Writes the data files, a benchmark file and truth.jsonl, which says what was planted where, into the folder OUT.
    """
    from prefq.cli.people import write_synthetic

    write_synthetic(output, rows, seed, console)


@_tool("why", "prefq why answers:12 --workdir work")
@click.argument("wanted", metavar="ID")
@click.option("--workdir", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--history", is_flag=True, help="Tell how it stood in earlier versions (Git and DVC).")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def why(wanted: str, workdir: Path, history: bool, as_json: bool) -> None:
    """The story of one pair: its texts, its flags with their evidence, and what was decided, by whom.

    ID is a row id (DATASET:RECORD), a pair id, or the unique beginning of one; with --history also of a pair that only
    earlier versions have. Of a record of which no pair could be made it tells the reason.
    """
    from prefq.cli.why import tell_why

    tell_why(wanted, workdir, as_json, history)


@_tool("fingerprint", "prefq fingerprint benchmark.jsonl -o benchmark.fingerprint")
@click.argument("files", nargs=-1, required=True, metavar="BENCH...")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="What to write.")
@click.option("--format", "format_name", **FORMAT_OPTION)
@click.option("--column", metavar="C", help="The column of the prompts; default: by the format, or a usual name.")
@click.option("--n", "words", type=click.IntRange(1, 100), default=13, show_default=True, help="Words in a run.")
@click.pass_obj
def fingerprint(
    console: Console, files: tuple[str, ...], output: Path, format_name: str | None, column: str | None, words: int
) -> None:
    """Hashes of a benchmark's prompts, which stand in for it in `decontaminate`.

    BENCH is a file in any format, or NAME=FILE. No text can be read back from the hashes, so the file can be shared
    where the benchmark must not be; a guess can be checked with them.
    """
    from prefq.cli.fingerprints import write_fingerprint
    from prefq.cli.running import given_sources

    entries = [entry | {"column": column} for entry in given_sources(files, format_name)]
    write_fingerprint(entries, output, words, console)


TOOLS = (audit, why, init, convert, formats, checks, synth, fingerprint, prove, *VERSION_TOOLS)
