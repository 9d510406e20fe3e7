"""The gate's verdict as JUnit XML: every rule is a test case, so that any CI server shows what broke."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from prefq.report import words
from prefq.report.breaches import Breach, breach
from prefq.report.data import Audit, Rule
from prefq.report.numbers import NBSP
from prefq.report.text import visible

SUITES = {"raw": "the data as it came in", "curated": "every curated pair"}
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(audit: Audit, *, workdir: str = ".") -> str:
    """The verdict as one XML document. A broken rule is a failure, one that is not decided is skipped.

    Under `gate.undecided: fail` a rule that is not decided fails too. No time stands in it: equal data, equal bytes.
    """
    strict = words.undecided_fails(audit)
    suites = dict.fromkeys([*SUITES, *(rule.suite for rule in audit.verdict.rules)])
    root = ElementTree.Element("testsuites", name=_plain(f"prefq audit: {audit.title}{_sampled(audit)}"))
    for name in suites:
        _suite(root, SUITES.get(name, f"gate {name}"), _cases(audit, name, strict, workdir))
    _suite(root, "accounting", [_accounting(audit), *([] if audit.verdict.rules else [_not_asked()])])
    for key in ("tests", "failures", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _sampled(audit: Audit) -> str:
    flow = audit.flow
    return "" if flow.sampled_from is None else f" (a sample of {flow.records} of {flow.sampled_from} records)"


def _suite(root: ElementTree.Element, title: str, cases: Sequence[ElementTree.Element]) -> None:
    if cases:
        suite = ElementTree.SubElement(root, "testsuite", name=_plain(title), tests=str(len(cases)))
        suite.set("failures", _count(cases, "failure"))
        suite.set("skipped", _count(cases, "skipped"))
        suite.extend(cases)


def _count(cases: Sequence[ElementTree.Element], kind: str) -> str:
    return str(sum(case.find(kind) is not None for case in cases))


def _cases(audit: Audit, suite: str, strict: bool, workdir: str) -> list[ElementTree.Element]:
    return [_case(audit, rule, strict, workdir) for rule in audit.verdict.rules if rule.suite == suite]


def _case(audit: Audit, rule: Rule, strict: bool, workdir: str) -> ElementTree.Element:
    case = _named(f"gate.{rule.suite}", f"{rule.name} {rule.rule}")
    if rule.passed is False or (rule.passed is None and strict):
        failure = ElementTree.SubElement(case, "failure", message=_plain(words.rule(rule)), type="gate")
        failure.text = _plain("\n".join(_told(breach(audit, rule), workdir)))
    elif rule.passed is None:
        ElementTree.SubElement(case, "skipped", message=_plain(words.rule(rule)))
    return case


def _named(part: str, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", classname=_plain(f"prefq.{part}"), name=_plain(name))


def _told(found: Breach, workdir: str) -> list[str]:
    """Limit and value, some pairs, and the command that tells of one."""
    examples = [f"examples: {', '.join(found.examples)}"] if found.examples else []
    return [f"limit: {found.rule.rule}", f"value: {found.value}", *examples, f"more: {found.more(workdir)}"]


def _accounting(audit: Audit) -> ElementTree.Element:
    case = _named("accounting", "every record and every pair is accounted for")
    if audit.flow.gaps:
        failure = ElementTree.SubElement(case, "failure", message=_plain(audit.flow.gaps[0]), type="accounting")
        failure.text = _plain("\n".join(audit.flow.gaps))
    return case


def _not_asked() -> ElementTree.Element:
    case = _named("gate", "the gate was asked")
    ElementTree.SubElement(case, "skipped", message="The gate stage has not run on these pairs.")
    return case


def _plain(text: str) -> str:
    """Text that XML can hold: what cannot be seen is named, what XML forbids is left out."""
    return ILLEGAL.sub("", visible(text)).replace(NBSP, " ")
