"""What curation is worth: the same reward models trained on raw, curated and random pairs, and tested on others.

Whatever a policy does by learnt scores (suspected labels above all) is done anew inside each training set, by models
that saw nothing else: flags made on the whole data know the labels that the test goes by, and would bring them along.
No prompt group of a test is in its training set. Test labels are as they came; at a share ρ of wrong ones that fall
anywhere, a difference shows at 1 − 2ρ of its size.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from prefq.bradley_terry import balanced_folds
from prefq.prove.arms import Arms, make_arms, repeated
from prefq.prove.examples import LEARNERS, Examples, Ints, Mask, Sides, best_penalty, fitted
from prefq.prove.material import Material, sides_of
from prefq.stats import Array, Interval, clustered_mean, clustered_share
from prefq.vectors import Vectors

FEWEST_PAIRS, FEWEST_TESTS, FEWEST_GROUPS = 200, 100, 30
"""Training pairs, tested pairs and their prompt groups below which nothing is said."""

HELD_OUT = "held out"

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Given:
    """A test set that was given. `pairs` and `features` go together; `groups`: the prompt group of each pair.

    `barred`: the prompt groups of the data that hold one of its prompts; they are left out of training.
    """

    name: str
    pairs: pl.DataFrame
    features: pl.DataFrame
    vectors: Vectors | None
    groups: pl.Series
    barred: frozenset[str]


@dataclass(frozen=True)
class Told:
    """What one reward model showed on one test set.

    `accuracy`: of each arm; `differences`: by name, in accuracy, with 95 % bootstrap intervals over prompt groups.
    """

    accuracy: Mapping[str, Interval]
    differences: Mapping[str, Interval]


@dataclass(frozen=True)
class Outcome:
    """What was found on one test set; `learners` is empty, and `why` says why, where it was too small."""

    test: str
    pairs: int
    groups: int
    sizes: Mapping[str, float]
    """Mean number of training pairs of each arm."""
    left_out: int
    """Pairs that were not trained on because the test has their prompt."""
    suspected: float | None
    """Mean number of labels called likely wrong; None where that could not be decided."""
    learners: Mapping[str, Told] = field(default_factory=dict)
    why: str | None = None
    trusted: bool = False
    """Whether the control takes the noise rate of the settings on trust, somewhere."""


DIFFERENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "curation": (("curated", "raw"),),
    "beyond_size": (("curated", "random"),),
    "without_labels": (("labels_kept", "raw"),),
    "drop": (("dropped", "labels_kept"),),
    "drop_control": (("control_dropped", "control_kept"),),
    "drop_noise_removed": (("dropped", "labels_kept"), ("control_kept", "control_dropped")),
    "flip": (("flipped", "labels_kept"),),
    "flip_control": (("control_flipped", "control_kept"),),
    "flip_noise_removed": (("flipped", "labels_kept"), ("control_kept", "control_flipped")),
}
"""Each difference as sums of (arm, minus arm). Arms of the control are compared repetition by repetition."""


def prove(
    material: Material, given: Sequence[Given], *, folds: int = 5, seeds: int = 5, advance: Advance = lambda _: None
) -> list[Outcome]:
    """What was found on pairs held out by prompt group (in `folds` turns, if any), then on each given test set.

    `advance` is told of every training set that is done. The same input gives the same numbers, in whatever order the
    rows stand.
    """
    held = [_Test(*split) for split in _held_out(material, folds)] if folds else []
    outcomes = [_outcome(material, HELD_OUT, held, seeds, advance)] if folds else []
    for number, test in enumerate(given):
        outcomes.append(_outcome(material, test.name, [_given(material, test, number)], seeds, advance))
    return outcomes


def steps(given: int, folds: int = 5) -> int:
    """How often `advance` will be told."""
    return folds + given


@dataclass(frozen=True)
class _Test:
    train: Ints
    sides: Sides
    groups: list[str]
    number: int
    left_out: int = 0


def _held_out(material: Material, folds: int) -> Iterator[tuple[Ints, Sides, list[str], int]]:
    count = min(folds, material.groups.n_unique())
    fold = material.folds(count) if count > 1 else np.zeros(material.pairs.height, np.int32)
    telling = _telling(material.pairs)
    for number in range(count):
        test = np.flatnonzero((fold == number) & telling)
        groups = material.groups.gather(test).to_list()
        yield np.flatnonzero(fold != number), _part(material.sides, test), groups, number


def _given(material: Material, test: Given, number: int) -> _Test:
    rows = np.flatnonzero(_telling(test.pairs))
    sides = _part(sides_of(test.pairs, test.features, test.vectors), rows)
    barred = material.groups.is_in(list(test.barred)).to_numpy()
    return _Test(np.flatnonzero(~barred), sides, test.groups.gather(rows).to_list(), 100 + number, int(barred.sum()))


def _telling(pairs: pl.DataFrame) -> Mask:
    """Pairs with a preferred answer that are not the same twice, nor judged both ways in one dimension."""
    key = ["pair_id", "dimension"]
    one_way = pl.struct("label", "chosen_id").n_unique().over(key) == 1
    first = pl.col("row_id") == pl.col("row_id").min().over(key)
    told = (pl.col("label") == "chosen") & (pl.col("chosen_id") != pl.col("rejected_id"))
    telling: Mask = pairs.select(told & one_way & first).to_series().to_numpy()
    return telling


def _part(sides: Sides, rows: Ints) -> Sides:
    return Sides(sides.chosen[rows], sides.rejected[rows], sides.emphasis)


def _outcome(material: Material, name: str, tests: Sequence[_Test], seeds: int, advance: Advance) -> Outcome:
    groups = [group for test in tests for group in test.groups]
    count, least = len(set(groups)), min((len(material.raw(test.train)) for test in tests), default=0)
    about = Outcome(name, len(groups), count, {}, sum(test.left_out for test in tests), None)
    if why := _too_small(len(groups), count, least):
        advance(len(tests))
        return Outcome(**{**about.__dict__, "why": why})
    draws = -(-seeds // len(tests))
    trials = []
    for test in tests:
        arms = make_arms(material, test.train, seeds=seeds, draws=draws, seed=material.seed + 1000 * test.number)
        trials.append((arms, _right(material, arms, test, seeds)))
        advance(1)
    return _summed(about, trials, groups, material.seed)


def _too_small(pairs: int, groups: int, train: int) -> str | None:
    if train < FEWEST_PAIRS:
        return f"{train:,} pairs to train on, and it takes {FEWEST_PAIRS}"
    if pairs < FEWEST_TESTS or groups < FEWEST_GROUPS:
        need = f"{FEWEST_TESTS} of {FEWEST_GROUPS}"
        return f"{pairs:,} pairs of {groups:,} prompt groups to test on, and it takes {need}"
    return None


Right = dict[tuple[str, str], Array]
"""(learner, arm) → what each repetition got right, shape (repetitions, tested pairs): 1, 0, or 0.5 for no opinion."""


def _right(material: Material, arms: Arms, test: _Test, seeds: int) -> Right:
    raw = arms.sets["raw"][0]
    folds = balanced_folds(material.groups.gather(raw.rows), 5)
    penalty = best_penalty(material.sides, raw, folds)
    done: dict[object, Array] = {}
    found: dict[tuple[str, str], list[Array]] = {}
    for name, number, examples in repeated(arms):
        for learner in LEARNERS:
            for seed in _seeds(learner, name, number, seeds):
                key = (learner, seed, *examples.key)
                if key not in done:
                    done[key] = _won(fitted(learner, material.sides, examples, penalty, seed, test.sides))
                found.setdefault((learner, name), []).append(done[key])
    return {key: np.stack(rows) for key, rows in found.items()}


def _seeds(learner: str, arm: str, number: int, seeds: int) -> Sequence[int]:
    """The seeds that a training set is learnt with: the linear head needs none, random sets have one each."""
    if learner == "linear":
        return (0,)
    return (number,) if arm == "random" else range(seeds)


def _won(margins: Array) -> Array:
    won: Array = (margins > 0) + 0.5 * (margins == 0)
    return won


def _summed(about: Outcome, trials: Sequence[tuple[Arms, Right]], groups: list[str], seed: int) -> Outcome:
    everywhere = set.intersection(*(set(arms.sets) for arms, _ in trials))
    right = {
        key: np.concatenate([found[key] for _, found in trials], axis=1) for key in trials[0][1] if key[1] in everywhere
    }
    counts = [arms.suspected for arms, _ in trials]
    whole = about.__dict__ | {
        "sizes": {
            name: float(np.mean([len(examples) for arms, _ in trials for examples in arms.sets[name]]))
            for name in trials[0][0].sets
            if name in everywhere
        },
        "suspected": None if None in counts else float(np.mean([count for count in counts if count is not None])),
        "why": next((arms.why for arms, _ in trials if arms.why), None),
        "trusted": any(arms.trusted for arms, _ in trials),
        "learners": {learner: _told(right, learner, groups, seed) for learner in LEARNERS},
    }
    return Outcome(**whole)


def _told(right: Right, learner: str, groups: list[str], seed: int) -> Told:
    mine = {arm: found for (who, arm), found in right.items() if who == learner}
    shares = ((arm, clustered_share(found.mean(axis=0), groups)) for arm, found in mine.items())
    differences = {}
    for name, terms in DIFFERENCES.items():
        if {arm for term in terms for arm in term} <= set(mine):
            parts = [part for plus, minus in terms for part in _difference(mine[plus], mine[minus])]
            differences[name] = clustered_mean(parts, groups, seed=seed)
    return Told({a: s for a, s in shares if s}, {n: d for n, d in differences.items() if d})


def _difference(plus: Array, minus: Array) -> list[Array]:
    """Repetition by repetition where both have as many, since these share their seeds; else each by itself."""
    return [plus - minus] if len(plus) == len(minus) else [plus, -minus]


__all__ = ["DIFFERENCES", "Arms", "Examples", "Given", "Material", "Outcome", "Told", "prove", "steps"]
