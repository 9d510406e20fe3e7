"""Real pairs many times over, with other letters each time: `python -m bench.replicas PAIRS ROWS WORKDIR`.

No copy is near another one, so what is near stays as rare as in the real data. It is run in a process of its own, as
whoever measures memory must not hold the data.
"""

import string
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl

from prefq import ids, schema
from prefq.store import TableStream

LETTERS = string.ascii_lowercase + string.ascii_uppercase
PART = 5_000


def other_letters(seed: int) -> Callable[[str], str]:
    """A change of texts that puts another Latin letter for each one, of the same case."""
    order = np.random.default_rng(seed).permutation(26)
    table = str.maketrans(LETTERS, "".join(LETTERS[at] for at in [*order, *(order + 26)]))
    return lambda text: text.translate(table)


def replica(pairs: pl.DataFrame, number: int) -> pl.DataFrame:
    """These pairs with other letters, and with the ids of the new texts; the first replica is the pairs."""
    change = other_letters(number) if number else str
    new = pl.col("chosen", "rejected").map_elements(change, return_dtype=pl.String)
    frame = pairs.with_columns(
        new,
        prompt=pl.col("prompt").list.eval(
            pl.element().struct.with_fields(
                pl.field("content").map_elements(change, return_dtype=pl.String, skip_nulls=True)
            )
        ),
        prompt_id=pl.format("{}{}", pl.lit(f"{number:04x}"), pl.col("prompt_id").str.slice(4)),
        row_id=pl.format("{}/{}", "row_id", pl.lit(number)),
    )
    sides = {f"{side}_id": ids.answer_id(pl.col(side), pl.col(f"{side}_messages")) for side in ("chosen", "rejected")}
    frame = frame.with_columns(**sides)
    pair = ids.pair_id(pl.col("prompt_id"), pl.col("chosen_id"), pl.col("rejected_id"))
    return frame.with_columns(pair_id=pair).select(schema.PAIRS.names())


def main() -> None:
    """Write `data/pairs.parquet` of so many rows into a working directory."""
    source, rows, workdir = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    pairs = pl.read_parquet(source).filter(pl.col("chosen_messages").is_null(), pl.col("rejected_messages").is_null())
    path = workdir / "data/pairs.parquet"
    path.parent.mkdir(parents=True)
    with TableStream(path, schema.PAIRS) as table:
        for number in count():
            for first in range(0, min(rows, pairs.height), PART):
                table.add(replica(pairs[first : min(first + PART, rows)], number))
            rows -= pairs.height
            if rows <= 0:
                return


if __name__ == "__main__":
    main()
