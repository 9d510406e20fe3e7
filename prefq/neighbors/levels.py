"""The search at each level: which prompts ask the same, which answers say the same, which pairs are then one."""

import numpy as np
import polars as pl

from prefq.neighbors.clusters import LOOSE, Clustering, clustered
from prefq.neighbors.lexical import (
    FINE,
    Candidates,
    Floats,
    band_rows,
    candidates,
    overlap,
    shingle_letters,
    sketches,
)
from prefq.neighbors.links import LEXICAL, NORMALIZED, SEMANTIC, Links, Settings, Texts, verified
from prefq.neighbors.normalize import Ints, normalized_parts
from prefq.neighbors.semantic import MOST, cosines, near_vectors
from prefq.neighbors.spools import InMemory, Room
from prefq.neighbors.stored import Wanted, stored
from prefq.vectors import Vectors

GLOBAL = 1_000_000
"""Up to so many distinct answers each is compared with those to other prompts as well, if the scope is `auto`."""


def prompt_texts(pairs: pl.LazyFrame, facts: pl.DataFrame, vectors: Vectors | None, room: Room = InMemory) -> Texts:
    """The distinct prompts: their messages and extra parts in one text each; with a vector where there is one.

    `facts` are the ids of the rows of `pairs`.
    """
    first = _first_rows(facts["prompt_id"])
    rows = first["row"].to_numpy().copy()
    content = pl.col("prompt").list.eval(pl.element().struct.field("content"))
    text = pl.concat_str(content.list.join("\n"), "prompt_extra", separator="\n", ignore_nulls=True)
    last = content.list.last().fill_null("")
    texts, turn = (stored(pairs, facts.height, [Wanted(one, rows, np.arange(rows.size))], room) for one in (text, last))
    turns = pairs.select(pl.col("prompt").list.len().cast(pl.Int64)).collect().to_series().gather(rows)
    found = Texts.of(first["id"], texts, room)
    matrix = None if vectors is None else _aligned(vectors, first["id"])
    forms = normalized_parts(turn.packed, turn.sizes, room)
    return Texts(found.ids, found.texts, found.forms, found.first, forms, turns.to_numpy().copy(), matrix)


def _first_rows(ids: pl.Series) -> pl.DataFrame:
    """Each distinct id with the first row that has it: `id` (sorted), `row`."""
    frame = ids.alias("id").to_frame().with_row_index("row")
    return frame.group_by("id").agg(pl.col("row").min().cast(pl.Int64)).sort("id")


def _aligned(vectors: Vectors, ids: pl.Series) -> Floats:
    there = ids.is_in(vectors.ids.to_list()).to_numpy()
    matrix = np.zeros((len(ids), vectors.matrix.shape[1]), np.float32)
    matrix[there] = vectors.of(ids.filter(pl.Series(there)))
    return matrix


