"""Overlap with benchmarks: prompts and answers that are, nearly are, or share runs of words with, those of a test."""

from dataclasses import dataclass

import polars as pl

from prefq import schema
from prefq.overlap.fingerprints import FINGERPRINT, NORMALIZATION, Index, fingerprint, index
from prefq.overlap.near import Tested
from prefq.overlap.runs import Looked, links, look_up, words_at
from prefq.overlap.semantic import NONE, Meanings

__all__ = ["FINGERPRINT", "NORMALIZATION", "Meanings", "find_overlaps", "fingerprint", "first_question"]

KINDS = ("exact", "near", "semantic", "ngram")
SIDES = ("prompt", "chosen", "rejected")
PARTS = ("prompt", "answer")


def find_overlaps(
    pairs: pl.DataFrame,
    benchmarks: pl.DataFrame,
    prints: pl.DataFrame | None = None,
    *,
    n: int = 13,
    near: float = 0.8,
    common: int = 5,
    answers: bool = True,
    replies: pl.DataFrame | None = None,
    meanings: Meanings | None = None,
) -> pl.DataFrame:
    """Which rows of pairs overlap with which benchmark items: `schema.OVERLAPS`, in the order of pairs.

    Compared are the first user message of each row, and with `answers` its two answers, with the prompts `benchmarks`
    (`benchmark`, `benchmark_id`, `text`) and with fingerprints (`FINGERPRINT`) of runs of `n` words; with `answers` the
    two answers also with the benchmarks' answers, `replies` (the same columns). One row per row, benchmark and
    benchmark_id, for the strongest kind that holds:

    - `exact`: equal but for case, marks and space; of answers only those of at least `n` words. Coverage 1.
    - `near`: a prompt alike letter by letter (see `Tested.near`; undecided against a fingerprint); or at least the
      share `near` of the text's runs of `n` words are the benchmark item's too.
    - `semantic`: a prompt that means the same by its vector, if there are `meanings` (see `Meanings.alike`; undecided
      against a fingerprint). Coverage is the cosine.
    - `ngram`: a run of `n` words in common (as GPT-3's was checked, Brown et al. 2020), unless it is boilerplate: a run
      that more than `common` different benchmark prompts share, or answers to them, never counts; one that stands in
      more than `common` prompts of the data, or in answers to so many, counts only where the shared runs are the share
      `near` of the benchmark prompt's, and never between answers (nor is an answer exact that is nothing else). Two
      answers must share a fifth of the runs of either: long ones to other questions have stock phrases in common.

    `coverage` is else the share of the text's runs that the benchmark item has too, or, where larger and the kind is
    `near`, of its letter shingles: small for a shared wrapper. `evidence` is JSON: `side` (of the strongest), `sides`
    (all that overlap), `ngram` (the first shared run, or null), `benchmark_part` (`prompt` or `answer`: with what of
    the item), `benchmark_coverage` (the share of its runs) and `benchmark_text` (its first 200 characters; null where
    only its fingerprint is known).
    """
    stand = _Standing.of(pairs, answers)
    found = [_with_prompts(stand, index(benchmarks, prints, n, common), near, common, meanings)]
    if answers and replies is not None:
        found.append(_with_replies(stand.of_answers(), index(replies, None, n, common, by_item=True), near, common))
    rows = pl.concat([one for one in found if one is not None]) if any(one is not None for one in found) else None
    return pl.DataFrame(schema=schema.OVERLAPS) if rows is None or rows.is_empty() else _strongest(rows, pairs)


def _with_prompts(
    stand: "_Standing", known: Index, near: float, common: int, meanings: Meanings | None
) -> pl.DataFrame | None:
    """What overlaps with the prompts of benchmarks; None where there is nothing to compare."""
    if not len(stand.texts) or known.entries.is_empty():
        return None
    tested = known.entries.drop_nulls("benchmark_text")
    words = tested["benchmark_text"]
    looked = look_up(stand.texts, stand.asked, known, Tested.of(words), near)
    alike = looked.near.with_columns(entry=tested["entry"].gather(looked.near["tested"]))
    meant = NONE if meanings is None else meanings.alike(stand.texts[: stand.asked], words)
    meant = meant.with_columns(entry=tested["entry"].gather(meant["tested"]))
    shared = links(looked, known, stand.prompts, common, near)
    equal = looked.texts.drop_nulls("whole").join(known.entries, on="whole").select("text", "entry", exact=True)
    frame = shared.join(equal, on=["text", "entry"], how="full", coalesce=True)
    for other in (alike.select("text", "entry", "covered"), meant.select("text", "entry", "cosine")):
        frame = frame.join(other, on=["text", "entry"], how="full", coalesce=True)
    return _standing_rows(stand, _matches(stand, looked, frame, known, near), known, 0)


def _with_replies(stand: "_Standing", known: Index, near: float, common: int) -> pl.DataFrame | None:
    """What overlaps with the answers of benchmarks; None where there is nothing to compare."""
    if not len(stand.texts) or known.entries.is_empty():
        return None
    looked = look_up(stand.texts, 0, known, Tested.of(pl.Series("text", [], pl.String)), near)
    shared = links(looked, known, stand.prompts, common, NEVER, QUOTED)
    equal = looked.texts.drop_nulls("whole").join(known.entries, on="whole").select("text", "entry", exact=True)
    frame = shared.join(equal, on=["text", "entry"], how="left")
    frame = frame.with_columns(covered=pl.lit(None, pl.Float32), cosine=pl.lit(None, pl.Float32))
    return _standing_rows(stand, _matches(stand, looked, frame, known, near), known, 1)


