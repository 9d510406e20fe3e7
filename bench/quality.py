"""How well near duplicates and contrasts are found: planted variants and traps among real answers and prompts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from bench import corpus
from bench.measure import call
from bench.page import section, table
from bench.planted import SAME, Truth
from prefq.neighbors.clusters import Clustering
from prefq.neighbors.levels import answer_clusters, prompt_clusters
from prefq.neighbors.links import CONTRAST, Links, Settings, Texts

Ints = npt.NDArray[np.int64]
Edge = tuple[int, int]

ROWS = 10_000
SETTINGS = Settings(lexical_similarity=0.6, semantic_similarity=0.9, scope="all", seed=7)
REASONS = ("number", "name", "negation", "slot")
MEASURES = ("found", "of any kind", "precision", "merged")
AIMS = {"answers": (0.98, 0.97), "prompts": (0.96, 0.95)}

READ = """{answers:,} answers and {prompts:,} prompts: real texts that share less than {apart} of their 5-letter
shingles with each other, {each} variants of each kind, {each} traps of each kind (half of them with noise on top) and
fillings of ten templates. *F1* is that of the pairs of texts in one cluster; *with traps* counts the texts that look
like their original and say something else. Below it, for each kind of variant, the share that is in its original's
cluster. The truth is mechanical, and its author knew the rules that it is held against; words that are gone or put in
at random are now and then a number, a name or a `not`, which a guard of meaning sees as a contrast and the truth does
not."""

CONTRASTS = """Contrast edges by reason. *found*: the share of the traps that an edge of that reason joins to the
cluster of their original (fillings: of another filling); *of any kind*: that an edge of whatever reason joins.
*precision*: the share of the edges of that reason whose two texts are of one original or template, differ by a trap,
and by one of that kind. *merged*: the share of the traps that are in their original's cluster, where none should be."""


@dataclass(frozen=True)
class Agreement:
    """How far a clustering agrees with the truth, by the pairs of texts that each puts together; 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-12)

    @classmethod
    def of(cls, label: Ints, truth: Ints) -> "Agreement":
        """Of labels of shape (texts,) with true ones."""
        sizes = [np.unique(x, return_counts=True, axis=0)[1] for x in (np.stack([label, truth], 1), label, truth)]
        both, ours, theirs = (float((size * (size - 1)).sum()) for size in sizes)
        return cls(both / max(ours, 1.0), both / max(theirs, 1.0))


def found(texts: Sequence[str], level: str) -> Clustering:
    """The clusters of these answers or prompts (single messages)."""
    ids = pl.Series([f"{place:08}" for place in range(len(texts))])
    packed = Texts.of(ids, pl.Series("text", list(texts), pl.String))
    if level == "answers":
        nobody = np.empty(0, np.int64)
        return answer_clusters(packed, nobody, nobody, SETTINGS)[0]
    turns = np.ones(len(ids), np.int64)
    asked = Texts(packed.ids, packed.texts, packed.forms, packed.first, packed.forms, turns)
    return prompt_clusters(asked, SETTINGS)[0]


def agreements(truth: Truth, label: Ints) -> tuple[Agreement, Agreement]:
    """Without the traps, and with them."""
    untrapped, real = ~np.isin(truth.kind, REASONS), np.array(truth.cluster)
    return Agreement.of(label[untrapped], real[untrapped]), Agreement.of(label, real)


def recalls(truth: Truth, label: Ints) -> dict[str, float]:
    """For each kind of variant the share in its original's cluster."""
    kind, together = np.array(truth.kind), label == label[np.array(truth.parent)]
    return {name: float(together[kind == name].mean()) for name in SAME if (kind == name).any()}


def contrast_scores(truth: Truth, clusters: Clustering) -> dict[str, tuple[float | None, ...]]:
    """For each reason the MEASURES; no precision where there is no edge."""
    links = clusters.links.only(clusters.links.kind == CONTRAST)
    kind, label, parent = np.array(truth.kind), clusters.label, np.array(truth.parent)
    every = range(1, len(REASONS) + 1)
    edges = {code: _between(label, links.only(links.reason == code)) for code in every}
    partners = _partners(truth)
    scores: dict[str, tuple[float | None, ...]] = {}
    for code, reason in enumerate(REASONS, start=1):
        traps = np.flatnonzero((kind == reason) & (parent != np.arange(kind.size))).tolist()
        ways = [{_edge(int(label[at]), int(label[other])) for other in partners[at]} for at in traps]
        hits = sum(not edges[code].isdisjoint(way) for way in ways)
        any_hits = sum(any(not edges[each].isdisjoint(way) for each in every) for way in ways)
        merged = int((label[traps] == label[parent[traps]]).sum())
        right = _precision(truth, links.only(links.reason == code), reason)
        scores[reason] = (hits / max(len(traps), 1), any_hits / max(len(traps), 1), right, merged / max(len(traps), 1))
    return scores


