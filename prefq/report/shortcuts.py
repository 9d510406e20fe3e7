"""What the score stage found about label noise and shortcuts, as figures and tables for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefq.report.data import Audit
from prefq.report.habits import Share, Slice
from prefq.report.metrics import calibration_error, noise_rate
from prefq.report.numbers import count, decimal, interval, plural, ratio

Figure = tuple[str, str, str]
SAID = ("noise_rate", "format", "sees", "limits", "overall", "slices", "features", "reliability", "ece")
"""What the page says elsewhere, or in other words."""


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
        return [("Judge agrees with the label", "not decided", why)]
    return [
        (
            "Judge agrees with the label",
            ratio(judge.accuracy),
            f"On {plural(judge.rows, 'pair')}, each judged by a model that never saw its prompt."
            + _within(audit.habits.judge),
        ),
        *_surface(audit),
        (
            "Calibration error",
            ratio(calibration_error(audit)),
            "How far the judge's certainty lies from how often it agrees, on average.",
        ),
        (noise_name(audit), *noise(audit)),
    ]


def _surface(audit: Audit) -> list[Figure]:
    surface, judge = audit.habits.surface, audit.habits.judge
    if surface is None:
        return []
    gain = (judge.value - surface.value) * 100 if judge else None
    text = "The same by length, layout and set phrases alone." + _within(surface)
    if gain is not None:
        text += f" All the judge reads in the texts beyond that adds {gain:.1f} points."
    return [("… and from the surface alone", ratio(surface.value), text)]


def _within(found: Share | None) -> str:
    return f" 95 % interval: {interval((found.low, found.high))}." if found else ""


def noise_name(audit: Audit) -> str:
    """What to call the noise rate: an estimate or a given number."""
    found = (audit.shortcuts or {}).get("noise_rate")
    given = isinstance(found, Mapping) and found.get("source") == "given" and noise_rate(audit) is not None
    return "Wrong labels, as given" if given else "Wrong labels, estimated"


def noise(audit: Audit) -> tuple[str, str]:
    """The noise rate and what it means, or `not estimable` and why."""
    found = (audit.shortcuts or {}).get("noise_rate")
    told = found if isinstance(found, Mapping) else {}
    rate = noise_rate(audit)
    if rate is None:
        return "not estimable", _sentence(told.get("why") or "judge and labels do not tell noise from taste")
    if told.get("source") == "given":
        return ratio(rate), "Set by score.noise_rate, not estimated from these pairs."
    ends = (told["low"], told["high"]) if told.get("low") is not None and told.get("high") is not None else None
    within = f" Between {interval(ends)} at 95 % confidence." if ends else ""
    return ratio(rate), f"The share of labels that look turned round at random.{within}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def shortcut_tables(audit: Audit) -> list[Table]:
    """The slices when there are several, and what `shortcuts.json` has beside the figures the page knows."""
    slices = audit.habits.slices
    told = [Table("By slice", SLICE_HEADER, tuple(map(_slice_row, slices)))] if len(slices) > 1 else []
    return [*told, *other_tables(audit.shortcuts)]


SLICE_HEADER = ("Slice", "Pairs", "Longer one is chosen", "Surface alone is right", "Judge is right")


def _slice_row(found: Slice) -> tuple[str, ...]:
    shares = (found.longer, found.surface, found.judge)
    return (found.name, count(found.pairs), *(ratio(s.value) if s else "not decided" for s in shares))


def other_tables(shortcuts: Mapping[str, Any] | None) -> list[Table]:
    """Figures that the page has no words of its own for: lists row by row, objects of figures name by name."""
    return _tables("Other figures", {k: v for k, v in (shortcuts or {}).items() if k not in SAID})


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
