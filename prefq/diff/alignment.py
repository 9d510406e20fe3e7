"""Which row of one table is which of another: every row of both, with what changed of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from prefq.diff.changes import Drift, Settings, Side
from prefq.diff.classing import classified, details, ordered
from prefq.diff.edits import NONE, find_edits
from prefq.diff.matching import equal_rows, matched, without
from prefq.diff.narrow import columns_of, completed, metadata, narrow, turned
from prefq.diff.source_columns import with_source_columns, without_drift
from prefq.diff.texts import hold, of_both, read


@dataclass(frozen=True)
class Alignment:
    """Two tables, row by row: each row of both is in `same` or in `changes`, once."""

    same: pl.DataFrame
    """`old`, `new`: the positions of rows that are unchanged."""
    changes: pl.DataFrame
    """See `Diff.changes`; without `slices`."""
    crowded: int = 0
    """Old rows whose prompt had too many candidates to look for edits among all of them."""
    measures: tuple[pl.DataFrame, pl.DataFrame] | None = None
    """What `prefq.diff.texts.read` measures, of all rows of both sides in their order; None when it was not asked."""
    drift: Drift = field(default_factory=Drift)
    """Source columns that only one side has, where they were not to count as changes."""


def align(
    old: pl.LazyFrame, new: pl.LazyFrame, settings: Settings | None = None, *, drift_counts: bool = False
) -> Alignment:
    """The rows of two tables of pairs, matched. Raises PrefqError when a table is none of pairs.

    `drift_counts`: whether a source column that only one side has is a change of every pair that has it; a merge must
    carry it over, to a reader it says nothing about any pair.
    """
    schemas = columns_of(old), columns_of(new)
    compared = metadata(*schemas)
    tables = completed(old, schemas[1]), completed(new, schemas[0])
    narrowed = narrow(tables[0], compared, ()), narrow(tables[1], compared, ())
    sides = [Side(name, table, 0, 0) for name, table in zip(("old", "new"), tables, strict=True)]
    return aligned((sides[0], sides[1]), narrowed, compared, settings or Settings(), drift_counts=drift_counts)


def aligned(
    sides: tuple[Side, Side],
    narrowed: tuple[pl.DataFrame, pl.DataFrame],
    compared: Mapping[str, pl.DataType],
    settings: Settings,
    *,
    measured: bool = False,
    drift_counts: bool = False,
) -> Alignment:
    """The same from tables that are completed, and narrowed to `at`, `key` and `content` at least."""
    same = equal_rows(*narrowed)
    rests = [without(rows, same[at]).select("at", "key") for rows, at in zip(narrowed, ("old", "new"), strict=True)]
    old, new = (
        _with_models(details(side, rest["at"], compared).join(rest, on="at", maintain_order="left"))
        for side, rest in zip(sides, rests, strict=True)
    )
    judged = matched(old, new, "models")
    loose = without(old, judged["old"]), without(new, judged["new"])
    if measured:
        texts, measures = _read_and_measured(sides, loose, rests[1]["at"], same)
    else:
        texts, measures = (hold(sides[0], loose[0]["at"]), hold(sides[1], loose[1]["at"])), None
    others, crowded = _matches(*loose, texts, settings)
    told = classified(pl.concat([NONE, judged, others], how="diagonal"), old, new, compared, settings)
    told, drift = with_source_columns(told, *sides), Drift()
    if not drift_counts:
        told, drift = without_drift(told, *sides, same.height)
    alike = told.filter(pl.col("change").is_null()).select(old="at_old", new="at_new")
    changes = told.filter(pl.col("change").is_not_null())
    return Alignment(pl.concat([same, alike]), ordered(changes), crowded, measures, drift)


def _read_and_measured(
    sides: tuple[Side, Side], loose: tuple[pl.DataFrame, pl.DataFrame], rest: pl.Series, same: pl.DataFrame
) -> tuple[tuple[Side, Side], tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows of equal content have equal texts, so those of the new side are measured on the old one alone."""
    old, whole = read(sides[0], loose[0]["at"], None)
    new, some = read(sides[1], loose[1]["at"], rest)
    return (old, new), of_both(whole, some, same)


def _matches(
    old: pl.DataFrame, new: pl.DataFrame, sides: tuple[Side, Side], settings: Settings
) -> tuple[pl.DataFrame, int]:
    """`old`, `new`, `crossed`, `similarity`, `answers` of rows that are one, and how many were too many to look at.

    They are those that no judgement of the pair by the same models meets. First what became of a judgement by an edit;
    then the same pair with other models: an answer that two models gave is judged once for each.
    """
    rivals = old.filter(pl.col("models").is_not_null()).join(new, on="key", how="semi", maintain_order="left")
    others = new.filter(pl.col("models").is_not_null()).join(rivals, on="prompt_id", how="semi", maintain_order="left")
    edited = find_edits(rivals, others, sides, settings, same_models=True).pairs
    old, new = without(old, edited["old"]), without(new, edited["new"])
    met = matched(old, new)
    edits = find_edits(without(old, met["old"]), without(new, met["new"]), sides, settings)
    return pl.concat([edited, met, edits.pairs], how="diagonal"), edits.crowded


def _with_models(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(**_models(rows))


def _models(rows: pl.DataFrame) -> dict[str, pl.Expr]:
    """The models of both answers, as `models` in the order of the answers' ids, which an edit may turn, and as
    `authors` in that of their names; null where one is not known.
    """
    if not {"chosen_model", "rejected_model"} <= set(rows.columns):
        return dict.fromkeys(("models", "authors"), pl.lit(None, pl.String))
    sides = turned()
    named = [f("chosen_model", "rejected_model") for f in (pl.min_horizontal, pl.max_horizontal)]
    models = pl.concat_str(sides["chosen_model"], sides["rejected_model"], separator="\n")
    authors = pl.when(models.is_not_null()).then(pl.concat_str(*named, separator="\n"))
    return {"models": models, "authors": authors}
