"""The sentences of the report that the page and the terminal share."""

from dataclasses import dataclass

from prefq.policy import BELIEVED, REASONS
from prefq.report.data import Audit, Rule, Verdict
from prefq.report.fates import Fate
from prefq.report.findings import Finding
from prefq.report.numbers import count, plural, share
from prefq.report.results import Concentration
from prefq.report.text import brief

REMEDY = "Mend the data, or set other limits under gate in params.yaml."


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
    rules = f"{count(len(v.held))} of {plural(len(v.rules), 'rule')} hold."
    if len(v.held) == len(v.rules):
        rules = f"All {plural(len(v.rules), 'rule')} hold."
    open_too = f" {plural(len(v.undecided), 'rule')} could not be decided." if v.undecided else ""
    if v.passed:
        return Banner(
            "yes",
            "✓",
            "The gate says yes",
            f"{rules}{open_too} The pairs may be released.",
        )
    if v.failed:
        fails = "fails" if len(v.failed) == 1 else "fail"
        until = "it holds" if len(v.failed) == 1 else "they hold"
        said = f"{count(len(v.failed))} of {plural(len(v.rules), 'rule')} {fails}."
        text = f"{said}{open_too} Nothing is released until {until}. {REMEDY}"
        return Banner("no", "✕", "The gate says no", text)
    return Banner(
        "no", "✕", "The gate says no", f"No rule fails, but{open_too.replace('.', ',')} and gate.undecided is `fail`."
    )


def undecided_fails(audit: Audit) -> bool:
    """Whether a rule that is not decided says no: `gate.undecided: fail`."""
    asked = (audit.settings.get("gate") or {}).get("undecided")
    return audit.verdict.passed is False and (asked == "fail" or not audit.verdict.failed)


def nothing_left(audit: Audit) -> str:
    """Why no finding is left for a person to decide, in a sentence."""
    if audit.flow.pairs and not audit.lengths.compared:
        return (
            f"{_none(audit.flow.pairs)} a preferred answer, so there is nothing to learn from. If the source does "
            "tell who won, say so to its format (`prefq formats`)."
        )
    if audit.verdict.failed:
        return "No single check is to blame: the rules that fail, above, are about the dataset as a whole."
    if audit.settled:
        return "Nothing: the policy has dealt with all that was found."
    if any(r.count for r in audit.decided):
        return "Nothing: what the checks found is for your information."
    return "No check found anything." if audit.decided else "No check has been decided."


def _none(pairs: int) -> str:
    return f"None of the {count(pairs)} pairs has" if pairs > 1 else "The only pair does not have"


def sentence(text: str) -> str:
    """The text with a capital and a full stop; a setting's name at its head stays as it is."""
    opening = text.split(" ", 1)[0]
    return f"{text if '.' in opening else text[:1].upper() + text[1:]}."


def rule(r: Rule) -> str:
    """A rule of the gate as a sentence; those on figures begin with the figure's name."""
    return r.sentence if r.suite == "raw" else r.sentence[:1].upper() + r.sentence[1:]


FATES = {
    "keep": "kept",
    "flip": "kept with the label turned round",
    "merge": "merged into a kept pair",
    "review": "held out for review",
    "drop": "dropped",
}
"""A decision of the ledger, as what was done to a number of pairs."""


def fate(told: Fate) -> str:
    """What became of the pairs that a check flags: `20 held out for review (…), 4 kept`."""
    parts = [f"{count(n)} {FATES.get(d, d)}{_because(told.reasons.get(d, ()))}" for d, n in told.decisions.items()]
    return ("all " if len(parts) == 1 and told.total > 1 else "") + ", ".join(parts)


def _because(reasons: tuple[str, ...]) -> str:
    if not reasons:
        return ""
    more = " and others" if len(reasons) > 2 else ""
    return f" ({'; '.join(REASONS.get(r, r) for r in reasons[:2])}{more})"


def to_change(f: Finding) -> str:
    """What a person can do about a finding, after the line of the policy that is in force."""
    waiting, kept = (f.fate.waiting, f.fate.kept) if f.fate else (0, 0)
    if f.policy == "review":
        return "Decide them one by one in data/labels, or write drop there to be rid of them, keep to let them in."
    if f.policy == "flip":
        return "Write review there to have them looked at first, keep to leave the labels as they are."
    if f.policy in BELIEVED:
        return "Labels count by how likely they are right. Write review there to have these looked at."
    if waiting > kept:
        rest = " write review or drop there to take out the others too." if kept else " drop there takes them out."
        return f"Decide those held out in data/labels;{rest}"
    return "Nothing acts on this check. Write review or drop there to take such pairs out."


def lede(audit: Audit) -> str:
    """One line under the title: what this is an audit of."""
    flow, sources = audit.flow, len(audit.sources)
    origin = f" from {_records(flow.records, flow.sampled_from)}" if flow.records is not None else ""
    files = f" in {plural(sources, 'source')}" if sources else ""
    checks = f"{plural(len(audit.decided), 'check')} decided"
    open_too = f", {count(len(audit.undecided))} not" if audit.undecided else ""
    return f"{plural(flow.pairs, 'preference pair')}{origin}{files} · {checks}{open_too}"


def _records(records: int, sampled_from: int | None) -> str:
    if sampled_from is None:
        return plural(records, "record")
    return f"a sample of {count(records)} of {plural(sampled_from, 'record')}"


def sampled(audit: Audit) -> str:
    """What an audit of a sample cannot say, in two sentences; nothing when every record was taken."""
    flow = audit.flow
    if flow.records is None or flow.sampled_from is None:
        return ""
    drawn = f"Only {_records(flow.records, flow.sampled_from)} was looked at, and the counts are its own."
    return f"{drawn} Repeats and contradictions are found only where both records were drawn."


def where(place: Concentration, hits: int, rows: int) -> str:
    """In which slice a check's hits crowd, against that slice's part of all pairs."""
    return (
        f"{share(place.hits, hits)} of them ({count(place.hits)}) are in {place.column} {brief(place.value)}, "
        f"which holds {share(place.rows, rows)} of the pairs."
    )