def answer_texts(pairs: pl.LazyFrame, facts: pl.DataFrame, room: Room = InMemory) -> Texts:
    """The distinct answers, chosen and rejected: their messages' JSON where there is one, else the plain text.

    `facts` are the ids of the rows of `pairs`.
    """
    first = _first_rows(pl.concat([facts["chosen_id"], facts["rejected_id"].alias("chosen_id")]))
    rows, wanted = first["row"].to_numpy(), []
    for number, side in enumerate(("chosen", "rejected")):
        places = np.flatnonzero(rows // max(facts.height, 1) == number)
        text = pl.coalesce(f"{side}_messages", side).fill_null("")
        wanted.append(Wanted(text, rows[places] - number * facts.height, places))
    return Texts.of(first["id"], stored(pairs, facts.height, wanted, room), room)


def prompt_clusters(
    texts: Texts, settings: Settings, room: Room = InMemory
) -> tuple[Clustering, Candidates, Floats, list[str]]:
    """Clusters of prompts, the pairs of prompts that may be of one loose group with their cosines, and notes."""
    rows, notes = texts.distinct, []
    found = [_everywhere(texts, settings.seed, band_rows(rows.size), room)]
    near, cosine = _none(), np.empty(0, np.float32)
    if texts.vectors is None:
        notes.append("no vectors: semantic edges were not looked for")
    elif rows.size > MOST:
        notes.append(f"semantic edges were not looked for: {rows.size:,} distinct prompts are more than {MOST:,}")
    else:
        with_vector = rows[np.abs(texts.vectors[rows]).max(axis=1, initial=0) > 0]
        if with_vector.size < rows.size:
            notes.append(f"{rows.size - with_vector.size:,} prompts have no vector: no semantic edges for them")
        near = near_vectors(texts.vectors, with_vector, min(LOOSE[0], settings.semantic_similarity))
        found.append(near)
        cosine = cosines(texts.vectors, near)
    links = verified(texts, _union(found), settings)
    return clustered(texts, links, settings), near, cosine, notes


def answer_clusters(
    texts: Texts, answers: Ints, prompts: Ints, settings: Settings, room: Room = InMemory
) -> tuple[Clustering, list[str]]:
    """Clusters of answers, and notes. `answers` and `prompts` (rows of each level) name who answers what."""
    distinct, found, notes = texts.distinct.size, [], []
    everywhere = settings.scope == "all" or (settings.scope == "auto" and distinct <= GLOBAL)
    if everywhere:
        found.append(_everywhere(texts, settings.seed, 4, room))
    elif settings.scope == "auto":
        notes.append(f"{distinct:,} distinct answers are more than {GLOBAL:,}: compared within a prompt only")
    if not everywhere or distinct > FINE:
        sketch = sketches(texts.forms, settings.seed, room=room)
        found.append(candidates(sketch, texts.first[answers], prompts + 1, rows=4))
    links = verified(texts, _union(found), settings)
    return clustered(texts, links, settings), notes


def pair_links(rows: pl.DataFrame, prompts: Texts, answers: Texts, settings: Settings) -> Links:
    """Links from the representative of each pair cluster to its other pairs.

    `rows` as from `judgements.distinct_pairs`. A link is as similar as the least similar of its three texts.
    """
    members = rows.filter(pl.col("pair") != pl.col("center"))
    centers = rows[members["center"].to_list()] if members.height else members
    left, right = _ints(members, "center"), _ints(members, "pair")
    similarity, same = np.ones(right.size, np.float32), np.ones(right.size, np.bool_)
    semantic = np.zeros(right.size, np.bool_)
    for column, texts in (("prompt", prompts), ("low", answers), ("high", answers)):
        ours, theirs = _ints(centers, column), _ints(members, column)
        equal = texts.first[ours] == texts.first[theirs]
        likeness = _likeness(texts, ours, theirs, settings.seed)
        likeness[equal] = 1
        if column == "prompt":
            semantic = likeness < settings.lexical_similarity
            if texts.vectors is not None:
                likeness = np.maximum(likeness, cosines(texts.vectors, Candidates(ours, theirs)).clip(0, 1))
        similarity, same = np.minimum(similarity, likeness), same & equal
    kind = np.where(same, NORMALIZED, np.where(semantic & (prompts.vectors is not None), SEMANTIC, LEXICAL))
    return Links(left, right, kind.astype(np.int8), similarity, np.zeros(right.size, np.int8))


def _likeness(texts: Texts, left: Ints, right: Ints, seed: int) -> Floats:
    order = np.argsort(left, kind="stable")
    out = np.empty(left.size, np.float32)
    out[order] = overlap(texts.forms, Candidates(left[order], right[order]), seed).similarity
    return out


def _everywhere(texts: Texts, seed: int, rows: int, room: Room) -> Candidates:
    distinct = texts.distinct
    sketch = sketches(texts.forms, seed, shingle_letters(distinct.size), room)
    return candidates(sketch, distinct, np.zeros(distinct.size, np.int64), rows)


def _union(found: list[Candidates]) -> Candidates:
    packed = [(some.left.astype(np.uint64) << np.uint64(32)) | some.right.astype(np.uint64) for some in found]
    return Candidates.packed(np.concatenate(packed))


def _none() -> Candidates:
    return Candidates(np.empty(0, np.int64), np.empty(0, np.int64))


def _ints(frame: pl.DataFrame, column: str) -> Ints:
    return frame[column].cast(pl.Int64).to_numpy().copy()
