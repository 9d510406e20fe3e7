"""What the score stage found about label noise and shortcuts, as figures and tables for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefq.report.data import Audit
from prefq.report.habits import Share, Slice, read_share
from prefq.report.numbers import count, decimal, interval, plural, ratio
from prefq.stats import Interval

Figure = tuple[str, str, str]
SAID = ("noise_rate", "format", "sees", "limits", "overall", "slices", "features", "reliability", "ece", "against")
"""What the page says elsewhere, or in other words."""

RULES = {
    "longer_wins": "the longer one",
    "shorter_wins": "the shorter one",
    "markdown_wins": "more markdown",
    "lists_win": "more list items",
    "code_wins": "more code",
    "refusal_loses": "the one that does not refuse",
    "first_wins": "the one shown first",
    "overlap_wins": "more words in common with the prompt",
    "confident_wins": "the surer tone",
}
MODELS = {
    "surface_accuracy": "a model of all surface features",
    "label_accuracy": "the judge",
    "matched_accuracy": "the judge, where the surface is even",
    "balanced_accuracy": "the judge, were the surface right half of the time",
}
"""Figures of `shortcuts.json` and what picks the answer in each."""


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
        why = f"Nothing could be scored: {audit.unscored}." if audit.unscored else "The score stage has not run."
        return [("Judge agrees with the label", "not decided", why)]
    return [
        (
            "Judge agrees with the label",
            ratio(judge.accuracy),
            f"On {plural(judge.rows, 'pair')}, each judged by a model that never saw its prompt."
            + _within(audit.habits.judge),
        ),
        *_surface(audit),
        *_held_equal(audit),
        (
            "Calibration error",
            ratio(calibration_error(audit)),
            "How far the judge's certainty lies from how often it agrees, on average.",
        ),
        (noise_name(audit), *noise(audit)),
    ]


def calibration_error(audit: Audit) -> float | None:
    """The judge's expected calibration error: the score stage's own figure where there is one."""
    found = (audit.shortcuts or {}).get("ece")
    if isinstance(found, int | float):
        return float(found)
    return audit.judge.ece if audit.judge else None


def noise_rate(audit: Audit) -> float | None:
    """The estimated share of wrong labels; None when it could not be estimated."""
    value = (audit.shortcuts or {}).get("noise_rate")
    if isinstance(value, dict):
        value = value.get("value", value.get("estimate"))
    return float(value) if isinstance(value, int | float) else None


def _surface(audit: Audit) -> list[Figure]:
    surface, judge = audit.habits.surface, audit.habits.judge
    if surface is None:
        return []
    gain = (judge.value - surface.value) * 100 if judge else None
    text = "The same by length, layout and set phrases alone." + _within(surface)
    if gain is not None:
        text += f" All the judge reads in the texts beyond that adds {gain:.1f} points."
    return [("… and from the surface alone", ratio(surface.value), text)]


def _held_equal(audit: Audit) -> list[Figure]:
    """What is left of the judge on pairs that the surface calls even, and what that says."""
    overall = _mapping((audit.shortcuts or {}).get("overall"))
    left, balanced = read_share(overall.get("matched_accuracy")), read_share(overall.get("balanced_accuracy"))
    if left is None:
        return []
    text = f"On the {plural(left.n, 'pair')} that the surface calls even." + _within(left)
    if balanced is not None:
        text += f" Were the surface right half of the time, the judge would be in {ratio(balanced.value)}."
    return [("… and with the surface held equal", ratio(left.value), text)]


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
    within = f" 95 % interval: {interval(ends)}." if ends else ""
    return ratio(rate), f"The share of labels that look turned round at random.{within}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def shortcut_tables(audit: Audit) -> list[Table]:
    """What picks the chosen answer without reading, the slices when there are several, and what else is told."""
    found = audit.shortcuts or {}
    return [
        *_rule_tables(found, audit.people.pick if audit.people else None),
        *_slice_tables(audit.habits.slices, _listing(found, "slices")),
        *_noise_tables(_mapping(found.get("noise_rate"))),
        *other_tables(found),
    ]


def _rule_tables(found: Mapping[str, Any], pick: Interval | None) -> list[Table]:
    """Each rule and model by line; a column for the dataset, and one for each evaluation set.

    `pick`: how often the model that mostly wins against the other is chosen; it is known of the dataset alone.
    """
    sets = {"This dataset": _mapping(found.get("overall"))}
    sets |= {str(each.get("name") or "?"): each for each in _listing(found, "against")}
    named = RULES | MODELS
    rows = [(text, *(_within_pairs(each.get(name)) for each in sets.values())) for name, text in named.items()]
    if pick:
        said = _within_pairs(pick.to_json())
        rows.insert(
            len(RULES), ("the model that wins more often against the other", said, *[UNDECIDED] * (len(sets) - 1))
        )
    told = tuple(row for row in rows if any(cell != UNDECIDED for cell in row[1:]))
    return [Table("How often each would pick the chosen answer", ("What picks", *sets), told)] if told else []


UNDECIDED = "not decided"


def _within_pairs(value: Any) -> str:
    """A share, its interval and the pairs on which there is an opinion."""
    found = read_share(value)
    return f"{ratio(found.value)} ({interval((found.low, found.high))}; {count(found.n)})" if found else UNDECIDED


SLICE_HEADER = (
    "Slice",
    "Pairs",
    "Longer one is chosen",
    "Surface alone is right",
    "Judge is right",
    "… at equal surface",
)
RULE_HEADER = ("Slice", *(text[0].upper() + text[1:] for text in list(RULES.values())[2:]))


def _slice_tables(slices: Sequence[Slice], found: Sequence[Mapping[str, Any]]) -> list[Table]:
    if len(slices) < 2 or len(slices) != len(found):
        return []
    matched = [read_share(each.get("matched_accuracy")) for each in found]
    rows = tuple(_slice_row(one, left) for one, left in zip(slices, matched, strict=True))
    told = [
        (one.name, *(_value(each.get(name)) for name in list(RULES)[2:]))
        for one, each in zip(slices, found, strict=True)
    ]
    by_rule = [Table("Rules by slice", RULE_HEADER, tuple(told))] if any(set(row[1:]) != {"–"} for row in told) else []
    return [Table("By slice", SLICE_HEADER, rows), *by_rule]


def _noise_tables(noise: Mapping[str, Any]) -> list[Table]:
    """The rates of wrong labels of sources, annotators and categories, where there are any."""
    rows = tuple(
        (f"{part.get('by', '')} {part.get('name', '')}".strip(), count(int(part.get("pairs") or 0)), _rate(part))
        for part in _listing(noise, "slices")
    )
    return [Table("Wrong labels by slice, estimated", ("Slice", "Pairs", "Wrong labels"), rows)] if rows else []


def _rate(value: Mapping[str, Any]) -> str:
    found = read_share(value)
    return f"{ratio(found.value)} ({interval((found.low, found.high))})" if found else "not estimable"


def _slice_row(found: Slice, left: Share | None) -> tuple[str, ...]:
    shares = (found.longer, found.surface, found.judge, left)
    return (found.name, count(found.pairs), *(ratio(s.value) if s else UNDECIDED for s in shares))


def _value(value: Any) -> str:
    found = read_share(value)
    return ratio(found.value) if found else "–"


def _listing(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, or what can be read of one."""
    value = found.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


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
