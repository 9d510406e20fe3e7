"""From flagged judgements to the curated set: one decision per row, one curated row per pair.

1. A row's flags give it the strongest of their actions: drop, review, flip, keep (`prefq.policy`). Contradictions come
   last, judged on what the other checks and people have left of them (`prefq.contested`).
2. The rows that are left vote (`prefq.votes`): equal judgements and near duplicates become one pair, disagreement is
   settled by the rules for contradictions, and annotators' own decisions overrule both the judgements and a review or
   flip.
3. The row that stays is the first, by dataset, record and k, of those that say what won; the others are merged.

No decision depends on the order of the rows.
"""

from dataclasses import dataclass

import polars as pl

from prefq.ballots import VOTE, seat, strength
from prefq.belief import counted, with_right
from prefq.contested import still_contested
from prefq.ledger import ledger_of
from prefq.policy import CONTRADICTION_CHECKS, CurateSettings
from prefq.schema import CURATED
from prefq.splits import assign_splits, taken_along
from prefq.votes import (
    BACKWARD,
    BOTH_BAD,
    FORWARD,
    TIE,
    UNIT,
    count_votes,
    human_ballots,
    judgement_vote,
    last_decisions,
    unit_columns,
)

SWAPPED = (
    ("chosen", "rejected"),
    ("chosen_id", "rejected_id"),
    ("chosen_messages", "rejected_messages"),
    ("chosen_model", "rejected_model"),
)
"""Columns that a flip exchanges."""

_NARROW = (
    "row_id",
    "dataset",
    "record",
    "k",
    "pair_id",
    "prompt_id",
    "chosen_id",
    "rejected_id",
    "label",
    "dimension",
    "annotator",
    "margin",
    "split",
)
_CLUSTERS = ("pair_cluster", "chosen_cluster", "rejected_cluster", "prompt_group")
_CONTRADICTION = {
    "contradiction": pl.String(),
    "contradiction_id": pl.String(),
    "contradiction_side": pl.String(),
    "contradiction_for": pl.Float32(),
    "contradiction_against": pl.Float32(),
}
_SOURCE_ORDER = ("dataset", "record", "k", "row_id")


@dataclass(frozen=True)
class Curation:
    """What stays (`schema.CURATED`, in the order of the pairs) and what became of every row (`schema.LEDGER`)."""

    curated: pl.DataFrame
    ledger: pl.DataFrame
    people_said: int = 0
    """How many decisions of people there are, the last of each on a pair."""
    people_decided: int = 0
    """How many of them are on a pair that is there, and not dropped, with the answers it has."""
    prompts_moved: int = 0
    """How many prompts are in another split than they would be alone, with the group they are of."""
    right: pl.Series | None = None
    """Of the pairs that stay, how likely their labels are right (null: not known), where the policy goes by that."""

    @property
    def decisions(self) -> dict[str, int]:
        """How many rows each decision fell on."""
        return dict(self.ledger["decision"].value_counts().sort("decision").iter_rows())


def curate(
    pairs: pl.DataFrame,
    flags: pl.DataFrame,
    clusters: pl.DataFrame | None,
    labels: pl.DataFrame | None,
    *,
    settings: CurateSettings,
    seed: int,
    scores: pl.DataFrame | None = None,
) -> Curation:
    """Decide every row of `pairs` and build the curated set.

    `flags` has `row_id` and one boolean column per check (null: not decided, counts as not flagged); `clusters` gives
    the near duplicates and prompt groups (without it nothing near is merged, and a prompt is its own group);
    `labels` holds annotators' decisions in the order they were made; `scores` is read for labels that count by how
    likely they are right. A judgement that a flip turned around loses its
    margin: how strongly the source preferred the other answer says nothing any more.
    Raises SettingsError when the shares of the splits do not add up.
    """
    rows = _judgements(pairs, flags, clusters, labels, settings)
    splits = assign_splits(rows.select("prompt_group", "split"), settings.split, seed, honour=settings.honour)
    ballots = human_ballots(labels, rows.filter(pl.col("action") != "drop").sort(_SOURCE_ORDER))
    decided = _decide(_settle(rows, ballots), settings).join(
        splits.rename({"split": "new_split", "reason": "split_reason"}),
        on="prompt_group",
        how="left",
        maintain_order="left",
    )
    moved = taken_along(rows, splits, settings.split, seed).height
    decided = with_right(decided, scores if settings.believed else None)
    right = decided.filter(pl.col("decision").is_in(["keep", "flip"]))["right"] if settings.believed else None
    told = last_decisions(labels).height, ballots.height, moved, right
    return Curation(_curated(pairs, decided, settings), ledger_of(decided), *told)


