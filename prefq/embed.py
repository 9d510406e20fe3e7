"""Texts to vectors: each distinct text once, chunk by chunk, so that nothing already encoded is lost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.encoders import Encoder
from prefq.ids import canonical_text
from prefq.vector_cache import Chunk, ChunkCache, Embedded, Ids, Mask, VectorsInfo
from prefq.vectors import Matrix, Vectors

CHUNK = 512
"""Texts encoded and kept together: what an interruption can cost."""

CONVERSATION = 1_000
"""Characters kept of a conversation, from its end: the last turns say what the answers answer."""

Advance = Callable[[int], None]
"""Told how many more texts are done: first, in one step, those found in the cache."""


def rendered_prompt(prompt: pl.Expr) -> pl.Expr:
    """A prompt as one text: a single turn as it is; of a conversation the turns, one a line, its last characters."""
    turns = prompt.list.eval(pl.element().struct.field("content")).list.join("\n", ignore_nulls=True)
    return pl.when(prompt.list.len() > 1).then(turns.str.tail(CONVERSATION)).otherwise(turns)


def distinct_texts(pairs: pl.DataFrame) -> pl.DataFrame:
    """Every distinct prompt and answer of the pairs: `text_id` ascending, `text` (prompts rendered)."""
    sides = (
        (pl.col("prompt_id"), rendered_prompt(pl.col("prompt"))),
        (pl.col("chosen_id"), pl.col("chosen")),
        (pl.col("rejected_id"), pl.col("rejected")),
    )
    lazy = pairs.lazy()
    parts = [lazy.select(text_id=text_id, text=canonical_text(text).fill_null("")) for text_id, text in sides]
    # One id may stand over several texts (answers of several messages share their last one): the least counts.
    texts = pl.concat(parts).drop_nulls("text_id").group_by("text_id").agg(pl.col("text").min())
    return texts.sort("text_id").collect()


def embed(texts: pl.DataFrame, encoder: Encoder, cache: ChunkCache, advance: Advance) -> Embedded:
    """The vectors of `texts` (`text_id` ascending and distinct, `text`), those not in the cache encoded.

    Missing texts are cut into chunks in the order of their ids; each is encoded and kept whole. So a run that was
    interrupted goes on with the chunks that an uninterrupted one would have met, and ends with the same bytes.
    """
    ids = np.array(texts["text_id"].to_list(), dtype="S32")
    table = _Table.empty(len(ids))
    for chunk in cache.chunks(ids):
        table.fill(ids, chunk)
    missing = np.flatnonzero(~table.known)
    advance(len(ids) - len(missing))
    for start in range(0, len(missing), CHUNK):
        rows = missing[start : start + CHUNK]
        chunk = _encode(encoder, ids[rows], texts["text"].gather(rows).to_list())
        cache.put(chunk)
        table.fill(ids, chunk)
        advance(len(rows))
    return _embedded(texts["text_id"], table, encoder, len(missing))


def _encode(encoder: Encoder, ids: Ids, texts: list[str]) -> Chunk:
    return Chunk(ids, encoder.encode(texts), encoder.cut(texts))


def _embedded(ids: pl.Series, table: "_Table", encoder: Encoder, encoded: int) -> Embedded:
    matrix = table.matrix if table.matrix is not None else np.zeros((0, encoder.dimensions), np.float32)
    info = VectorsInfo(encoder.name, encoder.fingerprint, matrix.shape[1], len(ids), int(table.cut.sum()))
    return Embedded(Vectors(ids, matrix, encoder.name), info, encoded)


@dataclass
class _Table:
    """The vectors as they come together. The matrix is made by the first chunk, which knows its width."""

    known: Mask
    cut: Mask
    matrix: Matrix | None = None

    @classmethod
    def empty(cls, rows: int) -> "_Table":
        return cls(np.zeros(rows, bool), np.zeros(rows, bool))

    def fill(self, ids: Ids, chunk: Chunk) -> None:
        if self.matrix is None:
            self.matrix = np.zeros((len(ids), chunk.matrix.shape[1]), np.float32)
        place = np.minimum(np.searchsorted(ids, chunk.ids), len(ids) - 1)
        wanted = ids[place] == chunk.ids
        rows = place[wanted]
        self.matrix[rows], self.cut[rows], self.known[rows] = chunk.matrix[wanted], chunk.cut[wanted], True
