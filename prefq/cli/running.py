"""Running a stage: with which settings, on which files, in a directory that is held meanwhile."""

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefq import params, timings
from prefq.cli.console import Console
from prefq.cli.settings import settings_in_force
from prefq.cli.stages import BODIES, Job, Settings
from prefq.errors import PrefqError, SettingsError, UsageError
from prefq.sources.places import is_remote
from prefq.store import Workdir

if TYPE_CHECKING:
    from prefq.cli.baseline import Baseline


def run_stage(
    name: str,
    workdir: Path,
    overrides: tuple[str, ...],
    console: Console,
    files: tuple[str, ...] = (),
    format: str | None = None,  # noqa: A002
    options: tuple[str, ...] = (),
    against: tuple[str, ...] = (),
) -> None:
    """Run one stage in a directory, with its settings and with the files given on the command line, if any."""
    home = Workdir(workdir)
    if name != "ingest" and not workdir.is_dir():
        raise PrefqError(f"there is no directory {workdir}: name one in which `prefq ingest` has run.")
    settings = settings_in_force(workdir, overrides)
    if files:
        refuse_project(workdir)
        settings["ingest"]["sources"] = given_sources(files, format, given_options(options, "--option"))
    elif format or options:
        raise UsageError(
            "--format and --option go with FILEs; for sources in params.yaml, write `format:` and `options:` beside"
            " the path."
        )
    if against:
        refuse_project(workdir, "decontaminate.against")
        settings["decontaminate"]["against"] = given_sources(against, None)
    with home.lock():
        perform(name, home, settings, console)


def refuse_project(workdir: Path, setting: str = "ingest.sources") -> None:
    """Raises UsageError when the tables of a DVC project would be overwritten with those of other files."""
    if (workdir / "dvc.yaml").exists():
        raise UsageError(
            f"{workdir.resolve()} is a project whose tables would be overwritten: name another --workdir, "
            f"or add the files to {setting} in params.yaml and run `dvc repro`."
        )


def given_options(texts: Sequence[str], flag: str) -> dict[str, Any]:
    """Options of a reader or a writer from the command line, `key=value` each. Raises UsageError."""
    try:
        return dict(params.parse_override(text, flag, "style=string") for text in texts)
    except SettingsError as error:
        raise UsageError(str(error)) from None


def given_sources(
    files: tuple[str, ...], format_name: str | None, options: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Sources from the command line, as `ingest.sources` holds them; relative to where the command was given."""
    return [{**_given(file), "format": format_name, "options": options or None} for file in files]


def _given(file: str) -> dict[str, Any]:
    """The path and, where it is written `NAME=FILE`, the name of a source."""
    name, equals, path = file.partition("=")
    if not equals or not re.fullmatch(r"[\w.-]+", name) or Path(file).exists():
        name, path = "", file
    return {"path": seen_from_here(path), "name": name or None}


def seen_from_here(path: str) -> str:
    """A path on the command line as it means the same from everywhere; URLs and standard input do already."""
    return path if path in ("-", "") or is_remote(path) else str(Path.cwd() / path)


def perform(name: str, home: Workdir, settings: Settings, console: Console, earlier: "Baseline | None" = None) -> None:
    """Run one stage's body; its outputs take their places together, or none does. Says what came out and how long."""
    started = time.perf_counter()
    with home.outputs(name) as out:
        said = BODIES[name](Job(home, settings, out, console, earlier))
    home.remember(name, settings.get(name, {}))
    took = time.perf_counter() - started
    timings.note(home.root, name, took)
    console.say(f"{name:<14}{said}  [{took:.1f} s]")
