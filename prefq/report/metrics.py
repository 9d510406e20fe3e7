"""The audit for machines: `audit.json` (DVC metrics) and the tables behind DVC's plots."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from prefq.report.annotators import to_json as people_json
from prefq.report.data import SCHEMA_FORMAT, Audit
from prefq.report.detailed import benchmarks, check, gate_rules, near_edges, rounded, shortcuts
from prefq.report.margins import to_json as margins_json
from prefq.report.shortcuts import calibration_error, noise_rate
from prefq.report.survival import to_json as survival_json

Figures = dict[str, Any]


def audit_json(audit: Audit) -> Figures:
    """Every figure as a number, null where it is not decided; no time, no path, so equal data give equal bytes.

    `audit.schema.json`, beside this file, says what each figure is. `trend` is null: whoever has an earlier audit puts
    `prefq.report.changed.trend_json` there.
    """
    flow = audit.flow
    return {
        "format": SCHEMA_FORMAT,
        "gate_passed": None if audit.verdict.passed is None else int(audit.verdict.passed),
        "gate_failed_rules": len(audit.verdict.failed),
        "gate_undecided_rules": len(audit.verdict.undecided),
        "gate_rules": gate_rules(audit),
        "records": flow.records,
        "sampled_from": flow.sampled_from,
        "records_rejected": flow.records_rejected,
        "rejected": flow.rejected,
        "rejects_by_reason": {r.reason: r.count for r in sorted(flow.rejects, key=lambda r: r.reason)},
        "pairs": flow.pairs,
        "ties": flow.ties,
        "decisions": flow.decisions,
        "kept": flow.kept,
        "released": flow.released,
        "released_total": flow.released_total,
        "unaccounted": len(flow.gaps),
        "flagged": audit.flagged,
        "flagged_share": rounded(audit.flagged / flow.pairs) if audit.flagged is not None and flow.pairs else None,
        "distinct_prompts": audit.duplicates.distinct_prompts,
        "distinct_pairs": audit.duplicates.distinct_pairs,
        "prompt_clusters": audit.duplicates.prompt_clusters,
        "pair_clusters": audit.duplicates.pair_clusters,
        "near_edges": near_edges(audit),
        "contradictions": {kind: rows for kind, rows, _ in audit.duplicates.contradictions},
        "split_chains": {level: chains for level, chains, _ in audit.duplicates.chains},
        **_lengths(audit),
        "margin_by_length": margins_json(audit.by_length),
        **_judge(audit),
        "shortcuts": shortcuts(audit),
        "benchmarks": benchmarks(audit),
        "survival": {found.ask.name: survival_json(found) for found in audit.survival},
        "together": {f"{t.left} | {t.right}": {"both": t.both, "lift": rounded(t.lift)} for t in audit.together},
        **people_json(audit.people),
        "checks": {r.name: check(r) for r in sorted(audit.results, key=lambda r: r.name)},
        "changed": dict(audit.changed.counts) if audit.changed else None,
        "trend": None,
        "checks_by_slice": {
            r.name: {f"{part.column}={part.value}": part.hits for part in r.slices}
            for r in sorted(audit.results, key=lambda r: r.name)
            if r.slices
        },
    }


def _lengths(audit: Audit) -> Figures:
    chosen, rejected = audit.lengths.medians
    return {
        "chosen_longer_share": rounded(audit.lengths.chosen_longer_share),
        "chosen_median_characters": chosen,
        "rejected_median_characters": rejected,
    }


def _judge(audit: Audit) -> Figures:
    judge = audit.judge
    return {
        "label_accuracy": rounded(judge.accuracy) if judge else None,
        "surface_accuracy": rounded(audit.habits.surface.value) if audit.habits.surface else None,
        "ece": rounded(calibration_error(audit)),
        "noise_rate": rounded(noise_rate(audit)),
    }


def plots(audit: Audit) -> dict[str, str]:
    """File name → CSV, for `reports/plots/`: what `dvc plots show` draws."""
    ledger = audit.flow.decisions or {}
    released = audit.flow.released or {}
    return {
        "flags.csv": _csv(("check", "count", "share"), ((r.name, r.count, rounded(r.share)) for r in audit.decided)),
        "lengths.csv": _csv(
            ("characters", "chosen", "rejected"), ((b.low, b.chosen, b.rejected) for b in audit.lengths.bins)
        ),
        "reliability.csv": _csv(
            ("predicted", "agreed", "rows"),
            ((rounded(b.predicted), rounded(b.agreed), b.rows) for b in (audit.judge.bins if audit.judge else ())),
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
