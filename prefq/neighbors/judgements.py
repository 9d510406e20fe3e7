"""The rows of pairs in numbers: the places of their texts among the distinct ones, and the clusters these are of."""

import numpy as np
import polars as pl

from prefq.neighbors.clusters import Clustering
from prefq.neighbors.lexical import Candidates
from prefq.neighbors.links import Texts
from prefq.neighbors.normalize import Ints

FACTS = ("dataset", "record", "k", "label", "dimension", "annotator", "margin")
"""The columns of pairs that say what was judged, beside the ids."""
_NAMES = ("dataset", "label", "dimension", "annotator")


def judged_facts(pairs: pl.LazyFrame) -> pl.DataFrame:
    """FACTS of all rows, in their order; what is a name in them is a number for each name (a categorical)."""
    return pairs.select(pl.col(name).cast(pl.Categorical) if name in _NAMES else name for name in FACTS).collect()


def numbered(ids: pl.Series) -> pl.Series:
    """For each id its place among the distinct ones, sorted."""
    return _places(ids, ids.unique().sort())


def text_places(
    prompt: pl.Series, chosen: pl.Series, rejected: pl.Series, prompts: Texts, answers: Texts
) -> pl.DataFrame:
    """Of each row's ids the places among the distinct texts: `prompt`, `chosen`, `rejected`."""
    sides = {"prompt": _places(prompt, prompts.ids), "chosen": _places(chosen, answers.ids)}
    return pl.DataFrame({**sides, "rejected": _places(rejected, answers.ids)})


def _places(ids: pl.Series, known: pl.Series) -> pl.Series:
    numbered = known.alias("id").to_frame().with_row_index("place")
    found = ids.alias("id").to_frame().join(numbered, on="id", how="left", maintain_order="left")
    return found["place"].cast(pl.Int32)


def same_source_group(pairs: pl.LazyFrame, prompt: pl.Series) -> Candidates:
    """Links between prompts (places) that a source puts together under one `group_id`: each with the first."""
    group = pl.col("prompt").min().over("dataset", "group_id")
    linked = (
        pairs.select("dataset", "group_id")
        .collect()
        .with_columns(prompt.cast(pl.Int64))
        .drop_nulls("group_id")
        .select(group.alias("first"), "prompt")
        .filter(pl.col("first") != pl.col("prompt"))
        .unique()
        .sort("first", "prompt")
    )
    return Candidates(linked["first"].to_numpy().copy(), linked["prompt"].to_numpy().copy())


def answers_by_prompt(places: pl.DataFrame, by_prompt: Clustering) -> tuple[Ints, Ints]:
    """Who answers what: answers and the prompt clusters they were given to, each combination once, sorted."""
    cluster = by_prompt.label[places["prompt"]] << 32
    both = np.unique(np.concatenate([cluster | places[side].to_numpy() for side in ("chosen", "rejected")]))
    return both & 0xFFFFFFFF, both >> 32


def judgements(
    pairs: pl.DataFrame, places: pl.DataFrame, by_prompt: Clustering, by_answer: Clustering, copies: Ints
) -> pl.DataFrame:
    """One row for each of some rows of pairs, in their order, with what duplicates and contradictions are read from.

    `pairs` has FACTS and `pair`, the place of the pair's id. Beside them and the texts' places: `prompt_cluster`,
    `chosen_cluster`, `rejected_cluster` (smallest members, as places); `winner` and `loser`, the same as the answers'
    clusters, but the answers themselves where both are of one cluster, so that two near copies compared with each other
    stay two; `winner_copy` and `loser_copy` for the copies; and `pair_cluster`, the smallest pair among pairs of copies
    (near answers are not enough: who merges the pairs of a cluster must lose no answer that says something of its own).
    All rows of a prompt cluster must be there.
    """
    prompt, chosen, rejected = (places[side].to_numpy() for side in ("prompt", "chosen", "rejected"))
    won, lost = by_answer.label[chosen], by_answer.label[rejected]
    winner, loser = _told_apart(by_answer.label, chosen, rejected)
    winner_copy, loser_copy = _told_apart(copies, chosen, rejected)
    numbers = {
        "prompt_cluster": by_prompt.label[prompt],
        **{"chosen_cluster": won, "rejected_cluster": lost},
        **{"winner": winner, "loser": loser, "winner_copy": winner_copy, "loser_copy": loser_copy},
    }
    rows = pairs.with_columns(pl.col(pl.Categorical).cast(pl.String), *places)
    rows = rows.with_columns(pl.Series(name, values) for name, values in numbers.items())
    sides = pl.min_horizontal("winner_copy", "loser_copy"), pl.max_horizontal("winner_copy", "loser_copy")
    return rows.with_columns(pair_cluster=pl.col("pair").min().over("prompt_cluster", *sides))


def near_copies(clusters: Clustering, copies: Ints, least: float) -> pl.DataFrame:
    """Answers that are verified to be near (from this similarity on) and no copies: `one` and `other`, both ways round.

    Each stands for its copies (the smallest row of them, as `copies` has it).
    """
    links = clusters.links.merging
    links = links.only((links.similarity >= np.float32(least)) & (copies[links.left] != copies[links.right]))
    left, right = copies[links.left], copies[links.right]
    both = {"one": np.concatenate([left, right]), "other": np.concatenate([right, left])}
    return pl.DataFrame(both, schema={"one": pl.Int64, "other": pl.Int64}).unique()


def _told_apart(label: Ints, chosen: Ints, rejected: Ints) -> tuple[Ints, Ints]:
    won, lost = label[chosen], label[rejected]
    return np.where(won != lost, won, chosen), np.where(won != lost, lost, rejected)


def kindred_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """The pairs that are in a cluster with others, one row each: `pair`, `center` (the cluster's first), and the
    places of the texts: `prompt`, and `low`, `high`, the answers in the order of their clusters.
    """
    straight = pl.col("winner_copy") < pl.col("loser_copy")
    distinct = rows.unique("pair", keep="first", maintain_order=True)
    return distinct.filter(pl.len().over("pair_cluster") > 1).select(
        "pair",
        "prompt",
        center="pair_cluster",
        low=pl.when(straight).then("chosen").otherwise("rejected"),
        high=pl.when(straight).then("rejected").otherwise("chosen"),
    )
