from dataclasses import replace

import numpy as np

from prefq.ambiguity import Closeness, ambiguity


def closeness(rows: int = 200) -> Closeness:
    rng = np.random.default_rng(0)
    return Closeness(
        margin=rng.normal(scale=2, size=rows),
        length=rng.normal(size=rows),
        surface=np.abs(rng.normal(scale=0.5, size=rows)),
        cosine=rng.uniform(0.3, 1, rows),
        jaccard=rng.uniform(0, 0.6, rows),
    )


def test_it_is_a_score_that_flags_few() -> None:
    scores = ambiguity(closeness())
    assert ((scores > 0) & (scores < 1)).all()
    assert 0.05 < (scores > 0.5).mean() < 0.3
    assert (scores > 0.8).mean() < 0.1


def test_it_grows_as_answers_come_closer() -> None:
    known = closeness()
    for change in (
        {"margin": np.r_[0.0, known.margin[1:]]},
        {"length": np.r_[0.0, known.length[1:]]},
        {"surface": np.r_[0.0, known.surface[1:]]},
        {"cosine": np.r_[1.0, known.cosine[1:]]},
        {"jaccard": np.r_[1.0, known.jaccard[1:]]},
    ):
        assert ambiguity(replace(known, **change))[0] > ambiguity(known)[0]


def test_which_answer_was_chosen_plays_no_part() -> None:
    known = closeness()
    assert np.array_equal(ambiguity(replace(known, margin=-known.margin, length=-known.length)), ambiguity(known))


def test_it_does_without_vectors_and_with_signals_that_never_differ() -> None:
    known = replace(closeness(), cosine=None, surface=np.zeros(200))
    assert np.isfinite(ambiguity(known)).all()


def test_a_margin_counts_for_as_much_as_it_knows() -> None:
    known = closeness()
    size = np.abs(known.margin)
    weak, strong = (
        np.corrcoef(size, ambiguity(replace(known, margin=factor * known.margin)))[0, 1] for factor in (0.1, 1)
    )
    assert strong < weak - 0.2 < 0
