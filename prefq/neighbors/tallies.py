"""How judgements of the same two answers fell: what each result weighs, and which side a judgement is on."""

import polars as pl

from prefq.ballots import LEAD, VOTE, seat, strength

EDGE = ["prompt_cluster", "dimension", "low", "high"]
FORWARD, TIE, BACKWARD = 1, 0, -1
WEIGHTS = {FORWARD: "forward_weight", TIE: "tie_weight", BACKWARD: "backward_weight"}


def voted(rows: pl.DataFrame, winner: str, loser: str, sure: pl.Expr | None = None) -> pl.DataFrame:
    """`rows` with EDGE, `result` (for `low`, for `high`, a tie) and the WEIGHTS of the results of its edge.

    Where `sure` is not null it is what the row weighs, in thousandths of a vote.
    """
    known = pl.lit(None, pl.Int64) if sure is None else sure
    forward = pl.when(pl.col(winner) < pl.col(loser)).then(FORWARD).otherwise(BACKWARD)
    sides = {"low": pl.min_horizontal(winner, loser), "high": pl.max_horizontal(winner, loser)}
    result = pl.when(pl.col("label") == "tie").then(TIE).otherwise(forward)
    rows = rows.with_columns(**sides, result=result.cast(pl.Int8))
    margin = pl.when(pl.col("label") == "chosen").then("margin")
    voter = [*EDGE, "result", "annotator", "seat"]
    votes = (
        rows.with_columns(seat=seat([*EDGE, "result"]), weight=pl.coalesce(known, strength(margin, EDGE)))
        .group_by(voter)
        .agg(pl.col("weight").max())
        .group_by(EDGE)
        .agg(pl.col("weight").filter(pl.col("result") == value).sum().alias(name) for value, name in WEIGHTS.items())
    )
    return rows.join(votes, on=EDGE, how="left", maintain_order="left")


def named(rows: pl.DataFrame, kind: str, group: list[str] | None = None) -> pl.DataFrame:
    """The contradiction of voted rows: `place` and `contradictions.NAMES`, named by EDGE or by `group`."""
    own, other = own_weight(), _strongest_other()
    side = (
        pl.when(own - other >= LEAD)
        .then(pl.lit("majority"))
        .when(other - own >= LEAD)
        .then(pl.lit("minority"))
        .otherwise(pl.lit("even"))
    )
    return rows.select(
        "place",
        contradiction=pl.lit(kind),
        contradiction_id=pl.col("pair_cluster").min().over(group or EDGE),
        contradiction_side=side,
        contradiction_for=(own / VOTE).cast(pl.Float32),
        contradiction_against=(other / VOTE).cast(pl.Float32),
    )


def own_weight() -> pl.Expr:
    """What the result that a voted row gives weighs, in thousandths of a vote."""
    chosen = pl.when(pl.col("result") == FORWARD).then("forward_weight").otherwise("backward_weight")
    return pl.when(pl.col("result") == TIE).then("tie_weight").otherwise(chosen)


def _strongest_other() -> pl.Expr:
    others = [pl.when(pl.col("result") != value).then(name) for value, name in WEIGHTS.items()]
    return pl.max_horizontal(others)
