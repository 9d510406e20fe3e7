"""Wrong labels: what prefq finds of planted ones, beside cleanlab as its users would run it on pairs, and one model."""

import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from bench import data
from bench.measure import call, prefq
from bench.page import section, table
from prefq.bradley_terry import balanced_folds
from prefq.features import SURFACE, pair_features
from prefq.params import defaults
from prefq.prove.examples import Examples, Sides, fitted
from prefq.prove.material import sides_of, turn, turn_clusters
from prefq.score import score
from prefq.stats import auroc, ece, reliability
from prefq.store import Workdir
from prefq.vectors import Vectors

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SEEDS, PAIRS = 3, 10_000
PENALTY, ANNOTATORS = 100.0, 8
PLANTED = (
    *(("symmetric", rate) for rate in (0.05, 0.1, 0.2, 0.3)),
    *((kind, 0.1) for kind in ("one side", "annotators", "shorter wins")),
)

READ = """Labels of real pairs are turned round at random, and found again: by prefq (`prefq score`, the ranking of
`suspicion`; the probability that a label is right at the rate it estimates, or at the planted one where it estimates
none); by cleanlab as its guides show it (a logistic regression on the difference of vectors and surface features,
5-fold cross-validated, sides drawn at random; `find_label_issues`, and Datalab on the same features); and by the
threshold 0.5 of that one model. *symmetric*: every label alike. *one side*: only labels for the answer drawn as the
first one. *annotators*: two of eight turn four times the rate, the others none, and who judged is known. *shorter
wins*: only labels for the longer answer. AUROC, AP and P@rate (precision among as many as are turned) rank the
turned above the others; *ECE* is of the probability that a label is right; *rate* the estimated share of wrong
labels; *head* the accuracy, on clean pairs of other prompts, of the same linear head after the most suspicious are
dropped, as many as are turned (raw: none is). Means of {seeds} seeds. Labels that were wrong before count against
all alike."""


@dataclass(frozen=True)
class Noisy:
    """Pairs to train on, some of them turned, with clean pairs of other prompts to test on."""

    pairs: pl.DataFrame
    features: pl.DataFrame
    vectors: Vectors
    clusters: pl.DataFrame
    sides: Sides
    test: Sides
    turned: Mask
    first: Mask
    """Whether the answer that the label names was drawn as the first one."""


@dataclass(frozen=True)
class Verdict:
    """What a method says: `suspicion` ranks, `right` is a probability, `rate` a share; None where it says nothing."""

    suspicion: Array
    right: Array | None
    rate: float | None


def planted(kind: str, rate: float, pairs: pl.DataFrame, first: Mask, seed: int) -> Mask:
    """Which labels to turn: `rate` of them in all, as far as there are enough of those that the kind may turn.

    `first`: whether the answer that the label names was drawn as the first one.
    """
    rng = np.random.default_rng(1000 + seed)
    longer = pairs.select(pl.col("chosen").str.len_chars() > pl.col("rejected").str.len_chars()).to_series().to_numpy()
    may = {
        "symmetric": np.ones(len(pairs), bool),
        "one side": first,
        "annotators": annotators(len(pairs), seed) < ANNOTATORS // 4,
        "shorter wins": longer,
    }[kind]
    chance = np.where(may, rng.random(len(pairs)), 2)
    turned = np.zeros(len(pairs), bool)
    turned[np.argsort(chance, kind="stable")[: min(round(rate * len(pairs)), int(may.sum()))]] = True
    return turned


def annotators(pairs: int, seed: int) -> npt.NDArray[np.int64]:
    """Who judged each pair, by number, drawn alike."""
    return np.random.default_rng(500 + seed).integers(0, ANNOTATORS, pairs)


def by_prefq(noisy: Noisy, rate: float) -> Verdict:
    """The score stage's own work; with the planted rate where it estimates none."""
    settings = defaults()["score"]

    def scored(given: float | None) -> pl.DataFrame:
        asked = {**settings, "noise_rate": given}
        found = score(
            noisy.pairs, noisy.features, noisy.vectors, noisy.clusters, surface=SURFACE, settings=asked, seed=7
        )
        rates.append(found.noise.to_json()["value"])
        return found.table

    rates: list[float | None] = []
    table = scored(None)
    right = table["p_correct"] if rates[0] is not None else scored(rate)["p_correct"]
    return Verdict(table["suspicion"].cast(pl.Float64).to_numpy(), right.cast(pl.Float64).to_numpy(), rates[0])


