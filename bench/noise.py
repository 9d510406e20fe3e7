"""How well injected wrong labels are found, how well the posterior is calibrated, and what rate is estimated."""

import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench import data
from bench.measure import prefq
from bench.page import section, table
from prefq.features import SURFACE, pair_features
from prefq.injection import Mask, flips, ranking, turned
from prefq.score import Scores, score
from prefq.stats import Array, auroc
from prefq.store import Workdir
from prefq.vectors import Vectors

SETTINGS = {"judge": "head", "folds": 5, "noise_rate": None}
MIXED = 14_494
"""Pairs of the mix of pairs of many models with conversations."""

READ = """Flips are injected into the labels of real pairs (static encoder); the labels as published count as right.
*AUROC* and *AP* of the ranking by suspicion, *P* the precision among as many pairs as there are flips, *ECE* the
calibration error of `p_correct`, *rate* the estimated share of wrong labels; means over the seeds. *head* is the
cross-fitted model alone, without what other judgements of the same answers say; *length* ranks by how much shorter the
chosen answer is. *cleanlab* (where it is installed) gets the head's probabilities, each pair from both sides; its rate
is the share of label issues. In the mix, labels follow from comparisons with one reference model, so that they hang
together more than those of people do. The rate is that of labels which are wrong at random: where all the wrong ones
are alike (*longer loses*, *close lengths*), the model learns them as a habit, and the estimate is far too low."""


@dataclass(frozen=True)
class Material:
    """A dataset, ready to be scored again and again."""

    name: str
    pairs: pl.DataFrame
    features: pl.DataFrame
    clusters: pl.DataFrame | None
    vectors: Vectors | None

    def flipped(self, rows: Mask) -> "Material":
        """The same with these labels turned round."""
        ids = self.pairs["row_id"].filter(pl.Series(rows))
        clusters = None if self.clusters is None else turned(self.clusters, ids)
        return Material(self.name, turned(self.pairs, ids), turned(self.features, ids), clusters, self.vectors)

    def scored(self) -> Scores:
        """Scored with prefq's defaults."""
        tables = self.pairs, self.features, self.vectors, self.clusters
        return score(*tables, surface=SURFACE, settings=SETTINGS, seed=data.SEED)


HASTY = [*"012345"]
"""First digits of the ids of prompts that one annotator judged."""

Kind = Callable[[Material, float, int], Mask]


def symmetric(material: Material, rate: float, seed: int) -> Mask:
    """Any label is flipped with the same chance."""
    return flips(material.pairs, rate, 1000 + seed)


def among(material: Material, rate: float, seed: int, open_to: pl.Expr) -> Mask:
    """As many flips as `symmetric` has, but only where the expression holds."""
    rows = (
        material.pairs.with_row_index("place").filter((pl.col("label") == "chosen") & open_to).sort("row_id")["place"]
    )
    count = round(rate * material.pairs.filter(pl.col("label") == "chosen").height)
    mask = np.zeros(material.pairs.height, np.bool_)
    mask[np.random.default_rng(1000 + seed).permutation(rows.to_numpy())[:count]] = True
    return mask


def longer_loses(material: Material, rate: float, seed: int) -> Mask:
    """Asymmetric: only pairs whose longer answer won are flipped, so that all the wrong labels favour the shorter."""
    return among(material, rate, seed, pl.col("chosen").str.len_chars() > pl.col("rejected").str.len_chars())


def close_lengths(material: Material, rate: float, seed: int) -> Mask:
    """Length-dependent: only pairs whose answers are within a third of each other's length are flipped."""
    longer, shorter = (f(pl.col("chosen", "rejected").str.len_chars()) for f in (pl.max_horizontal, pl.min_horizontal))
    return among(material, rate, seed, longer <= 1.5 * (shorter + 1))


def one_annotator(material: Material, rate: float, seed: int) -> Mask:
    """Annotator-specific: all flips are labels of one annotator, who gave three in eight (see `annotated`)."""
    return among(material, rate, seed, pl.col("prompt_id").str.slice(0, 1).is_in(HASTY))


def annotated(material: Material) -> Material:
    """The same, with the names of two annotators, each of whom judged all the pairs of a prompt."""
    hasty = pl.col("prompt_id").str.slice(0, 1).is_in(HASTY)
    names = pl.when(hasty).then(pl.lit("hasty")).otherwise(pl.lit("careful"))
    return replace(material, pairs=material.pairs.with_columns(annotator=names))


KINDS: dict[str, Kind] = {
    "longer loses": longer_loses,
    "close lengths": close_lengths,
    "one annotator": one_annotator,
}


