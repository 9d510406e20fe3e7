"""Rows that repeat other rows: copies of a judgement, several judgements of a pair, judgements that disagree."""

import polars as pl

PARTNERS = 5
"""How many partner rows are named as evidence."""

PAIR = ["pair_id", "dimension"]


def duplicate_columns(pairs: pl.DataFrame) -> pl.DataFrame:
    """`pairs` with what repeats, each count including the row itself, each list at most PARTNERS row ids, sorted.

    `copies`, `copy_rows`: records that hold this very judgement (pair, dimension, result, annotator).
    `judgements`, `judgement_rows`: different judgements of the pair in this dimension (annotators, results).
    `opposite_rows`: rows of the pair in which the other answer was chosen.
    `opposed_rows`, `opposed_answer`: of rows that contradict others, those that say the opposite of the same answers up
    to clusters (`both`), or that reject what is near the row's `chosen` or choose what is near its `rejected`.
    `cluster_pairs`, `cluster_rows`: different pairs of the same `pair_cluster`; only where that column is there.
    """
    keyed = _keys(pairs)
    judgement = [*PAIR, "_winner", "annotator", "_occurrence"]
    columns = [
        _others(keyed, judgement, ["dataset", "record"], "copies", "copy_rows"),
        _others(keyed, PAIR, ["_winner", "annotator", "_occurrence"], "judgements", "judgement_rows"),
        _opposites(keyed),
        _opposed(pairs),
    ]
    if "pair_cluster" in pairs.columns:
        columns.append(_others(keyed, ["pair_cluster"], ["pair_id"], "cluster_pairs", "cluster_rows"))
    return pairs.hstack([series for frame in columns for series in frame])


def _keys(pairs: pl.DataFrame) -> pl.DataFrame:
    # Unnamed annotators of one record are different people; in different records, nobody says that they are.
    winner = pl.when(pl.col("label") == "chosen").then(pl.col("chosen_id")).otherwise(pl.col("label"))
    columns = ["row_id", "dataset", "record", "k", *PAIR, "annotator", "chosen_id", "rejected_id", "label"]
    columns += ["pair_cluster"] if "pair_cluster" in pairs.columns else []
    keyed = pairs.select(*columns, _winner=winner)
    same = ["dataset", "record", *PAIR, "_winner", "annotator"]
    # k stands for the order inside the record; the frame's own order must not matter.
    return keyed.with_columns(_occurrence=pl.col("k").fill_null(0).rank("ordinal").over(same))


def _others(rows: pl.DataFrame, group: list[str], member: list[str], count: str, partners: str) -> pl.DataFrame:
    """Per row, how many different members its group has, and the first row of some of the others."""
    first = rows.group_by([*group, *member]).agg(pl.col("row_id").min())
    groups = (
        first.group_by(group)
        .agg(pl.len().alias(count), pl.col("row_id").sort().head(PARTNERS + 1).alias(partners))
        .filter(pl.col(count) > 1)
    )
    mine = rows.select("row_id", *group, *member).join(
        first.rename({"row_id": "_own"}), on=[*group, *member], how="left", nulls_equal=True, maintain_order="left"
    )
    found = mine.join(groups, on=group, how="left", nulls_equal=True, maintain_order="left")
    others = pl.col(partners).list.set_difference(pl.concat_list("_own")).list.sort().list.head(PARTNERS)
    grouped = pl.col("pair_cluster").is_not_null() if group == ["pair_cluster"] else pl.lit(True)
    return found.select(
        pl.when(grouped).then(pl.col(count).fill_null(1)).alias(count), others.fill_null([]).alias(partners)
    )


def _opposites(rows: pl.DataFrame) -> pl.DataFrame:
    decided = rows.filter((pl.col("label") == "chosen") & (pl.col("chosen_id") != pl.col("rejected_id")))
    sides = decided.group_by([*PAIR, "chosen_id"]).agg(opposite_rows=pl.col("row_id").sort().head(PARTNERS))
    asked = rows.select(*PAIR, chosen_id=pl.when(pl.col("label") == "chosen").then(pl.col("rejected_id")))
    found = asked.join(sides, on=[*PAIR, "chosen_id"], how="left", nulls_equal=True, maintain_order="left")
    return found.select(pl.col("opposite_rows").fill_null([]))


_CLUSTERED = ("prompt_cluster", "chosen_cluster", "rejected_cluster", "contradiction", "contradiction_id")


def _opposed(rows: pl.DataFrame) -> pl.DataFrame:
    if not set(_CLUSTERED) <= set(rows.columns):
        named = {"opposed_rows": pl.lit([], pl.List(pl.String)), "opposed_answer": pl.lit(None, pl.String)}
        return rows.select("row_id").with_columns(**named).drop("row_id")
    near = pl.col("chosen_cluster") == pl.col("rejected_cluster")
    ends = {side: pl.when(near).then(f"{side}_id").otherwise(f"{side}_cluster") for side in ("chosen", "rejected")}
    told = rows.filter(pl.col("contradiction").is_in(["swapped", "cycle", "both_ways"]), pl.col("label") == "chosen")
    told = told.select(
        "row_id", "prompt_cluster", "dimension", *_CLUSTERED[3:], won=ends["chosen"], lost=ends["rejected"]
    )
    place, one = ["prompt_cluster", "dimension"], told.filter(contradiction="both_ways")
    found = [
        _turned(told, [*place, "won", "lost"], [*place, "lost", "won"], "both"),
        _turned(one, ["contradiction_id", "won"], ["contradiction_id", "lost"], "chosen"),
        _turned(one, ["contradiction_id", "lost"], ["contradiction_id", "won"], "rejected"),
    ]
    first = pl.concat(found).unique("row_id", keep="first", maintain_order=True)
    joined = rows.select("row_id").join(first, on="row_id", how="left", maintain_order="left")
    return joined.select(pl.col("opposed_rows").fill_null([]), "opposed_answer")


def _turned(rows: pl.DataFrame, own: list[str], theirs: list[str], answer: str) -> pl.DataFrame:
    """The rows whose `own` columns are the `theirs` of others, with these."""
    listed = rows.group_by(theirs).agg(opposed_rows=pl.col("row_id").sort().head(PARTNERS))
    found = rows.join(listed, left_on=own, right_on=theirs)
    return found.select("row_id", "opposed_rows", opposed_answer=pl.lit(answer))
