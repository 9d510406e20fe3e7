"""Judgements that cannot all be right: which rows contradict others, in what way, and which side has more votes."""

import numpy as np
import polars as pl

from prefq.ballots import LEAD
from prefq.neighbors.feedback import EXACT, feedback_arcs
from prefq.neighbors.normalize import Ints
from prefq.neighbors.tallies import EDGE, TIE, WEIGHTS, named, voted
from prefq.neighbors.twins import twins_both_ways

PLACE = ["prompt_cluster", "dimension"]
DECISION = [*PLACE, "winner_copy", "loser_copy"]
LIKE = [*PLACE, "like_winner", "like_loser"]
LOOKED_AT = 2_000_000
"""So many pairs of answers or of decisions are looked at together, at most, where a crowd is near."""

NAMES = ("contradiction", "contradiction_id", "contradiction_side", "contradiction_for", "contradiction_against")


def contradictions(rows: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """The rows that contradict others: `place` (which row it is) and NAMES.

    `rows` as from `judgements.judgements`, `near` as from `judgements.near_copies`. Only judgements of two different
    answers to the same prompt (cluster) on the same dimension contradict; what one consistent ranking of the answers
    explains (A beats B, C beats A) is no contradiction, so K-wise data and many models per prompt raise none.

    - `cycle`: A beats B, B beats C, C beats A by the majority of votes on each, up to copies (similarity 0.8), of any
      length from 3: the pairs inside a strongly connected part of the graph of answers.
    - `swapped`: the same two answers, or copies of them, decided both ways; by whichever annotators.
    - `both_ways`: the weaker form of `swapped`: two answers that are each verified to be near those of an opposite
      decision (or the same), no copies of both. Decisions near such a one that say the same as it have a vote on it,
      and are no contradiction themselves. The difference between the versions may be the reason. Weaker still: copies,
      not the same text, of which one is chosen over one answer and another rejected for a different one
      (`prefq.neighbors.twins`).
    - `tie`: called a tie in one row and decided in another, up to copies.

    The first that holds is named. The id is the smallest pair cluster involved. `contradiction_for` is the weight of
    the votes for what the row says of its two answers, `contradiction_against` that of the strongest other result
    (`prefq.ballots`: one vote an annotator, by margin where all have one). `contradiction_side` is `majority`,
    `minority` or `even`; in a cycle, `removed` for all judgements of the pairs in the lightest set whose removal breaks
    every cycle (`prefq.neighbors.feedback`).
    """
    rows = rows.with_row_index("place")
    judged = rows.filter(pl.col("label").is_in(["chosen", "tie"]) & (pl.col("winner") != pl.col("loser")))
    judged = voted(judged, "winner_copy", "loser_copy")
    cycle = cycles(judged)
    opposed = (pl.col("forward_weight") > 0) & (pl.col("backward_weight") > 0) & (pl.col("result") != TIE)
    swapped = named(judged.filter(opposed), "swapped").join(cycle, on="place", how="anti")
    found = pl.concat([cycle, swapped])
    both_ways = named(_both_ways(judged, near), "both_ways").join(found, on="place", how="anti")
    decided = pl.max_horizontal("forward_weight", "backward_weight") > 0
    tied = named(judged.filter(decided, pl.col("tie_weight") > 0), "tie")
    found = pl.concat([found, both_ways])
    found = pl.concat([found, tied.join(found, on="place", how="anti")])
    return pl.concat([found, _apart(twins_both_ways(judged), found)])


def large_cycles(rows: pl.DataFrame, found: pl.DataFrame) -> int:
    """How many cycles have more answers than the lightest set of judgements is sought for.

    `found` is what `contradictions` says of `rows`.
    """
    cycle = found.filter(contradiction="cycle")
    on_cycle = rows[cycle["place"]].select("winner_copy", "loser_copy").with_columns(cycle["contradiction_id"])
    answers = pl.concat([on_cycle.select("contradiction_id", answer=f"{side}_copy") for side in ("winner", "loser")])
    sizes = answers.group_by("contradiction_id").agg(pl.col("answer").n_unique())
    return int((sizes["answer"] > EXACT).sum())


def cycle_notes(large: int) -> list[str]:
    """What people should know of so many `large_cycles`: a sentence, or none."""
    if not large:
        return []
    return [
        f"{large:,} {'cycle' if large == 1 else 'cycles'} of more than {EXACT} answers:"
        " what would break them is light, and not proven to be the lightest"
    ]


def _apart(twins: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The twins of which no row is in a contradiction that says more."""
    known = twins.join(found, on="place", how="semi").select("contradiction_id").unique()
    return twins.join(known, on="contradiction_id", how="anti")


def _both_ways(judged: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """Decisions between near answers that another one turns around, voted anew with those that second them.

    Being of the same two clusters is not enough: members of a cluster are near its representative, not each other.
    """
    decided = judged.filter(pl.col("result") != TIE).drop(*WEIGHTS.values())
    sides = ["prompt_cluster", "dimension", pl.min_horizontal("winner", "loser"), pl.max_horizontal("winner", "loser")]
    both = decided.filter(pl.col("winner").n_unique().over(sides) > 1)
    every = both.select(DECISION).unique()
    opposed = _near_decisions(every, every, near, turned=True)
    backed = _near_decisions(opposed, every, near, turned=False)
    seconded = voted(both.join(backed, on=DECISION, how="semi"), "winner", "loser")
    return seconded.join(opposed, on=DECISION, how="semi")


def _near_decisions(some: pl.DataFrame, every: pl.DataFrame, near: pl.DataFrame, *, turned: bool) -> pl.DataFrame:
    """Those of `every` (DECISION) that are near, or equal, to one of `some` on both sides; or to its opposite.

    Found one way or the other, whichever takes less: by all that is near on both sides, or by all decisions on what is
    near on one side. In a crowd of near answers either is much: no more than LOOKED_AT at a time.
    """
    near = _with_themselves(near, every)
    winner, loser = ("loser_copy", "winner_copy") if turned else ("winner_copy", "loser_copy")
    ours = every.rename({winner: "like_winner", loser: "like_loser"})
    costs = _costs(some, ours, near)
    by_answers = costs.filter(pl.col("both_sides") <= pl.col("one_side")).sort(DECISION)
    by_decisions = costs.filter(pl.col("both_sides") > pl.col("one_side")).sort(DECISION)
    found = [_near_answers(part, near) for part in _parts(by_answers, "both_sides")]
    found += [_near_on_one_side(part, ours, near) for part in _parts(by_decisions, "one_side")]
    likes = pl.concat([ours.select(LIKE).clear(), *(part.join(ours, on=LIKE, how="semi") for part in found)]).unique()
    return ours.join(likes, on=LIKE, how="semi").rename({"like_winner": winner, "like_loser": loser}).select(DECISION)


def _costs(some: pl.DataFrame, ours: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """How many answers are near both sides of each decision, `both_sides`; how many decisions near one, `one_side`."""
    degrees = near.group_by("one").agg(degree=pl.len().cast(pl.Int64))
    decided = ours.group_by(*PLACE, "like_winner").agg(decided=pl.len().cast(pl.Int64))
    around = some.select(*PLACE, "winner_copy").unique().join(near, left_on="winner_copy", right_on="one")
    around = around.join(decided, left_on=[*PLACE, "other"], right_on=[*PLACE, "like_winner"])
    one_side = around.group_by(*PLACE, "winner_copy").agg(one_side=pl.col("decided").sum())
    return (
        some.join(degrees, left_on="winner_copy", right_on="one", how="left")
        .join(degrees.rename({"degree": "others"}), left_on="loser_copy", right_on="one", how="left")
        .join(one_side, on=[*PLACE, "winner_copy"], how="left")
        .select(*DECISION, both_sides=pl.col("degree") * pl.col("others"), one_side=pl.col("one_side").fill_null(0))
    )


def _parts(rows: pl.DataFrame, cost: str) -> list[pl.DataFrame]:
    """The decisions, so many at a time that what is near them is about LOOKED_AT."""
    rows = rows.filter(pl.col(cost) > 0)
    return rows.with_columns(part=pl.col(cost).cum_sum() // LOOKED_AT).partition_by("part", include_key=False)


def _near_answers(some: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    winners = some.join(near, left_on="winner_copy", right_on="one").rename({"other": "like_winner"})
    likes = winners.join(near, left_on="loser_copy", right_on="one").rename({"other": "like_loser"})
    return likes.select(LIKE).unique()


def _near_on_one_side(some: pl.DataFrame, ours: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    winners = some.join(near, left_on="winner_copy", right_on="one").rename({"other": "like_winner"})
    likes = winners.join(ours.select(LIKE), on=[*PLACE, "like_winner"])
    there = likes.join(near, left_on=["loser_copy", "like_loser"], right_on=["one", "other"], how="semi")
    return there.select(LIKE).unique()


def _with_themselves(near: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """`near` among the answers of `edges`, each of which is near itself."""
    there = pl.concat([edges["winner_copy"], edges["loser_copy"]]).unique()
    known = near.filter(pl.col("one").is_in(there.implode()))
    return pl.concat([known, pl.DataFrame({"one": there, "other": there})])


def cycles(judged: pl.DataFrame) -> pl.DataFrame:
    """The contradictions of voted rows (`tallies.voted`) whose pair is on a cycle of majorities."""
    lead = pl.col("forward_weight") - pl.col("backward_weight")
    clear = (pl.max_horizontal("forward_weight", "backward_weight") - pl.col("tie_weight") >= LEAD) & (
        lead.abs() >= LEAD
    )
    arcs = judged.filter(clear).select(*EDGE, lead=lead).unique().sort(EDGE)
    forward = (arcs["lead"] > 0).to_numpy()
    low, high = _nodes(arcs)
    winner, loser = np.where(forward, low, high), np.where(forward, high, low)
    part = _strong_parts(winner, loser)
    removed = _removed(winner, loser, arcs["lead"].abs().to_numpy(), part)
    broken = arcs.select(EDGE).with_columns(part=pl.Series(part, dtype=pl.Int64), removed=pl.Series(removed))
    rows = judged.join(broken.filter(pl.col("part") >= 0), on=EDGE, how="inner", maintain_order="left")
    side = pl.when("removed").then(pl.lit("removed")).otherwise("contradiction_side")
    found = named(rows, "cycle", ["part"]).with_columns(rows["removed"])
    return found.with_columns(contradiction_side=side).drop("removed")


def _nodes(arcs: pl.DataFrame) -> tuple[Ints, Ints]:
    """The numbers of the two answers of each arc, in the order of prompts, dimensions and answers."""
    sides = [arcs.select("prompt_cluster", "dimension", answer=side) for side in ("low", "high")]
    number = pl.concat(sides).select(pl.struct(pl.all()).rank("dense")).to_series().cast(pl.Int64).to_numpy() - 1
    return number[: arcs.height], number[arcs.height :]


def _strong_parts(winner: Ints, loser: Ints) -> Ints:
    """For each arc the strongly connected part it lies in; -1 where it is on no cycle."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = int(max(winner.max(initial=-1), loser.max(initial=-1))) + 1
    if not count:
        return np.empty(0, np.int64)
    graph = coo_array((np.ones(winner.size, np.int8), (winner, loser)), shape=(count, count))
    part = connected_components(graph, directed=True, connection="strong")[1]
    return np.where(part[winner] == part[loser], part[winner], -1).astype(np.int64)


def _removed(winner: Ints, loser: Ints, weight: Ints, part: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which arcs are in the lightest set whose removal breaks every cycle, part by part."""
    removed = np.zeros(part.size, np.bool_)
    inside = np.flatnonzero(part >= 0)
    inside = inside[np.argsort(part[inside], kind="stable")]
    for arcs in np.split(inside, np.flatnonzero(np.diff(part[inside])) + 1):
        _, ends = np.unique(np.concatenate([winner[arcs], loser[arcs]]), return_inverse=True)
        removed[arcs] = feedback_arcs(ends[: arcs.size], ends[arcs.size :], weight[arcs])
    return removed
