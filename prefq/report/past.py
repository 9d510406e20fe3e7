"""How one pair stood in earlier versions of its dataset, as plain facts and as lines that tell what changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.earlier import edited_since
from prefq.report.text import brief
from prefq.report.widths import clipped, wrapped

Fact = tuple[str, str]
ABSENT = ("not known", "pair")
"""What is told of a version of whose pair nothing else is."""
PREFERRED = {"chosen": "the chosen answer", "rejected": "the rejected answer", "other": "an answer of other words"}


@dataclass(frozen=True)
class Past:
    """A version of the dataset and what it says of a pair: nothing where the pair was not in it."""

    version: str
    commit: str
    date: str
    subject: str
    rows: tuple[Mapping[str, Any], ...] = ()
    """One for each row of the pair: see `rows_of`."""
    missing: str | None = None
    """Why this version's tables cannot be read; None when they were."""

    def to_json(self) -> dict[str, Any]:
        """The version as plain values."""
        about = {"version": self.version, "commit": self.commit, "date": self.date, "subject": self.subject}
        return {**about, "rows": [dict(row) for row in self.rows], "missing": self.missing}


@dataclass(frozen=True)
class Then:
    """The tables of a version, None for those that it has not got."""

    pairs: pl.LazyFrame | None
    flags: pl.LazyFrame | None
    ledger: pl.LazyFrame | None
    curated: pl.LazyFrame | None


def earlier_form(tables: Then, forms: Sequence[Mapping[str, Any]], today: pl.Series) -> Mapping[str, Any] | None:
    """The pair that was edited into the last of `forms`, where a version has none of these.

    `forms`: a row of today, and what it was edited from in later versions, the newest first. `today`: the ids of all
    pairs of today.
    """
    if tables.pairs is None or _own(tables.pairs, forms).select(pl.len()).collect().item():
        return None
    return edited_since(tables.pairs, forms[-1], today)


def _own(pairs: pl.LazyFrame, forms: Sequence[Mapping[str, Any]]) -> pl.LazyFrame:
    ids = [form["pair_id"] for form in forms]
    return pairs.filter(pl.col("pair_id").is_in(ids), pl.col("dimension") == forms[0]["dimension"])


def rows_of(tables: Then, forms: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """What a version says of the rows of a pair, in the newest of its `forms` that it has, by row id.

    Each has `row_id`, `dataset`, `record`, `pair_id`, `edited` (its texts were others), `preferred` (`chosen` or
    `rejected`: which of today's answers; `other`, `tie`, `both_bad`), `flags`, `decision`, `reasons`, `split`, and
    `curated` (`preferred`, `split`, `status`; null where the pair was not kept).
    """
    if tables.pairs is None:
        return ()
    now = forms[0]
    columns = ("row_id", "dataset", "record", "pair_id", "chosen_id", "rejected_id", "label")
    every = _own(tables.pairs, forms).select(columns).sort("row_id").collect()
    newest = next((form["pair_id"] for form in forms if form["pair_id"] in every["pair_id"]), "")
    found = every.filter(pl.col("pair_id") == newest)
    names = found["row_id"].to_list()
    flags, ledger = _flags(tables.flags, names), _by_row(tables.ledger, names)
    kept = _curated(tables.curated, found["pair_id"].unique().to_list(), now)
    return tuple(
        {
            **{name: row[name] for name in ("row_id", "dataset", "record", "pair_id")},
            "edited": row["pair_id"] != now["pair_id"],
            "preferred": preferred(row, now),
            "flags": flags.get(row["row_id"]),
            **{name: ledger.get(row["row_id"], {}).get(name) for name in ("decision", "reasons", "split")},
            "curated": kept.get(row["pair_id"]),
        }
        for row in found.to_dicts()
    )


def preferred(row: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Which of the answers of `now` a row prefers: `chosen`, `rejected`, `other`; else its label."""
    if row["label"] != "chosen":
        return str(row["label"])
    sides = {now["rejected_id"]: "rejected", now["chosen_id"]: "chosen"}
    return sides.get(row["chosen_id"], "other")


def _flags(table: pl.LazyFrame | None, names: Sequence[str]) -> dict[str, list[str]]:
    rows = _by_row(table, names).items()
    return {name: sorted(check for check, flagged in row.items() if flagged is True) for name, row in rows}


def _by_row(table: pl.LazyFrame | None, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    if table is None:
        return {}
    found = table.filter(pl.col("row_id").is_in(list(names))).collect()
    return {row["row_id"]: row for row in found.to_dicts()}


def _curated(table: pl.LazyFrame | None, pairs: Sequence[str], now: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    if table is None:
        return {}
    same = pl.col("pair_id").is_in(list(pairs)) & (pl.col("dimension") == now["dimension"])
    columns = ("pair_id", "chosen_id", "rejected_id", "label", "split", "status")
    found = table.filter(same).select(columns).collect().to_dicts()
    told = {"split", "status"}
    return {row["pair_id"]: {"preferred": preferred(row, now), **{k: row[k] for k in sorted(told)}} for row in found}


def lines(past: Sequence[Past], width: int = 80) -> list[str]:
    """The versions, oldest first, each with what differs from the one before; runs without a change are counted."""
    told, before, quiet = [], None, 0
    for version in reversed(past):
        facts = _facts(version)
        if facts == before:
            quiet += 1
            continue
        told += _unchanged(quiet)
        quiet = 0
        told += _version(version, facts, before, width)
        before = facts
    return ["", "History", *told, *_unchanged(quiet)] if told else []


def _unchanged(versions: int) -> list[str]:
    return [f"    {versions} more version{'s' if versions > 1 else ''} without a change"] if versions else []


def _version(version: Past, facts: list[Fact], before: list[Fact] | None, width: int) -> list[str]:
    named = f"  {brief(version.version, 30)}, {version.date[:10]}, {brief(version.subject, 60)}"
    lines = [clipped(named, width)]
    new = facts if before is None else [fact for fact in facts if fact not in before]
    there = before if before and version.rows else []
    gone = [fact for fact in there if fact[0] not in {*ABSENT, *(name for name, _ in facts)}]
    said = [f"{name}: {value}" for name, value in new] + [f"{name}: no more" for name, _ in gone]
    for text in said:
        lines += wrapped(text, width, "    ", "      ")
    return lines


def _facts(version: Past) -> list[Fact]:
    if version.missing:
        return [(ABSENT[0], version.missing)]
    if not version.rows:
        return [(ABSENT[1], "not in this version")]
    several = len(version.rows) > 1
    return [
        (f"{brief(row['row_id'], 40)} {name}" if several else name, value)
        for row in version.rows
        for name, value in _row_facts(row)
    ]


def _row_facts(row: Mapping[str, Any]) -> Iterator[Fact]:
    yield "from", brief(f"record {row['record']} of {row['dataset']}", 60)
    if row["edited"]:
        yield "texts", "others than today's"
    yield "label", _prefers(row["preferred"])
    if row["flags"] is not None:
        yield "flags", ", ".join(brief(name, 40) for name in row["flags"]) or "none"
    if row["decision"]:
        because = ", ".join(brief(reason, 40) for reason in row["reasons"] or [])
        yield "decision", f"{row['decision']} ({because})" if because else row["decision"]
    if kept := row["curated"]:
        split, status = (brief(kept[name] or "none", 20) for name in ("split", "status"))
        yield "curated", f"{split}, {status}, {_prefers(kept['preferred'])}"


def _prefers(preferred: str) -> str:
    return f"prefers {PREFERRED[preferred]}" if preferred in PREFERRED else brief(preferred, 20)
