"""Parts of audit.json: the gate's rules, what tells chosen from rejected by form, near-duplicate edges, benchmarks."""

from collections.abc import Iterable, Mapping
from typing import Any

from prefq.report.data import Audit
from prefq.report.habits import read_share
from prefq.report.results import Result
from prefq.report.shortcuts import MODELS, RULES

Figures = dict[str, Any]
PICKS = (*RULES, *MODELS)
"""What picks the chosen answer without reading: keys of `shortcuts.json`."""


def gate_rules(audit: Audit) -> Figures:
    """By suite and name: the figure a rule looked at, and 1, 0 or null for holds, fails, undecided."""
    found: Figures = {}
    for rule in sorted(audit.verdict.rules, key=lambda r: (r.suite, r.name)):
        told = {"value": rounded(rule.value), "passed": None if rule.passed is None else int(rule.passed)}
        found.setdefault(rule.suite, {})[rule.name] = told
    return found


def check(result: Result) -> Figures:
    """One check: pairs it found, pairs on which it could be decided, their share and its 95 % interval."""
    low, high = result.interval or (None, None)
    return {
        "count": result.count,
        "decided": result.decided,
        "share": rounded(result.share),
        "low": rounded(low),
        "high": rounded(high),
    }


def shortcuts(audit: Audit) -> Figures | None:
    """How often each rule or model would pick the chosen answer, overall, by slice and in evaluation sets.

    None when the score stage has not run.
    """
    found = audit.shortcuts
    if found is None:
        return None
    return {
        "picks": _shares(_mapping(found.get("overall")), PICKS),
        "features": _shares(_mapping(found.get("features")), sorted(_mapping(found.get("features")))),
        "slices": {f"{s.get('by')}={s.get('name')}": _part(s) for s in _listing(found.get("slices"))},
        "against": {str(s.get("name")): _part(s) for s in _listing(found.get("against"))},
    }


def _part(found: Mapping[str, Any]) -> Figures:
    shares = {name: read_share(found.get(name)) for name in PICKS}
    return {"pairs": found.get("pairs"), **{n: rounded(s.value) for n, s in shares.items() if s}}


def _shares(found: Mapping[str, Any], names: Iterable[str]) -> Figures:
    shares = {name: read_share(found.get(name)) for name in names}
    return {
        name: {"value": rounded(s.value), "low": rounded(s.low), "high": rounded(s.high), "n": s.n}
        for name, s in shares.items()
        if s
    }


def near_edges(audit: Audit) -> dict[str, dict[str, int]]:
    """Verified near-duplicate edges by level and kind."""
    found: dict[str, dict[str, int]] = {}
    for level, kind, edges in audit.duplicates.edges:
        found.setdefault(level, {})[kind] = edges
    return found


def benchmarks(audit: Audit) -> Figures | None:
    """By benchmark and kind of overlap: pairs, items of the benchmark, highest coverage. None when not compared."""
    if audit.overlaps is None:
        return None
    found: Figures = {}
    for one in sorted(audit.overlaps, key=lambda o: (o.benchmark, o.kind)):
        told = {"pairs": one.rows, "items": one.items, "coverage": rounded(one.coverage)}
        found.setdefault(one.benchmark, {})[one.kind] = told
    return found


def rounded(value: float | None) -> float | None:
    """Six decimals: enough for a million rows, and the same on every machine."""
    return None if value is None else round(value, 6)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listing(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
