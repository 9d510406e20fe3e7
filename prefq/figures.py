"""The figures a gate speaks of, and rules on them.

A figure is a count of something, mostly out of something. A figure that could not be decided has no count. The rules
are texts such as `<= 2%` (of what the figure is out of) or `<= 10` (a plain count).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from prefq.errors import SettingsError
from prefq.registry import did_you_mean
from prefq.schema import CURATED, PAIRS, REJECTS, SPLITS

SHARE = "_share"

SHORTCUTS = (
    *("longer_wins", "shorter_wins", "markdown_wins", "lists_win", "code_wins", "refusal_loses", "first_wins"),
    *("overlap_wins", "confident_wins", "surface_accuracy", "label_accuracy", "matched_accuracy", "balanced_accuracy"),
)
"""Shares in the `overall` of `shortcuts.json`; `shortcut_figure` says what a rule calls them."""


@dataclass(frozen=True)
class Figure:
    """How many, and out of how many where that has a meaning. None: not decided."""

    count: int | None
    of: int | None = None
    has_share: bool = True
    unit: str = field(default="pairs", compare=False)
    """What the count is out of, in words."""
    examples: tuple[str, ...] = field(default=(), compare=False)
    """Some of the rows that are counted, where only whoever counted them knows."""

    @property
    def share(self) -> float | None:
        """The fraction from 0 to 1; None when the count is not decided or there is nothing to take a share of."""
        return None if self.count is None or not self.of else self.count / self.of

    def __str__(self) -> str:
        return self.beside(None)

    def beside(self, limit: float | None) -> str:
        """The figure in words, its share told finely enough to read otherwise than a limit that it is not."""
        if self.count is None:
            return "not decided"
        if not self.has_share:
            return f"{self.count:,}"
        share = f" ({percent(self.share, limit)})" if self.share is not None else ""
        return f"{self.count:,} of {self.of or 0:,} {self.unit}{share}"


Figures = dict[str, Figure]


def figures(
    pairs: pl.DataFrame,
    rejects: pl.DataFrame,
    flags: pl.DataFrame,
    curated: pl.DataFrame,
    ledger: pl.DataFrame | None = None,
    shortcuts: Mapping[str, Any] | None = None,
) -> Figures:
    """Every figure by name, the checks' last.

    `rejected` is out of judgements read, `kept` (= `curated_pairs`) out of distinct pairs and dimensions, `ties`,
    `review`, `dropped`, `merged`, `flipped` and each check out of `pairs`, `chosen_longer` out of the pairs with a
    preferred answer, `gold`, `disputed` (judgements disagreed), `curated_chosen_longer` and each split out of
    `curated_pairs`. Those called `shortcut.` are out of the pairs that each speaks of, by `shortcuts` (the content of
    `shortcuts.json`). Without a ledger, or without shortcuts, what only they know is not decided.
    """
    return {
        **_raw(pairs, rejects),
        **_decided(pairs.height, ledger),
        **_curated(pairs, curated),
        **_shortcuts(shortcuts),
        **{name: _flagged(flags[name]) for name in flags.columns if name != "row_id"},
    }


def known_figures(checks: Iterable[str]) -> Figures:
    """Every figure that there can be, of no data at all: what names a rule may have, and which of them are shares."""
    pairs, rejects, curated = (pl.DataFrame(schema=columns) for columns in (PAIRS, REJECTS, CURATED))
    flags = pl.DataFrame(schema={"row_id": pl.String(), **dict.fromkeys(checks, pl.Boolean())})
    return figures(pairs, rejects, flags, curated)


def _raw(pairs: pl.DataFrame, rejects: pl.DataFrame) -> Figures:
    key = ["dataset", "record"]
    records = pl.concat([pairs.select(key), rejects.select(key)]).n_unique()
    return {
        "pairs": _plain(pairs.height),
        "records": _plain(records),
        "prompts": _plain(pairs["prompt_id"].n_unique()),
        "rejected": Figure(rejects.height, rejects.height + pairs.height, unit="judgements"),
        "ties": Figure(pairs.filter(pl.col("label") != "chosen").height, pairs.height),
        "chosen_longer": _chosen_longer(pairs),
    }


def _decided(rows: int, ledger: pl.DataFrame | None) -> Figures:
    names = {"merged": "merge", "dropped": "drop", "flipped": "flip", "review": "review"}
    if ledger is None:
        return {name: Figure(None, rows) for name in names}
    return {name: Figure(ledger.filter(decision=decision).height, rows) for name, decision in names.items()}


def _curated(pairs: pl.DataFrame, curated: pl.DataFrame) -> Figures:
    kept = Figure(curated.height, pairs.select("pair_id", "dimension").n_unique(), unit="distinct pairs")
    of = partial(Figure, of=curated.height, unit="curated pairs")
    return {
        "kept": kept,
        "curated_pairs": _plain(curated.height),
        "curated_chosen_longer": _chosen_longer(curated),
        "gold": of(curated.filter(status="gold").height),
        "disputed": of(curated.filter(pl.col("votes") > 1, pl.col("agreement") < 1).height),
        **{split: of(curated.filter(split=split).height) for split in SPLITS},
    }


def _shortcuts(shortcuts: Mapping[str, Any] | None) -> Figures:
    """What `shortcuts.json` says of all pairs; what it does not say is not decided."""
    overall = (shortcuts or {}).get("overall") or {}
    found = {name: overall.get(name) or {"value": None, "n": None} for name in SHORTCUTS}
    return {shortcut_figure(name): _share_of(told["value"], told["n"]) for name, told in found.items()}


def shortcut_figure(name: str) -> str:
    """What a share of SHORTCUTS is called as a figure."""
    return f"shortcut.{'surface' if name == 'surface_accuracy' else name}"


def _share_of(value: float | None, n: int | None) -> Figure:
    return Figure(None if value is None or n is None else round(value * n), n, unit="pairs that it speaks of")


def _plain(count: int) -> Figure:
    return Figure(count, has_share=False)


def _chosen_longer(pairs: pl.DataFrame) -> Figure:
    """How often the chosen answer has more characters, out of the pairs with a chosen answer."""
    longer = pairs.filter(label="chosen").select(pl.col("chosen").str.len_chars() > pl.col("rejected").str.len_chars())
    return Figure(int(longer.to_series().sum()), longer.height, unit="pairs with a preferred answer")


def _flagged(column: pl.Series) -> Figure:
    decided = column.len() - column.null_count()
    return Figure(int(column.sum()) if decided or not column.len() else None, decided or column.len())


def flat(figures: Figures) -> dict[str, int | float | None]:
    """The figures as plain numbers: `NAME` is the count and `NAME_share` the share, to six decimals."""
    numbers: dict[str, int | float | None] = {}
    for name, figure in figures.items():
        numbers[name] = figure.count
        if figure.has_share:
            numbers[name + SHARE] = None if figure.share is None else round(figure.share, 6)
    return numbers


_RULE = re.compile(r"\s*(<=|>=|==|<|>|=|≤|≥)\s*(\d[\d_]*(?:\.\d+)?|\.\d+)\s*(%?)\s*")
_SAME = {"=": "==", "≤": "<=", "≥": ">="}
_WORDS = {"<=": "at most", "<": "under", ">=": "at least", ">": "over", "==": "exactly"}
_HOW = 'write an operator and a number, such as "<= 2%" for a share or "<= 10" for a count, or off'


@dataclass(frozen=True)
class Rule:
    """One tolerance: the figure's count, or its share when `as_share`, must stand in this relation to `limit`."""

    name: str
    figure: str
    op: str
    limit: float
    as_share: bool

    def value(self, figure: Figure) -> float | None:
        """What the rule looks at."""
        return figure.share if self.as_share else figure.count

    @property
    def text(self) -> str:
        """The rule as one writes it: `<= 2 %`."""
        return f"{self.op} {self._limit}"

    @property
    def words(self) -> str:
        """The rule as one says it: `at most 2 %`."""
        return f"{_WORDS[self.op]} {self._limit}"

    @property
    def _limit(self) -> str:
        return f"{self.limit * 100:.10g} %" if self.as_share else f"{self.limit:,.0f}"


