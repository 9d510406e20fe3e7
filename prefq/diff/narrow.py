"""The little that is read of every row: what identifies a judgement, what it says, and which slices it is in."""

from functools import reduce

import polars as pl

from prefq.diff.changes import Drift
from prefq.errors import PrefqError
from prefq.schema import CURATED

IDS = ("pair_id", "prompt_id", "chosen_id", "rejected_id", "prompt", "chosen", "rejected")
"""What a table must have to be compared."""
RENAMES = ("row_id", "dataset", "record", "k")
"""What names a row: a difference in these alone is no change."""
TEXTS = ("prompt", "prompt_extra", "chosen", "rejected", "chosen_messages", "rejected_messages")
"""What the ids are made of: nothing here differs unless they do."""
SAID = ("label", "dimension", "margin", "margin_raw", "split", "status")
"""What has a class of its own."""
SIDED = ("chosen_model", "rejected_model", "chosen_position")
"""What turns round with the answers."""
BANDS = (100, 300, 1000, 3000, 10_000)
"""Ends of the length bands, in characters of the longer answer."""
SLICES = (
    *("dataset", "subset", "category", "language", "turns", "length", "split", "status", "annotator", "models"),
    "dimension",
)


def columns_of(frame: pl.LazyFrame) -> pl.Schema:
    """The columns of a table; a PrefqError when it cannot be one of pairs."""
    found = frame.collect_schema()
    missing = [name for name in IDS if name not in found]
    others = [name for name in IDS if name in found and not _fits(name, found[name])]
    if missing or others:
        what = f"without {', '.join(missing)}" if missing else f"with another type of {', '.join(others)}"
        raise PrefqError(
            f"A table {what} is no table of pairs: give one that prefq wrote, or convert the "
            "data with `prefq convert … --to prefq` first."
        )
    return found


def _fits(name: str, kind: pl.DataType) -> bool:
    """Whether a column can be what IDS has under its name."""
    if name != "prompt":
        return kind in (pl.String, pl.Categorical, pl.Enum, pl.Null)
    return isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct | pl.Null)


def drift(old: pl.Schema, new: pl.Schema) -> Drift:
    """Which columns only one side has, and which have types that cannot be compared."""
    retyped = [name for name in old if name in new and _common(old[name], new[name]) is None]
    return Drift(
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(name for name in retyped if name not in TEXTS),
    )


def _common(left: pl.DataType, right: pl.DataType) -> pl.DataType | None:
    if left.is_nested() or right.is_nested():
        return None
    try:
        both = pl.concat(
            [pl.Series("x", [], left).to_frame(), pl.Series("x", [], right).to_frame()], how="vertical_relaxed"
        )
    except pl.exceptions.PolarsError:
        return None
    return both.schema["x"]


def metadata(old: pl.Schema, new: pl.Schema) -> dict[str, pl.DataType]:
    """The other columns that both sides have, with the type to compare them in."""
    kept = [name for name in old if name in new and name not in (*RENAMES, *TEXTS, *SAID, *IDS)]
    if not {"chosen_model", "rejected_model"} <= set(kept):  # they turn round with the answers: both or none
        kept = [name for name in kept if name not in SIDED[:2]]
    types = {name: _common(old[name], new[name]) for name in kept}
    return {name: kind for name, kind in types.items() if kind is not None}


def completed(frame: pl.LazyFrame, other: pl.Schema) -> pl.LazyFrame:
    """The table with every column that the comparison speaks of; null where it, or the `other` side, has none.

    A column that one side lacks says nothing about any pair. Labels and dimensions have their defaults.
    """
    found = frame.collect_schema()
    usual = {"label": "chosen", "dimension": "preference"}
    given = [
        pl.col(name).cast(CURATED[name], strict=False).fill_null(value) if name in found else pl.lit(value).alias(name)
        for name, value in usual.items()
    ]
    says = [name for name in ("margin", "margin_raw", "split", "status") if name not in found or name not in other]
    empty = [name for name in CURATED if name not in found and name not in usual]
    blank = [pl.lit(None, CURATED[name]).alias(name) for name in dict.fromkeys([*says, *empty])]
    floats = [pl.col(c).cast(CURATED[c], strict=False) for c in ("margin", "margin_raw") if c not in says]
    return frame.with_columns(*given, *blank, *floats)