def _judgements(
    pairs: pl.DataFrame,
    flags: pl.DataFrame,
    clusters: pl.DataFrame | None,
    labels: pl.DataFrame | None,
    settings: CurateSettings,
) -> pl.DataFrame:
    """The narrow frame that is decided on: ids, `unit`, `forward`, `action`, `reasons`."""
    columns = {**dict.fromkeys(_CLUSTERS, pl.String()), **_CONTRADICTION}
    there = [] if clusters is None else [name for name in columns if name in clusters.columns]
    rows = pairs.select(_NARROW).join(flags, on="row_id", how="left", maintain_order="left")
    if clusters is not None:
        rows = rows.join(clusters.select("row_id", *there), on="row_id", how="left", maintain_order="left")
    rows = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in columns.items() if name not in there)
    rows = rows.with_columns(unit_columns(settings.policy.get("near_duplicate") == "merge"))
    rows = _contested(rows, labels, settings, flags.columns)
    acts = _acts(settings, flags.columns)
    return rows.select(
        *_NARROW,
        "unit",
        "forward",
        *_CONTRADICTION,
        "settled",
        _action(acts).alias("action"),
        _reasons(acts).alias("reasons"),
        pl.coalesce("prompt_group", "prompt_id").alias("prompt_group"),
    ).with_columns(contradicted=_contradicted())


def _contested(
    rows: pl.DataFrame, labels: pl.DataFrame | None, settings: CurateSettings, known: list[str]
) -> pl.DataFrame:
    """`rows` with the contradictions that still stand once the other checks and people are heard, and their flags."""
    checks = [check for check in CONTRADICTION_CHECKS.values() if check in known]
    others = [act for act in _acts(settings, known) if act[0] not in checks]
    rows = rows.with_columns(action=_action(others))
    rows = still_contested(rows, human_ballots(labels, rows.filter(pl.col("action") != "drop").sort(_SOURCE_ORDER)))
    kinds = {check: kind for kind, check in CONTRADICTION_CHECKS.items()}
    gone = {check: pl.col("settled").eq_missing(pl.lit(kinds[check])) for check in checks}
    return rows.drop("action").with_columns(pl.when(~gone[check]).then(check).alias(check) for check in checks)


Act = tuple[str, str, pl.Expr]
"""A check, an action, and the rows on which the check asks for it."""


def _acts(settings: CurateSettings, known: list[str]) -> list[Act]:
    """What acts on rows, the strongest action first."""
    acts = [
        (check, action, pl.col(check).fill_null(False))
        for action in ("drop", "review", "flip")
        for check in settings.checks(action)
        if check in known
    ]
    asked = [act for kind, check in CONTRADICTION_CHECKS.items() if check in known for act in _outvoted(settings, kind)]
    return sorted([*acts, *asked], key=lambda act: ("drop", "review", "flip").index(act[1]))


def _outvoted(settings: CurateSettings, kind: str) -> list[Act]:
    """How a rule treats the rows of a contradiction that no vote within one unit settles."""
    check, rule = CONTRADICTION_CHECKS[kind], settings.contradictions[kind]
    if settings.policy.get(check) != "keep":
        return []  # the policy says what becomes of all of them
    decided = pl.when(pl.col("label") == "chosen").then("forward")
    one_way = decided.drop_nulls().n_unique().over(UNIT) < 2
    ours = pl.col(check).fill_null(False) & (pl.col("contradiction") == kind).fill_null(False)
    side = pl.col("contradiction_side")
    if rule != "keep_majority":
        return [(check, "drop" if rule == "drop_all" else "review", ours & one_way)]
    return [
        (check, "drop", ours & ((side == "removed") | (side == "minority") & one_way).fill_null(False)),
        (check, "review", ours & ((side == "even") & one_way).fill_null(False)),
    ]


def _action(acts: list[Act]) -> pl.Expr:
    """The strongest action on a row."""
    action = pl.lit("keep")
    for _, name, hit in reversed(acts):
        action = pl.when(hit).then(pl.lit(name)).otherwise(action)
    return action


def _reasons(acts: list[Act]) -> pl.Expr:
    """The names of the checks that act on a row, as a list."""
    if not acts:
        return pl.lit([], pl.List(pl.String))
    named = pl.concat_list(pl.when(hit).then(pl.lit(check)) for check, _, hit in acts)
    return named.list.drop_nulls().list.unique(maintain_order=True)


def _contradicted() -> pl.Expr:
    """Whether a contradiction is among the reasons."""
    check = pl.col("contradiction").replace_strict(CONTRADICTION_CHECKS, default=None, return_dtype=pl.String)
    return (check.is_not_null() & pl.col("reasons").list.contains(check)).fill_null(False)


