"""From the audit to one HTML file that needs no network and runs nothing but its own scripts."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import jinja2
from markupsafe import Markup, escape

from prefq.report import annotators, bars, charts, margins, numbers, survival, words
from prefq.report.advice import TIERS, tier
from prefq.report.breaches import Breach, breach
from prefq.report.data import Audit, Rule
from prefq.report.evidence import occurrences
from prefq.report.findings import Finding
from prefq.report.headline import headline
from prefq.report.pages import environment, inlined, template_text, trusted
from prefq.report.results import Result
from prefq.report.shortcuts import judge_figures, noise_rate, shortcut_tables
from prefq.report.since import Since
from prefq.report.text import INVISIBLE, brief, marked, visible
from prefq.standings import GAMES

DECISION_WORDS = {
    "keep": "kept as given",
    "flip": "kept, label flipped",
    "merge": "merged into a kept pair",
    "review": "held out for review",
    "drop": "dropped",
}
CONTRADICTION_WORDS = {
    "swapped": "The same pair labelled both ways",
    "cycle": "A over B over C over A",
    "both_ways": "Near answers decided both ways",
    "tie": "A tie here, decided there",
}
CONTRAST_WORDS = {"number": "a number", "name": "a name", "negation": "a negation", "slot": "what fills a template"}


SCRIPTS = ("page.js", "tables.js")
MAP_LIBRARY, MAP_SCRIPTS = "vendor/echarts.common.min.js", ("map_plot.js", "map.js")
"""Only a page with a map has these. The library stands alone, so that its bytes and hash are those of its release."""


def render(audit: Audit, since: Since | None = None) -> str:
    """The whole page: same audit, same bytes. `since`: what changed since an earlier one."""
    drawn = bars.draw(_bars(audit))
    page = _environment(drawn).get_template("page.html")
    return page.render(
        audit=audit,
        since=since,
        **inlined(template_text("style.css"), *_scripts(audit)),
        lede=words.lede(audit),
        verdict=words.verdict(audit.verdict),
        sampled=words.sampled(audit),
        tiles=headline(audit),
        nothing_left=_coded(words.nothing_left(audit)),
        tiers=tiers(audit),
        whys={r.name: r.why for r in audit.undecided},
        rule_line=partial(rule_line, audit),
        decision_words=DECISION_WORDS,
        contradiction_words=CONTRADICTION_WORDS,
        contrast_words=CONTRAST_WORDS,
        decisions_bar=drawn["decisions"],
        policy_line=policy_line,
        quiet=[r for r in audit.decided if not r.count],
        charts=_charts(audit),
        tables=_tables(audit),
        margins=margins,
        noise_known=noise_rate(audit) is not None,
        judge_figures=judge_figures(audit),
        shortcut_tables=shortcut_tables(audit),
        **_survival(audit, drawn),
        annotators=annotators,
        least_games=GAMES,
        map_data=json_for_script(audit.map.data()) if audit.map else "",
        settings_text=json.dumps(audit.settings, indent=2, ensure_ascii=False, default=str),
    )


def _scripts(audit: Audit) -> list[str]:
    """What each script element of the page holds."""
    own = SCRIPTS + MAP_SCRIPTS if audit.map else SCRIPTS
    library = [template_text(MAP_LIBRARY)] if audit.map else []
    return [*library, "\n".join(template_text(name) for name in own)]


def _environment(drawn: Mapping[Any, Markup]) -> jinja2.Environment:
    env = environment(
        size=numbers.size,
        at_most=numbers.at_most,
        known=lambda value: numbers.ratio(value) if value is not None else "–",
        why=lambda row_id: f"prefq why {shlex.quote(row_id)}",
        shorten=lambda text: text if len(text) <= 400 else f"{text[:400]} … {len(text) - 400:,} more characters",
        bar=lambda result: drawn["check", result.name],
        lean=lambda share: drawn[share],
        fate=words.fate,
        brief=brief,
        coded=_coded,
        quoting=lambda text, quote: marked(text, occurrences(text, [quote])),
    )
    env.globals.update(where_sentence=words.where, fate_words=words.FATES)
    return env


SURVIVAL_HEADER = (
    *("Pairs", "Dropped", "Cut", "One text twice", "No answer"),
    *("Chosen has more tokens", "… of what is left"),
)


def _survival(audit: Audit, drawn: Mapping[Any, Markup]) -> Mapping[str, Any]:
    """What the section on trainers is drawn with."""
    none = "report.survival names no trainer" if audit.lengths.compared else "no pair has a preferred answer"
    by_tokenizer = {found.ask.tokenizer: found for found in audit.survival}
    return {
        "survival": survival,
        "survival_why": None if audit.survival else none,
        "survival_header": SURVIVAL_HEADER,
        "survival_bars": {found.ask.name: drawn["trainer", found.ask.name] for found in audit.survival},
        "survival_fits": [
            (name, [numbers.share(n, found.losses.pairs) for _, n in found.fits])
            for name, found in by_tokenizer.items()
        ],
    }


def _coded(text: str) -> Markup:
    """Text with what stands between backticks as code."""
    return trusted(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def tiers(audit: Audit) -> list[tuple[Any, list[Result]]]:
    """The checks that found something, by tier; in each those first that found most."""
    found = [r for r in audit.decided if r.count]
    return [(t, some) for t in TIERS if (some := [r for r in found if tier(r.name) is t])]


def _bars(audit: Audit) -> dict[Any, bars.Bar]:
    """The page's bars: of decisions, of checks, of trainers, and of shares that lean from the middle."""
    models = audit.people.standings if audit.people else None
    leaning = [f.share for f in audit.habits.features]
    leaning += (
        [annotators.as_share(m.adjusted) for m in annotators.shown_models(models) if m.adjusted] if models else []
    )
    return {
        "decisions": bars.stacked_bar(audit.flow.decisions or {}, "Pairs by decision"),
        **{("check", r.name): bar for _, some in tiers(audit) for r, bar in _checks(some)},
        **{
            ("trainer", s.ask.name): bars.stacked_bar(s.fates, f"Pairs in {s.ask.name}", survival.FATES)
            for s in audit.survival
        },
        **{share: bars.lean_bar(share) for share in leaning},
    }


