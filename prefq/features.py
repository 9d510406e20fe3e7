"""Surface features: what can be counted on an answer without understanding it.

Each is computed once per distinct text and joined back. They say how much of a label length, formatting or refusal
alone would explain (surface features carry nearly everything that a cheap detector of wrong labels finds).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from prefq.patterns import FIRST_PERSON, SURE, finished, refuses, tokens
from prefq.vectors import Matrix

COUNTS = (
    *("chars", "words", "sentences", "newlines", "bold", "list_items", "headings", "code_fences", "table_bars"),
    *("questions", "exclamations", "first_person"),
)
"""Features that are counts: their differences are taken between logarithms (of one more)."""

SHARES = (
    *("refusal", "sure_opener", "type_token_ratio", "word_length", "digit_share", "unfinished", "non_ascii_share"),
    "repeated_trigrams",
)
PROMPT = ("prompt_jaccard", "prompt_coverage")
ANSWER = (*COUNTS, *SHARES)
"""The features of an answer by itself."""

END = ("end_variety", "end_word_length")
"""How an answer ends: the share of different words among its last 15, 30 or 80 (the lowest; 1 below a dozen words), and
the mean length of its last 30. No surface features: they find loops."""

SURFACE = (*ANSWER, *PROMPT)
"""The 22 features of an answer to a prompt: `pair_features` has each as `chosen_NAME` and `rejected_NAME`."""


def _counts(text: pl.Expr) -> dict[str, pl.Expr]:
    return {
        "chars": text.str.len_chars(),
        "sentences": text.str.count_matches(r"[.!?…](?:\s|\z)|[。！？]"),
        "newlines": text.str.count_matches("\n", literal=True),
        "bold": text.str.count_matches(r"\*\*[^*\n]+\*\*"),
        "list_items": text.str.count_matches(r"(?m)^[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]"),
        "headings": text.str.count_matches(r"(?m)^#{1,6} "),
        "code_fences": text.str.count_matches("```", literal=True),
        "table_bars": text.str.count_matches("|", literal=True),
        "questions": text.str.count_matches(r"[?？]"),
        "exclamations": text.str.count_matches(r"[!！]"),
        "first_person": text.str.count_matches(FIRST_PERSON),
    }


def _shares(text: pl.Expr) -> dict[str, pl.Expr]:
    chars = text.str.len_chars()
    ascii_chars = text.str.count_matches(r"[\x00-\x7F]")
    return {
        "refusal": refuses(text),
        "sure_opener": text.str.head(40).str.contains(SURE),
        "digit_share": _share(text.str.count_matches(r"[0-9]"), chars),
        "unfinished": ~finished(text),
        "non_ascii_share": _share(chars - ascii_chars, chars),
    }


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part.cast(pl.Float32) / whole).otherwise(pl.lit(0, pl.Float32))


def _word_features(texts: pl.DataFrame) -> pl.DataFrame:
    """`row` (position in `texts`) and what needs the words one by one; no row for a text without words."""
    words = (
        texts.lazy().select(row=pl.int_range(pl.len(), dtype=pl.UInt32), word=tokens(pl.col("text"))).explode("word")
    ).drop_nulls("word")
    word = pl.col("word").hash()
    whole = pl.col("row") == pl.col("row").shift(2)
    # Hashes stand for words: counting distinct ones needs no more, and costs a tenth.
    trigram = pl.when(whole).then(word + word.shift(1) * 31 + word.shift(2) * 961)
    marked = words.select("row", chars=pl.col("word").str.len_chars(), word=word, trigram=trigram)
    counted = marked.group_by("row").agg(
        words=pl.len(),
        distinct=pl.col("word").n_unique(),
        word_length=pl.col("chars").mean(),
        trigrams=pl.col("trigram").count(),
        distinct_trigrams=pl.col("trigram").drop_nulls().n_unique(),
        end_variety=pl.min_horizontal(_variety_of_last(count) for count in (15, 30, 80)),
        end_word_length=pl.col("chars").tail(30).mean(),
    )
    return counted.select(
        *("row", "words", "word_length", "end_word_length"),
        end_variety=pl.when(pl.col("words") >= 12).then("end_variety").otherwise(1.0),
        type_token_ratio=_share(pl.col("distinct"), pl.col("words")),
        repeated_trigrams=_share(pl.col("trigrams") - pl.col("distinct_trigrams"), pl.col("trigrams")),
    ).collect()


def _variety_of_last(count: int) -> pl.Expr:
    words = pl.col("word").tail(count)
    return words.n_unique() / words.len()


def answer_features(texts: pl.DataFrame, names: Sequence[str] = ANSWER) -> pl.DataFrame:
    """`text_id` and these features of ANSWER or END (Float32), one row per row of `texts` (`text_id`, `text`).

    Lengths and counts are in characters, words (single characters in scripts without spaces) and occurrences; shares
    are in [0, 1]; `refusal`, `sure_opener` and `unfinished` are 0 or 1. An empty text has zeros, and is unfinished.
    """
    text = pl.col("text")
    asked = {name: feature for name, feature in {**_counts(text), **_shares(text)}.items() if name in names}
    plain = texts.lazy().select("text_id", **asked).with_row_index("row").collect()
    joined = plain.join(_word_features(texts), on="row", how="left", maintain_order="left")
    return joined.select("text_id", pl.col(*names).fill_null(0).cast(pl.Float32))


def conversation_text(prompt: pl.Expr) -> pl.Expr:
    """All turns of a prompt as one text, joined by empty lines; an empty text for a prompt without turns."""
    return prompt.list.eval(pl.element().struct.field("content")).list.join("\n\n", ignore_nulls=True)


def last_user_text(prompt: pl.Expr) -> pl.Expr:
    """The text of the last user turn, null where there is none."""
    turn = pl.element()
    users = prompt.list.eval(pl.when(turn.struct.field("role") == "user").then(turn.struct.field("content")))
    return users.list.drop_nulls().list.last()


def distinct_prompts(pairs: pl.DataFrame) -> pl.DataFrame:
    """One row per prompt: `prompt_id`, `prompt`, `conversation` (all turns), `question` (last user turn or empty)."""
    return (
        pairs.select("prompt_id", "prompt")
        .unique("prompt_id", keep="first", maintain_order=True)
        .with_columns(
            conversation=conversation_text(pl.col("prompt")),
            question=last_user_text(pl.col("prompt")).fill_null(""),
        )
    )


def both_sides(pairs: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Chosen answers above rejected ones: `columns` of the pair, then `answer_id`, `answer`, `messages`."""
    return pl.concat(
        pairs.select(*columns, answer_id=pl.col(f"{side}_id"), answer=pl.col(side), messages=pl.col(f"{side}_messages"))
        for side in ("chosen", "rejected")
    )