def _settle(rows: pl.DataFrame, ballots: pl.DataFrame) -> pl.DataFrame:
    """Add what the votes on each row's unit came to (`winner`, `votes`, …), for the rows that are still in.

    `gold_row`: annotators decided this very pair; `gold`: they decided its unit, so only their ballots count.
    """
    decided = ballots.select("pair_id", "dimension").unique().with_columns(gold_row=pl.lit(True))
    units = ballots.select(*UNIT).unique().with_columns(gold=pl.lit(True))
    overruled = pl.col("gold_row") & (pl.col("action") != "drop")
    rows = (
        rows.join(decided, on=["pair_id", "dimension"], how="left", maintain_order="left")
        .join(units, on=UNIT, how="left", maintain_order="left")
        .with_columns(pl.col("gold_row", "gold").fill_null(False))
        .with_columns(action=pl.when(overruled).then(pl.lit("keep")).otherwise("action"))
        .with_columns(vote=judgement_vote(pl.col("action") == "flip"), voting=pl.col("action").is_in(["keep", "flip"]))
    )
    margin = pl.when(pl.col("label") == "chosen", pl.col("action") != "flip").then("margin")
    machine = rows.filter("voting", ~pl.col("gold")).select(
        *UNIT, "annotator", "vote", seat=seat([*UNIT, "vote"]), weight=strength(margin, list(UNIT))
    )
    people = ballots.with_columns(seat=pl.lit(0, pl.UInt32), weight=pl.lit(VOTE, pl.Int64)).select(machine.columns)
    outcome = count_votes(pl.concat([machine, people]))
    return rows.join(outcome, on=UNIT, how="left", maintain_order="left")


def _decide(rows: pl.DataFrame, settings: CurateSettings) -> pl.DataFrame:
    """Add `outcome` and `verdict` (why a unit as a whole does not stay), `turned`, `kept` and `decision`."""
    disagree = pl.col("votes") > pl.col("top")
    equal = pl.col("even")
    both_ways = (pl.col("forward_votes") > 0) & (pl.col("backward_votes") > 0)
    rules = [pl.lit(settings.contradictions[kind]) for kind in ("swapped", "tie")]
    rule = pl.when(both_ways).then(rules[0]).otherwise(rules[1])
    told_to = disagree & ~pl.col("gold") & (rule != "keep_majority")
    tie = pl.col("winner").is_in([TIE, BOTH_BAD]) & pl.lit(settings.ties == "drop")
    away = pl.when(rule == "drop_all").then(pl.lit("drop")).otherwise(pl.lit("review"))
    rows = rows.with_columns(
        outcome=pl.when(told_to).then(away).when(equal).then(pl.lit("review")).when(tie).then(pl.lit("drop")),
        verdict=pl.when(equal & pl.col("gold"))
        .then(pl.lit("human_disagreement"))
        .when(told_to | equal)
        .then(pl.lit("disagreement"))
        .when(tie)
        .then(pl.lit("tie")),
        turned=pl.col("winner") == pl.when("forward").then(BACKWARD).otherwise(FORWARD),
    )
    kept = _kept_rows(rows)
    stays = pl.when("turned").then(pl.lit("flip")).otherwise(pl.lit("keep"))
    decision = (
        pl.when(~pl.col("voting"))
        .then("action")
        .when(pl.col("outcome").is_not_null())
        .then("outcome")
        .when(pl.col("row_id") == pl.col("kept"))
        .then(stays)
        .otherwise(pl.lit("merge"))
    )
    return rows.join(kept, on=UNIT, how="left", maintain_order="left").with_columns(decision=decision)


def _kept_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The row that stays of each unit: `kept` (its id), and its pair and annotator."""
    beside = pl.when("gold").then(~pl.col("gold_row")).otherwise(pl.col("vote") != pl.col("winner"))
    return (
        rows.filter("voting", pl.col("outcome").is_null())
        .with_columns(beside=beside)
        .sort("beside", "turned", *_SOURCE_ORDER)
        .unique(UNIT, keep="first", maintain_order=True)
        .select(
            *UNIT,
            kept="row_id",
            kept_pair="pair_id",
            kept_annotator="annotator",
            kept_record=pl.struct("dataset", "record"),
            kept_forward="forward",
            kept_label="label",
        )
    )


def _curated(pairs: pl.DataFrame, decided: pl.DataFrame, settings: CurateSettings) -> pl.DataFrame:
    """The rows that stay, with the label, sides and split they stay with."""
    stays = decided.filter(pl.col("decision").is_in(["keep", "flip"]))
    decisions = stays.select(
        "row_id",
        "new_split",
        "turned",
        new_label=pl.when(pl.col("winner") == TIE)
        .then(pl.lit("tie"))
        .when(pl.col("winner") == BOTH_BAD)
        .then(pl.lit("both_bad"))
        .otherwise(pl.lit("chosen")),
        status=pl.when("gold_row").then(pl.lit("gold")).otherwise(pl.lit("raw")),
        votes="votes",
        **counted(settings.believed),
    )
    rows = pairs.join(decisions, on="row_id", how="inner", maintain_order="left")
    return rows.with_columns(*_flips(), label=pl.col("new_label"), split=pl.col("new_split")).select(
        pl.col(name).cast(dtype) for name, dtype in CURATED.items()
    )


def _flips() -> list[pl.Expr]:
    """The columns of a pair whose sides are exchanged where `turned`."""
    turned = pl.col("turned")
    sides = [
        pl.when(turned).then(pl.col(other)).otherwise(pl.col(name)).alias(name)
        for pair in SWAPPED
        for name, other in (pair, pair[::-1])
    ]
    position = pl.when(turned).then(3 - pl.col("chosen_position")).otherwise("chosen_position").alias("chosen_position")
    margins = [pl.when(~turned).then(pl.col(name)).alias(name) for name in ("margin_raw", "margin")]
    return [*sides, position, *margins]
