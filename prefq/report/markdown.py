"""The audit for a pull request's comment or a CI job's summary, as GitHub Markdown."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from prefq.report import words
from prefq.report.breaches import Breach, breach
from prefq.report.data import Audit, Rule
from prefq.report.diff_markdown import LIMIT, code, code_free, table
from prefq.report.findings import Finding
from prefq.report.headline import headline
from prefq.report.numbers import NBSP, count, ratio, share
from prefq.report.since import Since

MOST_RULES = 12


def to_markdown(
    audit: Audit,
    figures: Mapping[str, Any],
    *,
    report: str,
    workdir: str = ".",
    since: Since | None = None,
    limit: int = LIMIT,
) -> str:
    """The verdict, the rules that broke, the flow, the key figures, what is left to decide, and what trainers drop.

    `figures` is the content of audit.json. At most `limit` characters: what does not fit is left out, and said.
    """
    said = words.verdict(audit.verdict)
    parts = [
        f"### {said.mark} {said.title}: {code(audit.title)}",
        code_free(said.text),
        code_free(words.sampled(audit)),
        _rules(audit, workdir),
        _flow(audit),
        _figures(audit),
        _since(since) if since else "",
        _findings(audit, workdir),
        _survival(figures.get("survival") or {}),
        f"The whole report: {code(report)}",
    ]
    text, left_out = "", 0
    for part in parts:
        if part and len(text) + len(part) + 200 <= limit:
            text += part + "\n\n"
        elif part:
            left_out += 1
    tail = f"_{left_out} more parts of this audit are too long for a comment._\n" if left_out else ""
    return (text + tail).replace(NBSP, " ").rstrip("\n") + "\n"


def _rules(audit: Audit, workdir: str) -> str:
    shown = [*audit.verdict.failed, *audit.verdict.undecided]
    lines = [_rule(audit, rule, workdir) for rule in shown[:MOST_RULES]]
    rest = [f"- … and {len(shown) - MOST_RULES} more"] if len(shown) > MOST_RULES else []
    return "\n".join([*lines, *rest])


def _rule(audit: Audit, rule: Rule, workdir: str) -> str:
    mark = "✕" if rule.passed is False else "?"
    line = f"- {mark} {code_free(words.rule(rule))}"
    return _broken(line, breach(audit, rule), workdir) if rule.passed is False else line


def _broken(line: str, found: Breach, workdir: str) -> str:
    examples = f"for example {', '.join(map(code, found.examples))}: " if found.examples else ""
    return f"{line}\n  - {examples}{code(found.more(workdir))}"


def _flow(audit: Audit) -> str:
    flow = audit.flow
    steps = [("records read", flow.records), ("pairs", flow.pairs), ("kept", flow.kept)]
    steps += [("in the splits", flow.released_total)]
    said = " → ".join(f"**{count(n)}** {name}" for name, n in steps if n is not None)
    gaps = "".join(f"\n\n**Does not add up:** {code_free(gap)}" for gap in flow.gaps)
    return said + gaps


def _figures(audit: Audit) -> str:
    return table(("figure", "value", "of"), [(t.name, code_free(t.value), code_free(t.text)) for t in headline(audit)])


def _since(since: Since) -> str:
    gate = f"The gate said {since.gate[0]} then and says {since.gate[1]} now."
    figures = [(m.name, *m.words, m.step or "–") for m in since.figures if m.moved]
    checks = [(code(m.name), *m.words, m.step) for m in since.strongest]
    rows = [*figures, *checks]
    told = table(("figure", "then", "now", "moved"), rows) if rows else "No figure moved."
    return f"**Since {code(since.name)}**\n\n{gate}\n\n{told}"


def _findings(audit: Audit, workdir: str) -> str:
    if not audit.findings:
        return ""
    rows = [_finding(f, workdir) for f in audit.findings]
    return "**Yours to decide**\n\n" + table(("finding", "pairs", "share", "look"), rows)


def _finding(found: Finding, workdir: str) -> Sequence[str]:
    name = code(found.check) if found.check else code_free(found.title)
    place = "" if workdir in ("", ".") else f" --workdir {shlex.quote(workdir)}"
    look = code(f"prefq why {shlex.quote(found.row_id)}{place}") if found.row_id else "–"
    return name, count(found.count), share(found.count, found.whole), look


def _survival(told: Mapping[str, Any]) -> str:
    """The trainers that drop, cut or blank a pair, of those that were foreseen."""
    rows = [_trainer(name, figures) for name, figures in told.items() if figures["lost"] or figures["cut"]]
    head = ("trainer", "max_length", "dropped", "cut", "one text twice", "no answer", "left to learn from")
    return "**What trainers make of it**\n\n" + table(head, rows) if rows else ""


def _trainer(name: str, figures: Mapping[str, Any]) -> Sequence[str]:
    counted = [figures[key] for key in ("max_length", "dropped", "cut", "identical", "no_answer")]
    left = ratio(1 - figures["lost_share"]) if figures["lost_share"] is not None else "–"
    return [code(name), *map(count, counted), left]
