"""What a command says while it works: one line per stage, and a progress bar on a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Console:
    """Speaks on standard error, so that standard output holds results only. `verbosity`: -1 quiet, 0 normal, 1 more."""

    verbosity: int = 0

    @property
    def terminal(self) -> bool:
        """Whether a person watches."""
        return sys.stderr.isatty()

    def say(self, text: str) -> None:
        """A line about the work, unless quiet."""
        if self.verbosity >= 0:
            click.echo(text, err=True, color=colors(sys.stderr.isatty()))

    def detail(self, text: str) -> None:
        """A line for those who asked for more."""
        if self.verbosity > 0:
            self.say(text)

    @contextmanager
    def progress(self, total: int, unit: str, label: str) -> Iterator[Advance]:
        """A bar with rate and time left on a terminal; elsewhere nothing. Yields a function that advances it."""
        if not self.terminal or self.verbosity < 0:
            yield lambda _step: None
            return
        from tqdm import tqdm

        scale = unit == "B"
        with tqdm(total=total, unit=unit, unit_scale=scale, desc=label, leave=False, dynamic_ncols=True) as bar:
            yield lambda step: _advance(bar, step)


def colors(terminal: bool) -> bool:
    """Whether to color: only on a terminal, and never under NO_COLOR."""
    return terminal and not os.environ.get("NO_COLOR")


def _advance(bar: Any, step: int) -> None:
    bar.update(step)
