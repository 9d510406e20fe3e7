"""Vectors of the first questions of pairs and of benchmarks' prompts, by the encoder of `embed` and from its cache."""

import polars as pl

from prefq.cli.console import Console
from prefq.embed import embed
from prefq.encoders import open_encoder
from prefq.ids import canonical_text, text_id, user_prompt_json
from prefq.overlap import Meanings, first_question
from prefq.store import Workdir
from prefq.vector_cache import ChunkCache


def read_meanings(
    home: Workdir, pairs: pl.DataFrame, benchmark: pl.Series, similarity: float, console: Console
) -> Meanings | None:
    """The vectors of every first question and of every benchmark prompt; None when `embed` has not run.

    They are those of the encoder that `embed` ran with. A prompt that is one turn is in the cache since then; the first
    turns of longer ones, and benchmark prompts, are encoded once. Raises EncoderError.
    """
    if not home.has("data/vectors"):
        return None
    vectors = home.vectors()
    assert vectors is not None
    encoder = open_encoder(vectors.encoder)
    words = pl.concat([pairs.select(text=first_question())["text"], benchmark.rename("text")])
    asked = words.drop_nulls().unique().to_frame().with_columns(text_id=text_id(user_prompt_json(pl.col("text"))))
    texts = asked.select("text_id", text=canonical_text(pl.col("text"))).unique("text_id").sort("text_id")
    with console.progress(texts.height, "text", "decontaminate") as advance:
        done = embed(texts, encoder, ChunkCache.of(home.root, encoder.fingerprint), advance)
    known = asked.sort("text")
    return Meanings(known["text"], done.vectors.of(known["text_id"]), similarity)
