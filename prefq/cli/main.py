"""The `prefq` command: its group, its common options and the one place where errors become sentences."""

import errno
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click

from prefq import __version__
from prefq.cli.console import Console
from prefq.cli.scoring import with_injection
from prefq.cli.tools import TOOLS, epilog
from prefq.cli.verdict_files import with_verdict_files
from prefq.errors import PrefqError, UsageError

STAGES = {
    "ingest": (
        "Read raw preference files into `data/pairs.parquet`, every record accounted for.",
        "prefq ingest answers.jsonl --workdir work",
    ),
    "embed": (
        "Turn each distinct text into a vector, once; what was embedded before is kept.",
        "prefq embed --workdir work --set embed.encoder=static",
    ),
    "neighbors": ("Find near duplicates, clusters and contradictions.", "prefq neighbors --workdir work"),
    "decontaminate": (
        "Find prompts and answers that overlap with a benchmark.",
        "prefq decontaminate --workdir work --against benchmark.jsonl",
    ),
    "score": ("Score each judgement with a cross-fitted reward model.", "prefq score --workdir work"),
    "flag": ("Run every check on every pair.", "prefq flag --workdir work --set flag.answer_too_short.min_chars=3"),
    "curate": ("Apply the policy: keep, merge, drop, flip or review each row.", "prefq curate --workdir work"),
    "gate": ("Decide whether the curated pairs may be released.", "prefq gate --workdir work"),
    "map": ("Lay out the prompts in two dimensions.", "prefq map --workdir work"),
    "report": ("Write the audit report: HTML for people, JSON for machines.", "prefq report --workdir work"),
    "release": ("Write train-ready files, if the gate said yes.", "prefq release --workdir work"),
}
"""Each stage's help and an example; held together with `prefq.schema.STAGES` by a test."""


RULES = {
    "decontaminate": """

    Kinds, strongest first: `exact` (equal but for case, marks and space), `near` (alike letter by letter, or four
    fifths of its runs of words are the benchmark's too), `semantic` (means the same; only with
    decontaminate.semantic=true) and `ngram` (a run of 13 words in common; decontaminate.n).

    Boilerplate is no overlap. A run that more than 5 prompts of the benchmarks share (a wrapper, a system prompt) never
    counts. One that stands in more than 5 prompts of the data, or in answers to so many, counts only where four fifths
    of the benchmark's prompt are there. decontaminate.common is this 5. Nor do rows of hardly different words count,
    nor two answers that share less than a fifth of the runs of either.

    Each overlap says how much of the text is the benchmark's: --set flag.benchmark_overlap.coverage=0.5 makes `flag`
    leave alone what shares less than half.""",
}
"""What the help of a stage says beyond its first sentence."""


def workdir_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--workdir`: the directory whose tables a command reads and writes."""
    return click.option(
        "--workdir",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(),
        help="The directory with data/ and reports/ (default: here).",
    )(function)


def set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--set key=value`: override a setting for this run."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a setting, for example --set embed.encoder=static. May be repeated.",
    )(function)


class Ordered(click.Group):
    """Lists commands in the order they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in order."""
        return list(self.commands)


@click.group(cls=Ordered, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="prefq")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.pass_context
def cli(context: click.Context, quiet: bool, verbose: bool) -> None:
    """Curate preference pairs (prompt, chosen, rejected) before reward-model and DPO training.

    \b
    prefq audit FILE…    one report on what is wrong with a dataset
    prefq init DIR       a DVC project for your own data; then `dvc repro`
    prefq convert        between dataset formats

    The other commands are the stages of the pipeline, in order; each also runs by itself.
    """
    context.obj = Console(verbosity=-1 if quiet else int(verbose))


def _stage_command(name: str, text: str, example: str) -> click.Command:
    @workdir_option
    @set_option
    @click.pass_obj
    def run(console: Console, /, workdir: Path, overrides: tuple[str, ...], **extra: Any) -> None:
        from prefq.cli.running import run_stage

        run_stage(name, workdir, overrides, console, **extra)

    command = click.command(name, help=text + RULES.get(name, ""), short_help=text, epilog=epilog(example))(run)
    if name == "ingest":
        command.params[:0] = [
            click.Argument(["files"], nargs=-1, metavar="[FILE]..."),
            click.Option(["--format"], metavar="F", help="The files' format (see `prefq formats`); default: detected."),
            click.Option(
                ["--option", "options"], multiple=True, metavar="KEY=VALUE", help="An option of the format's reader."
            ),
        ]
    if name == "report":
        return with_verdict_files(command)
    if name == "decontaminate":
        text = "A benchmark, or a fingerprint of one, in place of decontaminate.against. May be repeated."
        command.params.insert(0, click.Option(["--against"], multiple=True, metavar="FILE", help=text))
    return with_injection(command) if name == "score" else command


def _heard_after(command: click.Command) -> click.Command:
    """The command with `-q` and `-v` of its own, so that they may stand after its name as well as before."""
    for flags, verbosity, text in (
        (["-q", "--quiet"], -1, "Say nothing but results and errors."),
        (["-v", "--verbose"], 1, "Say more."),
    ):
        asked = partial(_speak, verbosity)
        command.params.append(click.Option(flags, is_flag=True, expose_value=False, callback=asked, help=text))
    return command


def _speak(verbosity: int, context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        context.obj = Console(verbosity)


for _tool in TOOLS:
    cli.add_command(_heard_after(_tool))
for _name, (_text, _example) in STAGES.items():
    cli.add_command(_heard_after(_stage_command(_name, _text, _example)))


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"prefq: {message}", err=True)
    sys.exit(code)


def _interrupted() -> NoReturn:
    """End at once: after an interrupt inside an import or a C callback, Python would not keep our exit code."""
    click.echo("prefq: interrupted; nothing half-written is left, and the same command goes on from there.", err=True)
    sys.stdout.flush()
    os._exit(1)


def _unraisable(hook: Any) -> None:
    """An interrupt that a C callback could not pass on ends the command all the same."""
    if hook.exc_type is KeyboardInterrupt:
        _interrupted()
    sys.__unraisablehook__(hook)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; every expected error becomes one sentence on standard error and an exit code.

    Exit codes: 0 fine, 1 an error the user can act on, 2 usage, 3 a gate said no.
    """
    before, sys.unraisablehook = sys.unraisablehook, _unraisable
    try:
        sys.exit(cli.main(args=arguments, prog_name="prefq", standalone_mode=False) or 0)
    except click.UsageError as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), 1)
    except PrefqError as error:
        _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _interrupted()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except (OSError, MemoryError) as error:
        _fail(_system_sentence(error), 1)
    except Exception as error:
        if os.strerror(errno.ENOSPC) in str(error):  # Polars reports a full disk with errors of its own
            _fail(_system_sentence(OSError(errno.ENOSPC, "")), 1)
        raise
    finally:
        sys.unraisablehook = before


def _system_sentence(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "out of memory: use a machine with more, or fewer rows."
    where = f" ({error.filename})" if error.filename else ""
    half_written = error.errno is None and re.fullmatch(r"\d+ requested and \d+ written\.?", str(error))
    if error.errno == errno.ENOSPC or half_written:  # NumPy knows no more than that an array was not taken whole
        return f"the disk is full{where}: make room and run the same command again; nothing half-written is left."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no permission{where}: {error.strerror}."
    return f"{error.strerror or error}{where}."
