"""The judge `head`: a cross-fitted linear reward, joined by boosting where there are enough pairs.

`fit` takes pairs, labels, weights and folds, and gives a model that rewards the same pairs out of fold and any others;
`judge` does that for the pairs of a dataset.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from prefq import boosting
from prefq.ambiguity import Closeness
from prefq.bradley_terry import Array, Comparisons, FoldHeads, Folds, Rewards, balanced_folds, fit_folds, platt_slope
from prefq.features import surface_matrix
from prefq.pair_matrix import PairMatrix, Rows
from prefq.vectors import Matrix, Vectors

EMBEDDING = 0.1
"""How far a dimension of a vector stands out beside a surface feature: with 1, vectors swamp the surface."""

SAMPLE, BOOSTED = 200_000, 100_000
"""Pairs from which the linear head and boosting are fitted, at most: a seeded sample of more teaches nothing new."""


@dataclass(frozen=True)
class Judged:
    """What the models say of each comparison, out of fold. `margin` and `surface_margin` are in log-odds."""

    rewards: Rewards
    surface_margin: Array
    closeness: Closeness
    folds: Folds

    @cached_property
    def margin(self) -> Array:
        """The difference of the rewards as they are stored."""
        return (self.rewards.chosen.astype(np.float32) - self.rewards.rejected.astype(np.float32)).astype(np.float64)


@dataclass(frozen=True)
class Task:
    """Everything that the models see.

    `frame`: one row per comparison with `label` (`chosen` or `tie`), `group` (folds go by it), the ids, the surface
    features of both sides, `chosen_length` and `rejected_length` in characters, and `answer_jaccard`.
    """

    frame: pl.DataFrame
    vectors: Vectors | None
    surface: tuple[str, ...]
    fold_count: int
    seed: int
    given: tuple[Array, Array] | None = None
    """Rewards of the chosen and the rejected answers by another judge, shape (n,) each: they take the head's place."""

    @cached_property
    def targets(self) -> Array:
        """1, or 0.5 for a tie."""
        return self.frame.select(pl.when(pl.col("label") == "tie").then(0.5).otherwise(1.0)).to_series().to_numpy()

    @cached_property
    def folds(self) -> Folds:
        """By prompt group, as many as asked for or as there are groups."""
        return balanced_folds(self.frame["group"], min(self.fold_count, self.frame["group"].n_unique()))

    def surface_of(self, side: str) -> Matrix:
        """Surface features of one side, shape (n, number of them)."""
        return surface_matrix(self.frame, side, self.surface)

    def pairs(self, with_vectors: bool = True) -> PairMatrix:
        """What the models see of both answers: surface features, with vectors also the cosine with the prompt."""
        plain = self.surface_of("chosen"), self.surface_of("rejected")
        if self.vectors is None or not with_vectors:
            return PairMatrix(plain, None, None)
        prompt, chosen, rejected = (self.vectors.rows(self.frame[f"{s}_id"]) for s in ("prompt", "chosen", "rejected"))
        near = (cosines(self.vectors.matrix, side, prompt) for side in (chosen, rejected))
        left, right = (np.hstack([side, cosine[:, None]]) for side, cosine in zip(plain, near, strict=True))
        return PairMatrix((left, right), self.vectors.matrix, (chosen, rejected))


def cosines(vectors: Matrix, left: Rows, right: Rows) -> Matrix:
    """The cosines of the unit vectors in rows `left` with those in rows `right`, shape (n,)."""
    found = np.zeros(len(left), np.float32)
    for start in range(0, len(left), 50_000):
        part = slice(start, start + 50_000)
        found[part] = np.einsum("ij,ij->i", vectors[left[part]], vectors[right[part]])
    return found


def judge(task: Task) -> Judged:
    """What the models say, out of fold: of surface features alone, and of these and the vectors, if there are any."""
    weights = np.ones(task.frame.height)
    surface = task.pairs(with_vectors=False)
    flat = fit(surface, task.targets, weights, task.folds, task.seed).rewards(surface, task.folds)
    if task.given is not None:
        rewards = _calibrated(*task.given, task.targets)
    elif task.vectors is None:
        rewards = flat
    else:
        pairs = task.pairs()
        rewards = fit(pairs, task.targets, weights, task.folds, task.seed).rewards(pairs, task.folds)
    return Judged(rewards, flat.margin, _closeness(task, rewards, surface.plain), task.folds)


@dataclass(frozen=True)
class Model:
    """Heads and boosted models, one per fold, fitted on the pairs outside of it; `slopes` calibrates what they say.

    `slopes`: of boosting, and of the mean of both. Boosting judges pairs, not answers: half its margin is added to the
    chosen answer and taken from the rejected one, so a reward is an answer's own only as far as the linear half goes;
    a margin is always the difference, and answers swapped negate it exactly.
    """

    linear: FoldHeads
    boosted: boosting.Boosted | None = None
    directions: Matrix | None = None
    slopes: tuple[float, float] = (1.0, 1.0)

    def rewards(self, pairs: PairMatrix, folds: Folds) -> Rewards:
        """The rewards of these pairs, each by the models of its fold: out of fold for the pairs it was fitted on."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            parts = [self._rewards(*pairs.sides(rows), pairs.widths[0], folds[rows]) for rows in pairs.batches()]
        chosen, rejected, std = (np.concatenate([getattr(p, n) for p in parts]) for n in ("chosen", "rejected", "std"))
        return Rewards(chosen, rejected, std, self.linear.penalty, self.linear.slope)

    def margins(self, pairs: PairMatrix) -> Array:
        """Margins of pairs that it was not fitted on, in log-odds, shape (n,): the mean over the folds' models."""
        every = [self.rewards(pairs, np.full(len(pairs), fold, np.int32)).margin for fold in self.linear.heads]
        return np.asarray(np.mean(every, axis=0))

    def _rewards(self, chosen: Matrix, rejected: Matrix, plain: int, folds: Folds) -> Rewards:
        rewards = self.linear.rewards(chosen, rejected, folds)
        if self.boosted is None:
            return rewards
        margins = self.boosted.margins(_for_boosting(chosen - rejected, plain, self.directions), folds)
        return mixed(rewards, margins, self.slopes)


