"""Judgements of one pair as votes: who says which answer is better, and what comes of it.

A *unit* is what ends as one curated pair: the judgements of one pair in one dimension, or of nearly equal pairs.
It has a forward direction; a vote is for it, against it, for a tie, or for both answers being bad.
"""

import polars as pl

from prefq.ballots import LEAD
from prefq.decisions import HUMAN_LABELS

FORWARD, BACKWARD, TIE, BOTH_BAD = 1, -1, 0, 2

UNIT = ("unit", "dimension")


def unit_columns(merge_near: bool) -> list[pl.Expr]:
    """`unit` and `forward` of each judgement.

    With `merge_near`, near duplicates (one `pair_cluster`) are one unit, whose direction is that of the answers'
    clusters; where both answers are in one cluster there is no such direction, and each pair is its own unit.
    """
    pair, direction = pl.col("pair_id"), pl.col("chosen_id") < pl.col("rejected_id")
    if not merge_near:
        return [pair.alias("unit"), direction.alias("forward")]
    near = (pl.col("pair_cluster").is_not_null() & (pl.col("chosen_cluster") != pl.col("rejected_cluster"))).fill_null(
        False
    )
    return [
        pl.when(near).then("pair_cluster").otherwise(pair).alias("unit"),
        pl.when(near).then(pl.col("chosen_cluster") < pl.col("rejected_cluster")).otherwise(direction).alias("forward"),
    ]


def judgement_vote(flipped: pl.Expr) -> pl.Expr:
    """The vote of a judgement, turned around where `flipped`."""
    direction = pl.when(pl.col("forward") != flipped).then(FORWARD).otherwise(BACKWARD)
    label = pl.col("label")
    vote = pl.when(label == "tie").then(TIE).when(label == "both_bad").then(BOTH_BAD).otherwise(direction)
    return vote.cast(pl.Int8)


def last_decisions(labels: pl.DataFrame | None) -> pl.DataFrame:
    """Of each annotator's decisions on a pair the last one, unless it is `skip`."""
    if labels is None or labels.is_empty():
        return pl.DataFrame()
    last = labels.unique(["annotator", "pair_id", "dimension"], keep="last", maintain_order=True)
    return last.filter(pl.col("label").is_in(HUMAN_LABELS))


def human_ballots(labels: pl.DataFrame | None, judgements: pl.DataFrame) -> pl.DataFrame:
    """One ballot per annotator and pair from the decisions: `unit`, `dimension`, `pair_id`, `annotator`, `vote`.

    The last line of an annotator on a pair counts. Decisions on pairs that are not among `judgements` (with `unit`
    and `forward`) or that name other answers than the pair's are left out.
    """
    pairs = judgements.unique(["pair_id", "dimension"], keep="first", maintain_order=True)
    empty = pairs.clear().select(*UNIT, "pair_id", "annotator", vote=pl.lit(0, pl.Int8))
    last = last_decisions(labels)
    if last.is_empty():
        return empty
    decided = last.select("annotator", "pair_id", "dimension", "first_id", "second_id", decision="label").join(
        pairs.select(*UNIT, "pair_id", "chosen_id", "rejected_id", "forward"), on=["pair_id", "dimension"]
    )
    straight = (pl.col("first_id") == pl.col("chosen_id")) & (pl.col("second_id") == pl.col("rejected_id"))
    turned = (pl.col("first_id") == pl.col("rejected_id")) & (pl.col("second_id") == pl.col("chosen_id"))
    for_chosen = (pl.col("decision") == "first") == straight
    vote = (
        pl.when(pl.col("decision") == "tie")
        .then(TIE)
        .when(pl.col("decision") == "both_bad")
        .then(BOTH_BAD)
        .when(for_chosen == pl.col("forward"))
        .then(FORWARD)
        .otherwise(BACKWARD)
    )
    return decided.filter(straight | turned).select(*UNIT, "pair_id", "annotator", vote=vote.cast(pl.Int8))


def count_votes(ballots: pl.DataFrame) -> pl.DataFrame:
    """One row per unit: how its ballots fell.

    `ballots` has `unit`, `dimension`, `annotator`, `vote`, `seat`, `weight`; the same vote of the same annotator counts
    once, and so do equal votes of unknown annotators in the same seat. Comes back: `winner` (the vote with the greatest
    weight), `votes` (how many), `top` (how many for the winner), `even` (whether the lead of the winner is too small to
    count, `ballots.LEAD`), `lead` (its share of the weight of all), `forward_votes`, `backward_votes`, `other_votes`.
    """
    each = ballots.group_by(*UNIT, "annotator", "seat", "vote").agg(pl.col("weight").max())
    counts = each.group_by(*UNIT, "vote").agg(n=pl.len().cast(pl.Int32), weight=pl.col("weight").sum())
    ranked = counts.sort(["weight", "n", "vote"], descending=True)
    named = {"forward_votes": FORWARD, "backward_votes": BACKWARD}
    lead = pl.col("weight").first() - pl.col("weight").slice(1, 1).sum()
    return ranked.group_by(*UNIT, maintain_order=True).agg(
        winner=pl.col("vote").first(),
        votes=pl.col("n").sum(),
        top=pl.col("n").first(),
        even=lead < LEAD,
        lead=lead / pl.col("weight").sum(),
        other_votes=pl.col("n").filter(pl.col("vote").is_in([TIE, BOTH_BAD])).sum(),
        **{name: pl.col("n").filter(pl.col("vote") == vote).sum() for name, vote in named.items()},
    )
