"""Judgements that cannot all be right: which rows contradict others, and in what way."""

import numpy as np
import polars as pl


def contradictions(rows: pl.DataFrame) -> pl.DataFrame:
    """For each row, in order: `contradiction` (`swapped` | `cycle` | `both_ways` | null) and `contradiction_id`.

    `rows` as from `judgements.judgements`. Only decisions (label `chosen`) between two different answers contradict; a
    tie never does, and what one consistent ranking of the answers explains (A beats B, C beats A) is no contradiction,
    so K-wise data and many models per prompt raise none.

    - `swapped`: the same two answers, or copies of them (similarity 0.8), to the same prompt on the same dimension,
      decided both ways; by whichever annotators.
    - `cycle`: A beats B, B beats C, C beats A, up to copies, of any length from 3. Every judgement on a cycle is named,
      found as those within a strongly connected component of the graph of answers to one prompt on one dimension;
      swapped decisions are left out of it.
    - `both_ways`: the weaker form of `swapped`: answers of the same two clusters, near but no copies, decided both
      ways. The difference between the two versions may be the reason.

    The first that holds is named. The id is the smallest pair cluster involved.
    """
    rows = rows.with_row_index("place")
    decided = rows.filter((pl.col("label") == "chosen") & (pl.col("winner") != pl.col("loser")))
    swapped = _opposed(decided, "winner_copy", "loser_copy", "swapped")
    rest = decided.join(swapped, on="place", how="anti")
    cycle = _cycles(rest)
    settled = pl.concat([swapped, cycle])
    both_ways = _opposed(decided, "winner", "loser", "both_ways").join(settled, on="place", how="anti")
    found = pl.concat([settled, both_ways])
    return rows.select("place").join(found, on="place", how="left", maintain_order="left").drop("place")


def _opposed(decided: pl.DataFrame, winner: str, loser: str, kind: str) -> pl.DataFrame:
    """Rows that decide between the same two sides to the same prompt on the same dimension, where both have won."""
    low, high = pl.min_horizontal(winner, loser).alias("low"), pl.max_horizontal(winner, loser).alias("high")
    sides = ("prompt_cluster", "dimension", low, high)
    both = decided.filter(pl.col(winner).n_unique().over(*sides) > 1)
    return _named(both.with_columns(contradiction_id=pl.col("pair_cluster").min().over(*sides)), kind)


def _cycles(decided: pl.DataFrame) -> pl.DataFrame:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if decided.is_empty():
        return _named(decided.with_columns(contradiction_id="pair_cluster"), "cycle")
    sides = [decided.select("prompt_cluster", "dimension", answer=side) for side in ("winner_copy", "loser_copy")]
    number = pl.concat(sides).select(pl.struct(pl.all()).rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    winner, loser = number[: decided.height], number[decided.height :]
    count = int(number.max()) + 1
    graph = coo_array((np.ones(winner.size, np.int8), (winner, loser)), shape=(count, count))
    part = connected_components(graph, directed=True, connection="strong")[1]
    frame = decided.with_columns(part=pl.Series(part[winner])).filter(pl.Series(part[winner] == part[loser]))
    return _named(frame.with_columns(contradiction_id=pl.col("pair_cluster").min().over("part")), "cycle")


def _named(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.select("place", pl.lit(kind).alias("contradiction"), "contradiction_id")
