"""What checks look at: judgements, distinct answers and distinct prompts, each with what is known about it.

Texts repeat (one reference answer stands in forty pairs), so whatever concerns one answer is worked out once, and
pairs point to it by row number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from prefq import schema
from prefq.duplicates import duplicate_columns
from prefq.features import END, answer_features, both_sides, distinct_prompts
from prefq.languages import FUNCTION_WORDS, function_words, guess_languages
from prefq.patterns import finished

_FEATURES = ("chars", "words", "code_fences", "table_bars", "repeated_trigrams", *END)
"""The features that checks read."""

ANSWER_KEY = ("dataset", "prompt_id", "answer_id")


@dataclass(frozen=True)
class FlagFrame:
    """Three tables that checks read, by subject.

    `pairs`: one row per judgement, with the row numbers `chosen_row`, `rejected_row` (in `answers`) and `prompt_row`
    (in `prompts`). `answers`: one row per distinct answer to a prompt in a dataset. `prompts`: one row per prompt.
    """

    pairs: pl.DataFrame
    answers: pl.DataFrame
    prompts: pl.DataFrame

    def table(self, subject: str) -> pl.DataFrame:
        """The table that checks of this subject read."""
        return {"pair": self.pairs, "prompt": self.prompts}.get(subject, self.answers)


def flag_frame(
    pairs: pl.DataFrame,
    clusters: pl.DataFrame | None = None,
    scores: pl.DataFrame | None = None,
    overlaps: pl.DataFrame | None = None,
    neighbors: pl.DataFrame | None = None,
) -> FlagFrame:
    """What checks look at. A table that is None leaves its columns out, and the checks that need them undecided.

    Beside the columns of `pairs`, `clusters` and `scores`, pairs get `chosen_chars`, `rejected_chars`,
    `answer_similarity`, `same_but_for_space`, `same_but_for_stops`, `same_numbers`, the columns of `duplicate_columns`,
    those of the strongest overlap (`overlap_*`, and `overlaps`, how many there are) and of the nearest contrast
    (`contrast_*`).
    """
    prompts = _prompts(pairs)
    answers = _answers(pairs, prompts)
    table = _point(pairs, answers, prompts)
    table = _join(table, clusters, [*schema.CLUSTERS][1:])
    table = _join(table, scores, [*schema.SCORES][1:])
    table = _join(table, None if overlaps is None else _strongest_overlaps(overlaps), None)
    if overlaps is not None:
        table = table.with_columns(pl.col("overlaps").fill_null(0))
    table = table if neighbors is None else _contrasts(table, neighbors)
    if clusters is None:
        said = {name: kind for name, kind in schema.CLUSTERS.items() if name.startswith("contradiction")}
        table = table.with_columns(pl.lit(None, kind).alias(name) for name, kind in said.items())
    return FlagFrame(duplicate_columns(_compare(table, prompts)), answers, prompts)


def _join(table: pl.DataFrame, other: pl.DataFrame | None, columns: Sequence[str] | None) -> pl.DataFrame:
    if other is None:
        return table
    kept = other if columns is None else other.select("row_id", *columns)
    return table.join(kept, on="row_id", how="left", maintain_order="left")


def _prompts(pairs: pl.DataFrame) -> pl.DataFrame:
    prompts = distinct_prompts(pairs)
    guessed = guess_languages(prompts["question"], letters=10, words=3)
    return prompts.hstack(guessed.rename(lambda name: f"question_{name}"))


def _answers(pairs: pl.DataFrame, prompts: pl.DataFrame) -> pl.DataFrame:
    answers = both_sides(pairs, "dataset", "prompt_id").unique([*ANSWER_KEY], keep="first", maintain_order=True)
    texts = answers.select(text_id="answer_id", text="answer").unique("text_id", keep="first", maintain_order=True)
    known = answer_features(texts, _FEATURES).hstack(guess_languages(texts["text"]))
    known = known.hstack(texts.select(finished=finished(pl.col("text"))))
    answers = answers.join(known, left_on="answer_id", right_on="text_id", how="left", maintain_order="left")
    about = prompts.select("prompt_id", "question", "conversation", "question_script", "question_language")
    answers = answers.join(about, on="prompt_id", how="left", maintain_order="left")
    answers = answers.with_columns(finished_share=pl.col("finished").mean().over("dataset"))
    return _known_words(answers, prompts)


def _known_words(answers: pl.DataFrame, prompts: pl.DataFrame) -> pl.DataFrame:
    """Adds `prompt_words`: how many function words of the answer's language its conversation holds."""
    counted = prompts.select("prompt_id").hstack(function_words(prompts["conversation"]))
    long = counted.unpivot(index="prompt_id", on=[*FUNCTION_WORDS], variable_name="language", value_name="prompt_words")
    return answers.join(long, on=["prompt_id", "language"], how="left", maintain_order="left")


def _point(pairs: pl.DataFrame, answers: pl.DataFrame, prompts: pl.DataFrame) -> pl.DataFrame:
    numbered = answers.select(*ANSWER_KEY, "chars").with_row_index("row")
    table = pairs.join(prompts.select("prompt_id").with_row_index("prompt_row"), on="prompt_id", maintain_order="left")
    for side in ("chosen", "rejected"):
        named = numbered.rename({"answer_id": f"{side}_id", "row": f"{side}_row", "chars": f"{side}_chars"})
        keys = ["dataset", "prompt_id", f"{side}_id"]
        table = table.join(named, on=keys, how="left", maintain_order="left", nulls_equal=True)
    return table


