"""The terminal's end summary: the verdict, the flow, the top findings, where the report is."""

import shlex
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from prefq.report import words
from prefq.report.breaches import breach
from prefq.report.data import Audit, Rule
from prefq.report.findings import LOST, Finding
from prefq.report.headline import headline
from prefq.report.numbers import NBSP, count, plural, share
from prefq.report.since import Since
from prefq.report.text import visible

RED, GREEN, YELLOW, BOLD, DIM, RESET = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
MOST_FINDINGS = 6
MOST_NAMES = 6
MOST_RULES = 6
Paint = Callable[[str, str], str]


def summary(
    audit: Audit,
    *,
    color: bool = False,
    width: int = 80,
    report: str = "reports/audit.html",
    workdir: str = ".",
    since: Since | None = None,
    survival: Mapping[str, Any] | None = None,
) -> str:
    """The audit in about twenty lines of at most `width` columns; no escape codes unless `color`.

    `report` and `workdir` are where the report is and whose it is; a command that is to be typed stands uncut. `since`:
    what changed since an earlier audit. `survival`: what audit.json says of trainers.
    """
    paint = _painter(color)
    lines = [paint(_clip(audit.title, width), BOLD), *_verdict(audit, paint, workdir, width), "", *_flow(audit, width)]
    lines += ["", *_headline(audit, width)]
    if since:
        lines += ["", paint(_clip(f"Since {since.name}", width), BOLD), *_since(since, width)]
    if audit.findings:
        lines += ["", paint("Yours to decide", BOLD), *_findings(audit, workdir, paint, width)]
    if lost := _trainers(survival or {}, width):
        lines += ["", paint("What trainers would lose", BOLD), *lost]
    ruled = {rule.name for rule in audit.verdict.undecided}
    lists = [
        *_listed("Dealt with by the policy", [f"{r.name} {count(r.count or 0)}" for r in audit.settled], width),
        *_listed("Not decided", [r.name for r in audit.undecided if r.name not in ruled], width),
    ]
    if lists:
        lines += ["", *lists]
    return "\n".join([*lines, "", f"Report: {visible(report)}"]).replace(NBSP, " ")


def _painter(color: bool) -> Paint:
    return (lambda text, code: f"{code}{text}{RESET}") if color else (lambda text, _code: text)


def _verdict(audit: Audit, paint: Paint, workdir: str, width: int) -> list[str]:
    said = words.verdict(audit.verdict)
    code = {"yes": GREEN, "no": RED, "open": YELLOW}[said.kind]
    lines = [paint(f"{said.mark} {said.title}.", code + BOLD), *_wrap(said.text, width, "  ")]
    lines += _wrap(words.sampled(audit), width, "  ")
    shown = [*audit.verdict.failed, *_undecided(audit)]
    told = [*lines, *(line for rule in shown[:MOST_RULES] for line in _rule(audit, rule, workdir, width))]
    more = len(shown) - MOST_RULES
    return [*told, *([f"  and {plural(more, 'more rule', 'more rules')} in the report"] if more > 0 else [])]


def _undecided(audit: Audit) -> list[Rule]:
    """The rules that are not decided, but for those on the curated pairs whose figure the data as it came in lacks."""
    rules = audit.verdict.undecided
    names = {rule.name for rule in rules}
    return [rule for rule in rules if not (rule.name.startswith("no_") and rule.name.removeprefix("no_") in names)]


def _rule(audit: Audit, rule: Rule, workdir: str, width: int) -> list[str]:
    """The rule's sentence; of one that fails also examples, and the command that tells of the first, uncut."""
    mark = "✕" if rule.passed is False else "?"
    said = textwrap.wrap(visible(words.rule(rule)), width, initial_indent=f"  {mark} ", subsequent_indent="    ")
    if rule.passed is not False:
        return said
    found = breach(audit, rule)
    more = _typed(f"      {found.more(workdir)}", width)
    some = f"      for example {', '.join(found.examples)}"
    return [*said, *([_clip(some, width)] if found.examples else []), more]