def _overlap(left: str, right: str) -> pl.Expr:
    return pl.col(left).list.set_intersection(pl.col(right)).list.len()


def _vocabulary(texts: pl.DataFrame, key: str, text: str) -> pl.DataFrame:
    """`key` and `vocabulary`: the distinct words of each text, as hashes."""
    words = texts.select(key, vocabulary=tokens(pl.col(text)))
    return words.with_columns(pl.col("vocabulary").list.eval(pl.element().hash()).list.unique())


def _prompt_features(answers: pl.DataFrame) -> pl.DataFrame:
    """Adds what an answer shares with its prompt to rows that hold `vocabulary` and `prompt_vocabulary`."""
    shared = _overlap("vocabulary", "prompt_vocabulary")
    of_prompt = pl.col("prompt_vocabulary").list.len()
    union = pl.col("vocabulary").list.len() + of_prompt - shared
    return answers.with_columns(prompt_jaccard=_share(shared, union), prompt_coverage=_share(shared, of_prompt))


def pair_features(pairs: pl.DataFrame) -> pl.DataFrame:
    """The surface features of each pair, one row per row of `pairs` in its order.

    Columns: `row_id`; `chosen_NAME` and `rejected_NAME` for each NAME of SURFACE; `answer_jaccard` (distinct words the
    two answers share), `question_chars` (of the last user turn), `length_ratio` (longer by shorter answer, ≥ 1; null
    where one is empty). `prompt_coverage` is the share of the prompt's distinct words that the answer holds.
    """
    slots = both_sides(pairs, "prompt_id")
    texts = slots.select(text_id="answer_id", text="answer").unique("text_id", keep="first", maintain_order=True)
    features = answer_features(texts).join(_vocabulary(texts, "text_id", "text"), on="text_id", how="left")
    prompts = distinct_prompts(pairs)
    words = _vocabulary(prompts, "prompt_id", "conversation").rename({"vocabulary": "prompt_vocabulary"})
    answers = (
        slots.select("prompt_id", "answer_id")
        .unique(maintain_order=True)
        .join(features, left_on="answer_id", right_on="text_id", how="left")
        .join(words, on="prompt_id", how="left")
    )
    return _side_by_side(pairs, _prompt_features(answers), prompts)


def _side_by_side(pairs: pl.DataFrame, answers: pl.DataFrame, prompts: pl.DataFrame) -> pl.DataFrame:
    kept = answers.select("prompt_id", "answer_id", "vocabulary", *SURFACE)
    table = pairs.select("row_id", "prompt_id", "chosen_id", "rejected_id")
    for side in ("chosen", "rejected"):
        named = kept.rename({name: f"{side}_{name}" for name in ("vocabulary", *SURFACE)})
        named = named.rename({"answer_id": f"{side}_id"})
        table = table.join(named, on=["prompt_id", f"{side}_id"], how="left", maintain_order="left")
    lengths = prompts.select("prompt_id", question_chars=pl.col("question").str.len_chars())
    table = table.join(lengths, on="prompt_id", how="left", maintain_order="left")
    shared = _overlap("chosen_vocabulary", "rejected_vocabulary")
    union = pl.col("chosen_vocabulary").list.len() + pl.col("rejected_vocabulary").list.len() - shared
    longer, shorter = (f("chosen_chars", "rejected_chars") for f in (pl.max_horizontal, pl.min_horizontal))
    return table.select(
        "row_id",
        *(f"{side}_{name}" for side in ("chosen", "rejected") for name in SURFACE),
        answer_jaccard=_share(shared, union),
        question_chars=pl.col("question_chars").cast(pl.Float32),
        length_ratio=pl.when(shorter > 0).then(longer / shorter),
    )


def surface_matrix(features: pl.DataFrame, side: str, names: Sequence[str] = SURFACE) -> Matrix:
    """The surface features of one side as models see them, shape (rows, number of names).

    Counts are log(1 + count); a feature that is not known is 0.
    """
    columns = {name: pl.col(f"{side}_{name}").cast(pl.Float64) for name in names}
    told = (column.log1p() if name in COUNTS else column for name, column in columns.items())
    values = features.select(value.fill_nan(None).fill_null(0) for value in told)
    return np.ascontiguousarray(values.to_numpy().astype(np.float32))