def sided(noisy: Noisy) -> tuple[Array, npt.NDArray[np.int64]]:
    """What a classifier sees: differences, first minus second, scaled; and the label, 1 where the first one won."""
    difference = noisy.sides.difference.astype(np.float64) * np.where(noisy.first, 1.0, -1.0)[:, None]
    rms = np.sqrt((difference**2).mean(axis=0))
    return difference / np.where(rms > 0, rms, 1), noisy.first.astype(np.int64)


def class_probabilities(seen: Array, labels: npt.NDArray[np.int64]) -> Array:
    """Out of fold, shape (n, 2): a logistic regression, as cleanlab's guides take one."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    found: Array = cross_val_predict(LogisticRegression(max_iter=400), seen, labels, cv=5, method="predict_proba")
    return found


def by_cleanlab(noisy: Noisy, _rate: float) -> Verdict:
    """`find_label_issues` on class probabilities; its count of issues is its rate."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    seen, labels = sided(noisy)
    probabilities = class_probabilities(seen, labels)
    issues = find_label_issues(labels, probabilities, n_jobs=1)
    quality = get_label_quality_scores(labels, probabilities)
    return Verdict(1 - quality, quality, float(np.mean(issues)))


def by_datalab(noisy: Noisy, _rate: float) -> Verdict:
    """Datalab on pair features alone: it looks at the labels of nearest neighbours."""
    from cleanlab import Datalab

    seen, labels = sided(noisy)
    lab = Datalab(data={"label": labels}, label_name="label", verbosity=0)
    lab.find_issues(features=seen, issue_types={"label": {}})
    found = lab.get_issues("label")
    quality = found["label_score"].to_numpy(np.float64)
    return Verdict(1 - quality, quality, float(found["is_label_issue"].mean()))


def by_one_model(noisy: Noisy, _rate: float) -> Verdict:
    """The same logistic regression; what it gives less than even chances is called wrong."""
    seen, labels = sided(noisy)
    right = class_probabilities(seen, labels)[np.arange(len(labels)), labels]
    return Verdict(1 - right, right, float((right < 0.5).mean()))


METHODS: Mapping[str, Callable[[Noisy, float], Verdict]] = {
    "prefq": by_prefq,
    "cleanlab, find_label_issues": by_cleanlab,
    "cleanlab, Datalab": by_datalab,
    "one model, 0.5": by_one_model,
}


