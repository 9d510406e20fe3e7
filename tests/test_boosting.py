import numpy as np

from prefq.boosting import fit_boosting, principal_directions


def test_it_finds_what_no_linear_head_can_and_is_antisymmetric_for_equal_answers() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(4_000, 3)).astype(np.float32)
    # A long answer wins by a little, loses by much: not linear, yet odd.
    wins = (features[:, 0] > 0) == (np.abs(features[:, 0]) < 1)
    features[~wins] *= -1
    features[:20] = 0
    folds = (np.arange(4_000) % 5).astype(np.int32)
    ones = np.ones(4_000)
    margins = fit_boosting(features, ones, ones, folds, seed=7).margins(features, folds)
    assert (margins[20:] > 0).mean() > 0.95
    assert not margins[:20].any()
    assert np.array_equal(margins, fit_boosting(features, ones, ones, folds, seed=7).margins(features, folds))


def test_ties_are_not_learnt_from() -> None:
    rng = np.random.default_rng(1)
    features = (1 + np.abs(rng.normal(size=(1_000, 1)))).astype(np.float32)
    folds = (np.arange(1_000) % 2).astype(np.int32)
    targets = np.ones(1_000)
    targets[500:] = 0.5
    features[500:] *= -1
    margins = fit_boosting(features, targets, np.ones(1_000), folds, seed=7).margins(features, folds)
    assert (margins[:500] > 0).mean() > 0.99  # but for what shares a bin with the other side


def test_directions_are_of_the_greatest_squares_whichever_way_a_pair_is_turned() -> None:
    difference = np.array([[3, 0, 0.1], [-3, 0, 0.1], [0, 1, -0.1]], np.float32)
    (direction,) = principal_directions(difference, 1).T
    assert np.allclose(np.abs(difference @ direction), [3, 3, 0], atol=1e-3)
    assert np.array_equal(principal_directions(-difference, 1)[:, 0], direction)
