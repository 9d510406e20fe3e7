"""Pairs and vectors to scores: rewards out of fold, how sure each label is, what surface alone would say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from prefq import schema
from prefq.ambiguity import ambiguity
from prefq.head import Judged, Task, judge
from prefq.judges import Rewarded
from prefq.label_noise import NoiseRate, annotator_rates, log_odds, noise_rate, p_correct
from prefq.other_judgements import answer_keys, informed, standing
from prefq.params import check_bounds
from prefq.shortcuts import calibration
from prefq.stats import sigmoid
from prefq.vectors import Vectors

FEWEST = 200
"""Decided labels below which no head is fitted: its opinion would be chance."""

CROWDED = 0.05
"""A prompt group with a greater share of the rows makes the folds uneven."""

ONE_SIDED = 0.99
"""From this share on, "the longer answer is chosen" (or the shorter) is all that the labels say."""

SLICED = ("dataset", "annotator", "category")

ORDER = ("dimension", "pair_id", "chosen_id", "label", "row_id")
"""What sums over rows go by: what the rows say, and not where they stood in a file."""


@dataclass(frozen=True)
class Scores:
    """The scores table (a row per row of `pairs`, in its order), how far to trust them and the labels, what to tell."""

    table: pl.DataFrame
    noise: NoiseRate
    calibration: dict[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """`score` of params.yaml, checked."""

    folds: int
    noise_rate: float | None

    @classmethod
    def checked(cls, settings: Mapping[str, Any]) -> "Settings":
        """Raises SettingsError for a number out of range."""
        for name in ("folds", "noise_rate"):
            if settings[name] is not None:
                check_bounds(f"score.{name}", settings[name])
        rate = settings["noise_rate"]
        return cls(int(settings["folds"]), None if rate is None else float(rate))


@dataclass(frozen=True)
class Part:
    """The pairs of one dimension; what the models say of them, None where there are too few."""

    name: str
    frame: pl.DataFrame
    judged: Judged | None


def score(
    pairs: pl.DataFrame,
    features: pl.DataFrame,
    vectors: Vectors | None,
    clusters: pl.DataFrame | None,
    *,
    surface: tuple[str, ...],
    settings: Mapping[str, Any],
    seed: int,
    rewarded: Rewarded | None = None,
) -> Scores:
    """The scores of all pairs, by a head that is cross-fitted by prompt group, or by the judge that `rewarded` them.

    `features` has `row_id`, `chosen_NAME` and `rejected_NAME` for each NAME in `surface`, and `answer_jaccard`. Each
    dimension has a head of its own, since one answer may be the better one in the one and the worse in the other.
    Rows with the label `both_bad` are not scored; a tie is fitted as half a win, and has no `p_correct` and no
    `suspicion`. With fewer than 200 decided labels, or one prompt group, scores are null and a note says so. The result
    does not depend on the order of rows. Raises SettingsError.
    """
    wanted = Settings.checked(settings)
    everything = scored_frame(pairs, features, clusters)
    frame = _of_judge(everything, rewarded)
    parts = [_part(part, vectors, surface, wanted.folds, seed, rewarded) for part in _by_dimension(frame)]
    scored = pl.concat([_scored(part) for part in parts]).sort("row_id")
    labelled = frame.join(scored, on="row_id", maintain_order="left").filter(pl.col("label") == "chosen")
    noise = _noise(labelled, wanted.noise_rate, seed)
    columns = _columns(frame, scored, noise)
    names = [f"{side}_{name}" for side in ("chosen", "rejected") for name in surface]
    table = pairs.select("row_id").join(columns, on="row_id", how="left", maintain_order="left").select(*schema.SCORES)
    table = table.join(features.select("row_id", *names), on="row_id", how="left", maintain_order="left")
    calibrated = calibration(labelled["margin"].drop_nulls().to_numpy().astype(np.float64))
    notes = (
        *_judge_notes(rewarded, parts, everything.height - frame.height),
        *_notes(pairs, parts, vectors, noise, rewarded),
    )
    return Scores(table, noise, calibrated, notes)


def scored_frame(pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
    """The pairs that can be scored, in ORDER, with their features.

    `group` is what their fold goes by; `prompt_key`, `chosen_key` and `rejected_key` tell which texts are one, near
    copies included where there are clusters.
    """
    chars = {f"{side}_length": pl.col(side).str.len_chars() for side in ("chosen", "rejected")}
    ids = ("row_id", "pair_id", "prompt_id", "chosen_id", "rejected_id", "dataset", "category", "label", "dimension")
    annotator = pl.col("annotator") if "annotator" in pairs.columns else pl.lit(None, pl.String).alias("annotator")
    frame = pairs.filter(pl.col("label") != "both_bad").select(*ids, annotator, **chars).sort(ORDER)
    frame = frame.join(features, on="row_id", how="left", maintain_order="left")
    known = {"group": "prompt_group", "prompt_key": "prompt_cluster"}
    known |= {f"{side}_key": f"{side}_cluster" for side in ("chosen", "rejected")}
    if clusters is not None:
        there = {key: name for key, name in known.items() if name in clusters.columns}
        keyed = clusters.select("row_id", **there)
        frame = frame.join(keyed, on="row_id", how="left", maintain_order="left")
    missing = [pl.lit(None, pl.String).alias(key) for key in known if key not in frame.columns]
    own = {"group": "prompt_id", "prompt_key": "prompt_id", "chosen_key": "chosen_id", "rejected_key": "rejected_id"}
    return frame.with_columns(missing).with_columns(pl.coalesce(key, name).alias(key) for key, name in own.items())


def one_sided(pairs: pl.DataFrame) -> str | None:
    """Which answer the labels nearly always choose, `longer` or `shorter`; None where they do not go by length so.

    `pairs` has `label`, `chosen_length` and `rejected_length` in characters.
    """
    decided = pairs.filter(pl.col("label") == "chosen")
    longer = pl.col("chosen_length") - pl.col("rejected_length").cast(pl.Int64)
    for word, wins in (("longer", longer > 0), ("shorter", longer < 0)):
        if decided.height and decided.filter(wins).height >= ONE_SIDED * decided.height:
            return word
    return None


def _of_judge(frame: pl.DataFrame, rewarded: Rewarded | None) -> pl.DataFrame:
    """The pairs that another judge rewarded with two numbers, with its rewards; all of them when there is none."""
    if rewarded is None:
        return frame
    finite = rewarded.table.filter(pl.all_horizontal(pl.col("reward_chosen", "reward_rejected").is_finite()))
    return frame.join(finite, on="row_id", maintain_order="left")


def _by_dimension(frame: pl.DataFrame) -> list[pl.DataFrame]:
    return frame.sort(ORDER).partition_by("dimension", maintain_order=True) or [frame]


def _part(
    frame: pl.DataFrame,
    vectors: Vectors | None,
    surface: tuple[str, ...],
    folds: int,
    seed: int,
    rewarded: Rewarded | None,
) -> Part:
    name = str(frame["dimension"][0]) if frame.height else ""
    if frame.filter(pl.col("label") == "chosen").height < FEWEST or frame["group"].n_unique() < 2:
        return Part(name, frame, None)
    given = None if rewarded is None else (frame["reward_chosen"].to_numpy(), frame["reward_rejected"].to_numpy())
    return Part(name, frame, judge(Task(frame, vectors, surface, folds, seed, given)))


def _scored(part: Part) -> pl.DataFrame:
    """`row_id` and what the models say: rewards, margins (`informed` by other judgements too), ambiguity, fold."""
    judged, frame = part.judged, part.frame
    names = ("reward_chosen", "reward_rejected", "reward_std", "margin", "surface_margin", "informed", "ambiguity")
    if judged is None:
        empty = [pl.lit(None, pl.Float64).alias(name) for name in names]
        return frame.select("row_id", *empty, fold=pl.lit(None, pl.Int32))
    targets = frame.select(pl.when(pl.col("label") == "tie").then(0.5).otherwise(1.0)).to_series().to_numpy()
    evidence = standing(judged.margin, targets, *answer_keys(frame))
    rewards, believed = judged.rewards, informed(judged.margin, evidence, targets, np.ones(len(targets)))
    values = (
        *(rewards.chosen, rewards.rejected, rewards.std, judged.margin, judged.surface_margin),
        believed,
        ambiguity(replace(judged.closeness, margin=believed)),
    )
    told = [pl.Series(name, value, dtype=pl.Float64) for name, value in zip(names, values, strict=True)]
    return frame.select("row_id").with_columns(*told, fold=pl.Series(judged.folds, dtype=pl.Int32))


def _noise(labelled: pl.DataFrame, given: float | None, seed: int) -> NoiseRate:
    told = labelled.drop_nulls("informed")
    margins = told["informed"].to_numpy() if told.height else None
    found = noise_rate(margins, given, seed, told.select(SLICED))
    word = one_sided(told)
    if given is not None or found.value is None or word is None:
        return found
    why = f"nearly always the {word} answer is chosen: what breaks that habit is told, not what is wrong"
    return NoiseRate(None, None, "estimate", why)


def _columns(frame: pl.DataFrame, scored: pl.DataFrame, noise: NoiseRate) -> pl.DataFrame:
    known = frame.select("row_id", "annotator", decided=pl.col("label") == "chosen")
    table = scored.join(known, on="row_id", maintain_order="left")
    margin, believed = (table[name].to_numpy() for name in ("margin", "informed"))
    rates = annotator_rates(table["annotator"], noise)
    right = None if noise.lapse is None else pl.Series(p_correct(believed, noise.lapse, rates)).fill_nan(None)
    doubt = -believed if rates is None or noise.value is None else log_odds(rates) - log_odds(noise.value) - believed
    return (
        table.select(
            *("row_id", "reward_chosen", "reward_rejected", "reward_std", "ambiguity", "fold"),
            reward_margin="margin",
            p_chosen=pl.Series(sigmoid(margin)),
            p_correct=pl.when("decided").then(pl.lit(right)),
            p_surface=pl.Series(sigmoid(table["surface_margin"].to_numpy())),
            suspicion=pl.when("decided").then(pl.Series(sigmoid(doubt))),
        )
        .with_columns(pl.selectors.float().fill_nan(None))
        .select(*schema.SCORES)
        .cast(schema.SCORES)
    )


def _judge_notes(rewarded: Rewarded | None, parts: list[Part], unscored: int) -> Iterator[str]:
    if rewarded is None:
        return
    yield from rewarded.notes
    bad = rewarded.table.filter(~pl.all_horizontal(pl.col("reward_chosen", "reward_rejected").is_finite())).height
    if bad:
        yield f"The judge {rewarded.name} gave {bad:,} pairs no finite score: they are not scored."
    fitted = [part.judged for part in parts if part.judged is not None]
    if fitted and all(judged.rewards.slope == 0 for judged in fitted):
        yield f"The judge {rewarded.name} says nothing of these labels, or the opposite: every margin is 0."


def _notes(
    pairs: pl.DataFrame, parts: list[Part], vectors: Vectors | None, noise: NoiseRate, rewarded: Rewarded | None
) -> Iterator[str]:
    bad = pairs.filter(pl.col("label") == "both_bad").height
    if bad:
        yield f"{bad:,} rows are not scored: both answers were called bad."
    for part in parts:
        if part.judged is None:
            yield _unscored(part, len(parts) > 1)
    fitted = [part for part in parts if part.judged is not None]
    if not fitted:
        return
    if vectors is None and rewarded is None:
        yield "There are no vectors: scores go by surface features alone (run `prefq embed` first for more)."
    if noise.value is None:
        yield f"The share of wrong labels is not estimable ({noise.why}); score.noise_rate can give it."
    for part in fitted:
        yield from _part_notes(part)
    if len(fitted) > 1:
        yield f"{len(fitted)} dimensions are scored, each by a head of its own: {', '.join(p.name for p in fitted)}."


def _unscored(part: Part, several: bool) -> str:
    decided, groups = part.frame.filter(pl.col("label") == "chosen").height, part.frame["group"].n_unique()
    of = f" of the dimension {part.name}" if several else ""
    ties = part.frame.height - decided
    also = f" ({ties:,} more are ties)" if ties else ""
    return (
        f"Nothing{of} is scored: {decided:,} decided pairs{also} of {groups:,} prompt groups;"
        f" it takes {FEWEST} pairs of 2."
    )


def _part_notes(part: Part) -> Iterator[str]:
    frame, judged = part.frame, part.judged
    assert judged is not None
    largest = int(np.max(frame["group"].value_counts()["count"].to_numpy()))
    if largest > CROWDED * frame.height and largest > frame.height / (judged.folds.max() + 1):
        yield f"One prompt group holds {largest / frame.height:.0%} of the pairs, so the folds are uneven."
    if (word := one_sided(frame)) is not None:
        yield f"Nearly always the {word} answer is chosen: scores tell which pairs break that habit, nothing else."
    if not judged.margin.any():
        yield "The models find nothing in these pairs that goes with the labels: every margin is 0."
