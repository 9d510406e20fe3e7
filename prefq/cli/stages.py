"""The stages: each reads tables, calls one pure function and writes tables."""

import shlex
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from prefq import __version__, schema
from prefq.cli.console import Console
from prefq.errors import GateError, PrefqError
from prefq.store import BENCHMARKS, Outputs, Workdir

if TYPE_CHECKING:
    from prefq.cli.baseline import Baseline

Settings = Mapping[str, Any]

PAIRS, REJECTS = "data/pairs.parquet", "data/rejects.parquet"
NEIGHBORS, CLUSTERS, OVERLAPS = "data/neighbors.parquet", "data/clusters.parquet", "data/overlaps.parquet"
SCORES, SHORTCUTS = "data/scores.parquet", "data/shortcuts.json"
FLAGS, EVIDENCE, LEDGER = "data/flags.parquet", "data/evidence.parquet", "data/ledger.parquet"
GATE, MAP, AUDIT = "reports/gate.json", "data/map.parquet", "reports/audit.json"


@dataclass(frozen=True)
class Job:
    """What a stage works with: where, with which settings, where its outputs go and whom it tells."""

    home: Workdir
    settings: Settings
    out: Outputs
    console: Console
    earlier: "Baseline | None" = None
    """An audit to compare the report with, in place of the one that `report.baseline` names."""

    @property
    def seed(self) -> int:
        """The seed of everything random."""
        return int(self.settings["seed"])


def ingest(job: Job) -> str:
    """Read the sources into judgements and rejects."""
    from prefq.cli.reading import read_sources

    asked = job.settings["ingest"]
    return read_sources(job.home.root, asked["sources"], job.out, job.console, asked["sample"])


def embed(job: Job) -> str:
    """Embed each distinct text that was not embedded before."""
    from prefq.embed import distinct_texts
    from prefq.embed import embed as embed_texts
    from prefq.encoders import open_encoder
    from prefq.vector_cache import ChunkCache, save_vectors

    texts = distinct_texts(job.home.table(PAIRS))
    encoder = open_encoder(job.settings["embed"]["encoder"])
    cache = ChunkCache.of(job.home.root, encoder.fingerprint)
    with job.console.progress(texts.height, "text", "embed") as advance:
        done = embed_texts(texts, encoder, cache, advance)
    save_vectors(job.out.folder("data/vectors"), done)
    return done.sentence


def neighbors(job: Job) -> str:
    """Find near duplicates, clusters and contradictions."""
    from prefq.kept_arrays import KeptArrays
    from prefq.neighbors import find_neighbors
    from prefq.spooled import room

    space, kept = room(job.home.root / ".prefq/tmp"), KeptArrays.of(job.home.root, "prefq.neighbors")
    settings, vectors = job.settings["neighbors"], job.home.vectors()
    with job.home.scan(PAIRS) as pairs:
        found = find_neighbors(pairs, vectors, settings=settings, seed=job.seed, room=space, kept=kept)
    job.out.table(NEIGHBORS, found.edges)
    job.out.table(CLUSTERS, found.clusters)
    for note in found.notes:
        job.console.say(f"  {note}")
    groups = found.clusters["prompt_cluster"].n_unique()
    return f"{found.clusters.height:,} rows → {groups:,} distinct prompts, {found.edges.height:,} edges"


def decontaminate(job: Job) -> str:
    """Find prompts and answers that overlap with a benchmark."""
    from prefq.cli.benchmarks import read_benchmarks
    from prefq.cli.meanings import read_meanings
    from prefq.overlap import find_overlaps

    settings, pairs = job.settings["decontaminate"], job.home.table(PAIRS)
    read = read_benchmarks(job.home.root, settings["against"], settings["n"])
    asked = {name: settings[name] for name in ("n", "near", "common", "answers")}
    semantic = settings["semantic"] and read.prompts.height > 0
    similarity = settings["semantic_similarity"]
    meant = read_meanings(job.home, pairs, read.prompts["text"], similarity, job.console) if semantic else None
    overlaps = find_overlaps(pairs, read.prompts, read.prints, **asked, replies=read.answers, meanings=meant)
    job.out.table(OVERLAPS, overlaps, {BENCHMARKS: str(read.height)})
    for note in (*read.notes, *read.undecided(settings["semantic"], meant is not None)):
        job.console.say(f"  {note}")
    if not read.height:
        return "no benchmark named in decontaminate.against: nothing compared"
    return f"{read.height:,} benchmark prompts → {overlaps['row_id'].n_unique():,} rows overlap"


