import random

import pytest

from prefq.diff.likeness import LONG, similarities


def similarity(old: str, new: str, least: float = 0.6) -> float:
    (found,) = similarities([old], [new], least)
    return found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("No", "No!!!"),
        ("Yes.", "Yes, of course."),
        ("😌😊", "😌😊!!!"),
        ("3", "3.5"),
        ("沙滩", "沙滩。我希望这有帮助"),
        ("はい", "はい、そうです。"),
    ],
)
def test_a_short_text_with_a_little_more_is_the_same_text_edited(old: str, new: str) -> None:
    assert 0 < similarity(old, new) < 0.6
    assert 0 < similarity(new, old) < 0.6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Yes", "No"),
        ("A", "B"),
        ("", "x"),
        ("!", ""),
        ("不", "不是这样的，我认为这个问题的答案完全不同"),
        ("Paris", "The capital of France is the city of Paris"),
    ],
)
def test_another_short_text_is_no_edited_one(old: str, new: str) -> None:
    assert similarity(old, new) == 0


def test_long_texts_without_spaces_are_compared_piece_by_piece() -> None:
    chance = random.Random(1)
    signs = [chr(0x4E00 + chance.randrange(3000)) for _ in range(2 * LONG)]
    edited = [*signs[:100], "改", *signs[100:LONG], *signs[LONG + 3 :]]
    assert similarity("".join(signs), "".join(edited)) > 0.99
    assert similarity("".join(signs), "".join(reversed(signs))) == 0
    assert similarity("q" * 2 * LONG, "q" * 2 * LONG + "changed") > 0.99
