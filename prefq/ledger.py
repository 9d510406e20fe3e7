"""The ledger: what became of every judgement, why, and on what evidence."""

import polars as pl

from prefq.schema import LEDGER


def ledger_of(decided: pl.DataFrame) -> pl.DataFrame:
    """The ledger (`schema.LEDGER`) of decided rows, in their order.

    `reasons` are the checks that a drop, review or flip rests on, the strongest action first, or one of
    `prefq.policy.REASONS`; `split` is null for a row that is in none; `evidence` is null when there is nothing to add.
    """
    by_flags = ~pl.col("voting") | (pl.col("decision") == "flip") & ~pl.col("gold")
    reason = (
        pl.when(by_flags)
        .then("reasons")
        .when(pl.col("outcome").is_not_null())
        .then(pl.concat_list("verdict"))
        .when(pl.col("decision") == "merge")
        .then(pl.concat_list(_merge_reason()))
        .when("gold_row")
        .then(pl.lit(["human_label"]))
        .otherwise(pl.lit([], pl.List(pl.String)))
    )
    in_a_split = pl.col("decision").is_in(["keep", "flip", "merge"])
    return decided.select(
        "row_id",
        "pair_id",
        "decision",
        reasons=reason,
        split=pl.when(in_a_split).then("new_split"),
        evidence=_evidence(),
    ).cast(LEDGER)


def _merge_reason() -> pl.Expr:
    """Why a row was merged into the one that stays."""
    # Unknown annotators of one record are different people.
    others = pl.col("annotator").is_null() & (pl.struct("dataset", "record") == pl.col("kept_record"))
    same = (
        pl.col("annotator").eq_missing(pl.col("kept_annotator"))
        & ~others
        & (pl.col("forward") == pl.col("kept_forward"))
        & (pl.col("label") == pl.col("kept_label"))
    )
    return (
        pl.when(pl.col("pair_id") != pl.col("kept_pair"))
        .then(pl.lit("near_duplicate"))
        .when(same)
        .then(pl.lit("exact_duplicate"))
        .otherwise(pl.lit("vote"))
    )


def _evidence() -> pl.Expr:
    """What a decision rests on, as JSON: the row kept instead, the votes, a contradiction (or the kind of one that is
    settled), a conflict of splits."""
    forward, backward = pl.col("forward_votes"), pl.col("backward_votes")
    votes = pl.struct(
        for_chosen=pl.when("forward").then(forward).otherwise(backward),
        for_rejected=pl.when("forward").then(backward).otherwise(forward),
        for_neither=pl.col("other_votes"),
    )
    told = pl.col("voting") & ((pl.col("votes") > 1) | pl.col("gold"))
    parts = [
        pl.when(pl.col("decision") == "merge").then(_members(pl.struct("kept"))),
        pl.when(told).then(_members(votes)),
        _contradiction(),
        pl.when(pl.col("decision").is_in(["keep", "flip"]) & pl.col("right").is_not_null()).then(
            _members(pl.struct(label_right=pl.col("right").round(4)))
        ),
        pl.when(pl.col("settled").is_not_null()).then(_members(pl.struct("settled"))),
        pl.when(pl.col("split_reason") == "given_conflict").then(pl.lit('"split":"given_conflict"')),
    ]
    joined = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(pl.format("{{{}}}", joined))


def _contradiction() -> pl.Expr:
    """The votes on the contradiction that a row is dropped or held for."""
    told = pl.struct(
        kind="contradiction",
        id="contradiction_id",
        side="contradiction_side",
        votes_for="contradiction_for",
        votes_against="contradiction_against",
    )
    named = pl.col("contradicted") & ~pl.col("voting")
    return pl.when(named).then(pl.concat_str(pl.lit('"contradiction":'), told.struct.json_encode()))


def _members(struct: pl.Expr) -> pl.Expr:
    """The JSON of a struct without its braces."""
    text = struct.struct.json_encode()
    return text.str.slice(1, text.str.len_chars() - 2)