def chosen_first() -> pl.Expr:
    """Whether the chosen answer is the one with the lower id."""
    return pl.col("chosen_id") <= pl.col("rejected_id")


def outcome() -> pl.Expr:
    """What a judgement says, whichever way round its row is: 1 or 2 (the answer with the lower, higher id), 0 or -1."""
    decided = pl.when(chosen_first()).then(1).otherwise(2)
    said = pl.when(pl.col("label") == "chosen").then(decided).when(pl.col("label") == "tie").then(0).otherwise(-1)
    return said.cast(pl.Int8)


def turned() -> dict[str, pl.Expr]:
    """The columns that turn round with the answers, by the order of the answers' ids instead."""
    models = pl.col("chosen_model"), pl.col("rejected_model")
    return {
        "chosen_model": pl.when(chosen_first()).then(models[0]).otherwise(models[1]),
        "rejected_model": pl.when(chosen_first()).then(models[1]).otherwise(models[0]),
        "chosen_position": pl.when(chosen_first()).then("chosen_position").otherwise(3 - pl.col("chosen_position")),
    }


def content(compared: dict[str, pl.DataType]) -> pl.Expr:
    """One number for all that a judgement says beside its pair. It is only good within one process."""
    sides = turned()
    parts = [sides[name] if name in sides else pl.col(name).cast(kind) for name, kind in compared.items()]
    every = [outcome(), *(pl.col(c) for c in ("margin", "margin_raw", "split", "status")), *parts]
    return reduce(lambda a, b: a + b, (part.hash(seed) for seed, part in enumerate(every, 3)))


def slice_values() -> dict[str, pl.Expr]:
    """The name of each row's slice, by every way to slice that needs no text; null where the row says nothing."""
    low, high = (f("chosen_model", "rejected_model") for f in (pl.min_horizontal, pl.max_horizontal))
    both = pl.col("chosen_model").is_not_null() & pl.col("rejected_model").is_not_null()
    own = {name: pl.col(name).cast(pl.String) for name in SLICES if name in CURATED}
    return own | {"models": pl.when(both).then(pl.concat_str(low, pl.lit(" / "), high))}


def measured_slices() -> dict[str, pl.Expr]:
    """The same of `turns` and `length`, from the columns that `prefq.diff.texts.read` measures."""
    turns = pl.col("turns")
    return {
        "turns": pl.when(turns < 10).then(turns.cast(pl.String)).otherwise(pl.lit("10 and more")),
        "length": _band(pl.col("length")),
    }


def _band(chars: pl.Expr) -> pl.Expr:
    named = [f"{a}–{b - 1}" for a, b in zip((0, *BANDS[:-1]), BANDS, strict=True)]
    over = [pl.when(chars < end).then(pl.lit(text)) for end, text in zip(BANDS, named, strict=True)]
    return pl.when(chars.is_not_null()).then(pl.coalesce(*over, pl.lit(f"{BANDS[-1]} and more")))


def narrow(frame: pl.LazyFrame, compared: dict[str, pl.DataType], by: tuple[str, ...] = SLICES) -> pl.DataFrame:
    """`at` (position), `key`, `content`, `outcome`, and the slices of every row, as `by_NAME`; no text is read."""
    key = pl.col("pair_id").hash(1) + pl.col("dimension").hash(2)
    slices = {f"by_{name}": value.cast(pl.Categorical) for name, value in slice_values().items() if name in by}
    made = frame.select(key=key, content=content(compared), outcome=outcome(), **slices).collect(engine="streaming")
    return made.with_row_index("at")
