"""Near-duplicate search beside its peers: time, memory and what is found of the same truth, each in its own process."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bench import corpus
from bench.measure import Cost, FailedError, command, last_line
from bench.page import section, table
from bench.peers import LIKE, PEERS, Peer
from bench.planted import Truth
from bench.quality import Agreement, agreements, thousandths

ROWS = 20_000
UNIT = "unguarded"
AIMS = {"datasketch-letters": 20, "rensa-letters": 4}
HEADER = ("", "CPU s", "CPU", "wall s", "peak MB", "added MB", "precision", "recall", "F1", "F1, traps")

READ = """The same texts for all: real ones that are unlike each other, with variants and traps planted among them (the
question about quality says which). Each search is a process of its own; *CPU* and *wall* count from the texts in
memory to a cluster for each, after libraries, models and compiled loops are loaded by a first search of few texts.
*CPU ×* is beside prefq with its guard of meaning excluded, which the peers do not have: aims are {aims} at equal
shingles. *peak* is that of the process, *added* what the search put on top of texts and libraries. Precision, recall
and F1 are those of pairs in one cluster, without the traps; the last column is F1 with them. The originals were made
distinct by the similarity of five letters, which flatters the precision of those who use it."""

PEERS_READ = """*5 letters, checked*: prefq's shingles and bands ({answers} for answers, {prompts} for prompts) in the
peer's own sketches and index, and what its sketches find at least {like} alike counts: its recall is then near prefq's.
The others are what each recommends: datasketch with runs of 5 words at 0.7, unchecked, as most scripts have it; rensa's
deduplicator with words at 0.8, as in its README; text-dedup's command at its defaults (5 words, 0.7, 250 permutations;
start-up excluded) and where its recall is nearer to prefq's (2 words, 0.5; it has no shingles of letters); semhash at
its default of 0.9 and at 0.8, with prefq's static encoder as its model in place of its own, which is fetched from a
hub; it looks for one meaning, and answers of many models to one question, which this truth keeps apart, are near in
meaning. A peer that could not be installed or did not run has a row that says so."""


@dataclass(frozen=True)
class Run:
    """What a search cost, and how far it agrees with the truth, without the traps and with them."""

    cost: Cost
    agreement: Agreement
    trapped: Agreement


def answer(quick: bool = False, rows: int = ROWS) -> str:
    """The section."""
    truths = corpus.truths(rows, quick)
    with tempfile.TemporaryDirectory() as folder:
        found = {level: _runs(level, truth, Path(folder), PEERS) for level, truth in truths.items()}
    aims = " and ".join(f"{times} × for {PEERS[name].name.split(',')[0]}" for name, times in AIMS.items())
    return section(
        "Near duplicates: what does a search cost and find beside its peers?",
        READ.format(aims=aims),
        PEERS_READ.format(answers="32 of 4 slots", prompts="42 of 3", like=LIKE),
        *(part for level, truth in truths.items() for part in _part(level, truth, found[level])),
    )


def _part(level: str, truth: Truth, runs: dict[str, Run | str]) -> tuple[str, str]:
    size = sum(len(text.encode()) for text in truth.texts) / 1e6
    unit = runs[UNIT]
    beside = None if isinstance(unit, str) else unit.cost
    rows = [_line(name, run, beside) for name, run in runs.items()]
    return f"{len(truth.texts):,} {level}, {size:.1f} MB:", table(HEADER, rows)


def _line(name: str, run: Run | str, unit: Cost | None) -> tuple[object, ...]:
    if isinstance(run, str):
        return (f"{PEERS[name].name}: not measured ({run})", *[None] * (len(HEADER) - 1))
    cost, found = run.cost, run.agreement
    shares = (found.precision, found.recall, found.f1, run.trapped.f1)
    times = f"{cost.cpu / max(unit.cpu, 1e-6):.1f} ×" if unit else None
    return (
        PEERS[name].name,
        cost.cpu,
        times,
        cost.wall,
        round(cost.peak),
        round(cost.added),
        *(thousandths(share) for share in shares),
    )


def _runs(level: str, truth: Truth, folder: Path, peers: dict[str, Peer]) -> dict[str, Run | str]:
    """For each peer its run, or why there is none."""
    pl.DataFrame({"text": truth.texts, "level": level}).write_parquet(folder / "texts.parquet")
    return {name: _run(name, peer, truth, folder) for name, peer in peers.items()}


def _run(name: str, peer: Peer, truth: Truth, folder: Path) -> Run | str:
    try:
        path = _installed(peer.wheels, folder) if peer.wheels else ""
        command(sys.executable, "-m", "bench.peers", name, folder, environment={"PYTHONPATH": path} if path else None)
    except FailedError as error:
        return str(error)
    cost = Cost(**json.loads((folder / f"{name}.json").read_text("utf-8")))
    return Run(cost, *agreements(truth, np.load(folder / f"{name}.npy")))


def _installed(wheels: tuple[str, ...], folder: Path) -> str:
    """A folder with these packages and nothing that they ask for. Raises FailedError where pip does."""
    place = folder / wheels[0]
    if not place.exists():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
        done = subprocess.run([*pip, "--target", place, *wheels], capture_output=True, text=True, check=False)
        if done.returncode:
            errors = (line for line in done.stderr.splitlines() if line.startswith("ERROR: "))
            raise FailedError(f"pip: {next(errors, last_line(done.stderr)).removeprefix('ERROR: ')}")
    return str(place)