def score(job: Job) -> str:
    """Score each judgement with a cross-fitted reward model."""
    from prefq.cli.evaluation import shortcuts_against
    from prefq.features import SURFACE, pair_features
    from prefq.judges import judged
    from prefq.score import score as score_pairs
    from prefq.shortcuts import shortcuts_json
    from prefq.shortcuts.measure import measured, shortcut_frame

    pairs, clusters = job.home.table(PAIRS), job.home.optional_table(CLUSTERS)
    features = pair_features(pairs)
    named = job.settings["score"]["judge"]
    scores = score_pairs(
        pairs,
        features,
        job.home.vectors(),
        clusters,
        surface=SURFACE,
        settings=job.settings["score"],
        seed=job.seed,
        rewarded=None if named == "head" else judged(named, pairs, job.home.root),
    )
    job.out.table(SCORES, scores.table)
    found = measured(shortcut_frame(pairs, features, scores.table, clusters))
    against = shortcuts_against(job.home, (pairs, features), clusters, job.settings, job.console)
    job.out.json(SHORTCUTS, shortcuts_json(found, scores.calibration, scores.noise, against))
    for note in scores.notes:
        job.console.say(f"  {note}")
    return f"{scores.table['p_chosen'].count():,} of {pairs.height:,} rows scored"


def flag(job: Job) -> str:
    """Run every check on every pair."""
    from prefq.flagging import flag as run_checks
    from prefq.flagging import flag_frame
    from prefq.report.advice import flagged_rows

    home = job.home
    frame = flag_frame(
        home.table(PAIRS),
        home.optional_table(CLUSTERS),
        home.optional_table(SCORES),
        home.overlaps(),
        home.optional_table(NEIGHBORS),
    )
    flags = run_checks(frame, job.settings["flag"])
    job.out.table(FLAGS, flags.table)
    job.out.table(EVIDENCE, flags.evidence)
    for check, why in flags.undecided.items():
        job.console.detail(f"  {check}: not decided, {why}")
    flagged, informed = flagged_rows(flags.table)
    if informed:
        job.console.say(f"  {informed:,} more rows have flags that only inform (`prefq checks` says which those are)")
    return f"{flags.table.width - 1} checks → {flagged:,} of {flags.table.height:,} rows have a flag"


def curate(job: Job) -> str:
    """Apply the policy to each row."""
    from prefq.checks import CHECKS
    from prefq.curation import curate as apply_policy
    from prefq.policy import read_settings

    home, settings = job.home, read_settings(job.settings["curate"], tuple(CHECKS))
    result = apply_policy(
        home.table(PAIRS),
        home.table(FLAGS),
        home.optional_table(CLUSTERS),
        home.decisions(),
        settings=settings,
        seed=job.seed,
        scores=home.optional_table(SCORES) if settings.believed else None,
    )
    for split in schema.SPLITS:
        job.out.table(f"data/curated/{split}.parquet", result.curated.filter(pl.col("split") == split))
    job.out.table(LEDGER, result.ledger)
    if empty := _empty_splits(result.curated, job.settings["curate"]["split"]):
        job.console.say(f"  no pair is in {' or '.join(empty)}: there are too few prompt groups for the shares")
    if idle := result.people_said - result.people_decided:
        job.console.say(
            f"  {idle:,} of {result.people_said:,} decisions in data/labels decide nothing: no such pair is there, or"
            " it is dropped, or they name other answers"
        )
    if result.prompts_moved:
        job.console.say(f"  {result.prompts_moved:,} prompts are in the split of their group, which is not their own")
    if result.right is not None:
        job.console.say(f"  {_believed(result.right, settings.believed)}")
    counts = Counter(result.ledger["decision"].to_list())
    shown = ", ".join(
        f"{name} {counts[name]:,}" for name in ("keep", "merge", "drop", "flip", "review") if counts[name]
    )
    return f"{result.ledger.height:,} rows → {result.curated.height:,} pairs ({shown})"


def _believed(right: pl.Series, action: str | None) -> str:
    """What `soft` or `weight` did to the labels that stay, or why nothing."""
    known = right.drop_nulls().to_numpy()
    if not len(known):
        return f"{action} changes nothing: how likely labels are right is not known (score.noise_rate can tell)"
    column = "agreement" if action == "soft" else "weight"
    return (
        f"{len(known):,} labels count by how likely they are right ({column} in data/curated): {known.mean():.2f} on"
        f" average, below a half {int((known < 0.5).sum()):,}; most trainers' layouts have no place for that"
    )


