"""The rows of pairs in numbers: the places of their texts among the distinct ones, and the clusters these are of."""

import numpy as np
import polars as pl

from prefq.neighbors.clusters import Clustering
from prefq.neighbors.lexical import Candidates
from prefq.neighbors.links import Texts
from prefq.neighbors.normalize import Ints

_JUDGED = ("row_id", "dataset", "record", "k", "pair_id", "label", "dimension", "annotator", "margin")
FACTS = (*_JUDGED, "prompt_id", "chosen_id", "rejected_id", "group_id")
"""The columns of pairs that are needed beside the texts."""


def text_places(pairs: pl.DataFrame, prompts: Texts, answers: Texts) -> pl.DataFrame:
    """For each row of pairs the places of its texts among the distinct ones: `prompt`, `chosen`, `rejected`."""
    sides = {"prompt": prompts, "chosen": answers, "rejected": answers}
    return pl.DataFrame([_places(pairs[f"{side}_id"], texts.ids).alias(side) for side, texts in sides.items()])


def _places(ids: pl.Series, known: pl.Series) -> pl.Series:
    numbered = known.alias("id").to_frame().with_row_index("place")
    found = ids.alias("id").to_frame().join(numbered, on="id", how="left", maintain_order="left")
    return found["place"].cast(pl.Int64)


def same_source_group(pairs: pl.DataFrame, prompt: pl.Series) -> Candidates:
    """Links between prompts (places) that a source puts together under one `group_id`: each with the first."""
    group = pl.col("prompt").min().over("dataset", "group_id")
    linked = (
        pairs.select("dataset", "group_id")
        .with_columns(prompt)
        .drop_nulls("group_id")
        .select(group.alias("first"), "prompt")
        .filter(pl.col("first") != pl.col("prompt"))
        .unique()
        .sort("first", "prompt")
    )
    return Candidates(linked["first"].to_numpy().copy(), linked["prompt"].to_numpy().copy())


def answers_by_prompt(places: pl.DataFrame, by_prompt: Clustering) -> tuple[Ints, Ints]:
    """Who answers what: answers and the prompt clusters they were given to, each combination once, sorted."""
    cluster = pl.Series("prompt", by_prompt.label).gather(places["prompt"])
    sides = [pl.DataFrame([places[side].alias("answer"), cluster]) for side in ("chosen", "rejected")]
    both = pl.concat(sides).unique().sort("prompt", "answer")
    return both["answer"].to_numpy().copy(), both["prompt"].to_numpy().copy()


def judgements(
    pairs: pl.DataFrame, places: pl.DataFrame, by_prompt: Clustering, by_answer: Clustering, copies: Ints
) -> pl.DataFrame:
    """One row per row of pairs, in its order, with what duplicates and contradictions are read from.

    Beside the ids and the texts' places: `prompt_cluster`, `chosen_cluster`, `rejected_cluster` (smallest members, as
    places); `winner` and `loser`, the same as the answers' clusters, but the answers themselves where both are of one
    cluster, so that two near copies compared with each other stay two; `winner_copy` and `loser_copy` for the copies;
    and `pair_cluster`, the smallest pair id among pairs of copies (near answers are not enough: who merges the pairs
    of a cluster must lose no answer that says something of its own).
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
    rows = pairs.select(_JUDGED).with_columns(*places, *(pl.Series(name, values) for name, values in numbers.items()))
    sides = pl.min_horizontal("winner_copy", "loser_copy"), pl.max_horizontal("winner_copy", "loser_copy")
    return rows.with_columns(pair_cluster=pl.col("pair_id").min().over("prompt_cluster", *sides))


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


def distinct_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per pair id, sorted: `pair_id`, `pair` and `center` (its place and its representative's), and the places
    of its texts: `prompt`, and `low`, `high`, the answers in the order of their clusters.
    """
    straight = pl.col("winner_copy") < pl.col("loser_copy")
    distinct = (
        rows.unique("pair_id", keep="first", maintain_order=True)
        .sort("pair_id")
        .with_row_index("pair")
        .with_columns(
            pl.when(straight).then("chosen").otherwise("rejected").alias("low"),
            pl.when(straight).then("rejected").otherwise("chosen").alias("high"),
        )
    )
    center = _places(distinct["pair_cluster"], distinct["pair_id"]).alias("center")
    return distinct.select("pair_id", pl.col("pair").cast(pl.Int64), center, "prompt", "low", "high")
