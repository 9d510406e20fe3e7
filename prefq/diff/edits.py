"""Pairs that are gone here and new there, but are one pair whose texts were edited.

Candidates share something exact (the prompt's words or how it begins or ends, an answer, the place in the source);
rapidfuzz says how similar the rest is; the most similar are matched first, one to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from prefq.diff.changes import Settings, Side
from prefq.diff.likeness import similarities
from prefq.diff.texts import AT_ONCE

MOST = 2_500
"""Combinations of one key that are looked at; where a prompt has more, only closer keys find its edited pairs."""
END = 16
"""Letters and digits at the beginning and at the end of a text that tell it from others."""
OTHER_MODEL = 0.9
"""From this similarity on an answer is an edited one though another model is named; below, it is that model's own."""
NONE = pl.DataFrame(
    schema={"old": pl.UInt32, "new": pl.UInt32, "crossed": pl.Boolean, "similarity": pl.Float32, "answers": pl.Float32}
)


@dataclass(frozen=True)
class Edits:
    """The pairs found, and how many old pairs were not found among candidates that were too many to look at all."""

    pairs: pl.DataFrame
    """`old`, `new` (positions), `crossed` (the chosen answer became the rejected one), `similarity` (of prompt and
    answers), `answers` (the lower similarity of the two answers)."""
    crowded: int = 0


def find_edits(
    old: pl.DataFrame, new: pl.DataFrame, sides: tuple[Side, Side], settings: Settings, *, same_models: bool = False
) -> Edits:
    """The edited pairs among those that only one side has.

    `old`, `new`: `at`, `pair_id`, `prompt_id`, `chosen_id`, `rejected_id`, `dimension`, `record`, `k`, `row_id`,
    `authors` (both models, in order of their names). `sides`: as `prefq.diff.texts.told` has them. With `same_models`
    only other pairs of the same two models are looked at.
    """
    if old.is_empty() or new.is_empty():
        return Edits(NONE)
    old, new = old.join(_forms(old, sides[0]), on="at"), new.join(_forms(new, sides[1]), on="at")
    candidates, crowded = _candidates(old, new, sides)
    if same_models:
        candidates = _of_same_models(candidates, old, new)
    if candidates.is_empty():
        return Edits(NONE, len(crowded))
    found = _one_to_one(_scored(candidates, old, new, sides, settings))
    return Edits(found, len(crowded.filter(~crowded.is_in(found["old"].implode()))))


def _forms(frame: pl.DataFrame, side: Side) -> pl.DataFrame:
    """`at`, `form` (a number for the prompt's letters and digits without case), `first`, `last` (of how it begins and
    ends), `by_chosen`, `by_rejected` (models).
    """
    models = {"by_chosen": pl.col("chosen_model"), "by_rejected": pl.col("rejected_model")}
    prompt = pl.col("conversation")
    return side.rows(frame["at"], form=_letters(prompt).hash(), first=_first(prompt), last=_last(prompt), **models)


def _candidates(old: pl.DataFrame, new: pl.DataFrame, sides: tuple[Side, Side]) -> tuple[pl.DataFrame, pl.Series]:
    """`old`, `new` of all rows that may be one, and the old rows whose prompt has too many to look at all."""
    low, high = (f("chosen_id", "rejected_id") for f in (pl.min_horizontal, pl.max_horizontal))
    keys = {"prompt": [pl.col("form")], "answers": [low, high], "place": [pl.col("record"), pl.col("k")]}
    keys |= {name: [pl.col(name)] for name in ("first", "last")}
    keyed = {name: (_keyed(old, parts), _keyed(new, parts)) for name, parts in keys.items()}
    crowd = _crowd(*keyed["prompt"])
    ends = [
        _by_ends(frame.join(crowd, on=crowd.columns, how="semi"), side)
        for frame, side in zip(keyed["prompt"], sides, strict=True)
    ]
    sharing = [*keyed.values(), (_by_answer(old), _by_answer(new)), (ends[0], ends[1])]
    many = keyed["prompt"][0].join(crowd, on=crowd.columns, how="semi")
    return pl.concat(_sharing(*both) for both in sharing).unique(maintain_order=True), many["at"]


