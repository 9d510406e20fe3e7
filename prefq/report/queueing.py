"""The pairs behind the points of the map, so that a selection can be copied or queued for review."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report import packing

MOST_PAIRS = 200_000


@dataclass(frozen=True)
class Behind:
    """The pairs of each point, point by point, in the order of their row ids.

    `held` is how many a point has (base64, uint16); a row id is `sources[source] + ":" + record`.
    """

    pairs: int
    left_out: int
    """Pairs of points that have too many to take all of them along."""
    held: str
    sources: tuple[str, ...]
    source: str
    records: tuple[str, ...]
    pair_ids: str | tuple[str, ...]
    dimensions: tuple[str, ...]
    dimension: str

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        names = ("held", "sources", "source", "records", "pair_ids", "dimensions", "dimension")
        return {name: getattr(self, name) for name in names}


def behind(pairs: pl.DataFrame, prompts: Sequence[str], most: int = MOST_PAIRS) -> Behind:
    """The pairs of these prompts, at most `most` of them: of a prompt with many, those with the least row ids."""
    points = pl.DataFrame({"prompt_id": prompts}, schema={"prompt_id": pl.String}).with_row_index("point")
    columns = ("row_id", "prompt_id", "pair_id", "dimension")
    rows = pairs.select(columns).join(points, on="prompt_id").sort("point", "row_id")
    nth = pl.int_range(pl.len()).over("point")
    taken = rows.filter(nth < _each(rows, most))
    held = points.select("point").join(taken.group_by("point").len(), on="point", how="left", maintain_order="left")
    named = pl.col("row_id").str.extract_groups(r"(?s)^(?:(?<source>.*):)?(?<record>[^:]*)$").alias("named")
    parts = taken.select(named).unnest("named")
    sources, kinds = parts["source"].fill_null(""), taken["dimension"].fill_null("preference")
    return Behind(
        pairs=taken.height,
        left_out=rows.height - taken.height,
        held=packing.shorts(held["len"]),
        sources=tuple(_names(sources)),
        source=packing.shorts(_places(sources)),
        records=tuple(parts["record"]),
        pair_ids=packing.digests(taken["pair_id"]) or tuple(taken["pair_id"]),
        dimensions=tuple(_names(kinds)),
        dimension=packing.shorts(_places(kinds)) if len(_names(kinds)) > 1 else "",
    )


def _each(rows: pl.DataFrame, most: int) -> int:
    """How many pairs each point may have so that all of them are at most `most`: one at least."""
    if rows.height <= most:
        return rows.height
    sizes = rows.group_by("point").len()["len"].sort()
    low, high = 1, int(sizes[-1])
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sizes.clip(upper_bound=middle).sum() <= most else (low, middle - 1)
    return low


def _names(values: pl.Series) -> list[str]:
    return sorted(values.unique())


def _places(values: pl.Series) -> pl.Series:
    names = _names(values)
    return values.replace_strict(names, range(len(names)), return_dtype=pl.UInt32)
