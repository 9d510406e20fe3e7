"""Our own table of pairs."""

import polars as pl

from prefq.schema import PAIRS
from prefq.writers import Written, writer


@writer("prefq")
def write(pairs: pl.DataFrame) -> Written:
    """The table of pairs itself, every column of it."""
    others = [name for name in pairs.columns if name not in PAIRS]
    return Written(pairs.select(*PAIRS.names(), *others))