def _of_same_models(candidates: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    both = candidates.join(old.select("at", "authors", "pair_id"), left_on="old", right_on="at").join(
        new.select("at", "authors", "pair_id"), left_on="new", right_on="at", suffix="_new"
    )
    return both.filter(pl.col("authors") == pl.col("authors_new"), pl.col("pair_id") != pl.col("pair_id_new")).select(
        "old", "new"
    )


def _keyed(frame: pl.DataFrame, parts: Sequence[pl.Expr]) -> pl.DataFrame:
    keyed = frame.select("at", "dimension", *(part.alias(f"part{i}") for i, part in enumerate(parts)))
    return keyed.drop_nulls()


def _by_answer(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        frame.select("at", "dimension", part0=pl.col(f"{side}_id")) for side in ("chosen", "rejected")
    ).unique(maintain_order=True)


def _by_ends(frame: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The rows of crowded prompts by how each of their answers begins, and by how it ends, in letters and digits."""
    answers = ("chosen", "rejected")
    ends = {f"{n}{i}": end(pl.col(n)) for n in answers for i, end in enumerate((_first, _last))}
    found = frame.hstack(side.rows(frame["at"], **ends).drop("at"))
    parts = [found.select(*frame.columns, end=pl.col(name)) for name in ends]
    return pl.concat(parts).drop_nulls().unique(maintain_order=True)


def _first(text: pl.Expr) -> pl.Expr:
    return _letters(text.str.head(4 * END)).str.head(END).hash()


def _last(text: pl.Expr) -> pl.Expr:
    return _letters(text.str.tail(4 * END)).str.tail(END).hash()


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "")


def _crowd(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The keys that too many rows have to look at every combination."""
    on = [name for name in old.columns if name != "at"]
    sizes = old.group_by(on).len("olds").join(new.group_by(on).len("news"), on=on)
    return sizes.filter(pl.col("olds").cast(pl.UInt64) * pl.col("news") > MOST).select(on)


def _sharing(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """`old`, `new` of all rows with equal keys, but for keys with too many."""
    crowd = _crowd(old, new)
    return old.join(crowd, on=crowd.columns, how="anti").join(new, on=crowd.columns).select(old="at", new="at_right")


def _scored(
    candidates: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame, sides: tuple[Side, Side], settings: Settings
) -> pl.DataFrame:
    """The candidates that are similar enough in everything, both ways round where both are."""
    ids = ["at", "prompt_id", "chosen_id", "rejected_id", "pair_id", "row_id", "by_chosen", "by_rejected"]
    table = candidates.join(old.select(ids), left_on="old", right_on="at").join(
        new.select(ids), left_on="new", right_on="at", suffix="_new"
    )
    table = _with_similarity(table, "prompt_id", "prompt_id_new", "prompt_like", sides, settings.prompt)
    ways = []
    for crossed in (False, True):
        one, other = ("rejected_id_new", "chosen_id_new") if crossed else ("chosen_id_new", "rejected_id_new")
        way = _with_similarity(table, "chosen_id", one, "first", sides, settings.answer)
        way = _with_similarity(way, "rejected_id", other, "second", sides, settings.answer)
        way = way.filter(_same_author("by_chosen", one, "first") & _same_author("by_rejected", other, "second"))
        ways.append(way.with_columns(crossed=pl.lit(crossed)))
    likes = [pl.col(name) for name in ("prompt_like", "first", "second")]
    return pl.concat(ways, how="diagonal").with_columns(
        similarity=pl.mean_horizontal(*likes).cast(pl.Float32), answers=pl.min_horizontal(*likes[1:]).cast(pl.Float32)
    )


def _same_author(old: str, answer: str, like: str) -> pl.Expr:
    """Whether an answer may be the old one, edited, for all that is known of the models that wrote them."""
    new = f"by_{answer.removesuffix('_id_new')}_new"
    return (pl.col(like) >= OTHER_MODEL) | (pl.col(old) == pl.col(new)).fill_null(True)


def _with_similarity(
    table: pl.DataFrame, left: str, right: str, name: str, sides: tuple[Side, Side], least: float
) -> pl.DataFrame:
    """The rows whose two texts are similar enough, with their similarity; each two texts are compared once."""
    differ = table.filter(pl.col(left) != pl.col(right))
    distinct = differ.unique([left, right], keep="first", maintain_order=True)
    like: list[float] = []
    for some in distinct.iter_slices(AT_ONCE):
        texts = _texts(sides[0], some["old"], left), _texts(sides[1], some["new"], right)
        like += similarities(*texts, least)
    known = distinct.select(left, right).with_columns(pl.Series(name, like, pl.Float32)).filter(pl.col(name) > 0)
    same = table.filter(pl.col(left) == pl.col(right)).with_columns(pl.lit(1, pl.Float32).alias(name))
    return pl.concat([same, differ.join(known, on=[left, right], maintain_order="left")])


def _texts(side: Side, positions: pl.Series, column: str) -> list[str]:
    part = column.removesuffix("_new").removesuffix("_id")
    text = pl.col("conversation" if part == "prompt" else part)
    return side.rows(positions, text=text.fill_null(""))["text"].to_list()


def _one_to_one(scored: pl.DataFrame) -> pl.DataFrame:
    """The best matches, each row used once; equals in the order of their ids, whatever the order of rows."""
    order = ["crossed", "pair_id", "pair_id_new", "row_id", "row_id_new", "old", "new"]
    best = scored.sort(["similarity", *order], descending=[True, *(False for _ in order)], nulls_last=True)
    olds, news, kept = set(), set(), []
    for place, (a, b) in enumerate(best.select("old", "new").iter_rows()):
        if a not in olds and b not in news:
            olds.add(a)
            news.add(b)
            kept.append(place)
    return best[kept].select(NONE.columns)
