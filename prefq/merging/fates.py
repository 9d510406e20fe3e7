"""What each side did with every pair: one row for each of BASE's pairs, and for each that is new on a side."""

import polars as pl

from prefq.diff.alignment import Alignment
from prefq.diff.changes import Side
from prefq.diff.classing import details
from prefq.diff.matching import matched
from prefq.diff.narrow import completed, metadata, narrow
from prefq.merging.conflicts import Favor

DECISIONS = ("flipped", "tie_to_label", "label_to_tie", "edited", "prompt_edited", "moved_split", "status_changed")
"""Changes that a drop on the other side contradicts; a new margin or category does not."""
ORDER = ("dataset", "record", "k", "pair_id")


def fates(left: Alignment, right: Alignment, ours: pl.LazyFrame, theirs: pl.LazyFrame) -> pl.DataFrame:
    """`base`, `ours`, `theirs` (positions; null where a side has not got the pair), and for both sides `facts_SIDE`
    (what it changed; empty for nothing) and `turned_SIDE` (its answers stand the other way round than in BASE, or, for
    a new pair, than in OURS).
    """
    held = _of_base(left, "ours").join(_of_base(right, "theirs"), on="base", maintain_order="left")
    new = [a.changes.filter(pl.col("at_old").is_null())["at_new"].cast(pl.UInt32).sort() for a in (left, right)]
    return pl.concat([held, _new(new[0], new[1], ours, theirs)], how="diagonal")


def _of_base(alignment: Alignment, side: str) -> pl.DataFrame:
    nothing = {f"facts_{side}": pl.lit([], pl.List(pl.String)), f"turned_{side}": pl.lit(False)}
    told = {f"facts_{side}": pl.col("facts"), f"turned_{side}": pl.col("turned").fill_null(False)}
    same = alignment.same.select(pl.col("old").alias("base"), pl.col("new").alias(side), **nothing)
    there = alignment.changes.filter(pl.col("at_old").is_not_null())
    changed = there.select(pl.col("at_old").alias("base"), pl.col("at_new").alias(side), **told)
    return pl.concat([same, changed], how="vertical_relaxed").with_columns(pl.col("base", side).cast(pl.UInt32))


def _new(ours: pl.Series, theirs: pl.Series, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.DataFrame:
    """The pairs that are new; one that both sides added is one row."""
    added = pl.lit(["added"])
    pairs = _added_by_both(ours, theirs, left, right)
    mine = pl.DataFrame({"ours": ours}).join(pairs, on="ours", how="left", maintain_order="left")
    rest = pl.DataFrame({"theirs": theirs}).join(pairs, on="theirs", how="anti", maintain_order="left")
    every = pl.concat([mine, rest], how="diagonal")
    return every.with_columns(
        *(pl.when(pl.col(s).is_not_null()).then(added).alias(f"facts_{s}") for s in ("ours", "theirs")),
        turned_ours=pl.lit(False),
        turned_theirs=pl.col("turned_theirs").fill_null(False),
    )


def _added_by_both(ours: pl.Series, theirs: pl.Series, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.DataFrame:
    """`ours`, `theirs`, `turned_theirs` of pairs that both sides added: by their ids, never by likeness."""
    schemas = left.collect_schema(), right.collect_schema()
    compared = metadata(*schemas)
    told = []
    for frame, other, positions in ((left, schemas[1], ours), (right, schemas[0], theirs)):
        table = completed(frame, other)
        some = narrow(table.with_row_index("place").filter(pl.col("place").is_in(positions.implode())), compared, ())
        rows = details(Side("", table, 0, 0), positions, compared)
        told.append(rows.with_columns(some["key"]))
    met = matched(told[0], told[1])
    chosen = [rows.select("at", "chosen_id") for rows in told]
    both = met.join(chosen[0], left_on="old", right_on="at").join(chosen[1], left_on="new", right_on="at", suffix="_t")
    turned = pl.col("chosen_id") != pl.col("chosen_id_t")
    return both.select(ours=pl.col("old").cast(pl.UInt32), theirs=pl.col("new").cast(pl.UInt32), turned_theirs=turned)


def settled(found: pl.DataFrame, favor: Favor | None) -> pl.DataFrame:
    """Adds `take` (`ours`, `theirs`, `merge`; null: the pair goes) and `against` (a drop contradicts a decision)."""
    gone = [pl.col(side).is_null() for side in ("ours", "theirs")]
    changed = [pl.col(f"facts_{side}").list.len() > 0 for side in ("ours", "theirs")]
    decided = [pl.col(f"facts_{s}").list.set_intersection(list(DECISIONS)).list.len() > 0 for s in ("ours", "theirs")]
    was, both = pl.col("base").is_not_null(), changed[0] & changed[1]
    against = was & ((gone[0] & ~gone[1] & decided[1]) | (gone[1] & ~gone[0] & decided[0]))
    wins = (
        pl.when(against)
        .then(pl.lit(favor == "theirs"))
        .otherwise(pl.when(was & both).then(gone[1]).otherwise(pl.when(was).then(changed[1]).otherwise(gone[0])))
    )
    side = pl.when(wins).then(pl.lit("theirs")).otherwise(pl.lit("ours"))
    there = pl.when(wins).then(~gone[1]).otherwise(~gone[0])
    take = pl.when(both & ~gone[0] & ~gone[1]).then(pl.lit("merge")).when(there).then(side)
    return found.with_columns(against=against, take=take)


def placed(found: pl.DataFrame, theirs: pl.LazyFrame) -> pl.DataFrame:
    """Adds `late`, `place`: OURS' rows in their order, then those that OURS dropped, then what THEIRS alone added.

    The last are in the order of their source, whatever the order in THEIRS.
    """
    columns = [name for name in ORDER if name in theirs.collect_schema()]
    new = found.filter(pl.col("base").is_null() & pl.col("ours").is_null())["theirs"]
    ranks = (
        theirs.select(columns)
        .with_row_index("theirs")
        .filter(pl.col("theirs").is_in(new.implode()))
        .collect(engine="streaming")
        .sort(*columns, "theirs")
        .with_row_index("rank")
        .select("theirs", "rank")
    )
    late = pl.when(pl.col("ours").is_not_null()).then(0).when(pl.col("base").is_not_null()).then(1).otherwise(2)
    return found.join(ranks, on="theirs", how="left", maintain_order="left").with_columns(
        late=late.cast(pl.UInt8), place=pl.coalesce("ours", "base", "rank")
    )
