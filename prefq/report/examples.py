"""Examples of what a check found: both answers side by side, with the evidence and what differs highlighted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from prefq.report.tables import Tables
from prefq.report.text import alike, brief, cut, marked, occurrences, word_difference

COLUMNS = ("row_id", "dataset", "label", "prompt", "chosen", "rejected")
TEXT_BUDGET = 4_000_000
LONGEST, SHORTEST = 1_400, 240
EARLIER_TURNS = 3
MATCHES = ("match", "matches", "found")
WORST_FIRST = {
    "likely_mislabelled": ("suspicion", True),
    "ambiguous": ("ambiguity", True),
    "model_unsure": ("reward_std", True),
    "off_pattern": ("suspicion", True),
}
"""Checks whose examples are the extreme rows of a score; those of the others are spread evenly over the rows."""


@dataclass(frozen=True)
class Shown:
    """A text as the page shows it: safe HTML, and how many characters were left out on either side."""

    html: Markup
    length: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Turn:
    """One message of the prompt."""

    role: str
    text: Shown


@dataclass(frozen=True)
class Example:
    """One flagged pair. `facts` is the evidence as (name, value) texts."""

    row_id: str
    label: str
    earlier: int
    turns: tuple[Turn, ...]
    chosen: Shown
    rejected: Shown
    facts: tuple[tuple[str, str], ...]


def text_limit(checks: int, examples: int) -> int:
    """How many characters of one text are shown, so that all examples together stay within the page's budget."""
    return max(SHORTEST, min(LONGEST, TEXT_BUDGET // max(1, checks * examples * 3)))


def select(tables: Tables, checks: Sequence[str], most: int) -> dict[str, list[Example]]:
    """At most `most` examples of each check that found something."""
    if tables.flags is None or not most:
        return {}
    chosen = {name: _row_ids(tables, name, most) for name in checks}
    wanted = pl.Series("row_id", sorted({r for ids in chosen.values() for r in ids}), dtype=pl.String)
    rows = {
        r["row_id"]: r for r in tables.pairs.filter(pl.col("row_id").is_in(wanted.implode())).select(COLUMNS).to_dicts()
    }
    found = _evidence(tables.evidence, wanted)
    limit = text_limit(len(chosen), most)
    return {
        name: [example(rows[i], found.get((i, name)), limit) for i in ids if i in rows] for name, ids in chosen.items()
    }


def _row_ids(tables: Tables, check: str, most: int) -> list[str]:
    assert tables.flags is not None
    flagged = tables.flags.filter(pl.col(check)).select("row_id").sort("row_id")
    column, worst = WORST_FIRST.get(check, ("", False))
    if tables.scores is not None and column in tables.scores.columns:
        ranked = flagged.join(tables.scores.select("row_id", column), on="row_id", how="left")
        return (
            ranked.sort([column, "row_id"], descending=[worst, False], nulls_last=True)["row_id"].head(most).to_list()
        )
    step = max(1.0, flagged.height / most)
    places = [int(i * step) for i in range(min(most, flagged.height))]
    return flagged["row_id"].gather(places).to_list()


def _evidence(evidence: pl.DataFrame | None, rows: pl.Series) -> dict[tuple[str, str], str]:
    if evidence is None:
        return {}
    kept = evidence.filter(pl.col("row_id").is_in(rows.implode()))
    return {(r, c): e for r, c, e in kept.select("row_id", "check", "evidence").iter_rows() if e}


def example(row: Mapping[str, Any], evidence: str | None, limit: int) -> Example:
    """One row of `pairs` as an example; every text is cut to about `limit` characters."""
    facts = facts_of(evidence)
    needles = needles_of(facts)
    chosen, rejected = _sides(row["chosen"] or "", row["rejected"] or "", needles, limit)
    messages = row["prompt"] or []
    last = messages[-EARLIER_TURNS:]
    turns = tuple(Turn(brief(m["role"] or "", 24), _text(m["content"] or "", needles, limit // 2)) for m in last)
    texts = (row["chosen"] or "", row["rejected"] or "")
    said = tuple((brief(k), brief(v, 160)) for k, v in facts if not (len(v) > 60 and any(v in t for t in texts)))
    return Example(row["row_id"], row["label"], len(messages) - len(last), turns, chosen, rejected, said)


def needles_of(facts: Sequence[tuple[str, str]]) -> list[str]:
    """The texts to highlight: what the evidence calls a match, else every value that is not a mere word or number."""
    matches = [value for name, value in facts if name.split(" ")[-1] in MATCHES and value.strip()]
    return matches or [
        value for name, value in facts if len(value) > 3 and not value.isalnum() and "context" not in name
    ]


def facts_of(evidence: str | None) -> list[tuple[str, str]]:
    """The evidence JSON as flat (name, value) texts; nulls are left out, lists give one entry a value."""
    if not evidence:
        return []
    try:
        value = json.loads(evidence)
    except json.JSONDecodeError:
        return [("evidence", evidence)]
    return _flat("", value)[:24]


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [f for k, v in value.items() for f in _flat(f"{name} {k}".strip().replace("_", " "), v)]
    if isinstance(value, list):
        return [f for v in value[:8] for f in _flat(name, v)]
    if value is None:
        return []
    if isinstance(value, float):
        return [(name, f"{value:,.4g}")]
    return [(name or "evidence", ("yes" if value else "no") if isinstance(value, bool) else str(value))]


def _sides(chosen: str, rejected: str, needles: list[str], limit: int) -> tuple[Shown, Shown]:
    left, right = _window(chosen, needles, limit), _window(rejected, needles, limit)
    if not alike(left[0], right[0]) or chosen == rejected:
        return _text(chosen, needles, limit), _text(rejected, needles, limit)
    first = _first_difference(chosen, rejected)
    a, b = cut(chosen, limit, first), cut(rejected, limit, first)
    differs = word_difference(a.text, b.text)
    return (
        Shown(marked(a.text, [*occurrences(a.text, needles), *differs[0]]), len(chosen), a.before, a.after),
        Shown(marked(b.text, [*occurrences(b.text, needles), *differs[1]]), len(rejected), b.before, b.after),
    )


def _window(text: str, needles: list[str], limit: int) -> tuple[str, int, int]:
    first = min((s for s, _, _ in occurrences(text, needles, 1)), default=None)
    part = cut(text, limit, first)
    return part.text, part.before, part.after


def _text(text: str, needles: list[str], limit: int) -> Shown:
    shown, before, after = _window(text, needles, limit)
    return Shown(marked(shown, occurrences(shown, needles)), len(text), before, after)


def _first_difference(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low