NO_RULES = ("undecided", "great_expectations")
"""Keys of the `gate` section that set how rules are asked."""


def read_rules(section: Mapping[str, object], known: Mapping[str, Figure], always: Collection[str] = ()) -> list[Rule]:
    """The rules of the `gate` section, in its order; a rule that says off is left out.

    `always` are the rules that every curated pair is held to: they say `off` or `on`, and are not among those that come
    back. Raises SettingsError for a figure or rule that does not exist and a text that is no rule.
    """
    switched_off(section, always)
    names = [name for name in section if name not in (*NO_RULES, *always)]
    rules = [_read_rule(name, section[name], known, always) for name in names]
    return [rule for rule in rules if rule is not None]


def switched_off(section: Mapping[str, object], always: Collection[str]) -> frozenset[str]:
    """Those of the rules on curated pairs that the `gate` section sets off. Raises SettingsError for another value."""
    for name in always:
        if name in section and not _off(section[name]) and str(section[name]).strip().lower() not in ("on", "true"):
            raise SettingsError(f"gate.{name}: this rule holds for every curated pair or not at all; write off or on.")
    return frozenset(name for name in always if name in section and _off(section[name]))


def _off(text: object) -> bool:
    return str(text).strip().lower() in ("off", "false")


def _read_rule(name: str, text: object, known: Mapping[str, Figure], always: Collection[str]) -> Rule | None:
    figure = name if name in known else name.removesuffix(SHARE)
    if figure not in known:
        raise SettingsError(f"gate.{name}: there is no figure or rule {name!r}{did_you_mean(name, [*known, *always])}")
    if _off(text):
        return None
    if text is None or not str(text).strip():
        raise SettingsError(f"gate.{name} says nothing; {_HOW}.")
    match = _RULE.fullmatch(str(text))
    if not match:
        raise SettingsError(f"gate.{name}: {text!r} is no rule; {_HOW}.")
    op, number, sign = match.groups()
    limit, as_share = float(number), bool(sign) or figure != name
    if as_share and not known[figure].has_share:
        raise SettingsError(f"gate.{name}: {figure} is a plain count, out of nothing; leave the % away.")
    if not as_share and not limit.is_integer():
        raise SettingsError(f"gate.{name}: {text!r} is no count; write a whole number, or a share with %.")
    limit = limit / 100 if sign else limit
    if as_share and limit > 1:
        raise SettingsError(f"gate.{name}: {text!r} is more than all of them; a share is from 0 % to 100 %.")
    if (op, limit) == ("<", 0) or (as_share and (op, limit) == (">", 1)):
        bound = "under 0" if op == "<" else "over 100 %"
        raise SettingsError(
            f"gate.{name}: {text!r} can never hold, for nothing is {bound}; write {op}= or another limit."
        )
    return Rule(name, figure, _SAME.get(op, op), limit, as_share)


def percent(share: float | None, limit: float | None = None) -> str:
    """A share with one decimal where it needs one; 0 % and 100 % only when exactly that.

    With more, up to six, where it would read like a `limit` that it is not.
    """
    if share is None:
        return "not decided"
    if limit is not None and share != limit and _percent(share) == _percent(limit):
        apart = (n for n in range(2, 6) if round(share * 100, n) != round(limit * 100, n))
        return f"{share * 100:.{next(apart, 6)}f} %"
    return _percent(share)


def _percent(share: float) -> str:
    if 0 < share < 0.0005:
        return f"{share * 100:.2g} %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return f"{share * 100:.1f}".removesuffix(".0") + " %"