def _checks(results: Sequence[Result]) -> Iterator[tuple[Result, bars.Bar]]:
    """The bars of checks, all on one scale."""
    largest = max(r.interval[1] for r in results if r.interval)
    for r in results:
        yield r, bars.share_bar(r.fate.decisions if r.fate else {"": r.count or 0}, r.decided, r.interval, largest)


UNSAFE = re.compile(f"[<>&]|{INVISIBLE.pattern}")


def json_for_script(value: Any) -> Markup:
    """JSON that can stand inside a script element: nothing in it can end the element, open a comment or turn text."""
    return trusted(UNSAFE.sub(_escape, json.dumps(value, ensure_ascii=False, separators=(",", ":"))))


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def rule_line(audit: Audit, rule: Rule, why: str | None = None) -> Markup:
    """One rule of the gate as a list item: its state in a word, its sentence, where its setting is, why undecided.

    One that fails leads to the section that tells more, and to some of the rows that it speaks of.
    """
    state, word = {True: ("yes", "✓ holds"), False: ("no", "✕ fails"), None: ("open", "? undecided")}[rule.passed]
    place = Markup(" <code>gate.{}</code>").format(visible(rule.name)) if rule.suite == "raw" else ""
    because = Markup("<br><small>{}</small>").format(visible(words.sentence(why))) if why else ""
    more = _broken(breach(audit, rule)) if rule.passed is False else ""
    line = Markup('<li><span class="state {}">{}</span><span>{}{}{}{}</span></li>')
    return line.format(state, word, visible(words.rule(rule)), place, more, because)


def _broken(found: Breach) -> Markup:
    link = Markup(' <a href="#{}">{}</a>').format(
        found.section, "See examples" if found.section.startswith("check-") else "See the figures"
    )
    if not (command := found.command()):
        return link
    names = Markup(", ").join(Markup("<code><bdi>{}</bdi></code>").format(visible(name)) for name in found.examples)
    return link + Markup("<br><small>For example {}: <code>{}</code></small>").format(names, visible(command))


def policy_line(finding: Finding) -> Markup:
    """The line of the settings in force for such pairs, and what a person can do."""
    line = Markup("<code>curate.policy.{}: {}</code>").format(finding.check, finding.policy)
    usual = f" (by default: {finding.usual})" if finding.policy != finding.usual else ""
    return Markup("In force: {}{}. {}").format(line, usual, words.to_change(finding))


def _charts(audit: Audit) -> Mapping[str, Markup]:
    """The charts that the page has a place for."""
    drawn: dict[str, Markup] = {}
    if audit.lengths.compared:
        drawn |= {"lengths": charts.length_chart(audit.lengths), "ratios": charts.ratio_chart(audit.lengths)}
    if audit.judge:
        drawn["reliability"] = charts.reliability_chart(audit.judge.bins)
    return drawn


def _tables(audit: Audit) -> Mapping[str, list[list[str]]]:
    """The numbers behind each chart, row by row as text."""
    n, p = numbers.count, numbers.ratio
    flow = audit.flow
    return {
        "decisions": [
            [DECISION_WORDS.get(d, d), n(k), numbers.share(k, flow.pairs)] for d, k in (flow.decisions or {}).items()
        ],
        "lengths": [[n(b.low), n(b.high - 1), n(b.chosen), n(b.rejected)] for b in audit.lengths.bins],
        "ratios": [[charts.times(b.low), charts.times(b.high), n(b.chosen)] for b in audit.lengths.ratio_bins],
        "reliability": [
            [p(b.low), p(b.high), n(b.rows), p(b.predicted), f"{p(b.agreed)} ({numbers.interval(b.interval)})"]
            for b in (audit.judge.bins if audit.judge else ())
        ],
    }