NEVER = 2.0
"""A share that no text reaches."""
QUOTED = 0.2
"""Answers that share less with each other share a stock phrase: of real answers to other questions, one in 200 does."""


def first_question() -> pl.Expr:
    """The first user message of each row's prompt; null where there is none."""
    user = pl.element().filter(pl.element().struct.field("role") == "user").struct.field("content")
    return pl.col("prompt").list.eval(user).list.first()


@dataclass(frozen=True)
class _Standing:
    """The distinct texts of pairs, the first `asked` of them prompts, and where they stand."""

    texts: pl.Series
    asked: int
    rows: pl.DataFrame
    """`place` (the row's), `side` (its place in SIDES), `text`."""
    prompts: pl.DataFrame
    """`text`, `prompt`: the texts that are prompts by themselves, the answers by those that they answer."""

    @classmethod
    def of(cls, pairs: pl.DataFrame, answers: bool) -> "_Standing":
        """Those of the prompts and, if wanted, of the answers."""
        prompts = pairs.select(words=first_question()).with_row_index("place")
        asked = prompts["words"].drop_nulls().unique().sort()
        parts = [prompts.with_columns(side=pl.lit(0))]
        for side, name in enumerate(SIDES[1:], start=1) if answers else ():
            parts.append(pairs.select(words=name).with_row_index("place").with_columns(side=pl.lit(side)))
        long = pl.concat(parts).drop_nulls("words")
        others = long.filter(pl.col("side") > 0)["words"].unique().sort()
        others = others.filter(~others.is_in(asked.implode()))
        texts = pl.concat([asked, others])
        numbered = texts.to_frame().with_columns(text=pl.int_range(pl.len()))
        rows = long.join(numbered, on="words").select("place", "side", "text")
        own = rows.filter(pl.col("side") == 0).select("place", prompt="text")
        answered = rows.join(own, on="place", how="left").select("text", pl.col("prompt").fill_null(-1))
        return cls(texts, len(asked), rows, answered.unique())

    def of_answers(self) -> "_Standing":
        """Those of the answers alone."""
        rows = self.rows.filter(pl.col("side") > 0)
        kept = rows["text"].unique().sort()
        numbered = kept.to_frame().with_columns(new=pl.int_range(pl.len()))
        both = [
            frame.join(numbered, on="text", maintain_order="left").with_columns(text="new").drop("new")
            for frame in (rows, self.prompts)
        ]
        return _Standing(self.texts.gather(kept), 0, *both)


def _matches(stand: _Standing, looked: Looked, frame: pl.DataFrame, known: Index, near: float) -> pl.DataFrame:
    """The overlapping texts and entries: `text`, `entry`, `rank` (of the kind), `coverage`, and what is evidence.

    `whole` says whether the text has a run of words at all.
    """
    share, cosine = pl.col("share").fill_null(0.0), pl.col("cosine")
    close = pl.col("covered").is_not_null() | (share >= near)
    rank = pl.when("exact").then(0).when(close).then(1).when(cosine.is_not_null()).then(2).otherwise(3)
    coverage = pl.max_horizontal(share, pl.col("covered").fill_null(0.0))
    coverage = pl.when("exact").then(1.0).when(~close & cosine.is_not_null()).then(cosine).otherwise(coverage)
    frame = frame.with_columns(rank=rank, coverage=coverage).join(known.entries, on="entry").sort("text", "entry")
    told = frame.filter(pl.col("word").is_not_null())
    words = words_at(stand.texts.gather(told["text"]), told["word"].to_numpy(writable=True), known.n)
    told = told.select("text", "entry", pl.Series("ngram", words, dtype=pl.String))
    frame = frame.join(told, on=["text", "entry"], how="left").join(looked.texts, on="text")
    names = ("text", "entry", "rank", "coverage", "ngram", "covers", "benchmark_text")
    return frame.select(*names, whole=pl.col("total") > 0)


def _standing_rows(stand: _Standing, matches: pl.DataFrame, known: Index, part: int) -> pl.DataFrame:
    """Where the matching texts stand, and the items that they match, `part` (in PARTS) saying with what of these."""
    rows = stand.rows.join(matches, on="text").join(known.items, on="entry").with_columns(part=pl.lit(part))
    return rows.filter(pl.col("whole") | (pl.col("rank") > 0) | (pl.col("side") == 0))


def _strongest(rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """One row per row of pairs, benchmark and id, with its evidence."""
    group = ("place", "benchmark", "benchmark_id")
    order = ("rank", "part", "side", pl.col("coverage"), "entry")
    rows = rows.sort(*group, *order, descending=[False] * 6 + [True, False])
    sides = pl.col("side").unique().sort().replace_strict(dict(enumerate(SIDES)), return_dtype=pl.String)
    best = rows.group_by(*group, maintain_order=True).agg(pl.all().exclude(*group).first(), sides=sides.implode())
    side = pl.col("side").replace_strict(dict(enumerate(SIDES)), return_dtype=pl.String)
    covers = pl.col("covers").round(4).alias("benchmark_coverage")
    part = pl.col("part").replace_strict(dict(enumerate(PARTS)), return_dtype=pl.String).alias("benchmark_part")
    text = pl.col("benchmark_text").str.head(200)
    evidence = pl.struct(side, "sides", "ngram", part, covers, text).struct.json_encode()
    best = best.with_columns(
        evidence=evidence,
        kind=pl.col("rank").replace_strict(dict(enumerate(KINDS)), return_dtype=pl.String),
        row_id=pairs["row_id"].gather(best["place"]),
    )
    return best.select(pl.col(name).cast(kind) for name, kind in schema.OVERLAPS.items())
