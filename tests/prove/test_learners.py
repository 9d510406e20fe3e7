"""The two reward models that training sets are compared with."""

import numpy as np
import pytest

from prefq.prove.examples import LEARNERS, Examples, Sides, best_penalty, fitted
from prefq.stats import sigmoid


def world(rows: int = 600, seed: int = 0) -> tuple[Sides, np.ndarray]:
    """Answers of eight features, the first of which is what matters; and which answer is the better one."""
    rng = np.random.default_rng(seed)
    chosen, rejected = (rng.normal(size=(rows, 8)).astype(np.float32) for _ in range(2))
    wins = rng.random(rows) < sigmoid(3 * (chosen[:, 0] - rejected[:, 0]).astype(np.float64))
    return Sides(chosen, rejected, np.ones(8)), wins.astype(np.float64)


@pytest.mark.parametrize("learner", LEARNERS)
def test_both_models_learn_what_matters(learner: str) -> None:
    sides, wins = world()
    train = Examples.plain(np.arange(400), wins[:400])
    test = Sides(sides.chosen[400:], sides.rejected[400:], sides.emphasis)
    margins = fitted(learner, sides, train, 10.0, 1, test)
    assert ((margins > 0) == (wins[400:] > 0)).mean() > 0.75
    back = fitted(learner, sides, train, 10.0, 1, Sides(test.rejected, test.chosen, test.emphasis))
    np.testing.assert_allclose(back, -margins)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_seed_gives_the_same_margins_in_whatever_order_the_examples_stand(learner: str) -> None:
    sides, wins = world()
    train = Examples.plain(np.arange(300), wins[:300])
    mixed = np.random.default_rng(1).permutation(300)
    same = Examples(train.rows[mixed], train.targets[mixed], train.weights[mixed])
    assert same.key == train.key
    np.testing.assert_array_equal(
        fitted(learner, sides, train, 10.0, 3, sides), fitted(learner, sides, same, 10.0, 3, sides)
    )


def test_a_turned_label_teaches_the_opposite() -> None:
    sides, wins = world()
    train = Examples.plain(np.arange(300), wins[:300])
    turned = train.turned(np.ones(300, bool))
    assert turned.targets.tolist() == (1 - wins[:300]).tolist()
    margins = [fitted("linear", sides, one, 10.0, 0, sides) for one in (train, turned)]
    np.testing.assert_allclose(margins[0], -margins[1], atol=1e-5)


def test_ties_and_weights_count() -> None:
    sides, wins = world()
    told = Examples(np.arange(300), np.where(np.arange(300) < 150, wins[:300], 0.5), np.ones(300))
    only = Examples(np.arange(150), wins[:150], np.ones(150))
    loud = Examples(np.arange(300), np.where(np.arange(300) < 150, wins[:300], 1 - wins[:300]), np.ones(300))
    weighed = Examples(loud.rows, loud.targets, np.where(np.arange(300) < 150, 1.0, 0.0))
    spread = [np.abs(fitted("linear", sides, one, 10.0, 0, sides)).mean() for one in (told, only, loud, weighed)]
    assert spread[0] < spread[1]
    assert spread[2] < 0.5 * spread[3]


def test_more_noise_asks_for_a_stronger_penalty() -> None:
    sides, wins = world(400)
    folds = np.arange(400, dtype=np.int32) % 5
    random = np.random.default_rng(2).integers(0, 2, 400).astype(np.float64)
    clear, noise = (best_penalty(sides, Examples.plain(np.arange(400), t), folds) for t in (wins, random))
    assert clear < noise
    alone = Examples.plain(np.arange(400), wins)
    assert best_penalty(sides, alone, np.zeros(400, np.int32)) == 100.0
