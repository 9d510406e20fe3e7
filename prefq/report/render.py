"""From the audit to one HTML file that needs no network and runs nothing but its own script.

Every value that reaches the page is escaped, and its invisible characters are replaced by readable ones; the content
security policy allows the one style sheet and the one script by their hashes, and nothing else.
"""

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup, escape

from prefq.report import charts, numbers, words
from prefq.report.data import Audit, Rule
from prefq.report.findings import Finding
from prefq.report.results import Result
from prefq.report.shortcuts import judge_figures, shortcut_tables
from prefq.report.text import visible

DECISION_WORDS = {
    "keep": "kept as given",
    "flip": "kept, label flipped",
    "merge": "merged into a kept pair",
    "review": "held out for review",
    "drop": "dropped",
}
POLICY_WORDS = {
    "keep": "These stay in",
    "flip": "These have their label turned round",
    "merge": "One of each group stays",
    "review": "These wait for a person",
    "drop": "These are taken out",
}
CONTRADICTION_WORDS = {
    "swapped": "the same pair labelled both ways",
    "cycle": "A over B over C over A",
    "both_ways": "one answer chosen here, rejected there",
}


def render(audit: Audit) -> str:
    """The whole page: same audit, same bytes."""
    style, script = _template_text("style.css"), _template_text("page.js")
    page = _environment(audit).get_template("page.html")
    return page.render(
        audit=audit,
        style=_trusted(style),
        script=_trusted(script),
        style_hash=_trusted(content_hash(style)),
        script_hash=_trusted(content_hash(script)),
        lede=words.lede(audit),
        verdict=words.verdict(audit.verdict),
        rule_line=rule_line,
        decision_words=DECISION_WORDS,
        contradiction_words=CONTRADICTION_WORDS,
        decisions_bar=charts.stacked_bar(list((audit.flow.decisions or {}).items()), "Pairs by decision"),
        where_sentence=words.where,
        policy_line=policy_line,
        quiet=[r for r in audit.decided if not r.count],
        charts=_charts(audit),
        tables=_tables(audit),
        judge_figures=judge_figures(audit),
        shortcut_tables=shortcut_tables(audit.shortcuts),
        map_data=json_for_script(audit.map.data()) if audit.map else "",
        against=(audit.settings.get("decontaminate") or {}).get("against"),
        settings_text=json.dumps(audit.settings, indent=2, ensure_ascii=False, default=str),
    )


def _template_text(name: str) -> str:
    return resources.files("prefq.report").joinpath("templates", name).read_text(encoding="utf-8")


def _environment(audit: Audit) -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        count=numbers.count,
        share=numbers.share,
        ratio=numbers.ratio,
        interval=numbers.interval,
        plural=numbers.plural,
        size=numbers.size,
        why=lambda row_id: f"prefq why {shlex.quote(row_id)}",
        shorten=lambda text: text if len(text) <= 400 else f"{text[:400]} … {len(text) - 400:,} more characters",
        bar=_bar(audit),
    )
    env.globals.update(where_sentence=words.where)
    return env


def _printed(value: Any) -> Any:
    """What the template prints: strings from the data with their invisible characters made readable."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _bar(audit: Audit) -> Any:
    largest = max((r.interval[1] for r in audit.decided if r.interval and r.count), default=1.0)

    def bar(result: Result) -> Markup:
        return charts.share_bar(result.count or 0, result.decided, result.interval, largest)

    return bar


def content_hash(text: str) -> str:
    """The `sha256-…` source expression that a content security policy knows an inline style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def json_for_script(value: Any) -> Markup:
    """JSON that can stand inside a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _trusted(text)


def _trusted(text: str) -> Markup:
    """Text of our own making, or made safe by the caller, that is printed as it stands."""
    return Markup(text)  # noqa: S704


def rule_line(rule: Rule) -> Markup:
    """One rule of the gate as a list item: its state in a word, its sentence, its place in the settings."""
    state, word = {True: ("yes", "✓ holds"), False: ("no", "✕ fails"), None: ("open", "? undecided")}[rule.passed]
    said = rule.name in rule.sentence and rule.rule in rule.sentence
    place = visible(rule.suite if said else f"{rule.suite} · {rule.name} {rule.rule}")
    line = Markup('<li><span class="state {}">{}</span><span>{} <code>{}</code></span></li>')
    return line.format(state, word, visible(rule.sentence), place)


def policy_line(finding: Finding) -> Markup:
    """What curation does with such pairs, by which line of the settings, and what else could be written there."""
    line = Markup("<code>curate.policy.{}: {}</code>").format(finding.check, finding.policy)
    does = POLICY_WORDS.get(finding.policy or "", "")
    if finding.policy != finding.usual:
        return Markup("{}: {} (by default: {}).").format(does, line, finding.usual)
    other = " Write review or drop there to take them out." if finding.policy == "keep" else ""
    return Markup("{}: {}.{}").format(does, line, other)


def _charts(audit: Audit) -> Mapping[str, Markup]:
    return {
        "lengths": charts.length_chart(audit.lengths),
        "ratios": charts.ratio_chart(audit.lengths),
        "reliability": charts.reliability_chart(audit.judge.bins) if audit.judge else escape(""),
    }


def _tables(audit: Audit) -> Mapping[str, list[list[str]]]:
    """The numbers behind each chart, row by row as text."""
    n, p = numbers.count, numbers.ratio
    return {
        "lengths": [[n(b.low), n(b.high - 1), n(b.chosen), n(b.rejected)] for b in audit.lengths.bins],
        "ratios": [[charts.times(b.low), charts.times(b.high), n(b.chosen)] for b in audit.lengths.ratio_bins],
        "reliability": [
            [p(b.low), p(b.high), n(b.rows), p(b.predicted), p(b.agreed)]
            for b in (audit.judge.bins if audit.judge else ())
        ],
    }
