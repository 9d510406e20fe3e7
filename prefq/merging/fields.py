"""Pairs that both sides changed, merged field by field: what one side alone decided is taken from that side.

All three versions of a pair are first turned the same way round, so that a flip on one side and an edited answer on
the other meet. The answer in the chosen place of BASE is its first one here, the other the second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq import ids
from prefq.curation import SWAPPED
from prefq.merging.conflicts import Conflict, Favor

FOLLOWS = {
    "chosen_id": ("first", "chosen", "chosen_messages"),
    "rejected_id": ("second", "rejected", "rejected_messages"),
    "prompt_id": ("prompt", "prompt", "prompt_extra"),
}
"""By the id that decides: the name of that part, and the columns that go with it."""
STRENGTH = ("margin", "margin_raw")
"""How strongly the label holds: it goes with the label."""
PLAIN = ("split", "status")
"""Columns that are decisions in themselves."""
MADE = ("pair_id", "label")
NAMES = ("row_id", "dataset", "record", "k")
"""What only names a row."""
VERSIONS = ("base", "ours", "theirs")


@dataclass(frozen=True)
class Met:
    """Pairs that both sides changed, merged."""

    rows: pl.DataFrame
    """One row each, in the order given, with the columns given."""
    conflicts: tuple[Conflict, ...]
    settled: int
    """Pairs whose margins or other columns both sides changed differently: OURS, or the favored side, stands."""


def turned_round(frame: pl.DataFrame, turned: pl.Series) -> pl.DataFrame:
    """The rows, the two answers exchanged where `turned`; `verdict` is which is preferred then, or the label."""
    away = turned.fill_null(False)
    pairs = [pair for pair in SWAPPED if set(pair) <= set(frame.columns)]
    exchanged = [
        pl.when(away).then(pl.col(other)).otherwise(pl.col(name)).alias(name)
        for pair in pairs
        for name, other in (pair, pair[::-1])
    ]
    shown = pl.when(away).then(3 - pl.col("chosen_position")).otherwise("chosen_position").alias("chosen_position")
    there = [shown] if "chosen_position" in frame.columns else []
    label = pl.col("label") if "label" in frame.columns else pl.lit("chosen")
    decided = pl.when(away).then(pl.lit("second")).otherwise(pl.lit("first"))
    verdict = pl.when(label == "chosen").then(decided).otherwise(label)
    known = pl.col("pair_id").is_not_null()
    return frame.with_columns(*exchanged, *there, verdict=pl.when(known).then(verdict))


def merged_rows(
    versions: Sequence[pl.DataFrame], turned: tuple[pl.Series, pl.Series], favor: Favor | None = None
) -> Met:
    """The merged rows of three frames with equal columns, row by row; all null in BASE where the pair is new.

    `turned`: where OURS, and THEIRS, have the answers the other way round than BASE (than OURS, without BASE).
    """
    base, ours, theirs = versions
    columns = base.columns
    upright = turned_round(base, pl.repeat(False, base.height, eager=True))
    three = [upright, turned_round(ours, turned[0]), turned_round(theirs, turned[1])]
    wide = pl.concat(
        [frame.rename({c: f"{c}_{name}" for c in frame.columns}) for frame, name in zip(three, VERSIONS, strict=True)],
        how="horizontal",
    )
    keys = _keys(columns)
    took = wide.with_columns(**{f"took:{name}": _took(key, favor) for name, key in keys.items()})
    about = {name: _conflicting(key) for name, key in keys.items()}
    differing = pl.concat_list(pl.when(claim).then(pl.lit(name)) for name, claim in about.items()).list.drop_nulls()
    others = [name for name in columns if _own(name, columns)]
    strong = [_conflicting(name) & ~_differs("verdict", "ours", "theirs") for name in STRENGTH if name in columns]
    settled = pl.any_horizontal(pl.lit(False), *strong, *(_conflicting(name) for name in others if name not in NAMES))
    took = took.with_columns(about=differing, settled=settled)
    rows = _told(took, columns, favor)
    told = () if favor else tuple(_conflicts(took.filter(pl.col("about").list.len() > 0)))
    return Met(rows, told, int(took["settled"].sum()))


def _keys(columns: Sequence[str]) -> dict[str, str]:
    """The parts that are decided on, and the column that says what was decided."""
    parts = {told[0]: key for key, told in FOLLOWS.items()}
    return {"label": "verdict", **parts, **{name: name for name in PLAIN if name in columns}}


def _own(name: str, columns: Sequence[str]) -> bool:
    """Whether a column is merged by itself: no decision, nor what goes with one."""
    follows = set(FOLLOWS) | {c for _, *rest in FOLLOWS.values() for c in rest}
    return name in columns and name not in (*follows, *PLAIN, *MADE, *STRENGTH)


def _differs(name: str, one: str, other: str) -> pl.Expr:
    return pl.col(f"{name}_{one}").ne_missing(pl.col(f"{name}_{other}"))


def _conflicting(name: str) -> pl.Expr:
    pairs = (("ours", "base"), ("theirs", "base"), ("ours", "theirs"))
    return pl.all_horizontal(_differs(name, *pair) for pair in pairs)


def _took(name: str, favor: Favor | None) -> pl.Expr:
    """Whether a part is taken from THEIRS: it alone changed it, or it is favored where both did."""
    alone = ~_differs(name, "ours", "base") & _differs(name, "theirs", "base")
    return alone | _conflicting(name) if favor == "theirs" else alone


def _told(wide: pl.DataFrame, columns: Sequence[str], favor: Favor | None) -> pl.DataFrame:
    """The merged columns, turned back so that the preferred answer is the chosen one."""
    of = {c: part for part, *rest in FOLLOWS.values() for c in rest} | {k: v[0] for k, v in FOLLOWS.items()}
    of |= {name: name for name in PLAIN}
    picked = {name: _picked(name, f"took:{of[name]}" if name in of else None, favor) for name in columns}
    strong = {name: _strength(name, favor) for name in STRENGTH if name in columns}
    verdict = _picked("verdict", "took:label", favor)
    merged = wide.select(**picked | strong, verdict=verdict)
    undecided = ~pl.col("verdict").is_in(["first", "second"])
    backward = merged.select(pl.col("verdict") == "second").to_series()
    if "label" in columns:
        label = pl.when(undecided).then("verdict").otherwise(pl.lit("chosen"))
        merged = merged.with_columns(label=label)
    upright = turned_round(merged, backward)
    answers = (pl.col(name) for name in ("prompt_id", "chosen_id", "rejected_id"))
    return upright.with_columns(pair_id=ids.pair_id(*answers)).select(columns)


def _picked(name: str, by: str | None, favor: Favor | None) -> pl.Expr:
    theirs = pl.col(by) if by else _took(name, favor)
    return pl.when(theirs).then(pl.col(f"{name}_theirs")).otherwise(pl.col(f"{name}_ours"))


def _strength(name: str, favor: Favor | None) -> pl.Expr:
    """The margin of the side that the label is from, where only one changed the label."""
    same = ~_differs("verdict", "ours", "theirs")
    theirs = pl.when(same).then(_took(name, favor)).otherwise(pl.col("took:label"))
    return pl.when(theirs).then(pl.col(f"{name}_theirs")).otherwise(pl.col(f"{name}_ours"))


def _conflicts(wide: pl.DataFrame) -> Iterator[Conflict]:
    for row in wide.iter_rows(named=True):
        yield conflict(row, row["about"])


def conflict(row: dict[str, Any], about: Sequence[str]) -> Conflict:
    """The conflict about a pair, from its three versions as `NAME_base`, `NAME_ours`, `NAME_theirs`.

    A version whose `verdict` is null is not there: with a base, that side dropped the pair.
    """
    there = next(v for v in ("base", "ours", "theirs") if row[f"verdict_{v}"] is not None)
    low = row[f"chosen_id_{there}"] <= row[f"rejected_id_{there}"]
    slots = ("chosen", "rejected") if low else ("rejected", "chosen")
    base, ours, theirs = (_opinion(row, version, there, slots) for version in VERSIONS)
    texts = {
        "prompt": row[f"prompt_{there}"],
        "first": row[f"{slots[0]}_{there}"],
        "second": row[f"{slots[1]}_{there}"],
    }
    named = {"first": "first", "second": "second"} if low else {"first": "second", "second": "first"}
    return Conflict(
        pair_id=row[f"pair_id_{there}"],
        dimension=row.get(f"dimension_{there}") or "preference",
        about=tuple(named.get(name, name) for name in about),
        first_id=row[f"{slots[0]}_id_{there}"],
        second_id=row[f"{slots[1]}_id_{there}"],
        base=base,
        ours=ours or {"decision": "drop"},
        theirs=theirs or {"decision": "drop"},
        texts=texts,
    )


def _opinion(row: dict[str, Any], version: str, there: str, slots: tuple[str, str]) -> dict[str, Any] | None:
    """What a version says, with the texts in which it differs from the one that is shown."""
    verdict = row[f"verdict_{version}"]
    if verdict is None:
        return None
    turned = {"first": "second", "second": "first"} if slots[0] == "rejected" else {}
    told = {"decision": "keep", "label": turned.get(verdict, verdict)}
    told |= {c: row.get(f"{c}_{version}") for c in (*PLAIN, "annotator")}
    edited = {"prompt": "prompt", "first": slots[0], "second": slots[1]}
    for name, slot in edited.items():
        if row[f"{slot}_id_{version}"] != row[f"{slot}_id_{there}"]:
            told[name] = row[f"{slot}_{version}"]
    return {name: value for name, value in told.items() if value is not None}
