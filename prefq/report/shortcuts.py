"""What the score stage found about label noise and shortcuts, as figures and tables for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefq.report.data import Audit
from prefq.report.metrics import noise_rate
from prefq.report.numbers import decimal, plural, ratio

Figure = tuple[str, str, str]
SAID = ("noise_rate", "format")


@dataclass(frozen=True)
class Table:
    """A table of texts: the first column names the row."""

    title: str
    about: str
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
    rate = noise_rate(audit)
    if rate is None:
        return ("Wrong labels, estimated", "not estimable", "Judge and labels do not suffice to tell noise from taste.")
    return ("Wrong labels, estimated", ratio(rate), "The share of labels that noise alone would have to turn round.")


def shortcut_tables(shortcuts: Mapping[str, Any] | None) -> list[Table]:
    """The tables in `shortcuts.json`; every list of objects is one, and the plain figures make up the last."""
    if not shortcuts:
        return []
    tables = [_listed(name, value) for name, value in shortcuts.items() if _is_table(value)]
    plain = tuple(
        (_words(k), _cell(v)) for k, v in shortcuts.items() if not isinstance(v, dict | list) and k not in SAID
    )
    return [*tables, Table("Figures", "", ("Figure", "Value"), plain)] if plain else tables


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _listed(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    header = tuple(dict.fromkeys(k for row in rows for k in row))
    body = tuple(tuple(_cell(row.get(k)) for k in header) for row in rows)
    return Table(_words(name), "", tuple(_words(h) for h in header), body)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else decimal(value)
