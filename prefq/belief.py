"""Labels that count by how likely they are right, in place of a threshold beyond which they are dropped or turned.

`weight` multiplies the weight of a pair by that probability. `soft` makes it the agreement of a pair that was judged
once, which trainers take for the target in place of 1: votes of several judges are a soft label already. What people
decided counts in full, and so does a label of which nothing is known.
"""

from collections.abc import Mapping

import polars as pl


def with_right(decided: pl.DataFrame, scores: pl.DataFrame | None) -> pl.DataFrame:
    """`decided` with `right`: the probability that the label that a row stays with is right; null where not known.

    `decided` has `row_id`, `turned` and `gold`; `scores` has `row_id` and `p_correct` (None: nothing is known).
    """
    if scores is None:
        return decided.with_columns(right=pl.lit(None, pl.Float64))
    given = pl.col("p_correct").cast(pl.Float64)
    right = pl.when(~pl.col("gold") & (pl.col("label") == "chosen")).then(
        pl.when(pl.col("turned").fill_null(False)).then(1 - given).otherwise(given)
    )
    known = decided.join(scores.select("row_id", "p_correct"), on="row_id", how="left", maintain_order="left")
    return known.with_columns(right=right).drop("p_correct")


def counted(action: str | None) -> Mapping[str, pl.Expr]:
    """`weight` and `agreement` of the pairs that stay, from `lead`, `top`, `votes` and `right`."""
    share, right = pl.col("top") / pl.col("votes"), pl.col("right").fill_null(1.0)
    once = pl.col("votes") == 1
    return {
        "weight": pl.col("lead") * right if action == "weight" else pl.col("lead"),
        "agreement": pl.when(once).then(share * right).otherwise(share) if action == "soft" else share,
    }
