"""`--junit` and `--markdown`: the verdict in the forms that a CI server and a pull request show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prefq.cli.console import Console
from prefq.errors import UsageError

if TYPE_CHECKING:  # `prefq --help` does without them
    from prefq.report import Audit
    from prefq.report.since import Since
    from prefq.store import Workdir

OPTIONS = {
    "junit": "Also write the verdict as JUnit XML, a test case for each rule of the gate.",
    "markdown": "Also write it as GitHub Markdown, for a comment or a job's summary; - prints it.",
}
NEW_FILE: Any = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@dataclass(frozen=True)
class VerdictFiles:
    """Where the verdict is to be written too."""

    junit: Path | None = None
    markdown: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.junit or self.markdown)

    @property
    def printed(self) -> bool:
        """Whether Markdown goes to standard output."""
        return self.markdown == Path("-")

    def check(self) -> None:
        """Raises UsageError for what cannot be written: better said before the work than after."""
        if self.junit == Path("-"):
            raise UsageError("--junit writes a file: name one.")
        for path in (self.junit, self.markdown):
            if path and path != Path("-") and not path.absolute().parent.is_dir():
                raise UsageError(f"there is no folder {path.parent} to write {path.name} to.")

    def write(
        self,
        page: "Audit",
        figures: Mapping[str, Any],
        home: "Workdir",
        console: Console,
        since: "Since | None" = None,
    ) -> None:
        """Write both, as far as they are asked for; `figures` is the content of audit.json."""
        from prefq.report.junit import to_junit
        from prefq.report.markdown import to_markdown
        from prefq.store import written_whole

        workdir = str(home.root)
        if self.junit:
            with written_whole(self.junit) as part:
                part.write_text(to_junit(page, workdir=workdir), encoding="utf-8")
            console.say(f"the verdict as JUnit XML in {self.junit}")
        if self.markdown:
            report = str(home.root / "reports/audit.html")
            text = to_markdown(page, figures, report=report, workdir=workdir, since=since)
            if self.printed:
                click.echo(text, nl=False)
            else:
                with written_whole(self.markdown) as part:
                    part.write_text(text, encoding="utf-8")
                console.say(f"the verdict as Markdown in {self.markdown}")


def options() -> list[click.Option]:
    """`--junit FILE` and `--markdown FILE`, for a command."""
    return [click.Option([f"--{name}"], type=NEW_FILE, metavar="FILE", help=text) for name, text in OPTIONS.items()]


def with_verdict_files(command: click.Command) -> click.Command:
    """The `report` command with `--junit FILE` and `--markdown FILE`."""
    run: Callable[..., None] | None = command.callback
    assert run is not None

    @click.pass_obj
    def run_and_write(
        console: Console,
        /,
        workdir: Path,
        overrides: tuple[str, ...],
        junit: Path | None,
        markdown: Path | None,
        **extra: Any,
    ) -> None:
        files = VerdictFiles(junit, markdown)
        files.check()
        run(workdir=workdir, overrides=overrides, **extra)
        if files:
            from prefq.cli.baseline import configured_baseline
            from prefq.cli.reporting import page_again
            from prefq.cli.settings import settings_in_force
            from prefq.report.since import since
            from prefq.store import Workdir

            home, settings = Workdir(workdir), settings_in_force(workdir, overrides)
            figures, earlier = home.json("reports/audit.json"), configured_baseline(settings, workdir)
            moves = since(earlier.figures, figures, earlier.name) if earlier and earlier.figures else None
            files.write(page_again(home, settings), figures, home, console, moves)

    command.callback = run_and_write
    command.params[:0] = options()
    return command
