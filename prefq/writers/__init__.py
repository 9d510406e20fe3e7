"""Dataset formats to write: each writer turns a table of pairs into the rows of another layout.

The folder is the registry. A writer says what its layout cannot hold; nothing is left out in silence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from prefq.registry import Family, keyword_defaults


@dataclass(frozen=True)
class Written:
    """The rows to write, and how many rows lose what: by label for whole rows, by column name for values."""

    frame: pl.DataFrame
    lost: dict[str, int] = field(default_factory=dict)


Write = Callable[..., Written]


@dataclass(frozen=True)
class Writer:
    """One layout: its name, its description, its function of a table of pairs, and that function's options."""

    name: str
    description: str
    write: Write
    options: Mapping[str, Any]
    """Keyword options of `write` with their defaults."""


WRITERS: Family[Writer] = Family("prefq.writers", "output format")


def writer(name: str) -> Callable[[Write], Write]:
    """Register a writer by its function: the docstring is the description, keyword defaults are the options."""

    def register(write: Write) -> Write:
        WRITERS.add(name, Writer(name, (write.__doc__ or "").strip(), write, keyword_defaults(write)))
        return write

    return register
