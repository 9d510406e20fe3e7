from typing import Any

import pytest

from prefq.formats import FORMATS, Answer, Judgement, RejectRecord

ALPACA = FORMATS["alpaca-eval"]
RECORD = {
    "dataset": "koala",
    "instruction": "Say hello.",
    "output_1": "Hello.",
    "generator_1": "old",
    "output_2": "Bye.",
    "generator_2": "new",
    "annotator": "weighted",
    "preference": 1.0,
    "time": 3,
}


def only(**changes: Any) -> Judgement:
    (judgement,) = ALPACA.read(RECORD | changes)
    assert isinstance(judgement, Judgement)
    return judgement


def test_first_output_preferred():
    assert ALPACA.fits(RECORD)
    assert only() == Judgement(
        prompt=[{"role": "user", "content": "Say hello."}],
        chosen=Answer("Hello."),
        rejected=Answer("Bye."),
        chosen_position=1,
        margin_raw=0.5,
        margin=1.0,
        annotator="weighted",
        chosen_model="old",
        rejected_model="new",
        subset="koala",
        extra={"time": 3},
    )


def test_second_output_slightly_preferred():
    judgement = only(preference=1.625)
    assert (judgement.chosen, judgement.rejected) == (Answer("Bye."), Answer("Hello."))
    assert (judgement.chosen_model, judgement.rejected_model) == ("new", "old")
    assert (judgement.chosen_position, judgement.margin_raw, judgement.margin) == (2, 0.125, 0.25)
    assert judgement.label == "chosen"


@pytest.mark.parametrize("preference", [1.5, 0, 0.0, "1.5"])
def test_ties_keep_the_order_of_the_source(preference: object):
    judgement = only(preference=preference)
    assert (judgement.label, judgement.chosen, judgement.rejected) == ("tie", Answer("Hello."), Answer("Bye."))
    assert (judgement.chosen_position, judgement.margin) == (None, 0.0)


def test_numbers_written_as_text_are_numbers():
    assert only(preference="2").chosen == Answer("Bye.")


UNUSABLE = {
    "null": ({"preference": None}, "missing_preference"),
    "empty cell": ({"preference": ""}, "missing_preference"),
    "failed annotation": ({"preference": -1}, "failed_annotation"),
    "above": ({"preference": 3}, "invalid_preference"),
    "between 0 and 1": ({"preference": 0.5}, "invalid_preference"),
    "a word": ({"preference": "first"}, "invalid_preference"),
    "true": ({"preference": True}, "invalid_preference"),
    "not a number": ({"preference": float("nan")}, "invalid_preference"),
    "null answer": ({"output_2": None}, "null_field"),
    "a list": ({"output_1": ["Hello."]}, "not_text"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable(case: str):
    changes, reason = UNUSABLE[case]
    with pytest.raises(RejectRecord) as caught:
        only(**changes)
    assert caught.value.reason == reason
