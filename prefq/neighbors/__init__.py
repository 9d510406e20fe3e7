"""Near duplicates: which prompts, answers and pairs are the same but for the form, and which judgements contradict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq import schema
from prefq.errors import SettingsError
from prefq.neighbors.clusters import chain_notes, copies, loose_groups
from prefq.neighbors.contradictions import contradictions, cycle_notes
from prefq.neighbors.judgements import (
    FACTS,
    answers_by_prompt,
    distinct_pairs,
    judgements,
    near_copies,
    same_source_group,
    text_places,
)
from prefq.neighbors.known import Kept
from prefq.neighbors.levels import Source, answer_clusters, answer_texts, pair_links, prompt_clusters, prompt_texts
from prefq.neighbors.links import Settings, Texts
from prefq.neighbors.normalize import Ints
from prefq.neighbors.spools import InMemory, Room
from prefq.vectors import Vectors


@dataclass(frozen=True)
class Neighbors:
    """What `find_neighbors` returns."""

    edges: pl.DataFrame
    """`schema.NEIGHBORS`, sorted by level, ids and kind: the verified links."""
    clusters: pl.DataFrame
    """`schema.CLUSTERS`: one row per row of pairs, in its order."""
    notes: list[str]
    """What was not looked for, and why, and how many chains were split; for people."""


def find_neighbors(
    pairs: pl.DataFrame | pl.LazyFrame,
    vectors: Vectors | None,
    *,
    settings: Mapping[str, Any],
    seed: int,
    room: Room = InMemory,
    kept: Kept | None = None,
) -> Neighbors:
    """Near duplicates among prompts, answers and pairs, their clusters, and the contradictions between judgements.

    The settings: `lexical_similarity`, the Jaccard similarity of the shingle sets of two normal forms from which they
    are near (less will do where one is inside the other); `semantic_similarity`, the cosine from which two prompts of
    up to 1,000 characters are, if `semantic` and there are `vectors` by prompt id; `scope`, where answers are compared:
    `all`; `prompt`, only with answers to the same prompt cluster (equal normal forms count everywhere); or `auto`, all
    up to a million distinct answers, within a prompt beyond. Among more than 50,000 texts the search across prompts
    looks at seven letters at a time instead of five: a fraction of the false candidates, and hardly a pair less.

    The texts of `pairs` are read batch by batch; what is made of them (copies of the distinct texts, normal forms,
    sketches) goes into a `room`, by default in memory. Of what is `kept`, nothing is found out again when only the
    thresholds move; the result is the same with and without it.

    A cluster is named by its smallest member's id. The result does not depend on the order of rows. Raises
    SettingsError for an unknown scope. MinHash: Broder 1997; one-permutation hashing: Li, Owen, Zhang 2012.
    """
    if settings["scope"] not in ("auto", "all", "prompt"):
        raise SettingsError(f"neighbors.scope is {settings['scope']!r}; it can be auto, all or prompt.")
    wanted = Settings(settings["lexical_similarity"], settings["semantic_similarity"], settings["scope"], seed)
    vectors = vectors if settings["semantic"] else None
    facts = pairs.lazy().select(FACTS).collect()
    prompts, answers = _texts(Source(pairs.lazy(), facts, seed, room, kept), vectors)
    places = text_places(facts, prompts, answers)
    by_prompt, near, cosine, notes = prompt_clusters(prompts, wanted, room)
    groups = loose_groups(by_prompt, near, cosine, same_source_group(facts, places["prompt"]))
    facts = facts.drop("prompt_id", "chosen_id", "rejected_id", "group_id")  # half of its memory
    by_answer, more = answer_clusters(answers, *answers_by_prompt(places, by_prompt), wanted, room)
    same = copies(answers, by_answer, wanted)
    rows = judgements(facts, places, by_prompt, by_answer, same)
    found = contradictions(
        rows.drop("row_id", "pair_id", "prompt"), near_copies(by_answer, same, wanted.lexical_similarity)
    )
    distinct = distinct_pairs(rows)
    edges = [
        by_prompt.links.edges("prompt", prompts.ids),
        by_answer.links.edges("answer", answers.ids),
        pair_links(distinct, prompts, answers, wanted).edges("pair", distinct["pair_id"]),
    ]
    prompts.known.keep()
    answers.known.keep()
    notes += [*more, *chain_notes(by_prompt, by_answer), *cycle_notes(rows, found)]
    return Neighbors(_edge_table(edges), _cluster_table(rows, found, groups, prompts.ids, answers.ids), notes)


def _texts(source: Source, vectors: Vectors | None) -> tuple[Texts, Texts]:
    return prompt_texts(source, vectors), answer_texts(source)


def _edge_table(edges: list[pl.DataFrame]) -> pl.DataFrame:
    order = pl.col("level").replace_strict({"prompt": 0, "answer": 1, "pair": 2})
    frame = pl.concat(edges).sort(order, "left_id", "right_id", "kind")
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.NEIGHBORS.items())


def _cluster_table(
    rows: pl.DataFrame, found: pl.DataFrame, groups: Ints, prompts: pl.Series, answers: pl.Series
) -> pl.DataFrame:
    columns = {
        "prompt_cluster": prompts.gather(rows["prompt_cluster"]),
        "prompt_group": prompts.gather(groups[rows["prompt"].to_numpy()]),
        "chosen_cluster": answers.gather(rows["chosen_cluster"]),
        "rejected_cluster": answers.gather(rows["rejected_cluster"]),
    }
    return rows.select("row_id", "pair_cluster").with_columns(*found, **columns).select(schema.CLUSTERS.names())