def _strongest_overlaps(overlaps: pl.DataFrame) -> pl.DataFrame:
    """One row per overlapping pair: its strongest overlap as `overlap_*`, and the number of `overlaps`."""
    kinds = {"exact": 0, "near": 1, "semantic": 2, "ngram": 3}
    order = pl.col("kind").replace_strict(kinds, default=4, return_dtype=pl.Int8)
    ranked = overlaps.sort(
        "row_id", order, -pl.col("coverage"), "benchmark", "benchmark_id", maintain_order=True, nulls_last=True
    )
    first = ranked.group_by("row_id", maintain_order=True).agg(pl.all().first(), overlaps=pl.len())
    return first.rename({name: f"overlap_{name}" for name in schema.OVERLAPS if name != "row_id"})


def _contrasts(pairs: pl.DataFrame, neighbors: pl.DataFrame) -> pl.DataFrame:
    """Adds the nearest contrast of the prompt, between the two answers, or of the pair, in this order: `contrast_*`.

    Contrasts with answers of other pairs are left out: that a phrase stands elsewhere with another name says nothing.
    """
    edges = neighbors.filter(pl.col("kind") == "contrast")
    own = pairs.select("row_id", *(f("chosen_id", "rejected_id").alias(k) for f, k in _ENDS))
    between = edges.filter(pl.col("level") == "answer").join(own, on=["left_id", "right_id"])
    found = [
        _nearest(edges, "prompt").join(pairs.select("row_id", id="prompt_id"), on="id").drop("id"),
        between.select("row_id", "level", "similarity", "reason", partner="right_id"),
        _nearest(edges, "pair").join(pairs.select("row_id", id="pair_id"), on="id").drop("id"),
    ]
    columns = ("level", "similarity", "reason", "partner")
    every = pl.concat(part.select("row_id", *columns) for part in found)
    first = every.unique("row_id", keep="first", maintain_order=True)
    return _join(pairs, first.rename({name: f"contrast_{name}" for name in columns}), None)


_ENDS = ((pl.min_horizontal, "left_id"), (pl.max_horizontal, "right_id"))


def _nearest(edges: pl.DataFrame, level: str) -> pl.DataFrame:
    """`id`, and the most similar `partner` of each text of this level."""
    level_edges = edges.filter(pl.col("level") == level)
    ends = pl.concat(
        level_edges.select("level", "similarity", "reason", id=one, partner=other)
        for one, other in (("left_id", "right_id"), ("right_id", "left_id"))
    )
    ranked = ends.sort("id", -pl.col("similarity"), "partner", nulls_last=True)
    return ranked.unique("id", keep="first", maintain_order=True)


def _compare(pairs: pl.DataFrame, prompts: pl.DataFrame) -> pl.DataFrame:
    """Adds how alike the two answers are, worked out where a cheap look leaves room for likeness."""
    longer, shorter = (f("chosen_chars", "rejected_chars") for f in (pl.max_horizontal, pl.min_horizontal))
    differ = pairs.filter(pl.col("chosen_id") != pl.col("rejected_id")).select(
        *("row_id", "prompt_row", "chosen", "rejected"),
        close=shorter >= 0.8 * longer,
        same_ends=_ends("chosen") == _ends("rejected"),
    )
    close = differ.filter("close")
    close = close.with_columns(answer_similarity=_similarities(close)).filter(pl.col("answer_similarity") > 0)
    close = close.select(
        *("row_id", "answer_similarity"),
        same_numbers=_telling("chosen") == _telling("rejected"),
        same_but_for_stops=_without_stops("chosen") == _without_stops("rejected"),
    )
    alike = differ.filter("same_ends")
    alike = alike.with_columns(question=prompts["question"].gather(alike["prompt_row"]))
    alike = alike.select("row_id", same_but_for_space=_same_but_for_space())
    joined = _join(_join(pairs, close, None), alike, None)
    return joined.with_columns(
        pl.col("answer_similarity").fill_null(0.0),
        pl.col("same_but_for_space", "same_but_for_stops", "same_numbers").fill_null(False),
    )


def _ends(side: str) -> pl.Expr:
    text = pl.col(side).str.strip_chars()
    return text.str.head(1).str.to_lowercase() + text.str.tail(1).str.to_lowercase()


def _similarities(some: pl.DataFrame) -> pl.Series:
    """The share of characters that stay in place between the two answers, 0 below 0.8; of their first 20,000."""
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    sides = (some[side].str.head(20_000).to_list() for side in ("chosen", "rejected"))
    shares = process.cpdist(*sides, scorer=Indel.normalized_similarity, score_cutoff=0.8)
    return pl.Series("answer_similarity", shares, dtype=pl.Float32)


def _same_but_for_space() -> pl.Expr:
    sides = (pl.col(side).str.strip_chars() for side in ("chosen", "rejected"))
    chosen, rejected = (side.str.replace_all(r"\s+", " ") for side in sides)
    # Letter case is what the answer is about where the task is to capitalise.
    about_case = pl.col("question").str.contains(r"(?i)capital|(?:upper|lower|title|letter|camel)[- ]?case|all caps")
    return (chosen == rejected) | ((chosen.str.to_lowercase() == rejected.str.to_lowercase()) & ~about_case)


def _without_stops(side: str) -> pl.Expr:
    # A question mark stays: it turns a statement into a question.
    return pl.col(side).str.strip_chars().str.replace_all(r"[.!…,。！，]+(\s|\z)|\*\*", "$1")


def _telling(side: str) -> pl.Expr:
    # What turns one answer into another although hardly a character changes: figures and negations.
    telling = r"\d+|\b(?:not?|never|yes|true|false|un\w+)\b|n['’]t\b|不|没"
    return pl.col(side).str.to_lowercase().str.extract_all(telling).list.join(" ")
