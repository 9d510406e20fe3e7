"""What the score stage found about label noise and shortcuts, as figures and tables for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefq.report.data import Audit
from prefq.report.metrics import noise_rate
from prefq.report.numbers import decimal, interval, plural, ratio

Figure = tuple[str, str, str]
SAID = ("noise_rate", "format")


@dataclass(frozen=True)
class Table:
    """A table of texts: the first column names the row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def judge_figures(audit: Audit) -> list[Figure]:
    """(name, value, what it means) of the judge and of the label noise; undecided ones say why."""
    judge = audit.judge
    if judge is None:
        why = "The score stage has not run, or had too few pairs or no vectors to learn from."
        return [("Judge against labels", "not decided", why)]
    return [
        (
            "Judge agrees with the label",
            ratio(judge.accuracy),
            f"On {plural(judge.rows, 'pair')}, each judged by a model that never saw its prompt.",
        ),
        (
            "Calibration error",
            ratio(judge.ece),
            "How far the judge's certainty lies from how often it agrees, on average.",
        ),
        _noise(audit),
    ]


def _noise(audit: Audit) -> Figure:
    name, found = "Wrong labels, estimated", (audit.shortcuts or {}).get("noise_rate")
    told = found if isinstance(found, Mapping) else {}
    rate = noise_rate(audit)
    if rate is None:
        return (name, "not estimable", _sentence(told.get("why") or "judge and labels do not tell noise from taste"))
    if told.get("source") == "given":
        return ("Wrong labels, as given", ratio(rate), "Set by score.noise_rate, not estimated from these pairs.")
    ends = (told["low"], told["high"]) if told.get("low") is not None and told.get("high") is not None else None
    within = f" Between {interval(ends)} at 95 % confidence." if ends else ""
    return (name, ratio(rate), f"The share of labels that look turned round at random.{within}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def shortcut_tables(shortcuts: Mapping[str, Any] | None) -> list[Table]:
    """The tables in `shortcuts.json`: lists of objects row by row, objects of figures name by name."""
    told = {k: v for k, v in (shortcuts or {}).items() if k not in SAID}
    return _tables("Shortcuts", told)


def _tables(title: str, section: Mapping[str, Any]) -> list[Table]:
    """The plain figures of a section as one table, then a table for everything in it that has parts."""
    plain = tuple((_words(k), _cell(v)) for k, v in section.items() if _is_figure(v))
    tables = [Table(title, ("Figure", "Value"), plain)] if plain else []
    for name, value in section.items():
        if isinstance(value, Mapping) and not _is_figure(value):
            same = value and all(isinstance(v, Mapping) and not _is_figure(v) for v in value.values())
            rows = [{"": k, **v} for k, v in value.items()] if same else []
            tables += [_listed(_words(name), rows)] if rows else _tables(_words(name), value)
        elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            tables.append(_listed(_words(name), value))
    return tables


def _is_figure(value: Any) -> bool:
    """A number, a text, nothing, or a number with its interval."""
    return not isinstance(value, Mapping | list) or (
        isinstance(value, Mapping) and {"value", "low", "high"} <= set(value)
    )


def _listed(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    header = tuple(dict.fromkeys(k for row in rows for k in row))
    body = tuple(tuple(_cell(row.get(k)) for k in header) for row in rows)
    return Table(title, tuple(_words(h) for h in header), body)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and _is_figure(value) and value["value"] is not None and value["low"] is not None:
        return f"{decimal(value['value'])} ({decimal(value['low'])} to {decimal(value['high'])})"
    if isinstance(value, Mapping):
        return decimal(value["value"]) if _is_figure(value) else ", ".join(f"{k} {_cell(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return value if isinstance(value, str) else decimal(value)