def fit(pairs: PairMatrix, targets: Array, weights: Array, folds: Folds, seed: int) -> Model:
    """A model of the linear head and, from 5,000 pairs on, of boosting: the mean of their calibrated margins.

    `targets`: 1 where the first answer is better, 0.5 for a tie, 0 where the second is; `weights` of the pairs; both of
    shape (n,). Of more than 200,000 pairs a seeded sample is learnt from (for boosting, 100,000).
    """
    from threadpoolctl import threadpool_limits

    # One thread: the same sums on every machine, and no waiting for cores that others use.
    with threadpool_limits(1):
        return _fit(pairs, targets, weights, folds, seed)


def _fit(pairs: PairMatrix, targets: Array, weights: Array, folds: Folds, seed: int) -> Model:
    rows = _sample(len(pairs), SAMPLE, seed)
    plain, width = pairs.widths
    chosen, rejected = pairs.sides(rows)
    emphasis = np.repeat([1.0, EMBEDDING], [plain, width])
    compared = Comparisons(chosen, rejected, emphasis, targets[rows], weights[rows])
    linear = fit_folds(compared, folds[rows])
    if len(pairs) < boosting.ENOUGH:
        return Model(linear)
    directions = boosting.principal_directions(compared.difference[:, plain:]) if width else None
    fewer = _sample(len(rows), BOOSTED, seed)
    told = targets[rows[fewer]], weights[rows[fewer]]
    seen = _for_boosting(compared.difference[fewer], plain, directions)
    boosted = boosting.fit_boosting(seen, *told, folds[rows[fewer]], seed)
    alone = linear.rewards(chosen[fewer], rejected[fewer], folds[rows[fewer]])
    slopes = mix_slopes(alone, boosted.margins(seen, folds[rows[fewer]]), *told)
    return Model(linear, boosted, directions, slopes)


def _sample(count: int, most: int, seed: int) -> Rows:
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def _for_boosting(difference: Matrix, plain: int, directions: Matrix | None) -> Matrix:
    """Differences of surface features, and of vectors along their main directions."""
    if directions is None:
        return difference[:, :plain]
    return np.hstack([difference[:, :plain], difference[:, plain:] @ directions])


def mix_slopes(rewards: Rewards, boosted: Array, targets: Array, weights: Array) -> tuple[float, float]:
    """What calibrates margins of boosting, and the mean of them and of the linear head's (calibrated) margins."""
    one = platt_slope(boosted, targets, weights)
    return one, platt_slope((rewards.margin + one * boosted) / 2, targets, weights)


def mixed(rewards: Rewards, boosted: Array, slopes: tuple[float, float]) -> Rewards:
    """The calibrated mean of a linear head's rewards and of boosted margins."""
    one, both = slopes
    chosen, rejected = (rewards.chosen + one * boosted / 2) / 2, (rewards.rejected - one * boosted / 2) / 2
    return Rewards(both * chosen, both * rejected, both * rewards.std, rewards.penalty, rewards.slope)


def _calibrated(chosen: Array, rejected: Array, targets: Array) -> Rewards:
    """Another judge's rewards on the scale of log-odds: by one factor, fitted on all pairs; 0 if they say nothing."""
    slope = platt_slope(chosen - rejected, targets, np.ones(len(targets)))
    middle = float(np.mean([chosen.mean(), rejected.mean()]))
    unknown = np.full(len(targets), np.nan)
    return Rewards(slope * (chosen - middle), slope * (rejected - middle), unknown, 0.0, slope)


def _closeness(task: Task, rewards: Rewards, surface: tuple[Matrix, Matrix]) -> Closeness:
    difference = (surface[0] - surface[1]).astype(np.float64)
    rms = np.sqrt((difference**2).mean(axis=0))
    distance = np.abs(difference / np.where(rms > 0, rms, 1)).mean(axis=1)
    chosen, rejected = (task.frame[f"{side}_length"].to_numpy() for side in ("chosen", "rejected"))
    jaccard = task.frame["answer_jaccard"].fill_null(0).cast(pl.Float64).to_numpy()
    return Closeness(rewards.margin, np.log1p(chosen) - np.log1p(rejected), distance, _answer_cosine(task), jaccard)


def _answer_cosine(task: Task) -> Array | None:
    if task.vectors is None:
        return None
    left, right = (task.vectors.rows(task.frame[f"{side}_id"]) for side in ("chosen", "rejected"))
    return cosines(task.vectors.matrix, left, right).astype(np.float64)
