"""Agreement of annotators: published examples, and judgements whose agreement is plain to see."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq import schema
from prefq.agreement import SHARED, agreement, cohen_kappa, fleiss_kappa, judgements, krippendorff_alpha


def counts(columns: list[list[int | None]], values: int) -> Any:
    """From one list of values a unit to how often each was given."""
    return np.array([[sum(v == k for v in unit) for k in range(1, values + 1)] for unit in columns], np.float64)


KRIPPENDORFF = [
    *([1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4]),
    *([4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, 3, None, None]),
]
"""Krippendorff (2011), section D: four observers, twelve units, missing data."""
FLEISS = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]
"""The worked example of the literature on Fleiss' kappa: fourteen raters, ten subjects, five categories."""


def test_krippendorffs_own_example():
    assert krippendorff_alpha(counts(KRIPPENDORFF, 5)) == pytest.approx(0.743, abs=5e-4)


def test_the_example_of_fleiss_kappa():
    assert fleiss_kappa(np.array(FLEISS, np.float64)) == pytest.approx(0.210, abs=5e-4)


def test_the_example_of_cohens_kappa():
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no
    found = cohen_kappa(35, 50, np.array([25.0, 25.0]), np.array([30.0, 20.0]))
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((0.1460, 0.6540), abs=5e-5)


def test_units_that_are_counted_several_times_are_several_units():
    table, times = counts(KRIPPENDORFF, 5), np.array([1.0, 2, 3] * 4)
    again = np.repeat(table, times.astype(int), axis=0)
    assert krippendorff_alpha(table, times) == pytest.approx(krippendorff_alpha(again))
    fleiss = np.array(FLEISS[:4], np.float64)
    assert fleiss_kappa(fleiss, times[:4]) == pytest.approx(fleiss_kappa(np.repeat(fleiss, [1, 2, 3, 1], axis=0)))


@pytest.mark.parametrize("table", [[], [[1, 0]], [[2, 0], [3, 0]]], ids=["nothing", "one judgement", "one value"])
def test_what_chance_alone_would_give_is_no_agreement_and_no_disagreement(table: list[list[int]]):
    assert krippendorff_alpha(np.array(table, np.float64).reshape(-1, 2)) is None


def judged(pair: str, annotator: str | None, value: str, **more: Any) -> dict[str, Any]:
    """One judgement of the pair `pair` with the answers a and b: `a`, `b`, `tie` or `both_bad`."""
    chosen, rejected = ("b", "a") if value == "b" else ("a", "b")
    label = value if value in ("tie", "both_bad") else "chosen"
    return {
        "pair_id": pair,
        "dimension": "preference",
        "chosen_id": chosen,
        "rejected_id": rejected,
        "label": label,
        "annotator": annotator,
        "dataset": "d",
        "record": 0,
        "k": 0,
    } | more


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    numbered = [{"row_id": f"d:{i}", **row} | {"record": row["record"] or i} for i, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=schema.PAIRS)


def everyone(verdicts: dict[str, str]) -> pl.DataFrame:
    """Annotator → one letter a pair: a, b, t(ie) or - for none."""
    words = {"a": "a", "b": "b", "t": "tie"}
    return table(
        *(
            judged(f"p{i:02}", name, words[letter])
            for name, letters in verdicts.items()
            for i, letter in enumerate(letters)
            if letter != "-"
        )
    )


def test_full_agreement_is_one_whichever_way_round_answers_were_shown():
    found = agreement(everyone({"ann": "abababababab", "bob": "abababababab"}))
    assert found.alpha is not None and found.alpha.value == 1
    assert found.fleiss is not None and found.fleiss.value == 1
    assert (found.shared, found.raters) == (12, 2)
    (kappa,) = found.kappas
    assert (kappa.left, kappa.right, kappa.shared, kappa.agreed.value) == ("ann", "bob", 12, 1)
    assert kappa.kappa is not None and kappa.kappa.value == 1


