"""Chains of near texts: each text near the next, the first not near the last; such a chain is several clusters."""

import numpy as np
import polars as pl

from prefq.neighbors.clusters import components
from prefq.report.tables import Tables

Chains = tuple[str, int, int]
"""A level (`prompt`, `answer`), how many chains of it were split, and into how many clusters."""


def split_chains(tables: Tables) -> tuple[Chains, ...]:
    """The levels at which chains of near texts were split; empty where none was, or the edges are not known."""
    if tables.neighbors is None or tables.clusters is None:
        return ()
    ids = ("prompt_id", "chosen_id", "rejected_id")
    rows = tables.pairs.select("row_id", *ids).join(tables.clusters, on="row_id", how="inner")
    sides = {"prompt": ("prompt",), "answer": ("chosen", "rejected")}
    found = []
    for level, texts in sides.items():
        named = [rows.select(id=f"{text}_id", cluster=f"{text}_cluster") for text in texts]
        near = tables.neighbors.filter(pl.col("level") == level, pl.col("kind") != "contrast")
        found.append((level, *_split(near, pl.concat(named).unique("id").sort("id"))))
    return tuple(some for some in found if some[1])


def _split(edges: pl.DataFrame, named: pl.DataFrame) -> tuple[int, int]:
    """How many parts that `edges` connect have several clusters, and how many these are; `named`: `id`, `cluster`."""
    place = named.select("id").with_row_index("place")
    ends = [
        edges.join(place, left_on=end, right_on="id", how="left", maintain_order="left")["place"]
        for end in ("left_id", "right_id")
    ]
    known = (ends[0].is_not_null() & ends[1].is_not_null()).to_numpy()
    left, right = (end.fill_null(0).to_numpy().astype(np.int64)[known] for end in ends)
    parts = named.with_columns(part=pl.Series(components(named.height, left, right)))
    counts = parts.group_by("part").agg(pl.col("cluster").n_unique())["cluster"]
    several = counts.filter(counts > 1)
    return len(several), int(several.sum())
