"""The sentences of the report that the page and the terminal share."""

from dataclasses import dataclass

from prefq.report.data import Audit, Verdict
from prefq.report.numbers import count, plural, share
from prefq.report.results import Concentration
from prefq.report.text import brief


@dataclass(frozen=True)
class Banner:
    """The verdict in words; `kind` is `yes`, `no` or `open`."""

    kind: str
    mark: str
    title: str
    text: str


def verdict(v: Verdict) -> Banner:
    """What the gate said, in one title and one sentence."""
    if v.passed is None:
        return Banner("open", "?", "Not gated", "The gate stage has not run on these pairs, so nothing is released.")
    rules = plural(len(v.rules), "rule")
    open_too = f" {plural(len(v.undecided), 'rule')} could not be decided." if v.undecided else ""
    if v.passed:
        return Banner(
            "yes",
            "✓",
            "The gate says yes",
            f"{count(len(v.held))} of {rules} hold.{open_too} The pairs may be released.",
        )
    if v.failed:
        fails = "fails" if len(v.failed) == 1 else "fail"
        text = f"{count(len(v.failed))} of {rules} {fails}.{open_too} Nothing is released until they hold."
        return Banner("no", "✕", "The gate says no", text)
    return Banner(
        "no", "✕", "The gate says no", f"No rule fails, but{open_too.replace('.', ',')} and gate.undecided is `fail`."
    )


def lede(audit: Audit) -> str:
    """One line under the title: what this is an audit of."""
    flow, sources = audit.flow, len(audit.sources)
    origin = f" from {plural(flow.records, 'record')}" if flow.records is not None else ""
    files = f" in {plural(sources, 'source')}" if sources else ""
    checks = f"{plural(len(audit.decided), 'check')} decided"
    open_too = f", {count(len(audit.undecided))} not" if audit.undecided else ""
    return f"{plural(flow.pairs, 'preference pair')}{origin}{files} · {checks}{open_too}"


def where(place: Concentration, hits: int, rows: int) -> str:
    """In which slice a check's hits crowd, against that slice's part of all pairs."""
    return (
        f"{share(place.hits, hits)} of them ({count(place.hits)}) are in {place.column} {brief(place.value)}, "
        f"which holds {share(place.rows, rows)} of the pairs."
    )
