"""From two rows of one pair to the class of its change, and all that changed beside it."""

from collections.abc import Mapping

import polars as pl

from prefq.diff.changes import CLASSES, Settings, Side
from prefq.diff.narrow import SIDED, outcome

BOTH = (
    *("row_id", "pair_id", "prompt_id", "chosen_id", "rejected_id"),
    *("label", "margin", "margin_raw", "split", "status", "annotator"),
)
"""What the table of changes has of both sides."""
ROUNDING = 1e-6
"""Figures in metadata (weight, agreement) that differ by less are equal."""


def details(side: Side, positions: pl.Series, compared: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """All of these rows but their texts: `extra` is only a number that says whether two are equal."""
    own = {name: pl.col(name).cast(kind) for name, kind in compared.items() if name not in ("extra", "annotator")}
    extra = {"extra": pl.col("extra").hash()} if "extra" in compared else {}
    columns = (*BOTH, "dimension", "record", "k")
    return side.rows(positions, *columns, outcome=outcome(), **own, **extra)


def classified(
    matches: pl.DataFrame,
    old: pl.DataFrame,
    new: pl.DataFrame,
    compared: Mapping[str, pl.DataType],
    settings: Settings,
) -> pl.DataFrame:
    """One row per match, and per row without one: `change`, `facts`, `columns`, and both sides' values.

    `matches`: `old`, `new` (positions), `crossed`, `similarity`, `answers`; the last three null where no text differs.
    """
    lefts = old.rename({name: f"{name}_old" for name in old.columns})
    rights = new.rename({name: f"{name}_new" for name in new.columns})
    both = matches.join(lefts, left_on="old", right_on="at_old", maintain_order="left").join(
        rights, left_on="new", right_on="at_new", maintain_order="left"
    )
    alone = [
        lefts.join(matches, left_on="at_old", right_on="old", how="anti").rename({"at_old": "old"}),
        rights.join(matches, left_on="at_new", right_on="new", how="anti").rename({"at_new": "new"}),
    ]
    rows = pl.concat([both, *alone], how="diagonal").with_columns(turned=_turned())
    told = rows.with_columns(columns=_metadata_that_differs(compared)).with_columns(facts=_facts(settings))
    return told.with_columns(change=pl.col("facts").list.first()).rename({"old": "at_old", "new": "at_new"})


def _turned() -> pl.Expr:
    """Whether the answer in the place of the chosen one now stood in that of the rejected one."""
    same = pl.col("pair_id_old") == pl.col("pair_id_new")
    other = (pl.col("chosen_id_old") == pl.col("rejected_id_new")) & (
        pl.col("chosen_id_old") != pl.col("chosen_id_new")
    )
    return pl.when(same).then(other).otherwise(pl.col("crossed"))


def _facts(settings: Settings) -> pl.Expr:
    was, now = (pl.col(f"label_{side}") == "chosen" for side in ("old", "new"))
    there = pl.col("old").is_not_null() & pl.col("new").is_not_null()
    holds = {
        "added": pl.col("old").is_null(),
        "removed": pl.col("new").is_null(),
        "flipped": was & now & pl.col("turned"),
        "tie_to_label": ~was & now,
        "label_to_tie": was & ~now,
        "edited": pl.col("crossed").is_not_null() & _answers_differ(),
        "prompt_edited": pl.col("prompt_id_old") != pl.col("prompt_id_new"),
        "margin_changed": _margin_differs(settings.margin),
        "moved_split": pl.col("split_old").ne_missing(pl.col("split_new")),
        "status_changed": pl.col("status_old").ne_missing(pl.col("status_new")),
        "metadata_changed": pl.col("columns").list.len() > 0,
    }
    named = [
        pl.when(claim if name in ("added", "removed") else there & claim).then(pl.lit(name))
        for name, claim in holds.items()
    ]
    return pl.concat_list(named).list.drop_nulls()


def _answers_differ() -> pl.Expr:
    old, new = (
        [f(f"chosen_id_{side}", f"rejected_id_{side}") for f in (pl.min_horizontal, pl.max_horizontal)]
        for side in ("old", "new")
    )
    return (old[0] != new[0]) | (old[1] != new[1])


def _margin_differs(tolerance: float) -> pl.Expr:
    """By the margin; by the source's own scale where neither side has one. Undecided pairs have none to compare."""
    old, new = pl.col("margin_old").cast(pl.Float64), pl.col("margin_new").cast(pl.Float64)
    raw = _differs("margin_raw", tolerance)
    neither = old.is_null() & new.is_null()
    return pl.when(neither).then(raw).otherwise(_differs("margin", tolerance))


def _differs(name: str, tolerance: float) -> pl.Expr:
    old, new = pl.col(f"{name}_old").cast(pl.Float64), pl.col(f"{name}_new").cast(pl.Float64)
    one = old.is_null() != new.is_null()
    far = ((old - new).abs() > tolerance + ROUNDING * old.abs()) | (old.is_nan() != new.is_nan())
    return one | (far & ~(old.is_nan() & new.is_nan())).fill_null(False)


def _metadata_that_differs(compared: Mapping[str, pl.DataType]) -> pl.Expr:
    there = pl.col("old").is_not_null() & pl.col("new").is_not_null()
    claims = {name: _column_differs(name, kind) for name, kind in compared.items()}
    claims["label"] = _undecided_otherwise()
    named = [pl.when(there & claim).then(pl.lit(name)) for name, claim in claims.items()]
    return pl.concat_list(named).list.drop_nulls()


def _undecided_otherwise() -> pl.Expr:
    """A tie that is now "both bad", or the other way round."""
    was, now = pl.col("label_old"), pl.col("label_new")
    return (was != "chosen") & (now != "chosen") & (was != now)


def _column_differs(name: str, kind: pl.DataType) -> pl.Expr:
    new = pl.col(f"{name}_new")
    if name in SIDED:
        other = {"chosen_model": "rejected_model", "rejected_model": "chosen_model"}.get(name)
        turned = pl.col(f"{other}_new") if other else 3 - new
        new = pl.when(_sides_turned()).then(turned).otherwise(new)
    if kind.is_float():
        return _differs(name, ROUNDING)
    return pl.col(f"{name}_old").ne_missing(new)


def _sides_turned() -> pl.Expr:
    """Turned, or written the other way round without meaning it (ties)."""
    return pl.col("turned").fill_null(False)


def ordered(changes: pl.DataFrame) -> pl.DataFrame:
    """The table of changes: by class in their order, then by ids; only the columns that are its contract."""
    place = pl.col("change").replace_strict(list(CLASSES), range(len(CLASSES)), return_dtype=pl.UInt8)
    both = [f"{name}_{side}" for name in BOTH for side in ("old", "new")]
    return changes.sort(place, "pair_id_old", "pair_id_new", "row_id_old", "row_id_new", "at_old", "at_new").select(
        *("change", "facts", "columns", "similarity"),
        pl.coalesce("dimension_old", "dimension_new").alias("dimension"),
        "turned",
        *(pl.col(name) for name in (*both, "at_old", "at_new")),
    )
