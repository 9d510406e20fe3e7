"""What there is to prove with: the pairs, what the pipeline knows of them, and how it would judge their labels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from prefq.bradley_terry import Array, Folds, balanced_folds
from prefq.checks import CHECKS
from prefq.curation import curate
from prefq.features import SURFACE, surface_matrix
from prefq.flagging import asked_checks
from prefq.head import EMBEDDING
from prefq.injection import turned as exchanged
from prefq.policy import SUSPECT, CurateSettings
from prefq.prove.examples import Examples, Ints, Mask, Sides
from prefq.schema import SCORES
from prefq.vectors import Matrix, Vectors

Scorer = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame | None], pl.DataFrame]
"""Pairs, their surface features and clusters → a scores table, by models that see no others: the score stage's work."""


@dataclass(frozen=True)
class Material:
    """A dataset and its policy.

    `pairs` and `features` (`prefq.features.pair_features`) have the same rows in the same order; `flags`, `clusters`
    and `decisions` (of people, or None) are those of the workdir. `flag_settings` is the section of the settings.
    """

    pairs: pl.DataFrame
    features: pl.DataFrame
    flags: pl.DataFrame
    clusters: pl.DataFrame
    decisions: pl.DataFrame | None
    vectors: Vectors | None
    policy: CurateSettings
    flag_settings: Mapping[str, Any]
    score: Scorer
    seed: int
    estimated: Scorer | None = None
    """The same at the least noise rate that the pairs themselves show, `p_correct` null where they are too few to show
    one; None: at the settings' rate, which is taken on trust."""

    @cached_property
    def groups(self) -> pl.Series:
        """The prompt group of each pair."""
        found = self.pairs.select("row_id", "prompt_id").join(
            self.clusters.select("row_id", "prompt_group"), on="row_id", how="left", maintain_order="left"
        )
        return found.select(pl.coalesce("prompt_group", "prompt_id")).to_series()

    @cached_property
    def sides(self) -> Sides:
        """The features that reward models see: those of the head of `prefq score`."""
        return sides_of(self.pairs, self.features, self.vectors)

    @cached_property
    def usable(self) -> Mask:
        """Pairs that say something of two different answers: chosen or tie."""
        told = pl.col("label").is_in(["chosen", "tie"]) & (pl.col("chosen_id") != pl.col("rejected_id"))
        return self.pairs.select(told).to_series().to_numpy()

    @cached_property
    def targets(self) -> Array:
        """1, or 0.5 for a tie."""
        return self.pairs.select(pl.when(pl.col("label") == "tie").then(0.5).otherwise(1.0)).to_series().to_numpy()

    def folds(self, count: int) -> Folds:
        """A fold for each pair; a prompt group is in one of them."""
        return balanced_folds(self.groups, count)

    def raw(self, rows: Ints) -> Examples:
        """The judgements as they came, those that say nothing left out."""
        told = rows[self.usable[rows]]
        return Examples.plain(told, self.targets[told])

    def scores(self, rows: Ints, turned: Mask | None = None, by: Scorer | None = None) -> pl.DataFrame:
        """The scores of these rows (in their order), by models that see no others; some with their label turned."""
        pairs, features, clusters = self.pairs[rows], self.features[rows], self.clusters
        if turned is not None:
            clusters = turn_clusters(clusters, pairs, turned)
            pairs, features = turn(pairs, turned), turn(features, turned)
        return (by or self.score)(pairs, features, clusters)

    def right(self, rows: Ints, scores: pl.DataFrame) -> tuple[Array, bool]:
        """The probability that each label is right, shape (len(rows),), and whether that takes a rate on trust.

        `scores` are those of the rows at the settings' rate.
        """
        shown = None if self.estimated is None else self.scores(rows, by=self.estimated)
        trusted = shown is None or shown["p_correct"].null_count() == shown.height
        table = scores if shown is None or trusted else shown
        return table["p_correct"].cast(pl.Float64).fill_null(1.0).to_numpy(), trusted

    def curated(self, rows: Ints, scores: pl.DataFrame, policy: CurateSettings) -> Examples:
        """What a policy keeps of these rows, with the labels it keeps them with.

        Flags that go by learnt scores are decided anew from `scores`, so that nothing outside these rows has a say.
        """
        pairs = self.pairs[rows]
        clusters = self.clusters.join(pairs.select("row_id"), on="row_id", how="semi")
        flags = self._flags(pairs, scores)
        tables = pairs, flags, clusters, self.decisions
        kept = curate(*tables, settings=policy, seed=self.seed, scores=scores).curated
        kept = kept.filter(pl.col("label").is_in(["chosen", "tie"]), pl.col("chosen_id") != pl.col("rejected_id"))
        place = pairs.select("row_id", was="chosen_id", place=pl.Series(rows))
        told = kept.join(place, on="row_id", how="left", maintain_order="left")
        sure = pl.col("agreement").cast(pl.Float64) if policy.believed == "soft" else pl.lit(1.0)
        target = pl.when(pl.col("label") == "tie").then(0.5).when(pl.col("chosen_id") == pl.col("was")).then(sure)
        found = told.select("place", pl.col("weight").fill_null(1).cast(pl.Float64), target=target.otherwise(1 - sure))
        return Examples(*(found[name].to_numpy() for name in ("place", "target", "weight"))).sorted()

    def suspected(self, rows: Ints, scores: pl.DataFrame) -> Mask | None:
        """Which of the rows the check for wrong labels flags by these scores; None where it cannot decide."""
        flags = self._flags(self.pairs[rows], scores)[SUSPECT]
        return None if flags.null_count() == len(flags) else flags.fill_null(False).to_numpy()

    def _flags(self, pairs: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
        anew = self._verdicts(pairs, scores)
        old = self.flags.drop([name for name in anew.columns[1:] if name in self.flags.columns])
        flags = pairs.select("row_id").join(old, on="row_id", how="left", maintain_order="left")
        return flags.join(anew, on="row_id", how="left", maintain_order="left")

    def _verdicts(self, pairs: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
        """`row_id` and a column for each check that goes by scores; null where it is switched off or undecided."""
        asked = asked_checks(self.flag_settings)
        table = pairs.join(self.clusters, on="row_id", how="left", maintain_order="left")
        table = table.join(scores.select(SCORES.names()), on="row_id", how="left", maintain_order="left")
        for name in learnt_checks():
            known = name in asked and set(asked[name].check.needs) <= set(table.columns)
            verdict = asked[name].verdict if known else pl.lit(None, pl.Boolean).alias(name)
            table = table.with_columns(verdict)
        return table.select("row_id", *learnt_checks())


def learnt_checks() -> tuple[str, ...]:
    """The checks that go by scores, or by a check that does; one that others need stands before them."""
    learnt: list[str] = []
    sources = set(SCORES.names()) - {"row_id"}
    for _ in range(2):
        for check in CHECKS.values():
            if check.name not in learnt and sources & set(check.needs):
                learnt.append(check.name)
        sources |= set(learnt)
    return tuple(learnt)


def sides_of(pairs: pl.DataFrame, features: pl.DataFrame, vectors: Vectors | None) -> Sides:
    """What reward models see of both answers: surface features, the cosine with the prompt, the vector."""
    chosen, rejected = (surface_matrix(features, side) for side in ("chosen", "rejected"))
    if vectors is None:
        return Sides(chosen, rejected, np.ones(len(SURFACE)))
    prompt = vectors.of(pairs["prompt_id"])
    emphasis = np.repeat([1.0, EMBEDDING], [len(SURFACE) + 1, prompt.shape[1]])
    sides = zip(("chosen", "rejected"), (chosen, rejected), strict=True)
    left, right = (np.hstack([surface, _beside(prompt, vectors.of(pairs[f"{side}_id"]))]) for side, surface in sides)
    return Sides(left, right, emphasis)


def _beside(prompt: Matrix, vectors: Matrix) -> Matrix:
    return np.hstack([np.einsum("ij,ij->i", vectors, prompt)[:, None], vectors])


def turn(frame: pl.DataFrame, turned: Mask) -> pl.DataFrame:
    """The frame with all of the chosen and of the rejected answer exchanged where `turned`, shape (rows,)."""
    return exchanged(frame, frame["row_id"].filter(pl.Series(turned, dtype=pl.Boolean)))


def turn_clusters(clusters: pl.DataFrame, pairs: pl.DataFrame, turned: Mask) -> pl.DataFrame:
    """The clusters of `pairs`, in their order, as they are with some labels turned, shape (rows of pairs,).

    Which judgements a turned one contradicts is not known.
    """
    mine = pairs.select("row_id").join(clusters, on="row_id", how="left", maintain_order="left")
    right = pl.lit(pl.Series(~turned, dtype=pl.Boolean))
    stale = [name for name in mine.columns if name.startswith("contradiction")]
    return turn(mine, turned).with_columns(pl.when(right).then(pl.col(name)).alias(name) for name in stale)