def average_precision(suspicion: Array, turned: Mask) -> float:
    """The mean precision at each turned label, from the most suspicious down."""
    hits = turned[np.argsort(-suspicion, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()) if hits.any() else float("nan")


def worst(suspicion: Array, count: int) -> Mask:
    """The most suspicious, that many."""
    found = np.zeros(len(suspicion), bool)
    found[np.argsort(-suspicion, kind="stable")[:count]] = True
    return found


def head_accuracy(noisy: Noisy, dropped: Mask | None) -> float:
    """The accuracy on clean pairs of a linear head trained without those that are dropped."""
    examples = Examples.plain(np.arange(len(noisy.turned)), np.ones(len(noisy.turned)))
    kept = examples if dropped is None else examples.only(~dropped)
    return float((fitted("linear", noisy.sides, kept, PENALTY, 0, noisy.test) > 0).mean())


def figures(verdict: Verdict, noisy: Noisy) -> dict[str, float | None]:
    """All that the table tells of one verdict."""
    turned, count = noisy.turned, int(noisy.turned.sum())
    flagged = worst(verdict.suspicion, count)
    error = None if verdict.right is None else ece(reliability(verdict.right, (~turned).astype(np.float64)))
    return {
        "AUROC": auroc(verdict.suspicion[turned], verdict.suspicion[~turned]),
        "AP": average_precision(verdict.suspicion, turned),
        "P@rate": float(turned[flagged].mean()),
        "ECE": error,
        "rate": verdict.rate,
        "head": head_accuracy(noisy, flagged),
    }


def noisy_data(workdir: Path, kind: str, rate: float, seed: int, most: int) -> Noisy:
    """Four fifths of the prompt groups to train on, with labels turned; the rest clean."""
    home = Workdir(workdir)
    decided = home.table("data/pairs.parquet").filter(
        pl.col("label") == "chosen", pl.col("chosen_id") != pl.col("rejected_id")
    )
    pairs = decided.sample(min(most, decided.height), seed=data.SEED).sort("row_id")
    clusters, vectors = home.table("data/clusters.parquet"), home.vectors()
    assert vectors is not None
    groups = pairs.join(clusters, on="row_id", how="left", maintain_order="left")["prompt_group"]
    apart = balanced_folds(groups, 5) == seed % 5
    features = pair_features(pairs)
    train, known, test = pairs.filter(~apart), features.filter(~apart), pairs.filter(apart)
    first = np.random.default_rng(seed).random(train.height) < 0.5
    turned = planted(kind, rate, train, first, seed)
    if kind == "annotators":
        train = train.with_columns(annotator=pl.Series(annotators(train.height, seed)).cast(pl.String))
    clusters = turn_clusters(clusters, train, turned)
    train, known = turn(train, turned), turn(known, turned)
    sides, clean = sides_of(train, known, vectors), sides_of(test, features.filter(apart), vectors)
    return Noisy(train, known, vectors, clusters, sides, clean, turned, first ^ turned)


def compared(workdir: Path, kind: str, rate: float, seeds: Iterable[int], most: int) -> list[dict[str, Any]]:
    """A row of means per method, the raw head first."""
    found: dict[str, list[dict[str, float | None]]] = {"raw": []}
    for seed in seeds:
        noisy = noisy_data(workdir, kind, rate, seed, most)
        found["raw"].append({"head": head_accuracy(noisy, None)})
        for name, method in METHODS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                verdict, cost = call(lambda method=method, noisy=noisy: method(noisy, rate))
            found.setdefault(name, []).append({**figures(verdict, noisy), "CPU s": cost.cpu})
    return [{"noise": f"{kind} {rate:.0%}", "method": name, **_means(rows)} for name, rows in found.items()]


def _means(rows: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The mean of each figure over the seeds; None where one seed has none."""
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: [row.get(name) for row in rows] for name in names}
    return {
        name: None if None in told else float(np.mean([v for v in told if v is not None]))
        for name, told in values.items()
    }


COLUMNS = ("AUROC", "AP", "P@rate", "ECE", "rate", "head")


def answer(quick: bool = False) -> str:
    """The section."""
    seeds, planting = (range(1), PLANTED[1:2]) if quick else (range(SEEDS), PLANTED)
    parts = [READ.format(seeds=len(seeds))]
    with tempfile.TemporaryDirectory() as folder:
        for name, workdir in _workdirs(Path(folder), quick):
            rows = [row for kind, rate in planting for row in compared(workdir, kind, rate, seeds, PAIRS)]
            lines = [
                (row["noise"], row["method"], *(_shown(row.get(c)) for c in COLUMNS), row.get("CPU s")) for row in rows
            ]
            parts += [f"{name}:", table(("noise", "method", *COLUMNS, "CPU s"), lines)]
    return section("Wrong labels: what is found of planted ones, beside cleanlab?", *parts)


def _shown(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _workdirs(folder: Path, quick: bool) -> Iterable[tuple[str, Path]]:
    """Data with vectors and clusters: HH-RLHF and AlpacaEval; else synthetic data."""
    if quick or not (data.HH.exists() and data.ALPACA.exists()):
        source = data.synthetic(folder / "synthetic", 500 if quick else 5000)
        sources = {source.name: source.files}
    else:
        sources = {"HH-RLHF harmless": (data.HH,), f"AlpacaEval, {PAIRS:,} pairs": (data.ALPACA,)}
    for number, (name, files) in enumerate(sources.items()):
        workdir = folder / f"work{number}"
        prefq("ingest", *files, "--workdir", workdir)
        prefq("embed", "--workdir", workdir, "--set", "embed.encoder=static")
        prefq("neighbors", "--workdir", workdir, "--set", "neighbors.scope=prompt")
        yield name, workdir
