"""The gate: may this be released? Two Great Expectations suites say so.

`raw` holds the figures of what came in against the tolerances of `params.yaml`; `curated` holds every curated pair
against what a trainer takes for granted. Great Expectations sees a narrow pandas frame, never the texts. This is the
one file that knows either library; both are imported when a gate is asked, and take about four seconds.
"""

import logging
import shutil
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from prefq.errors import SettingsError
from prefq.exemplars import Material, exemplars
from prefq.figures import Figure, figures, read_rules, switched_off
from prefq.store import written_whole
from prefq.suites import Ask, Suite, breakers, curated_frame, curated_rules, curated_suite, raw_suite


@dataclass(frozen=True)
class Ruling:
    """What became of one rule. `passed` is None when its figure could not be decided."""

    suite: str
    name: str
    rule: str
    value: float | None
    passed: bool | None
    sentence: str
    examples: tuple[str, ...] = ()
    """Of a rule that does not hold, some of the rows that it speaks of."""

    def to_json(self) -> dict[str, Any]:
        """The ruling as plain values."""
        value = round(self.value, 6) if isinstance(self.value, float) else self.value
        return {**self.__dict__, "value": value, "examples": list(self.examples)}


@dataclass(frozen=True)
class Verdict:
    """Whether the curated pairs may be released, and every rule that was asked."""

    passed: bool
    rulings: tuple[Ruling, ...]

    @property
    def broken(self) -> tuple[Ruling, ...]:
        """The rules that do not hold."""
        return tuple(r for r in self.rulings if r.passed is False)

    @property
    def undecided(self) -> tuple[Ruling, ...]:
        """The rules whose figure could not be decided."""
        return tuple(r for r in self.rulings if r.passed is None)

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        unsure = f", {len(self.undecided)} not decided" if self.undecided else ""
        if self.passed:
            return f"yes: {len(self.rulings) - len(self.undecided)} rules hold{unsure}"
        why = [ruling.sentence for ruling in self.broken or self.undecided]
        more = f" and {len(why) - 3} more" if len(why) > 3 else ""
        return f"no: {'; '.join(why[:3])}{more} ({len(self.broken)} of {len(self.rulings)} rules do not hold{unsure})"

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain values: no time, no run id, so that equal data give equal bytes."""
        return {
            "format": 1,
            "passed": self.passed,
            "sentence": self.sentence,
            "rules": [ruling.to_json() for ruling in self.rulings],
        }


def judge_release(
    pairs: pl.DataFrame,
    rejects: pl.DataFrame,
    flags: pl.DataFrame,
    curated: pl.DataFrame,
    clusters: pl.DataFrame | None,
    ledger: pl.DataFrame | None = None,
    *,
    settings: Mapping[str, Any],
    checks: Collection[str] = (),
    docs: Path | None = None,
    project: Path | None = None,
    shortcuts: Mapping[str, Any] | None = None,
    survival: Mapping[str, Figure] | None = None,
) -> Verdict:
    """Ask every rule of both suites.

    `settings` is the `gate` section: `FIGURE: "<op> <value>"`, `RULE: off` for a rule on the curated pairs, and
    `undecided` (`report`, or `fail`: then a rule whose figure is not decided says no). `checks` are those that exist:
    one without a column in `flags` is not decided. `clusters` gives the prompt groups, else each prompt is one;
    `shortcuts` (the content of `shortcuts.json`) the figures that are measured there, `survival`
    those of trainers. With `docs`, Great Expectations' Data Docs are built into that folder, in place of older ones.
    With `project`, the Great Expectations project in that folder (`gx/`, made where there is none) is given both suites
    to run by itself.
    Raises SettingsError for a rule that cannot be read.
    """
    undecided = settings.get("undecided", "report")
    if undecided not in ("report", "fail"):
        raise SettingsError(f"gate.undecided must be report or fail, not {undecided!r}.")
    unknown = {check: Figure(None, pairs.height) for check in checks}
    measured = unknown | dict(survival or {}) | figures(pairs, rejects, flags, curated, ledger, shortcuts)
    always = curated_rules()
    rules = read_rules(settings, measured, always)
    suites = [
        raw_suite(rules, measured),
        curated_suite(curated_frame(curated, flags, clusters), switched_off(settings, always)),
    ]
    found = _validate(suites, docs)
    if project is not None:
        _leave(suites, project)
    tables = Material(pairs, rejects, flags, curated, ledger)
    told = {rule.name: measured[rule.figure].examples or exemplars(rule, tables) for rule in rules}
    rulings = tuple(_ruling(suite, ask, found, told) for suite in suites for ask in suite.asks)
    passed = all(r.passed or (r.passed is None and undecided == "report") for r in rulings)
    return Verdict(passed, rulings)


def _ruling(
    suite: Suite, ask: Ask, found: Mapping[tuple[str, str], Any], told: Mapping[str, tuple[str, ...]]
) -> Ruling:
    """What Great Expectations found, in our words. `told`: examples for the rules on figures, by name."""
    if not ask.decided:
        unsure = ask.claim if suite.name == "raw" else f"of the curated pairs it is not decided whether {ask.claim}"
        return Ruling(suite.name, ask.name, ask.rule, None, None, unsure)
    result = found[suite.name, ask.name]
    passed = bool(result.success)
    if suite.name == "raw":
        examples = () if passed else told[ask.name]
        return Ruling(suite.name, ask.name, ask.rule, ask.value, passed, ask.claim, examples)
    value = int(result.result.get("unexpected_count", result.result.get("observed_value", 0)) or 0)
    sentence = _curated_sentence(ask, suite.frame.height, value, passed)
    examples = () if passed else breakers(suite, ask)
    return Ruling(suite.name, ask.name, ask.rule, value, passed, sentence, examples)


def _curated_sentence(ask: Ask, rows: int, value: int, passed: bool) -> str:
    """What holds for all curated pairs, or what does not for how many."""
    if ask.name == "rows":
        return f"{rows:,} curated pairs are there to release" if passed else ask.breach
    if passed:
        return f"in all {rows:,} curated pairs {ask.claim}"
    return f"in {value:,} of {rows:,} curated pairs {ask.breach}"


Findings = dict[tuple[str, str], Any]
"""Great Expectations' result for each question, by suite and name."""


