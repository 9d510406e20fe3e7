import numpy as np

from prefq.label_noise import NoiseRate
from prefq.shortcuts import calibration, shortcuts_json

RATE = NoiseRate(0.05, None, "given")


def test_calibration_sees_each_pair_from_both_sides() -> None:
    found = calibration(np.log(3) * np.array([1.0, 1.0, 1.0, -1.0]))
    assert found["ece"] == 0.0
    assert [(b["predicted"], b["agreed"], b["rows"]) for b in found["reliability"]] == [
        (0.25, 0.25, 4),
        (0.75, 0.75, 4),
    ]


def test_without_margins_there_is_no_calibration() -> None:
    assert calibration(np.array([])) == {"reliability": [], "ece": None}


def test_the_document_holds_every_part_and_says_what_it_means() -> None:
    measured = {"overall": {"pairs": 1}, "slices": [], "features": {}}
    found = shortcuts_json(measured, calibration(np.array([])), RATE, ({"name": "eval"},))
    assert list(found) == [
        *("format", "sees", "limits", "overall", "slices", "features", "reliability", "ece", "noise_rate", "against"),
    ]
    assert (found["format"], found["overall"]["pairs"], found["noise_rate"]["value"]) == (1, 1, 0.05)
    assert found["against"] == [{"name": "eval"}]