def _flow(audit: Audit, width: int) -> list[str]:
    flow = audit.flow
    drawn = f", a sample of {count(flow.sampled_from)}" if flow.sampled_from is not None else ""
    rows = [("records read", flow.records, f"{count(flow.records_rejected)} rejected whole{drawn}")]
    decisions = ", ".join(f"{k} {count(n)}" for k, n in (flow.decisions or {}).items() if n)
    rows += [("pairs", flow.pairs, decisions or "curate has not run")]
    rows += [("kept", flow.kept, share(flow.kept, flow.pairs) + " of the pairs" if flow.kept is not None else "")]
    splits = ", ".join(f"{k} {count(n)}" for k, n in (flow.released or {}).items())
    rows += [("in the splits", flow.released_total, splits)]
    said = [(name, "–" if n is None else count(n), text) for name, n, text in rows]
    wide = max(len(n) for _, n, _ in said)
    return [
        *(_clip(f"  {name:<14}{n:>{wide}}  {text}", width) for name, n, text in said),
        *(f"  ! {g}" for g in flow.gaps),
    ]


def _headline(audit: Audit, width: int) -> list[str]:
    told = [f"{t.name.lower()} {t.value}".replace(" ", NBSP) for t in headline(audit)]
    return [
        line.replace(NBSP, " ")
        for line in textwrap.wrap(
            " · ".join(told), width, initial_indent="  ", subsequent_indent="  ", break_long_words=False
        )
    ]


def _since(since: Since, width: int) -> list[str]:
    """The verdicts, and the figures and checks that moved."""
    gate = f"the gate {since.gate[0]} → {since.gate[1]}"
    figures = [f"{m.name.lower()} {m.words[0]} → {m.words[1]}" for m in since.figures if m.moved]
    checks = [f"{m.name} {m.words[0]} → {m.words[1]}" for m in since.strongest]
    told = " · ".join(part.replace(" ", NBSP) for part in [gate, *figures, *checks])
    lines = textwrap.wrap(told, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    return [line.replace(NBSP, " ") for line in lines]


def _findings(audit: Audit, workdir: str, paint: Paint, width: int) -> list[str]:
    top = audit.findings[:MOST_FINDINGS]
    names = [f.check or "habit" for f in top]
    wide, figures = max(map(len, names)), max(len(count(f.count)) for f in top)
    lines = [_finding(f, name, wide, figures, paint, width) for f, name in zip(top, names, strict=True)]
    told = next((f.row_id for f in top if f.row_id), None)
    return [*lines, _why(told, workdir, width)] if told else lines


def _trainers(survival: Mapping[str, Any], width: int) -> list[str]:
    """The trainers that learn nothing from a part of the pairs that curation keeps (or of all, before it)."""
    told = {name: (figures["kept"] or figures, figures["max_length"]) for name, figures in survival.items()}
    hurt = {name: (left, most) for name, (left, most) in told.items() if left["lost"] and left["lost_share"] >= LOST}
    wide = max(map(len, hurt), default=0)
    return [
        _clip(
            f"  {name:<{wide}}  {count(left['lost'])} of {count(left['pairs'])} pairs"
            f" ({share(left['lost'], left['pairs'])}) at {count(most)} tokens",
            width,
        )
        for name, (left, most) in hurt.items()
    ]


def _why(row_id: str, workdir: str, width: int) -> str:
    """The command that tells the story of a pair, whole where it can be typed as it is shown."""
    place = "" if workdir in ("", ".") else f" --workdir {shlex.quote(workdir)}"
    command = _typed(f"  prefq why {shlex.quote(row_id)}{place}", width)
    told = f"{command}   tells the story of one pair"
    return told if len(told) <= width else command


def _typed(command: str, width: int) -> str:
    """A command, whole where it can be typed as it is shown."""
    safe = visible(command) == command and "\n" not in command
    return command if safe else _clip(command.replace("\n", " "), width)


def _finding(f: Finding, name: str, wide: int, figures: int, paint: Paint, width: int) -> str:
    head = f"  {name:<{wide}}  {count(f.count):>{figures}}  {share(f.count, f.whole).replace(NBSP, ' '):>7}  "
    tail = _fate(f) if f.fate else f.title
    return head + paint(_clip(tail, width - len(head)), DIM)


def _fate(f: Finding) -> str:
    """What became of a finding's pairs, in the ledger's own words."""
    return ", ".join(f"{k} {count(n)}" for k, n in f.fate.decisions.items()) if f.fate else ""


def _listed(title: str, names: list[str], width: int) -> list[str]:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return _wrap(f"{title}: {', '.join(names[:MOST_NAMES])}{more}.", width) if names else []


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(visible(text), width, initial_indent=indent, subsequent_indent=indent or "  ")


def _clip(text: str, width: int) -> str:
    text = visible(text)
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"
