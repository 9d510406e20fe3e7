"""From the tables of a dataset to everything its report says: one frozen object, no drawing yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefq import __version__
from prefq.checks import CHECKS
from prefq.policy import CONTRADICTIONS, full_policy
from prefq.report.advice import flagged_rows
from prefq.report.annotators import People
from prefq.report.changed import Changed
from prefq.report.clusters import Alike, alike_texts
from prefq.report.cycles import Contradiction, contradicting
from prefq.report.figures import Duplicates, Judge, Lengths, duplicates, judge, lengths
from prefq.report.findings import Finding, findings, settled
from prefq.report.flow import Flow, Source, flow, sources
from prefq.report.habits import Habits, habits
from prefq.report.margins import Step, by_length
from prefq.report.overlapping import Overlap, overlaps
from prefq.report.points import Map, point_map
from prefq.report.provenance import libraries
from prefq.report.results import Result, results
from prefq.report.survival import Survival
from prefq.report.suspects import Suspect, suspects
from prefq.report.tables import Tables
from prefq.report.text import brief
from prefq.report.together import Together, together

SCHEMA_FORMAT = 1


@dataclass(frozen=True)
class Rule:
    """One rule of the gate. `passed` is None when its figure could not be decided."""

    suite: str
    name: str
    rule: str
    value: float | None
    passed: bool | None
    sentence: str
    examples: tuple[str, ...] = ()
    """Of a rule that fails, some of the rows that it speaks of."""


@dataclass(frozen=True)
class Verdict:
    """What the gate said; `passed` is None when it has not been asked."""

    passed: bool | None
    rules: tuple[Rule, ...]

    @property
    def failed(self) -> tuple[Rule, ...]:
        """The rules that said no."""
        return tuple(r for r in self.rules if r.passed is False)

    @property
    def undecided(self) -> tuple[Rule, ...]:
        """The rules whose figure could not be decided."""
        return tuple(r for r in self.rules if r.passed is None)

    @property
    def held(self) -> tuple[Rule, ...]:
        """The rules that hold."""
        return tuple(r for r in self.rules if r.passed)


@dataclass(frozen=True)
class Audit:
    """Everything the report says. A part is None when the stage it speaks of has not run."""

    title: str
    version: str
    settings: Mapping[str, Any]
    verdict: Verdict
    flow: Flow
    sources: tuple[Source, ...]
    libraries: tuple[tuple[str, str], ...]
    """(name, version) of what the report was made with."""
    timings: Mapping[str, float]
    """Seconds that each stage took; empty where they are not told."""
    results: tuple[Result, ...]
    together: tuple[Together, ...]
    """Checks that fire together."""
    findings: tuple[Finding, ...]
    settled: tuple[Result, ...]
    """Checks whose pairs the policy has dealt with."""
    policy: Mapping[str, str]
    flagged: int | None
    """Pairs on which at least one check found harm; None when the flag stage has not run."""
    lengths: Lengths
    by_length: tuple[Step, ...]
    """How clear the preference is by how much longer the chosen answer is."""
    judge: Judge | None
    unscored: str | None
    """Why nothing has a score, as a clause; None when something has one, and when the score stage has not run."""
    suspects: tuple[Suspect, ...]
    """The labels most in doubt."""
    habits: Habits
    shortcuts: Mapping[str, Any] | None
    duplicates: Duplicates
    overlaps: tuple[Overlap, ...] | None
    uncompared: bool
    """Whether decontaminate has run with no benchmark to compare with."""
    map: Map | None
    survival: tuple[Survival, ...]
    """What trainers make of the pairs; empty when none is named, or when they were not asked."""
    people: People | None
    """Those who judged and those who were judged; None when they were not looked at."""
    by_form: tuple[str, ...] = ()
    """Rows whose label form alone is surest of, at most three."""
    changed: Changed | None = None
    """What changed in the pairs since an earlier version; None when there is none to compare with."""
    alike: Alike | None = None
    """Near prompts, answers and pairs; None when the neighbors stage has not run."""
    contradictions: tuple[Contradiction, ...] = ()
    """The contradictions with most judgements, cycles first."""

    @property
    def decided(self) -> tuple[Result, ...]:
        """The checks that have a result."""
        return tuple(r for r in self.results if r.count is not None)

    @property
    def undecided(self) -> tuple[Result, ...]:
        """The checks that have none."""
        return tuple(r for r in self.results if r.count is None)


def audit(
    tables: Tables,
    settings: Mapping[str, Any],
    survival: tuple[Survival, ...] = (),
    people: People | None = None,
    changed: Changed | None = None,
) -> Audit:
    """The audit of one dataset: same tables and settings, same audit.

    `survival`, `people` and `changed` are measured before, and take their time: a summary does without.
    `settings` is the whole mapping in force; `report.title`, `report.examples`, `flag`, `curate.policy` and `map.color`
    are used here, all of it is shown.
    """
    found = results(tables, settings)
    measured, rules = lengths(tables.pairs), policy(settings)
    told = habits(measured, tables.shortcuts)
    hits = [r.name for r in found if r.count]
    read = sources(tables)
    return Audit(
        title=brief(str((settings.get("report") or {}).get("title") or _title(tables)), 120),
        version=__version__,
        settings=settings,
        verdict=_verdict(tables.gate),
        flow=flow(tables),
        sources=read,
        libraries=libraries(),
        timings=tables.timings,
        results=found,
        together=together(tables.flags, hits),
        findings=findings(found, told, rules, survival),
        settled=settled(found, rules),
        policy=rules,
        flagged=_flagged(tables),
        lengths=measured,
        by_length=by_length(tables),
        judge=judge(tables),
        unscored=tables.unscored,
        suspects=suspects(tables, settings),
        habits=told,
        shortcuts=tables.shortcuts,
        duplicates=duplicates(tables),
        overlaps=overlaps(tables, settings),
        uncompared=tables.uncompared,
        map=point_map(tables, settings, hits, changed.rows, changed.name)
        if changed
        else point_map(tables, settings, hits),
        survival=survival,
        people=people,
        by_form=_by_form(tables),
        changed=changed,
        alike=alike_texts(tables, settings),
        contradictions=contradicting(tables, settings),
    )


def policy(settings: Mapping[str, Any]) -> dict[str, str]:
    """The action in force for every check. Raises SettingsError for a check or an action that does not exist."""
    section = settings.get("curate") or {}
    rules = {**CONTRADICTIONS, **(section.get("contradictions") or {})}
    return full_policy(section.get("policy") or {}, list(CHECKS), rules)


def _flagged(tables: Tables) -> int | None:
    if tables.flags is None:
        return None
    return flagged_rows(tables.flags)[0]


def _by_form(tables: Tables) -> tuple[str, ...]:
    if tables.scores is None or "p_surface" not in tables.scores.columns:
        return ()
    told = tables.scores.select("row_id", "p_surface").drop_nulls()
    return tuple(told.sort("p_surface", "row_id", descending=[True, False])["row_id"].head(3).to_list())


def _title(tables: Tables) -> str:
    names = tables.pairs["dataset"].unique().sort().to_list()
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "No pairs"


def _verdict(gate: Mapping[str, Any] | None) -> Verdict:
    if gate is None:
        return Verdict(None, ())
    rules = tuple(
        Rule(
            suite=str(r.get("suite", "")),
            name=str(r.get("name", "")),
            rule=str(r.get("rule", "")),
            value=r.get("value"),
            passed=r.get("passed"),
            sentence=str(r.get("sentence", "")),
            examples=tuple(map(str, r.get("examples") or ())),
        )
        for r in gate.get("rules", ())
    )
    return Verdict(bool(gate["passed"]), rules)