def _partners(truth: Truth) -> dict[int, list[int]]:
    """For each trap the texts that it should be joined to: its original; of a filling, all others of its template."""
    fillings = defaultdict(list)
    for at, (parent, kind) in enumerate(zip(truth.parent, truth.kind, strict=True)):
        if kind == "slot":
            fillings[parent].append(at)
    return {
        at: [other for other in fillings[parent] if other != at] if kind == "slot" else [parent]
        for at, (parent, kind) in enumerate(zip(truth.parent, truth.kind, strict=True))
        if kind in REASONS
    }


def _between(label: Ints, links: Links) -> set[Edge]:
    ends = zip(label[links.left].tolist(), label[links.right].tolist(), strict=True)
    return {_edge(a, b) for a, b in ends if a != b}


def _edge(a: int, b: int) -> Edge:
    return min(a, b), max(a, b)


def _precision(truth: Truth, links: Links, reason: str) -> float | None:
    kind, parent, cluster = np.array(truth.kind), np.array(truth.parent), np.array(truth.cluster)
    related = parent[links.left] == parent[links.right]
    apart = cluster[links.left] != cluster[links.right]
    named = (kind[links.left] == reason) | (kind[links.right] == reason)
    return float((related & apart & named).mean()) if links.left.size else None


def answer(quick: bool = False, rows: int = ROWS) -> str:
    """The section."""
    truths = corpus.truths(rows, quick)
    for level, truth in truths.items():  # loads the compiled loops
        found(corpus.warm(truth.texts), level)
    runs = {level: call(partial(found, truth.texts, level)) for level, truth in truths.items()}
    clusters = {level: made for level, (made, _) in runs.items()}
    each = corpus.QUICK_EACH if quick else corpus.EACH
    sizes = {level: len(truth.texts) for level, truth in truths.items()}
    kinds = [(reason, *row) for reason, row in _contrast_rows(truths, clusters).items()]
    return section(
        "Near duplicates: what is found of planted variants, and what is taken for one?",
        READ.format(**sizes, apart=corpus.APART, each=each),
        table(("", *truths), [*_aims(truths, clusters), *_kinds(truths, clusters)]),
        CONTRASTS,
        table(("", *(f"{level}: {name}" for level in truths for name in MEASURES)), kinds),
    )


def _aims(truths: dict[str, Truth], clusters: dict[str, Clustering]) -> list[tuple[object, ...]]:
    told = {level: agreements(truth, clusters[level].label) for level, truth in truths.items()}
    rows: list[tuple[object, ...]] = []
    for place, name in enumerate(("without traps", "with traps")):
        scores = [told[level][place] for level in truths]
        aims = " and ".join(f"{AIMS[level][place]}" for level in truths)
        rows.append((f"**F1 {name}** (aim: {aims})", *(thousandths(score.f1) for score in scores)))
        rows.append((f"precision {name}", *(thousandths(score.precision) for score in scores)))
        rows.append((f"recall {name}", *(thousandths(score.recall) for score in scores)))
    return rows


def _kinds(truths: dict[str, Truth], clusters: dict[str, Clustering]) -> list[tuple[object, ...]]:
    told = [recalls(truth, clusters[level].label) for level, truth in truths.items()]
    return [(name, *(thousandths(column.get(name)) for column in told)) for name in SAME]


def _contrast_rows(truths: dict[str, Truth], clusters: dict[str, Clustering]) -> dict[str, list[str | None]]:
    told = [contrast_scores(truth, clusters[level]) for level, truth in truths.items()]
    return {reason: [thousandths(share) for column in told for share in column[reason]] for reason in REASONS}


def thousandths(share: float | None) -> str | None:
    """A share with three decimals."""
    return None if share is None else f"{share:.3f}"
