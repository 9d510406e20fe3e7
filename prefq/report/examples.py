"""Examples of what a check found: both answers side by side, with the evidence and what differs highlighted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from prefq.report.evidence import Fact, chips, facts_of, occurrences, quotes
from prefq.report.masking import masked, personal
from prefq.report.messages import told
from prefq.report.related import Relations, Row
from prefq.report.tables import Tables
from prefq.report.text import Span, alike, brief, cut, marked, word_difference

COLUMNS = ("row_id", "label", "prompt", "prompt_extra", "chosen", "rejected", "chosen_messages", "rejected_messages")
TEXT_BUDGET = 4_000_000
LONGEST, SHORTEST = 1_400, 240
EARLIER_TURNS = 3
WORST_FIRST = {
    "likely_mislabelled": "suspicion",
    "off_pattern": "suspicion",
    "ambiguous": "ambiguity",
    "model_unsure": "reward_std",
}
"""Checks whose examples are the rows with the highest score; those of the others are spread evenly over the rows."""


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
class Relative:
    """Another row that the evidence speaks of; what differs from the flagged row is highlighted."""

    row_id: str
    prompt: Shown
    chosen: Shown
    rejected: Shown


@dataclass(frozen=True)
class Example:
    """One flagged pair. `facts` is the evidence as (name, value) texts, `earlier` counts the messages left out."""

    row_id: str
    label: str
    earlier: int
    turns: tuple[Turn, ...]
    chosen: Shown
    rejected: Shown
    facts: tuple[Fact, ...]
    relative: Relative | None = None


def text_limit(checks: int, examples: int) -> int:
    """How many characters of one text are shown, so that all examples together stay within the page's budget."""
    return max(SHORTEST, min(LONGEST, TEXT_BUDGET // max(1, checks * examples * 4)))


def select(tables: Tables, checks: Sequence[str], settings: Mapping[str, Any], most: int) -> dict[str, list[Example]]:
    """At most `most` examples of each check that found something."""
    if tables.flags is None or not most:
        return {}
    wanted = {name: _row_ids(tables, name, most) for name in checks}
    ids = pl.Series("row_id", sorted({r for rows in wanted.values() for r in rows}), dtype=pl.String)
    found = {key: facts_of(text) for key, text in _evidence(tables.evidence, ids).items()}
    relations = Relations(tables, found.values(), lambda others: masked_rows(tables, others, settings, numbers=False))
    plain = {r["row_id"]: r for r in masked_rows(tables, ids, settings, numbers=False)}
    private = {
        r["row_id"]: r for r in masked_rows(tables, pl.Series("row_id", wanted.get("pii", [])), settings, numbers=True)
    }
    limit = text_limit(len(wanted), most)

    def shown(name: str, row_id: str) -> Example:
        facts = found.get((row_id, name), [])
        rows = private if name == "pii" else plain
        return example(rows[row_id], facts, limit, relations.of(row_id, facts))

    return {name: [shown(name, i) for i in rows if i in plain] for name, rows in wanted.items()}


def _row_ids(tables: Tables, check: str, most: int) -> list[str]:
    assert tables.flags is not None
    flagged = tables.flags.filter(pl.col(check)).select("row_id").sort("row_id")
    column = WORST_FIRST.get(check, "")
    if tables.scores is not None and column in tables.scores.columns:
        ranked = flagged.join(tables.scores.select("row_id", column), on="row_id", how="left")
        return ranked.sort([column, "row_id"], descending=[True, False], nulls_last=True)["row_id"].head(most).to_list()
    step = max(1.0, flagged.height / most)
    places = [int(i * step) for i in range(min(most, flagged.height))]
    return flagged["row_id"].gather(places).to_list()


def _evidence(evidence: pl.DataFrame | None, rows: pl.Series) -> dict[tuple[str, str], str]:
    if evidence is None:
        return {}
    kept = evidence.filter(pl.col("row_id").is_in(rows.implode()))
    return {(r, c): e for r, c, e in kept.select("row_id", "check", "evidence").iter_rows() if e}


def masked_rows(tables: Tables, ids: pl.Series, settings: Mapping[str, Any], *, numbers: bool) -> list[Row]:
    """These rows of `pairs`, tool calls told as text, with personal data masked in their texts."""
    found = tables.pairs.filter(pl.col("row_id").is_in(ids.cast(pl.String).implode())).select(COLUMNS)
    rows = [told(row) for row in found.to_dicts()]
    said = [text for r in rows for text in (r["chosen"], r["rejected"], *(m["content"] for m in r["prompt"]))]
    parts = personal(pl.Series("text", said, pl.String), settings, numbers)
    return [_masked_row(row, parts) for row in rows]


def _masked_row(row: Row, parts: Sequence[str]) -> Row:
    prompt = [{"role": m["role"], "content": masked(m["content"] or "", parts)} for m in row["prompt"] or []]
    return {
        **row,
        "prompt": prompt,
        "chosen": masked(row["chosen"] or "", parts),
        "rejected": masked(row["rejected"] or "", parts),
    }


def example(row: Row, facts: Sequence[Fact], limit: int, other: Row | None = None) -> Example:
    """One row of `pairs` as an example; every text is cut to about `limit` characters."""
    chosen, rejected = _sides(row["chosen"] or "", row["rejected"] or "", facts, limit)
    messages = row["prompt"] or []
    last = messages[-EARLIER_TURNS:]
    asked = quotes(facts, "prompt")
    turns = tuple(Turn(brief(m["role"] or "", 24), _text(m["content"] or "", asked, limit // 2)) for m in last)
    texts = [row["chosen"] or "", row["rejected"] or "", *(m["content"] or "" for m in messages)]
    told = [f for f in facts if other is None or f[1] not in (row["row_id"], other["row_id"])]
    relative = _relative(row, other, limit // 2) if other is not None else None
    earlier = len(messages) - len(last)
    return Example(row["row_id"], row["label"], earlier, turns, chosen, rejected, chips(told, texts), relative)


def _relative(row: Row, other: Row, limit: int) -> Relative:
    def against(name: str) -> Shown:
        return compared(row[name] or "", other[name] or "", limit)[1]

    prompt = compared(_last_message(row), _last_message(other), limit)[1]
    return Relative(other["row_id"], prompt, against("chosen"), against("rejected"))


def _last_message(row: Row) -> str:
    return (row["prompt"][-1]["content"] or "") if row["prompt"] else ""


def _sides(chosen: str, rejected: str, facts: Sequence[Fact], limit: int) -> tuple[Shown, Shown]:
    left, right = quotes(facts, "chosen"), quotes(facts, "rejected")
    if left or right or chosen == rejected:
        return _text(chosen, left, limit), _text(rejected, right, limit)
    return compared(chosen, rejected, limit)


def _text(text: str, needles: list[str], limit: int) -> Shown:
    first = min((s for s, _, _ in occurrences(text, needles, 1)), default=None)
    part = cut(text, limit, first)
    return _shown(text, limit, first, occurrences(part.text, needles))


def compared(left: str, right: str, limit: int) -> tuple[Shown, Shown]:
    """Both texts around the first place where they differ, what differs highlighted unless most does."""
    first = _first_difference(left, right) if alike(left[: 10 * limit], right[: 10 * limit]) else None
    if first is None or left == right:
        return _shown(left, limit, None, []), _shown(right, limit, None, [])
    differs = word_difference(cut(left, limit, first).text, cut(right, limit, first).text)
    return _shown(left, limit, first, differs[0]), _shown(right, limit, first, differs[1])


def _shown(text: str, limit: int, focus: int | None, spans: list[Span]) -> Shown:
    part = cut(text, limit, focus)
    return Shown(marked(part.text, spans), len(text), part.before, part.after)


def _first_difference(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low