def test_annotators_who_always_disagree_are_below_chance():
    found = agreement(everyone({"ann": "abababababab", "bob": "babababababa"}))
    assert found.alpha is not None and found.alpha.value < -0.8
    assert found.kappas[0].kappa is not None and found.kappas[0].kappa.value == -1


def test_the_interval_of_alpha_holds_it_and_is_the_same_again():
    pairs = everyone({"ann": "abtabbab" * 20, "bob": "abbabtab" * 20})
    found = agreement(pairs)
    assert found.alpha is not None and found.alpha.low < found.alpha.value < found.alpha.high
    assert agreement(pairs) == found == agreement(pairs.reverse())


def test_the_last_word_of_an_annotator_counts():
    said = judgements(
        table(judged("p", "ann", "a", record=1), judged("p", "ann", "b", record=2), judged("p", "bob", "tie", record=3))
    )
    assert said.select("annotator", "value").rows() == [("ann", "second"), ("bob", "tie")]


def test_unknown_annotators_of_one_record_are_different_people():
    together = [judged("p", None, value, record=1, k=k) for k, value in enumerate(("a", "a", "b"))]
    assert judgements(table(*together))["value"].to_list() == ["first", "first", "second"]
    copies = [judged("q", None, "a", record=1), judged("q", None, "a", record=2)]
    assert judgements(table(*copies)).is_empty()
    copied_whole = [row | {"record": 5} for row in together]
    assert judgements(table(*together, *copied_whole)).height == 3


def test_too_few_pairs_in_common_are_no_kappa():
    found = agreement(everyone({"ann": "a" * (SHARED - 1), "bob": "a" * (SHARED - 1)}))
    assert found.kappas == ()
    assert found.shared == SHARED - 1
    assert found.alpha is None


def test_two_who_only_ever_say_one_thing_have_no_kappa():
    (kappa,) = agreement(everyone({"ann": "a" * 20, "bob": "a" * 20})).kappas
    assert kappa.kappa is None
    assert kappa.agreed.value == 1


def test_pairs_without_annotators_have_no_agreement():
    found = agreement(table(judged("p", None, "a"), judged("q", None, "b")))
    assert (found.judgements, found.annotators, found.shared, found.alpha, found.kappas) == (2, (), 0, None, ())
    assert agreement(pl.DataFrame(schema=schema.PAIRS)).alpha is None


def test_every_annotator_is_told_of():
    rows = [judged(f"p{i}", "ann", "tie" if i == 9 else "a", chosen_position=1 if i < 6 else 2) for i in range(10)]
    rows += [judged(f"p{i}", "bob", "a" if i < 8 else "b") for i in range(10)]
    rows += [judged(f"p{i}", "cat", "a") for i in range(10)]
    ann, bob, cat = agreement(table(*rows)).annotators
    assert [one.name for one in (ann, bob, cat)] == ["ann", "bob", "cat"]
    assert (ann.judgements, ann.neither) == (10, 1)
    assert ann.first_shown is not None and (ann.first_shown.value, ann.first_shown.n) == (6 / 9, 9)
    assert bob.first_shown is None
    # Of p0 to p7 both others say a; of p8 bob says b and cat a, of p9 too: no one thing.
    assert ann.with_others is not None and (ann.with_others.value, ann.with_others.n) == (1.0, 8)
    assert bob.with_others is not None and (bob.with_others.value, bob.with_others.n) == (8 / 9, 9)


@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=30))
def test_alpha_is_never_above_one(rows: list[list[int]]):
    found = krippendorff_alpha(np.array(rows, np.float64))
    assert found is None or found <= 1 + 1e-12


def test_figures_go_into_json():
    found = agreement(everyone({"ann": "abababababab", "bob": "abababababat"}))
    assert found.alpha is not None
    assert json.dumps(found.alpha.to_json())
