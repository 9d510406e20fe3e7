"""The audit for machines: `audit.json` (DVC metrics) and the tables behind DVC's plots."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from prefq.report.annotators import to_json as people_json
from prefq.report.data import SCHEMA_FORMAT, Audit
from prefq.report.survival import to_json as survival_json

Figures = dict[str, Any]


def audit_json(audit: Audit) -> Figures:
    """Every figure as a number, null where it is not decided; no time, no path, so equal data give equal bytes."""
    flow = audit.flow
    return {
        "format": SCHEMA_FORMAT,
        "gate_passed": None if audit.verdict.passed is None else int(audit.verdict.passed),
        "gate_failed_rules": len(audit.verdict.failed),
        "gate_undecided_rules": len(audit.verdict.undecided),
        "records": flow.records,
        "records_rejected": flow.records_rejected,
        "rejects": flow.rejected,
        "rejects_by_reason": {r.reason: r.count for r in sorted(flow.rejects, key=lambda r: r.reason)},
        "pairs": flow.pairs,
        "ties": flow.ties,
        "decisions": flow.decisions,
        "kept": flow.kept,
        "released": flow.released,
        "released_total": flow.released_total,
        "unaccounted": len(flow.gaps),
        "flagged": audit.flagged,
        "flagged_share": _rounded(audit.flagged / flow.pairs) if audit.flagged is not None and flow.pairs else None,
        "distinct_prompts": audit.duplicates.distinct_prompts,
        "distinct_pairs": audit.duplicates.distinct_pairs,
        "contradictions": {kind: rows for kind, rows, _ in audit.duplicates.contradictions},
        "split_chains": {level: chains for level, chains, _ in audit.duplicates.chains},
        **_lengths(audit),
        **_judge(audit),
        "survival": {found.ask.name: survival_json(found) for found in audit.survival},
        "together": {f"{t.left} | {t.right}": {"both": t.both, "lift": _rounded(t.lift)} for t in audit.together},
        **people_json(audit.people),
        "checks": {
            r.name: {"count": r.count, "share": _rounded(r.share)} for r in sorted(audit.results, key=lambda r: r.name)
        },
        "checks_by_slice": {
            r.name: {f"{part.column}={part.value}": part.hits for part in r.slices}
            for r in sorted(audit.results, key=lambda r: r.name)
            if r.slices
        },
    }


def _lengths(audit: Audit) -> Figures:
    chosen, rejected = audit.lengths.medians
    return {
        "chosen_longer_share": _rounded(audit.lengths.chosen_longer_share),
        "chosen_median_characters": chosen,
        "rejected_median_characters": rejected,
    }


def _judge(audit: Audit) -> Figures:
    judge = audit.judge
    return {
        "label_accuracy": _rounded(judge.accuracy) if judge else None,
        "surface_accuracy": _rounded(audit.habits.surface.value) if audit.habits.surface else None,
        "ece": _rounded(calibration_error(audit)),
        "noise_rate": _rounded(noise_rate(audit)),
    }


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


def plots(audit: Audit) -> dict[str, str]:
    """File name → CSV, for `reports/plots/`: what `dvc plots show` draws."""
    ledger = audit.flow.decisions or {}
    released = audit.flow.released or {}
    return {
        "flags.csv": _csv(("check", "count", "share"), ((r.name, r.count, _rounded(r.share)) for r in audit.decided)),
        "lengths.csv": _csv(
            ("characters", "chosen", "rejected"), ((b.low, b.chosen, b.rejected) for b in audit.lengths.bins)
        ),
        "reliability.csv": _csv(
            ("predicted", "agreed", "rows"),
            ((_rounded(b.predicted), _rounded(b.agreed), b.rows) for b in (audit.judge.bins if audit.judge else ())),
        ),
        "ledger.csv": _csv(("decision", "pairs"), ledger.items()),
        "splits.csv": _csv(("split", "pairs"), released.items()),
    }


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _rounded(value: float | None) -> float | None:
    """Six decimals: enough for a million rows, and the same on every machine."""
    return None if value is None else round(value, 6)
