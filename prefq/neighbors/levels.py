"""The search at each level: which prompts ask the same, which answers say the same, which pairs are then one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from prefq.neighbors.clusters import LOOSE, Clustering, clustered
from prefq.neighbors.indexed import available, near_by_index
from prefq.neighbors.known import Arrays, Kept, Known, digest, packed
from prefq.neighbors.lexical import (
    FINE,
    Candidates,
    Floats,
    Sketches,
    band_rows,
    candidates,
    shingle_letters,
    sketches,
)
from prefq.neighbors.links import LEXICAL, NORMALIZED, SEMANTIC, Links, Settings, Texts, Unread, likeness, verified
from prefq.neighbors.normalize import Ints, Packed, normalized_parts, pack
from prefq.neighbors.semantic import MOST, cosines, near_vectors
from prefq.neighbors.spools import InMemory, Room
from prefq.neighbors.stored import Stored, Wanted, column, stored
from prefq.vectors import Vectors

GLOBAL = 1_000_000
"""Up to so many distinct answers each is compared with those to other prompts as well, if the scope is `auto`."""


@dataclass(frozen=True)
class Source:
    """Where texts come from, and where what is made of them goes."""

    pairs: pl.LazyFrame
    height: int
    """How many rows `pairs` has."""
    seed: int
    room: Room = InMemory
    kept: Kept | None = None

    def known(self, level: str, ids: pl.Series) -> Known:
        """What was found out before about the texts with these ids."""
        return Known(self.kept, f"{level}-{digest(pack(ids).data, np.array([self.seed]))}")

    def stored(self, wanted: Sequence[Wanted]) -> Stored:
        """Texts from `pairs`."""
        return stored(self.pairs, self.height, wanted, self.room)

    def texts(
        self, level: str, ids: pl.Series, matrix: Floats | None, read: Callable[[], Stored],
        last: Callable[[], Stored] | None = None, turns: Callable[[], Ints] | None = None,
    ) -> Texts:  # fmt: skip
        """The texts of a level; unread, where it is known which of them have one normal form."""
        known = self.known(level, ids)
        found = known.find("forms")
        if found is not None:
            return Unread(ids, found["first"], found.get("turns"), found["sizes"], matrix, known, read, last)
        texts = Texts.of(ids, read(), self.room)
        forms, counts = None if last is None else self._forms(last()), None if turns is None else turns()
        made = {"first": texts.first, "sizes": texts.sizes} | ({} if counts is None else {"turns": counts})
        known.recall("forms", lambda: made)
        return Texts(ids, texts.texts, texts.forms, texts.first, forms, counts, matrix, known)

    def _forms(self, texts: Stored) -> Packed:
        return normalized_parts(texts.packed, texts.sizes, self.room)


def prompt_texts(source: Source, prompts: pl.Series, vectors: Vectors | None) -> Texts:
    """The distinct prompts: their messages and extra parts in one text each; with a vector where there is one.

    `prompts` is the id of each row's prompt.
    """
    first = _first_rows(prompts)
    rows = first["row"].to_numpy().copy()
    content = pl.col("prompt").list.eval(pl.element().struct.field("content"))
    text = pl.concat_str(content.list.join("\n"), "prompt_extra", separator="\n", ignore_nulls=True)
    turns = pl.col("prompt").list.len().cast(pl.Int64)
    return source.texts(
        "prompt",
        first["id"],
        None if vectors is None else _aligned(vectors, first["id"]),
        lambda: source.stored([Wanted(text, rows, np.arange(rows.size))]),
        lambda: source.stored([Wanted(content.list.last().fill_null(""), rows, np.arange(rows.size))]),
        lambda: column(source.pairs, source.height, turns).gather(rows).to_numpy().copy(),
    )


def _first_rows(ids: pl.Series) -> pl.DataFrame:
    """Each distinct id with the first row that has it: `id` (sorted), `row`."""
    frame = ids.alias("id").to_frame().with_row_index("row")
    return frame.group_by("id").agg(pl.col("row").min().cast(pl.Int64)).sort("id")


def _aligned(vectors: Vectors, ids: pl.Series) -> Floats:
    there = ids.is_in(vectors.ids.to_list()).to_numpy()
    matrix = np.zeros((len(ids), vectors.matrix.shape[1]), np.float32)
    matrix[there] = vectors.of(ids.filter(pl.Series(there)))
    return matrix


def answer_texts(source: Source, chosen: pl.Series, rejected: pl.Series) -> Texts:
    """The distinct answers, chosen and rejected: their messages' JSON where there is one, else the plain text.

    `chosen` and `rejected` are the ids of each row's answers.
    """
    height = source.height
    first = _first_rows(pl.concat([chosen, rejected.alias(chosen.name)]))

    def read() -> Stored:
        rows, wanted = first["row"].to_numpy(), []
        for number, side in enumerate(("chosen", "rejected")):
            places = np.flatnonzero(rows // max(height, 1) == number)
            text = pl.coalesce(f"{side}_messages", side).fill_null("")
            wanted.append(Wanted(text, rows[places] - number * height, places))
        return source.stored(wanted)

    return source.texts("answer", first["id"], None, read)


def prompt_clusters(
    texts: Texts, settings: Settings, room: Room = InMemory
) -> tuple[Clustering, Candidates, Floats, list[str]]:
    """Clusters of prompts, the pairs of prompts that may be of one loose group with their cosines, and notes."""
    rows, notes = texts.distinct, []
    found = [_everywhere(texts, settings.seed, band_rows(rows.size), room)]
    near, cosine = _none(), np.empty(0, np.float32)
    if texts.vectors is None:
        notes.append("no vectors: semantic edges were not looked for")
    elif rows.size > MOST and not available():
        asked = "pip install 'prefq[index]' to look for them"
        notes.append(f"semantic edges of {rows.size:,} distinct prompts, more than {MOST:,}, need an index: {asked}")
    else:
        with_vector = rows[np.abs(texts.vectors[rows]).max(axis=1, initial=0) > 0]
        if with_vector.size < rows.size:
            notes.append(f"{rows.size - with_vector.size:,} prompts have no vector: no semantic edges for them")
        near = _near_vectors(texts, with_vector, min(LOOSE[0], settings.semantic_similarity), settings.seed)
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
        found.append(_under_prompts(texts, texts.first[answers], prompts + 1, settings.seed, room))
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
    for side, texts in (("prompt", prompts), ("low", answers), ("high", answers)):
        ours, theirs = _ints(centers, side), _ints(members, side)
        equal = texts.first[ours] == texts.first[theirs]
        alike = likeness(texts, Candidates(ours, theirs), settings.seed).best.copy()
        alike[equal] = 1
        if side == "prompt":
            semantic = alike < settings.lexical_similarity
            if texts.vectors is not None:
                alike = np.maximum(alike, cosines(texts.vectors, Candidates(ours, theirs)).clip(0, 1))
        similarity, same = np.minimum(similarity, alike), same & equal
    kind = np.where(same, NORMALIZED, np.where(semantic & (prompts.vectors is not None), SEMANTIC, LEXICAL))
    return Links(left, right, kind.astype(np.int8), similarity, np.zeros(right.size, np.int8))


def _everywhere(texts: Texts, seed: int, rows: int, room: Room) -> Candidates:
    def search() -> Arrays:
        distinct = texts.distinct
        sketch = sketches(texts.forms, seed, shingle_letters(distinct.size), room)
        return {"pairs": packed(candidates(sketch, distinct, np.zeros(distinct.size, np.int64), rows))}

    return Candidates.packed(texts.known.recall("everywhere", search)["pairs"])


def _under_prompts(texts: Texts, answers: Ints, prompts: Ints, seed: int, room: Room) -> Candidates:
    """Candidates among the answers to one prompt cluster. Sketches are kept as well: clusters move with settings."""

    def sketched() -> Arrays:
        made = sketches(texts.forms, seed, room=room)
        return {"matrix": made.matrix, "shingles": made.shingles}

    def search() -> Arrays:
        made = texts.known.recall("sketches", sketched)
        sketch = Sketches(np.asarray(made["matrix"]), made["shingles"], seed)
        return {"pairs": packed(candidates(sketch, answers, prompts, rows=4))}

    return Candidates.packed(texts.known.recall(f"under-{digest(answers, prompts)}", search)["pairs"])


def _near_vectors(texts: Texts, rows: Ints, threshold: float, seed: int) -> Candidates:
    """Pairs of prompts with near vectors. Which those are depends on the threshold where there are many."""
    assert texts.vectors is not None
    vectors = texts.vectors

    def search() -> Arrays:
        few = rows.size <= MOST
        return {"pairs": packed((near_vectors if few else partial(near_by_index, seed=seed))(vectors, rows, threshold))}

    return Candidates.packed(texts.known.recall(f"vectors-{threshold!r}-{digest(vectors)}", search)["pairs"])


def _union(found: list[Candidates]) -> Candidates:
    packed = [(some.left.astype(np.uint64) << np.uint64(32)) | some.right.astype(np.uint64) for some in found]
    return Candidates.packed(np.concatenate(packed))


def _none() -> Candidates:
    return Candidates(np.empty(0, np.int64), np.empty(0, np.int64))


def _ints(frame: pl.DataFrame, column: str) -> Ints:
    return frame[column].cast(pl.Int64).to_numpy().copy()
