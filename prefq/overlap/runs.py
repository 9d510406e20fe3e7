"""Runs of words that texts share with benchmarks, and those that are too common to say anything."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.neighbors.normalize import Ints, normalized
from prefq.overlap.fingerprints import Index, whole
from prefq.overlap.kernels import found_runs
from prefq.overlap.near import Tested
from prefq.overlap.reading import Readable
from prefq.overlap.words import run_bounds, word_table

CHUNK, PIECE = 32 << 20, 4 << 20
"""Bytes of text that are looked up at a time, and where no near ones are looked for: memory goes by them, not by the
dataset. Few fit into the machine's caches; each search for near ones goes through all of the benchmarks."""
NEAR = pl.DataFrame(schema={"text": pl.Int64(), "tested": pl.Int64(), "covered": pl.Float32()})


@dataclass(frozen=True)
class Looked:
    """What was looked up: `texts` (`text`, `whole`, `total`: how many runs it has), one row a text, `hits` and `near`.

    A hit is a run of a text that the index knows: `text`, `run`, and `word`, the number of its first word.
    `near` are the texts that are near to a benchmark's: `text`, `tested` (its place there) and `covered`.
    """

    texts: pl.DataFrame
    hits: pl.DataFrame
    near: pl.DataFrame


def look_up(texts: pl.Series, asked: int, known: Index, tested: Tested, near: float) -> Looked:
    """Look up the texts, which are numbered from 0; for near ones only the first `asked`, which are prompts."""
    found = [_piece(start, texts[start:stop], known, tested, near) for start, stop in _pieces(texts[:asked], 0, CHUNK)]
    found += [
        _piece(start, texts[start:stop], known, None, near) for start, stop in _pieces(texts[asked:], asked, PIECE)
    ]
    return Looked(*(pl.concat([getattr(one, name) for one in found]) for name in ("texts", "hits", "near")))


def _piece(start: int, texts: pl.Series, known: Index, tested: Tested | None, near: float) -> Looked:
    wholes, counts, found = found_runs(*Readable.of(texts).parts, known.n, known.table)
    numbers = pl.Series("text", np.arange(start, start + len(texts)))
    hits = pl.DataFrame(found + np.array([start, 0, 0]), schema=["text", "run", "word"])
    alike = NEAR if tested is None or not len(tested.texts) else tested.near(texts, normalized(texts), near)
    alike = alike.with_columns(pl.col("text") + start)
    totals = pl.Series("total", np.maximum(counts - known.n + 1, 0))
    return Looked(pl.DataFrame([numbers, whole(texts, wholes, counts), totals]), hits, alike)


def _pieces(texts: pl.Series, shift: int, size: int) -> Iterator[tuple[int, int]]:
    """From where to where pieces of up to `size` bytes are (one longer text is a piece of its own), `shift` added."""
    sizes = texts.str.len_bytes().cum_sum().to_numpy()
    done, before = 0, 0
    while done < len(texts):
        until = max(done + 1, int(np.searchsorted(sizes, before + size, side="right")))
        yield done + shift, until + shift
        done, before = until, int(sizes[until - 1])


def links(
    looked: Looked, known: Index, prompts: pl.DataFrame, common: int, most: float, least: float = 0.0
) -> pl.DataFrame:
    """Which texts share runs with which entries of the index, but for boilerplate.

    `prompts` (`text`, `prompt`) says in which prompts of the data a text stands. Boilerplate are runs that more than
    `common` entries share; they are left out of all counts. So are no hits by themselves runs that stand in more than
    `common` prompts of the data: a text that has nothing else is linked only when its runs are at least the share
    `most` of the entry's. Linked are texts and entries of which at least the share `least` of either's runs is the
    other's. Columns: `text`, `entry`, `share` (of the text's runs), `covers` (of the entry's runs),
    `word`, the first of the first run that is a hit.
    """
    crowded = pl.Series(known.crowded).gather(looked.hits["run"])
    plain, hits = looked.hits.filter(crowded), looked.hits.filter(~crowded)
    hits = hits.join(_worn(hits, prompts, common), on="run", how="left").with_columns(pl.col("worn").fill_null(False))
    first = [pl.col(name).sort_by("worn", "word").first() for name in ("worn", "word")]
    found = hits.join(known.postings, on="run").group_by("text", "entry")
    linked = found.agg(*first, shared=pl.len(), runs=pl.col("run").n_unique())
    linked = linked.join(known.entries.select("entry", "own"), on="entry").join(looked.texts, on="text")
    linked = linked.join(plain.group_by("text").agg(plain=pl.len()), on="text", how="left")
    told = pl.col("total") - pl.col("plain").fill_null(0)
    linked = linked.with_columns(share=pl.col("shared") / told, covers=pl.col("runs") / pl.col("own"))
    linked = linked.filter(pl.max_horizontal("share", "covers") >= least, ~pl.col("worn") | (pl.col("covers") >= most))
    return linked.select("text", "entry", "share", "covers", "word")


def _worn(hits: pl.DataFrame, prompts: pl.DataFrame, common: int) -> pl.DataFrame:
    """The runs that stand in more than `common` prompts of the data."""
    stands = hits.select("text", "run").unique().join(prompts, on="text").group_by("run")
    worn = stands.agg(prompts=pl.col("prompt").n_unique()).filter(pl.col("prompts") > common)
    return worn.select("run", worn=True)


def words_at(texts: pl.Series, firsts: Ints, n: int) -> list[str]:
    """The `n` words of each text from word number `firsts` on, as the normal form has them."""
    forms = normalized(texts)
    spans = run_bounds(forms.data, forms.starts, word_table(), firsts, n).tolist()
    return [bytes(forms.data[begin:end]).decode() for begin, end in spans]
