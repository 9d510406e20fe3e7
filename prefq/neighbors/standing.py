"""Contradictions that are known, judged again on some of their rows: which of them still stand."""

import polars as pl

from prefq.ballots import VOTE
from prefq.neighbors.contradictions import NAMES, cycles
from prefq.neighbors.tallies import TIE, named, voted

SURE = 1000 * VOTE
"""What a judgement that is beyond doubt weighs: more than any number of others would."""


def standing(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that still contradict one of the others: `place`, and `contradictions.NAMES` with the votes anew.

    `rows` are judgements with the `contradiction` and `contradiction_id` that they had, and `place`, `dimension`,
    `dataset`, `record`, `k`, `annotator`, `margin`, `label` (`chosen`, `tie`), `winner`, `loser` (what the answers'
    clusters are called) and `sure` (weighed as SURE). Each contradiction is judged by itself and keeps its kind and id.
    """
    rows = rows.with_columns(prompt_cluster="contradiction_id", pair_cluster="contradiction_id")
    found = [cycles(_weighed(rows, "cycle"))]
    for kind in ("swapped", "both_ways"):
        some = _weighed(rows, kind)
        decided = pl.col("result") != TIE
        found.append(named(some.filter(decided, pl.col("forward_weight") > 0, pl.col("backward_weight") > 0), kind))
    found.append(_twins(some, found[-1]))
    tied = _weighed(rows, "tie")
    either = pl.max_horizontal("forward_weight", "backward_weight") > 0
    found.append(named(tied.filter(either, pl.col("tie_weight") > 0), "tie"))
    return pl.concat(found).select("place", *NAMES)


def _weighed(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return voted(rows.filter(contradiction=kind), "winner", "loser", sure=pl.when("sure").then(SURE))


def _twins(rows: pl.DataFrame, opposed: pl.DataFrame) -> pl.DataFrame:
    """Rows with an answer that is on the other side of another comparison; nobody voted on both."""
    ends = rows.group_by("contradiction_id").agg(won=pl.col("winner").unique(), lost=pl.col("loser").unique())
    on_both = pl.col("winner").is_in(pl.col("lost")) | pl.col("loser").is_in(pl.col("won"))
    left = rows.join(opposed, on="place", how="anti").join(ends, on="contradiction_id", how="left")
    return named(left.filter(on_both), "both_ways").with_columns(contradiction_side=pl.lit("even"))