def found(material: Material, kind: Kind, rate: float, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Per method its figures."""
    rows = kind(material, rate, seed)
    noisy = material.flipped(rows)
    noisy = annotated(noisy) if kind is one_annotator else noisy
    started = time.process_time()
    scores = noisy.scored()
    told = ranking(scores.table, rows)
    cost, estimate = time.process_time() - started, scores.noise.to_json()["value"]
    yield "prefq", {**_row(told), "ECE": told.ece, "rate": estimate, "CPU s": cost}
    p_chosen = scores.table["p_chosen"].cast(pl.Float64)
    yield "head", _row(ranking(_as_suspicion(scores.table, 1 - p_chosen), rows))
    shorter = pl.col("rejected").str.len_chars().cast(pl.Float64) - pl.col("chosen").str.len_chars()
    yield "length", _row(ranking(_as_suspicion(scores.table, noisy.pairs.select(shorter).to_series()), rows))
    if (other := cleanlab(p_chosen.fill_null(0.5).to_numpy())) is not None:
        suspicion, rate_found = other
        yield "cleanlab", {**_row(ranking(_as_suspicion(scores.table, pl.Series(suspicion)), rows)), "rate": rate_found}


def _as_suspicion(scores: pl.DataFrame, values: pl.Series) -> pl.DataFrame:
    """The scores with another suspicion, for the same rows."""
    known = scores["suspicion"].is_not_null()
    return scores.with_columns(
        suspicion=pl.DataFrame([values.alias("v"), known.alias("k")]).select(pl.when("k").then("v")).to_series()
    )


def _row(told: Any) -> dict[str, Any]:
    return {"AUROC": told.auroc, "AP": told.average_precision, "P": told.precision_at_rate}


def cleanlab(p_chosen: Array) -> tuple[Array, float] | None:
    """Label quality by cleanlab as suspicion, and its share of label issues; None where it is not installed."""
    try:
        find_label_issues = import_module("cleanlab.filter").find_label_issues
        get_label_quality_scores = import_module("cleanlab.rank").get_label_quality_scores
    except ImportError:
        return None
    both = np.concatenate([p_chosen, 1 - p_chosen])
    probabilities = np.column_stack([1 - both, both])
    labels = np.repeat([1, 0], len(p_chosen))
    quality = get_label_quality_scores(labels, probabilities, method="normalized_margin")[: len(p_chosen)]
    issues = find_label_issues(labels, probabilities, n_jobs=1)[: len(p_chosen)]
    return 1 - quality, float(issues.mean())


def closeness(material: Material) -> list[tuple[object, ...]]:
    """AUROC of `ambiguity` against an annotator's own near ties, where pairs have a margin."""
    margin = material.pairs["margin"]
    ambiguity = material.scored().table["ambiguity"].to_numpy()
    decided = pl.col("annotator").str.starts_with("weighted") & (pl.col("label") == "chosen") & margin.is_not_null()
    known = material.pairs.select(decided.fill_null(False)).to_series().to_numpy()
    rows: list[tuple[object, ...]] = []
    for most in (0.5, 0.9):
        near = (margin.fill_null(1) < most).to_numpy()
        value = auroc(ambiguity[known & near].astype(float), ambiguity[known & ~near].astype(float))
        rows.append((f"margin below {most}", int((known & near).sum()), _three(value)))
    return rows


def answer(quick: bool = False) -> str:
    """The section."""
    with tempfile.TemporaryDirectory() as folder:
        if quick or not (data.ALPACA.exists() and data.HH.exists()):
            source = data.synthetic(Path(folder) / "raw", 600 if quick else 12_000)
            sets = [prepared(source.name, source.files, Path(folder) / "made")]
            plans = [(sets[0], symmetric, "symmetric", (0.1,), 1)]
        else:
            sets = list(real(Path(folder)))
            plans = list(_plans(*sets))
        lines = [line for plan in plans for line in _lines(*plan)]
        header = ("pairs, flips", "seeds", "method", "AUROC", "AP", "P", "ECE", "rate", "CPU s")
        parts = [READ, table(header, lines)]
        if len(sets) > 1:
            parts += ["Ambiguity, against the near ties of one annotator (AlpacaEval):"]
            parts += [table(("near tie", "pairs", "AUROC"), closeness(sets[0]))]
    return section("Wrong labels: what is found of injected ones?", *parts)


def _plans(alpaca: Material, harmless: Material, mixed: Material) -> Iterator[tuple[Any, ...]]:
    yield mixed, symmetric, "symmetric", (0.0, 0.05, 0.1, 0.2, 0.3), 3
    yield alpaca, symmetric, "symmetric", (0.1,), 3
    yield harmless, symmetric, "symmetric", (0.1,), 5
    for name, kind in KINDS.items():
        yield mixed, kind, name, (0.1,), 1


def _lines(
    material: Material, kind: Kind, name: str, rates: tuple[float, ...], seeds: int
) -> Iterator[tuple[object, ...]]:
    for rate in rates:
        runs: dict[str, list[dict[str, Any]]] = {}
        for seed in range(seeds):
            for method, figures in found(material, kind, rate, seed):
                runs.setdefault(method, []).append(figures)
        for method, told in runs.items():
            means = [_mean(told, column) for column in ("AUROC", "AP", "P", "ECE", "rate")]
            cost = _mean(told, "CPU s")
            yield f"{material.name}, {rate:.0%} {name}", seeds, method, *map(_three, means), cost


def _mean(told: list[dict[str, Any]], column: str) -> float | None:
    values = [figures.get(column) for figures in told]
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _three(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def prepared(name: str, files: tuple[Path, ...], workdir: Path) -> Material:
    """Files, read in, embedded with the static encoder, and clustered."""
    prefq("ingest", *files, "--workdir", workdir)
    prefq("embed", "--workdir", workdir, "--set", "embed.encoder=static")
    prefq("neighbors", "--workdir", workdir)
    home = Workdir(workdir)
    pairs = home.table("data/pairs.parquet")
    clusters = home.optional_table("data/clusters.parquet")
    return Material(f"{name} ({pairs.height:,})", pairs, pair_features(pairs), clusters, home.vectors())


def real(folder: Path) -> Iterator[Material]:
    """AlpacaEval; HH-RLHF; and a mix of both that is like a benchmark: pairs of many models, and conversations."""
    yield prepared("AlpacaEval", (data.ALPACA,), folder / "alpaca")
    yield prepared("HH-RLHF harmless", (data.HH,), folder / "hh")
    written = folder / "mix.jsonl"
    with written.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in mix(MIXED))
    yield prepared("a mix like a benchmark", (written,), folder / "mix")


def mix(count: int) -> Iterator[dict[str, Any]]:
    """So many conversational records: all of HH-RLHF, the rest pairs of models' answers that one annotator compared."""
    talks = list(conversations())
    for prompt, chosen, rejected in compared(count - len(talks)):
        yield {"prompt": [_said("user", prompt)], "chosen": [_said("assistant", chosen)]} | {
            "rejected": [_said("assistant", rejected)]
        }
    yield from talks


def _said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def compared(count: int, each: int = 20, gap: float = 0.02, longer: float = 0.6) -> list[tuple[str, str, str]]:
    """Pairs of answers of two models to a prompt: chosen is the one that did better against the same reference.

    Up to `each` of a prompt and a reference, with more than `gap` between them; in `longer` of them the longer answer
    is chosen, about as in benchmarks.
    """
    rows = pl.read_parquet(data.ALPACA).filter(pl.col("preference").is_between(1, 2))
    keys = ("instruction", "generator_1", "annotator")
    rows = rows.unique([*keys, "generator_2"], keep="first", maintain_order=True).sort(*keys, "generator_2")
    draw = np.random.default_rng(data.SEED)
    pairs = []
    for (prompt, *_), group in rows.group_by(keys, maintain_order=True):
        texts, won = group["output_2"].to_list(), group["preference"].to_numpy()
        better, worse = np.nonzero(won[:, None] - won[None, :] > gap)
        drawn = draw.permutation(len(better))[:each].tolist()
        told = [(texts[better[at]], texts[worse[at]]) for at in drawn]
        pairs += [(str(prompt), chosen, rejected) for chosen, rejected in told if chosen != rejected]
    long = np.array([len(chosen) > len(rejected) for _, chosen, rejected in pairs])
    kept = [draw.permutation(np.flatnonzero(long))[: int(longer * count)]]
    kept.append(draw.permutation(np.flatnonzero(~long))[: count - len(kept[0])])
    return [pairs[at] for at in np.sort(np.concatenate(kept)).tolist()]


def conversations() -> Iterator[dict[str, Any]]:
    """HH-RLHF as conversations, those left out whose two sides differ before the last answer."""
    with gzip.open(data.HH, "rt", encoding="utf-8") as lines:
        for line in lines:
            sides = [json.loads(line)[side].rpartition("\n\nAssistant:") for side in ("chosen", "rejected")]
            if sides[0][0] == sides[1][0]:
                chosen, rejected = ([_said("assistant", side[2].strip())] for side in sides)
                yield {"prompt": list(_turns(sides[0][0])), "chosen": chosen, "rejected": rejected}


def _turns(text: str) -> Iterator[dict[str, str]]:
    for part in text.split("\n\nHuman:")[1:]:
        asked, *answered = part.split("\n\nAssistant:")
        yield _said("user", asked.strip())
        yield from (_said("assistant", said.strip()) for said in answered)
