"""Near duplicates: which prompts, answers and pairs are the same but for the form, and which judgements contradict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from prefq import schema
from prefq.errors import SettingsError
from prefq.neighbors.clusters import Clustering, chain_notes, copies, loose_groups
from prefq.neighbors.contradictions import NAMES, cycle_notes
from prefq.neighbors.judgements import (
    answers_by_prompt,
    judged_facts,
    judgements,
    near_copies,
    numbered,
    same_source_group,
    text_places,
)
from prefq.neighbors.known import Kept
from prefq.neighbors.levels import Source, answer_clusters, answer_texts, pair_links, prompt_clusters, prompt_texts
from prefq.neighbors.links import Settings, Texts
from prefq.neighbors.normalize import Ints
from prefq.neighbors.rulings import Rulings, ruled
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
    table = pairs.lazy()
    pair = numbered(_column(table, "pair_id"))
    prompts, answers, places = _texts(Source(table, pair.len(), seed, room, kept), vectors)
    by_prompt, near, cosine, notes = prompt_clusters(prompts, wanted, room)
    groups = loose_groups(by_prompt, near, cosine, same_source_group(table, places["prompt"]))
    by_answer, more = answer_clusters(answers, *answers_by_prompt(places, by_prompt), wanted, room)
    found = _ruled(judged_facts(table).with_columns(pair=pair), places, by_prompt, by_answer, answers, wanted)
    pair_ids = _distinct(_column(table, "pair_id"), pair)
    edges = [
        by_prompt.links.edges("prompt", prompts.ids),
        by_answer.links.edges("answer", answers.ids),
        pair_links(found.kindred, prompts, answers, wanted).edges("pair", pair_ids.gather(found.kindred_pairs)),
    ]
    prompts.known.keep()
    answers.known.keep()
    notes += [*more, *chain_notes(by_prompt, by_answer), *cycle_notes(found.large_cycles)]
    columns = {
        "row_id": _column(table, "row_id"),
        "prompt_cluster": prompts.ids.gather(by_prompt.label[places["prompt"]]),
        "prompt_group": prompts.ids.gather(groups[places["prompt"]]),
        "chosen_cluster": answers.ids.gather(by_answer.label[places["chosen"]]),
        "rejected_cluster": answers.ids.gather(by_answer.label[places["rejected"]]),
        "pair_cluster": pair_ids.gather(found.pair_cluster),
    }
    return Neighbors(_edge_table(edges), _cluster_table(columns, found.contradictions, pair_ids), notes)


def _column(table: pl.LazyFrame, name: str) -> pl.Series:
    return table.select(name).collect().to_series()


def _texts(source: Source, vectors: Vectors | None) -> tuple[Texts, Texts, pl.DataFrame]:
    """The distinct prompts and answers, and where each row has them."""
    prompt, chosen, rejected = source.pairs.select("prompt_id", "chosen_id", "rejected_id").collect()
    prompts, answers = prompt_texts(source, prompt, vectors), answer_texts(source, chosen, rejected)
    return prompts, answers, text_places(prompt, chosen, rejected, prompts, answers)


def _ruled(
    facts: pl.DataFrame, places: pl.DataFrame, by_prompt: Clustering, by_answer: Clustering, answers: Texts,
    settings: Settings,
) -> Rulings:  # fmt: skip
    same = copies(answers, by_answer, settings)

    def judged(rows: Ints) -> pl.DataFrame:
        return judgements(facts[rows], places[rows], by_prompt, by_answer, same)

    near = near_copies(by_answer, same, settings.lexical_similarity)
    return ruled(by_prompt.label[places["prompt"]], judged, near)


def _distinct(ids: pl.Series, number: pl.Series) -> pl.Series:
    """The distinct ids in the order of their numbers, from each row's id and number."""
    row = np.zeros(number.n_unique(), np.int64)
    row[number] = np.arange(number.len())
    return ids.gather(row)


def _edge_table(edges: list[pl.DataFrame]) -> pl.DataFrame:
    order = pl.col("level").replace_strict({"prompt": 0, "answer": 1, "pair": 2})
    frame = pl.concat(edges).sort(order, "left_id", "right_id", "kind")
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.NEIGHBORS.items())


def _cluster_table(columns: dict[str, pl.Series], contradicting: pl.DataFrame, pair_ids: pl.Series) -> pl.DataFrame:
    named = contradicting.with_columns(contradiction_id=pair_ids.gather(contradicting["contradiction_id"]))
    every = pl.select(place=pl.int_range(columns["row_id"].len()))
    found = every.join(named, on="place", how="left", maintain_order="left").select(NAMES)
    return found.with_columns(**columns).select(pl.col(name).cast(kind) for name, kind in schema.CLUSTERS.items())
