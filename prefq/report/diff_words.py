"""The sentences in which a comparison is told, the same on a terminal, in a pull request and on a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.diff import Diff
from prefq.diff.deltas import LEANINGS
from prefq.diff.slices import concentrations
from prefq.report.numbers import count, interval, plural, ratio, share
from prefq.report.text import brief

MARKS = {
    "added": "+",
    "removed": "-",
    "flipped": "⇄",
    "tie_to_label": "↑",
    "label_to_tie": "↓",
    "edited": "~",
    "prompt_edited": "~",
    "margin_changed": "±",
    "moved_split": "→",
    "status_changed": "*",
    "metadata_changed": "·",
    "unchanged": "=",
}


@dataclass(frozen=True)
class Figure:
    """One quality figure: its name, and what it was and is, as texts."""

    name: str
    old: str
    new: str
    change: float
    """The new value less the old one; 0 where one is not decided."""


def growth(diff: Diff) -> str:
    """The pairs of both sides: `200 → 210 pairs (+10)`."""
    more = diff.new.pairs - diff.old.pairs
    return f"{count(diff.old.pairs)} → {plural(diff.new.pairs, 'pair')} ({'no change' if not more else f'{more:+,}'})"


def verdict(diff: Diff) -> str:
    """The whole comparison in one sentence."""
    if not diff.changed:
        return "No pair differs."
    back = {"flipped": f" ({count(diff.flipped_back)} of them back again)"} if diff.flipped_back else {}
    told = [
        f"{count(n)} {name.replace('_', ' ')}{back.get(name, '')}"
        for name, n in diff.counts.items()
        if n and name != "unchanged"
    ]
    return f"{', '.join(told)}; {share(diff.counts['unchanged'], diff.old.pairs)} of the old pairs are unchanged."


def returned(diff: Diff) -> str | None:
    """How many labels are back to what they were before, as a line; None where none is."""
    if not diff.flipped_back or diff.since is None:
        return None
    return f"{count(diff.flipped_back)} flipped back to what {brief(diff.since, 40)} says"


def strongest(diff: Diff, most: int, each: int = 2) -> list[dict[str, Any]]:
    """Where changes concentrate most, at most `each` slices per class of change."""
    found = concentrations(diff.slices, diff.counts, diff.old.pairs)
    some = found.filter(pl.int_range(pl.len()).over("change") < each) if found.height else found
    return some.head(most).to_dicts()


def concentrated(row: Mapping[str, Any], name: str) -> str:
    """A concentration in words; `name` is the slice's name as the medium may show it."""
    where = f"{row['change'].replace('_', ' ')} in {row['by']} {name}: {count(row['count'])} of {count(row['old'])}"
    return f"{where} ({ratio(row['rate'])}, {interval((row['low'], row['high']))}; {ratio(row['overall'])} overall)"


def slice_name(row: Mapping[str, Any]) -> str:
    """A slice's name, short and safe to print."""
    return brief(row["name"], 40)


def moves(diff: Diff, column: str) -> list[tuple[str, str, int, int]]:
    """From, to, pairs and distinct prompts of every move between splits or statuses."""
    rows = diff.moves(column).iter_rows()
    return [(brief(a or "none", 24), brief(b or "none", 24), pairs, prompts) for a, b, pairs, prompts in rows]


def leanings(diff: Diff) -> Iterator[Figure]:
    """What labels lean on, with the margins' mean: the figures that a side decides."""
    yield from _figures({n: diff.deltas["leanings"].get(n) or {} for n in LEANINGS}, "value")
    yield from _figures(diff.deltas["shortcuts"], "value")
    margins = diff.deltas["margins"]
    if margins["old"] or margins["new"]:
        old, new = ((margins[side] or {}).get("mean") for side in ("old", "new"))
        told = [f"{v:.3f}" if v is not None else "–" for v in (old, new)]
        yield Figure("mean_margin", told[0], told[1], _change(old, new))


def flag_figures(diff: Diff) -> list[Figure]:
    """The rate of every check that flags anything, the most changed first."""
    found = _figures(diff.deltas["flags"], "rate")
    return sorted((f for f in found if (f.old, f.new) != ("0 %", "0 %")), key=lambda f: (-abs(f.change), f.name))


def _figures(both: Mapping[str, Any], key: str) -> Iterator[Figure]:
    for name, sides in both.items():
        values = [_value(sides.get(side), key) for side in ("old", "new")]
        if any(v is not None for v in values):
            told = ["–" if v is None else ratio(v) for v in values]
            yield Figure(name, told[0], told[1], _change(*values))


def _value(figure: Any, key: str) -> float | None:
    value = figure.get(key) if isinstance(figure, Mapping) else figure
    return None if value is None else float(value)


def _change(old: float | None, new: float | None) -> float:
    return 0.0 if old is None or new is None else new - old


def schema_lines(diff: Diff) -> list[str]:
    """How the columns of the two tables differ, a sentence each; none when they do not."""
    said = {
        "Only the new side has": diff.drift.added,
        "Only the old side has": diff.drift.gone,
        "Not compared, for their types differ": diff.drift.retyped,
    }
    return [f"{text}: {', '.join(brief(n, 40) for n in names)}." for text, names in said.items() if names]
