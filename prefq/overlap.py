"""Overlap with benchmarks: prompts that are, or nearly are, or share long runs of words with, prompts of a test."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq import schema
from prefq.neighbors.contrast import contrasts
from prefq.neighbors.lexical import Candidates, Floats, band_rows, candidates, overlap, sketches
from prefq.neighbors.normalize import Ints, Packed, normalized, same_form

SEED = 13
PER_GRAM = 8
"""A run of words that more benchmark prompts share is a wrapper: it leads to so many of them only."""
INSIDE = 0.2
"""One text inside the other is near from a similarity so much lower."""
KINDS = ("exact", "near", "ngram")


@dataclass(frozen=True)
class Sides:
    """The distinct texts of both sides, first those of the pairs, then from `border` on those of the benchmarks."""

    texts: pl.Series
    forms: Packed
    border: int

    @classmethod
    def of(cls, prompts: pl.Series, benchmarks: pl.Series) -> "Sides":
        """From the distinct texts of each side."""
        texts = pl.concat([prompts.rename("text"), benchmarks.rename("text")])
        return cls(texts, normalized(texts), len(prompts))


def find_overlaps(pairs: pl.DataFrame, benchmarks: pl.DataFrame, *, n: int = 13, near: float = 0.8) -> pl.DataFrame:
    """Which rows of pairs overlap with which benchmark prompts: `schema.OVERLAPS`, in the order of pairs.

    Compared are the first user message of each row and `benchmarks` (`benchmark`, `benchmark_id`, `text`); answers are
    not. One row per row, benchmark and benchmark_id with the strongest kind that holds:

    - `exact`: equal but for case, marks and space; coverage 1.
    - `near`: a Jaccard similarity of the shingle sets of at least `near` (0.2 less where one text is inside the other),
      unless numbers, names or the slot of a template differ; or at least that share of the prompt's word n-grams.
    - `ngram`: a run of `n` words in common (as GPT-3's was checked, Brown et al. 2020).

    `coverage` is the share of the prompt's word n-grams that the benchmark prompt has too, or, where larger and the
    kind is `near`, of its letter shingles: small for a shared wrapper. `evidence` is JSON: `ngram` (the first shared
    run, or null) and `benchmark_text` (its first 200 characters).
    """
    prompts = pairs.select("row_id", text=first_question())
    benchmarks = benchmarks.select("benchmark", "benchmark_id", "text").unique(maintain_order=True)
    asked = prompts["text"].drop_nulls().unique().sort()
    tested = benchmarks["text"].drop_nulls().unique().sort()
    if asked.is_empty() or tested.is_empty():
        return pl.DataFrame(schema=schema.OVERLAPS)
    matches = _matches(Sides.of(asked, tested), n, near)
    order = prompts.with_row_index("place").join(matches, on="text", how="inner")
    rows = order.join(benchmarks.rename({"text": "benchmark_text"}), on="benchmark_text", how="inner")
    evidence = pl.struct("ngram", pl.col("benchmark_text").str.head(200)).struct.json_encode()
    rows = rows.with_columns(evidence=evidence).sort("place", "benchmark", "benchmark_id", "rank", "benchmark_text")
    rows = rows.unique(["place", "benchmark", "benchmark_id"], keep="first", maintain_order=True)
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.OVERLAPS.items())


def first_question() -> pl.Expr:
    """The first user message of each row's prompt; null where there is none."""
    user = pl.element().filter(pl.element().struct.field("role") == "user").struct.field("content")
    return pl.col("prompt").list.eval(user).list.first()


def _matches(sides: Sides, n: int, near: float) -> pl.DataFrame:
    """The overlapping texts: `text`, `benchmark_text`, `kind`, `rank` (of the kind), `coverage`, `ngram`."""
    shared = _shared_grams(sides, n)
    pairs = _union(sides, shared)
    frame = pl.DataFrame({"left": pairs.left, "right": pairs.right, **_likeness(sides, pairs, near)})
    grams = shared.with_columns(left=pl.col("left").cast(pl.Int64), right=pl.col("right").cast(pl.Int64))
    frame = frame.join(grams, on=["left", "right"], how="left").with_columns(pl.col("share").fill_null(0.0))
    rank = (
        pl.when("exact")
        .then(0)
        .when(pl.col("near") | (pl.col("share") >= near))
        .then(1)
        .when(pl.col("share") > 0)
        .then(2)
    )
    covered = pl.when("exact").then(1.0).when("near").then(pl.max_horizontal("share", "covered")).otherwise("share")
    frame = frame.with_columns(rank=rank, coverage=covered).drop_nulls("rank")
    return frame.select(
        "rank",
        "coverage",
        pl.Series(KINDS).gather(frame["rank"]).alias("kind"),
        sides.texts.gather(frame["left"]).alias("text"),
        sides.texts.gather(frame["right"]).alias("benchmark_text"),
        pl.Series("ngram", _words(sides, frame), dtype=pl.String),
    )


def _words(sides: Sides, frame: pl.DataFrame) -> list[str | None]:
    spans = frame.select("begin", "end").rows()
    return [None if b is None else bytes(sides.forms.data[b:e]).decode() for b, e in spans]


def _union(sides: Sides, shared: pl.DataFrame) -> Candidates:
    """The pairs to look at: equal forms, near sketches, shared n-grams."""
    rows = np.arange(len(sides.texts))
    sketch = sketches(sides.forms, SEED)
    found = candidates(sketch, rows, np.zeros_like(rows), band_rows(rows.size), across=sides.border)
    left, right = _equal(sides)
    lefts = np.concatenate([found.left, left, shared["left"].to_numpy()]).astype(np.uint64)
    rights = np.concatenate([found.right, right, shared["right"].to_numpy()]).astype(np.uint64)
    return Candidates.packed((lefts << np.uint64(32)) | rights)


def _equal(sides: Sides) -> tuple[Ints, Ints]:
    form = np.where(sides.forms.sizes > 0, same_form(sides.forms), -1)
    frame = pl.DataFrame({"form": form}).with_row_index("row").filter(pl.col("form") >= 0)
    tested = pl.col("row") >= sides.border
    both = frame.filter(~tested).join(frame.filter(tested), on="form")
    return both["row"].cast(pl.Int64).to_numpy(), both["row_right"].cast(pl.Int64).to_numpy()


def _likeness(sides: Sides, pairs: Candidates, near: float) -> dict[str, Ints | Floats]:
    form = same_form(sides.forms)
    likeness = overlap(sides.forms, pairs, SEED)
    close = likeness.near(near, near - INSIDE)
    told = np.zeros(close.size, np.bool_)
    told[close] = contrasts(sides.texts, pairs.left[close], pairs.right[close], prompts=True) == 0
    return {"exact": form[pairs.left] == form[pairs.right], "near": told, "covered": likeness.covered}


def _shared_grams(sides: Sides, n: int) -> pl.DataFrame:
    """`left`, `right` (rows of texts) with a word n-gram in common, the `share` of the left one's, and the first one's
    place, `begin` to `end`.
    """
    from prefq.neighbors.grams import word_grams

    hashes, places = word_grams(sides.forms.data, sides.forms.starts, n)
    names = ("row", "begin", "end")
    grams = pl.DataFrame({"gram": hashes, **{name: places[:, i] for i, name in enumerate(names)}})
    tested = pl.col("row") >= sides.border
    ours = grams.filter(~tested)
    theirs = grams.filter(tested).select("gram", right="row").unique().sort("gram", "right")
    ours = ours.with_columns(grams=pl.len().over("row"))
    met = ours.join(theirs.select("gram").unique(), on="gram", how="semi").rename({"row": "left"})
    few = theirs.filter(pl.int_range(pl.len()).over("gram") < PER_GRAM)
    linked = met.select("left", "gram").join(few, on="gram").select("left", "right").unique()
    return (
        linked.join(met, on="left")
        .join(theirs, on=["gram", "right"], how="semi")
        .group_by("left", "right")
        .agg(
            (pl.len() / pl.col("grams").first()).alias("share"),
            pl.col("begin").min(),
            pl.col("end").min(),
        )
    )