def _validate(suites: list[Suite], docs: Path | None) -> Findings:
    """Have Great Expectations answer every question that can be asked, and build its Data Docs."""
    with TemporaryDirectory() as scratch:
        with _good_manners():
            context = _context(Path(scratch))
            found = {key: result for suite in suites for key, result in _run(context, suite).items()}
            if docs is not None:
                context.build_data_docs()
        if docs is not None:
            shutil.rmtree(docs, ignore_errors=True)
            shutil.copytree(scratch, docs)
    return found


def _context(site: Path) -> Any:
    """A Great Expectations context that lives in memory, draws no progress bars and builds its docs into `site`."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for name in context.get_site_names():
        context.delete_data_docs_site(name)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    config: Any = {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index}
    context.add_data_docs_site("prefq", {**config, "show_how_to_buttons": False})
    return context


def _questions(suite: Suite) -> list[Any]:
    """What can be asked of a suite, as expectations."""
    import great_expectations as gx

    return [
        getattr(gx.expectations, ask.expectation)(**ask.arguments, description=ask.claim, meta={"name": ask.name})
        for ask in suite.asks
        if ask.decided
    ]


def _run(context: Any, suite: Suite) -> Findings:
    """Ask one suite's questions of its frame."""
    import great_expectations as gx

    questions = _questions(suite)
    if not questions:
        return {}
    asset = context.data_sources.add_pandas(suite.name).add_dataframe_asset("pairs")
    batch = asset.add_batch_definition_whole_dataframe("all")
    asked = context.suites.add(gx.ExpectationSuite(suite.name, expectations=questions))
    validation = context.validation_definitions.add(gx.ValidationDefinition(name=suite.name, data=batch, suite=asked))
    checkpoint = context.checkpoints.add(gx.Checkpoint(name=suite.name, validation_definitions=[validation]))
    (outcome,) = checkpoint.run(batch_parameters={"dataframe": _pandas(suite.frame)}).run_results.values()
    return {(suite.name, result.expectation_config.meta["name"]): result for result in outcome.results}


def _leave(suites: list[Suite], project: Path) -> None:
    """Give a Great Expectations project the suites, the frames they ask about, and the checkpoint `prefq` for both.

    What is of that name there is replaced, all else stays. The frames are CSV files below `gx/uncommitted`, which Great
    Expectations keeps out of Git; their folder stands in the project by its absolute path.
    """
    import great_expectations as gx
    from great_expectations.checkpoint.actions import UpdateDataDocsAction

    with _good_manners():
        context: Any = gx.get_context(mode="file", project_root_dir=project)
        folder = (project / "gx/uncommitted/prefq").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        source = context.data_sources.add_or_update_pandas_filesystem("prefq", base_directory=folder)
        left = [_left(context, source, suite, folder) for suite in suites if any(ask.decided for ask in suite.asks)]
        actions: list[Any] = [UpdateDataDocsAction(name="docs")]
        context.checkpoints.add_or_update(gx.Checkpoint(name="prefq", validation_definitions=left, actions=actions))


def _left(context: Any, source: Any, suite: Suite, folder: Path) -> Any:
    """One suite in a project: its frame as a file, and what is to be validated."""
    import great_expectations as gx

    name = f"prefq_{suite.name}"
    with written_whole(folder / f"{suite.name}.csv") as path:
        suite.frame.write_csv(path)
    batch = source.add_csv_asset(suite.name).add_batch_definition_path("all", path=f"{suite.name}.csv")
    asked = context.suites.add_or_update(gx.ExpectationSuite(name, expectations=_questions(suite)))
    return context.validation_definitions.add_or_update(gx.ValidationDefinition(name=name, data=batch, suite=asked))


def _pandas(frame: pl.DataFrame) -> Any:
    """The frame in pandas, strings as plain objects (a pandas string column would want pyarrow)."""
    import pandas as pd

    columns = {name: pd.Series(frame[name].to_numpy(), dtype=_DTYPES.get(frame[name].dtype)) for name in frame.columns}
    return pd.DataFrame(columns)


_DTYPES: Mapping[Any, str] = {pl.String: "object", pl.Boolean: "object"}


@contextmanager
def _good_manners() -> Iterator[None]:
    """Undo what importing Great Expectations does to its host: new warning filters, and warnings sent to `logging`.

    It also imports two modules of the standard library that Python 3.11 calls deprecated.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"module 'sre_\w+' is deprecated", DeprecationWarning)
        before = warnings.showwarning
        try:
            yield
        finally:
            if warnings.showwarning is not before:
                logging.captureWarnings(False)
