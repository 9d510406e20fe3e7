"""Contradictions as they stand once policy and people have spoken."""

import polars as pl

from prefq.ballots import VOTE
from prefq.neighbors.contradictions import NAMES
from prefq.neighbors.standing import standing
from prefq.votes import BOTH_BAD, FORWARD, TIE, UNIT, count_votes

GROUP = ["contradiction", "contradiction_id"]


def still_contested(rows: pl.DataFrame, ballots: pl.DataFrame) -> pl.DataFrame:
    """`rows` with their contradictions judged on what is left, and `settled`: the kind of one that is no more.

    `rows` are judgements with `unit`, `forward`, `contradictions.NAMES`, the answers' clusters, and `action`: what the
    checks that are no contradictions ask for. Those to be dropped or held for review do not count, those to be flipped
    speak for the other answer, and what people decided (`ballots`, as from `votes.human_ballots`) outweighs all else. A
    contradiction none of whose rows was touched stays as it is, and so does that of a row that does not count. A cycle
    with judgements between near answers stays too: after which of them it would be broken cannot be told from clusters.

    Contradictions that a decision brings about, as a flip may close a cycle, are not looked for: people are not asked
    again about what they said.
    """
    rows = rows.with_row_index("place").join(_said(ballots), on=UNIT, how="left", maintain_order="left")
    touched = (pl.col("said").is_not_null() | (pl.col("action") != "keep")).any().over(GROUP)
    alike = (pl.col("chosen_cluster") == pl.col("rejected_cluster")).any().over(GROUP)
    unclear = alike & (pl.col("contradiction") == "cycle")
    affected = rows.filter(pl.col("contradiction").is_not_null()).filter(touched, ~unclear.fill_null(True))
    counts = affected.filter(pl.col("said").is_not_null() | pl.col("action").is_in(["keep", "flip"]))
    left = standing(_spoken(counts.filter(pl.col("said").fill_null(TIE) != BOTH_BAD)))
    judged = counts.select("place").join(left, on="place", how="left").with_columns(judged=pl.lit(True))
    rows = rows.join(judged, on="place", how="left", suffix="_left", maintain_order="left")
    fresh = [pl.when("judged").then(f"{name}_left").otherwise(name).alias(name) for name in NAMES]
    gone = pl.col("judged") & pl.col("contradiction_left").is_null()
    rows = rows.with_columns(*fresh, settled=pl.when(gone).then("contradiction"))
    return rows.drop("place", "said", "judged", *(f"{name}_left" for name in NAMES))


def _said(ballots: pl.DataFrame) -> pl.DataFrame:
    """What people decided of each unit: `said`, a vote, BOTH_BAD too where they are even."""
    counted = count_votes(ballots.with_columns(seat=pl.lit(0, pl.UInt32), weight=pl.lit(VOTE, pl.Int64)))
    return counted.select(*UNIT, said=pl.when("even").then(BOTH_BAD).otherwise("winner").cast(pl.Int8))


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    """What each judgement says now, as `standing` asks for it."""
    said = pl.col("said")
    against = pl.when(said.is_null()).then(pl.col("action") == "flip").otherwise((said == FORWARD) != pl.col("forward"))
    near = pl.col("chosen_cluster") == pl.col("rejected_cluster")
    ends = [pl.when(near).then(f"{side}_id").otherwise(f"{side}_cluster") for side in ("chosen", "rejected")]
    label = pl.when(said.is_null()).then("label").when(said == TIE).then(pl.lit("tie")).otherwise(pl.lit("chosen"))
    return rows.select(
        *("place", *GROUP, "dimension", "dataset", "record", "k"),
        winner=pl.when(against).then(ends[1]).otherwise(ends[0]),
        loser=pl.when(against).then(ends[0]).otherwise(ends[1]),
        label=label,
        annotator=pl.when(said.is_null()).then("annotator").otherwise(pl.lit("people")),
        margin=pl.when(said.is_null(), ~against).then("margin"),
        sure=said.is_not_null(),
    )