def _empty_splits(curated: pl.DataFrame, shares: Mapping[str, float]) -> list[str]:
    """The splits that curate.split gives a share to, and that have no pair though there are some."""
    there = set(curated["split"])
    return [split for split in schema.SPLITS if shares.get(split) and split not in there] if there else []


def gate(job: Job) -> str:
    """Decide whether the curated pairs may be released."""
    from prefq.checks import CHECKS
    from prefq.cli.reporting import gated_survival
    from prefq.gate import judge_release

    home = job.home
    verdict = judge_release(
        home.table(PAIRS),
        home.table(REJECTS),
        home.table(FLAGS),
        home.curated(),
        home.optional_table(CLUSTERS),
        home.table(LEDGER),
        settings=job.settings["gate"],
        checks=tuple(CHECKS),
        docs=job.out.path("reports/data_docs"),
        project=home.root / told if (told := job.settings["gate"].get("great_expectations")) else None,
        shortcuts=home.optional_json(SHORTCUTS),
        survival=gated_survival(home, job.settings, job.console),
    )
    job.out.json(GATE, verdict.to_json())
    return verdict.sentence


def map_prompts(job: Job) -> str:
    """Lay out the distinct prompts in two dimensions."""
    from prefq.projection import map_frame

    vectors = job.home.vectors()
    if vectors is None:
        raise PrefqError(f"{job.home.root}/data/vectors is not there: run `prefq embed` first.")
    points = map_frame(job.home.table(PAIRS), vectors, settings=job.settings["map"], seed=job.seed)
    job.out.table(MAP, points)
    return f"{points.height:,} prompts laid out"


def report(job: Job) -> str:
    """Write the audit report."""
    from prefq.cli.baseline import configured_baseline
    from prefq.cli.reporting import foresee, read_tables, settings_of_tables
    from prefq.report import audit, audit_json, plots, render
    from prefq.report.annotators import people
    from prefq.report.changed import changed, trend_json
    from prefq.report.since import since

    earlier = job.earlier or configured_baseline(job.settings, job.home.root)
    tables = read_tables(job.home)
    survival = foresee(tables, job.settings["report"]["survival"], job.home.root, job.console)
    judged = people(tables.pairs, job.seed)
    old = earlier.pairs if earlier and not tables.sampled else None
    if earlier and earlier.pairs is not None and tables.sampled:
        job.console.say(f"  {earlier.name}: a sample's pairs are not compared with it, for most were not drawn")
    moved = changed(old, tables.pairs, earlier.name) if earlier and old is not None else None
    page = audit(tables, settings_of_tables(job.home, job.settings), survival, judged, moved)
    figures = audit_json(page)
    then = earlier.figures if earlier else None
    if then:
        figures["trend"] = trend_json(then, figures)
    moves = since(then, figures, earlier.name) if earlier and then else None
    if moved:
        job.console.say(f"  {moved.name}: {moved.sentence}")
    job.out.text("reports/audit.html", render(page, moves))
    job.out.json(AUDIT, figures)
    for name, content in plots(page).items():
        job.out.text(f"reports/plots/{name}", content)
    return str(job.home.root / "reports/audit.html")


def release(job: Job) -> str:
    """Write train-ready files; raises GateError when the gate said no, and removes an older release then."""
    from prefq.release import write_release

    verdict = job.home.json(GATE)
    if not verdict["passed"]:
        job.home.remove(schema.stage("release").writes)
        broken = [rule["sentence"] for rule in verdict["rules"] if rule["passed"] is False]
        more = f"; and {len(broken) - 3} more" if len(broken) > 3 else ""
        place = "" if job.home.root == Path() else f" --workdir {shlex.quote(str(job.home.root))}"
        raise GateError(
            f"the gate said no, so nothing is released: {'; '.join(broken[:3]) or 'a figure is undecided'}{more};"
            f" `prefq audit{place}` shows examples."
        )
    written = write_release(
        job.out.folder("data/release"),
        job.home.curated(),
        job.home.json(AUDIT),
        verdict,
        job.home.table(LEDGER),
        settings=job.settings["release"],
        name=job.settings["release"]["name"] or job.home.root.resolve().name,
        version=__version__,
    )
    for note in written.notes:
        job.console.say(f"  {note}")
    return f"{written.pairs:,} pairs in {job.home.root / 'data/release'}"


BODIES: dict[str, Callable[[Job], str]] = {
    "ingest": ingest,
    "embed": embed,
    "neighbors": neighbors,
    "decontaminate": decontaminate,
    "score": score,
    "flag": flag,
    "curate": curate,
    "gate": gate,
    "map": map_prompts,
    "report": report,
    "release": release,
}
