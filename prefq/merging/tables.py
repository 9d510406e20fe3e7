"""Three-way merge of tables of pairs: every pair has a fate on each side, and the two fates are put together.

Who alone changed, added or dropped a pair has it their way. Where both did something to a pair it is merged field by
field; a conflict is left where both decided the same thing differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from prefq.diff.alignment import Alignment, align
from prefq.diff.changes import CLASSES, Settings, Side
from prefq.diff.narrow import columns_of
from prefq.merging.conflicts import Conflict, Favor
from prefq.merging.fates import fates, placed, settled
from prefq.merging.fields import VERSIONS, conflict, merged_rows, turned_round

KEY = ("pair_id", "dimension")
PLACE = ("late", "place")
Three = tuple[Side, Side, Side]


@dataclass(frozen=True)
class MergedTable:
    """The merged pairs and what was brought together."""

    pairs: pl.DataFrame
    """In OURS' order, what THEIRS added at the end; with OURS' columns, and those that THEIRS added."""
    conflicts: tuple[Conflict, ...]
    ours: Mapping[str, int]
    """What OURS changed, pairs by class of change (`prefq.diff.CLASSES`)."""
    theirs: Mapping[str, int]
    both: int
    """Pairs that both sides changed, added or dropped."""
    settled: int
    """Pairs whose margins or other columns both changed differently: OURS, or the favored side, stands."""


def merge_tables(
    base: pl.LazyFrame,
    ours: pl.LazyFrame,
    theirs: pl.LazyFrame,
    favor: Favor | None = None,
    settings: Settings | None = None,
) -> MergedTable:
    """The three-way merge. In a conflict OURS stands, or the side that `favor` names (and no conflict is told).

    Raises PrefqError when a table is none of pairs.
    """
    left, right = (align(base, side, settings, drift_counts=True) for side in (ours, theirs))
    columns, new = _columns(base, ours, theirs)
    named = [_side(name, frame, columns) for name, frame in zip(VERSIONS, (base, ours, theirs), strict=True)]
    sides = (named[0], named[1], named[2])
    every = placed(settled(fates(left, right, ours, theirs), favor), theirs)
    met = every.filter(pl.col("take") == "merge")
    frames = [_rows(side, met[side.name]) for side in sides]
    merged = merged_rows(frames, (met["turned_ours"], met["turned_theirs"]), favor)
    rows = _assembled(sides, every, merged.rows.hstack(met.select(*PLACE)), new)
    unique = all(_unique(frame) for frame in (base, ours, theirs))
    pairs, doubled = _once(rows, favor) if unique else (rows, [])
    told = [] if favor else [*_about_drops(every.filter("against"), sides), *merged.conflicts, *doubled]
    changed = [pl.col(f"facts_{side}").list.len() > 0 for side in ("ours", "theirs")]
    return MergedTable(
        pairs.sort(*PLACE).drop(*PLACE, "taken"),
        tuple(sorted(told, key=lambda c: (c.pair_id, c.dimension))),
        _counts(left),
        _counts(right),
        every.filter(*changed).height,
        merged.settled,
    )


def _columns(base: pl.LazyFrame, ours: pl.LazyFrame, theirs: pl.LazyFrame) -> tuple[dict[str, pl.DataType], list[str]]:
    """The columns of the result: those that no side dropped, and those that a side added; and what THEIRS added."""
    was, now, other = (columns_of(frame) for frame in (base, ours, theirs))
    kept = {name: kind for name, kind in now.items() if name in other or name not in was}
    new = {name: kind for name, kind in other.items() if name not in now and name not in was}
    return kept | new, list(new)


def _side(name: str, frame: pl.LazyFrame, columns: Mapping[str, pl.DataType]) -> Side:
    held = frame.collect_schema()
    told = [
        pl.col(c).cast(kind, strict=False) if c in held else pl.lit(None, kind).alias(c) for c, kind in columns.items()
    ]
    return Side(name, frame.select(told), 0, 0)


def _rows(side: Side, positions: pl.Series) -> pl.DataFrame:
    return side.rows(positions, *side.frame.collect_schema().names()).drop("at")


def _assembled(sides: Three, every: pl.DataFrame, merged: pl.DataFrame, new: list[str]) -> pl.DataFrame:
    """All rows of the result with their places and `taken`, the side that each is from."""
    found = []
    for side in sides[1:]:
        wanted = every.filter(pl.col("take") == side.name).select(*PLACE, at=side.name, beside="theirs")
        rows = side.frame.with_row_index("at").join(wanted.lazy(), on="at").drop("at").collect(engine="streaming")
        if new and side.name == "ours":
            rows = rows.drop(new).hstack(sides[2].rows(rows["beside"], *new).drop("at"))
        found.append(rows.drop("beside").with_columns(taken=pl.lit(side.name)))
    return pl.concat([*found, merged.with_columns(taken=pl.lit("both"))], how="diagonal_relaxed")


def _about_drops(rows: pl.DataFrame, sides: Three) -> list[Conflict]:
    """The conflicts about pairs that one side dropped and the other decided on."""
    upright = pl.repeat(False, rows.height, eager=True)
    turned = (upright, rows["turned_ours"], rows["turned_theirs"])
    held = [turned_round(_rows(side, rows[side.name]), way) for side, way in zip(sides, turned, strict=True)]
    return [conflict(row, ("decision",)) for row in _beside(held).iter_rows(named=True)]


def _beside(versions: list[pl.DataFrame]) -> pl.DataFrame:
    named = [
        frame.rename({column: f"{column}_{name}" for column in frame.columns})
        for frame, name in zip(versions, VERSIONS, strict=True)
    ]
    return pl.concat(named, how="horizontal")


def _unique(frame: pl.LazyFrame) -> bool:
    """Whether each pair is there once, as in curated tables."""
    keys = [name for name in KEY if name in frame.collect_schema()]
    found = frame.select(rows=pl.len(), pairs=pl.struct(keys).n_unique()).collect(engine="streaming")
    return bool(found["rows"][0] == found["pairs"][0])


def _once(rows: pl.DataFrame, favor: Favor | None) -> tuple[pl.DataFrame, list[Conflict]]:
    """Each pair once: an edit on one side may have made a pair that the other side has too. OURS stays.

    Comes back with the conflicts of those that the two sides decide differently.
    """
    keys = [name for name in KEY if name in rows.columns]
    first = {"ours": 0, "both": 1, "theirs": 2} if favor != "theirs" else {"theirs": 0, "both": 1, "ours": 2}
    ranked = rows.with_columns(rank=pl.col("taken").replace_strict(first, return_dtype=pl.UInt8))
    several = ranked.filter(pl.len().over(keys) > 1).sort(*keys, "rank", *PLACE)
    if several.is_empty():
        return rows, []
    stay, second = (several.filter(pl.int_range(pl.len()).over(keys) == nth) for nth in (0, 1))
    others = several.join(stay.select(PLACE), on=list(PLACE), how="anti")
    kept = ranked.join(others.select(PLACE), on=list(PLACE), how="anti", maintain_order="left").drop("rank")
    return kept, _of_equals(stay, second)


def _of_equals(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[Conflict]:
    """Conflicts of rows of one pair, one from each side, that are decided differently."""
    upright, turned = pl.repeat(False, ours.height, eager=True), ours["chosen_id"] != theirs["chosen_id"]
    none = ours.clear().clear(ours.height)
    wide = _beside([turned_round(none, upright), turned_round(ours, upright), turned_round(theirs, turned)])
    keys = {"label": "verdict", "split": "split", "status": "status"}
    known = [(name, key) for name, key in keys.items() if f"{key}_ours" in wide.columns]
    claims = [pl.when(pl.col(f"{k}_ours").ne_missing(pl.col(f"{k}_theirs"))).then(pl.lit(n)) for n, k in known]
    told = wide.with_columns(about=pl.concat_list(claims).list.drop_nulls()).filter(pl.col("about").list.len() > 0)
    return [conflict(row, row["about"]) for row in told.iter_rows(named=True)]


def _counts(alignment: Alignment) -> dict[str, int]:
    found = dict(alignment.changes["change"].value_counts().iter_rows())
    return {name: int(found[name]) for name in CLASSES if name in found}
