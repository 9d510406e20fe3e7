"""Labels that flipped and are now what they were in an earlier version: flipped back."""

import polars as pl

from prefq.diff.changes import BACK
from prefq.diff.narrow import completed


def with_returns(changes: pl.DataFrame, before: pl.LazyFrame) -> pl.DataFrame:
    """The changes, BACK among the `facts` of those that flipped to what a judgement of `before` says.

    That is one of the same pair, dimension and annotator. Only the flipped pairs are read of `before`.
    """
    flipped = pl.col("facts").list.contains("flipped")
    pairs = changes.filter(flipped)["pair_id_new"].unique()
    if pairs.is_empty():
        return changes
    table = completed(before, before.collect_schema())
    said = {"pair_id_new": "pair_id", "dimension": "dimension", "annotator_new": "annotator"}
    held = (
        table.filter(pl.col("pair_id").is_in(pairs.implode()), pl.col("label") == "chosen")
        .select(**said, chosen_id_new="chosen_id", back=pl.lit(True))
        .unique(maintain_order=False)
        .collect(engine="streaming")
    )
    on = [*said, "chosen_id_new"]
    told = changes.join(held, on=on, how="left", nulls_equal=True, maintain_order="left")
    back = flipped & pl.col("back").fill_null(False)
    facts = pl.when(back).then(pl.col("facts").list.concat(pl.lit([BACK]))).otherwise("facts")
    return told.with_columns(facts=facts).drop("back")
