"""The meaning guard: near in form, different in what is said."""

import numpy as np
import polars as pl
import pytest

from prefq.neighbors.contrast import contrasts
from prefq.neighbors.verdicts import DIFFERENT, REASONS

LONG = (
    "To bake the bread, mix the flour with warm water and a spoon of salt, knead the dough until it is smooth, "
    "cover it with a cloth, let it rest in a quiet corner of the kitchen, shape it on a board, and bake it until "
    "the crust is brown."
)


def reason(left: str, right: str, *, prompts: bool = True) -> str:
    here, there = np.array([0]), np.array([1])
    codes = [contrasts(pl.Series(pair), here, there, prompts=prompts)[0] for pair in ([left, right], [right, left])]
    assert codes[0] == codes[1], "the order of the two texts must not matter"
    return "different" if codes[0] == DIFFERENT else REASONS[codes[0]]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("How much are 12 apples worth?", "How much are 21 apples worth?", "number"),
        ("Name two rivers in the north", "Name three rivers in the north", "number"),
        ("List 5 ways to save water", "List ways to save water", "number"),
        ("What is 3.5 times 2?", "What is 35 times 2?", "number"),
        ("Who was the king of Norway then?", "Who was the king of Poland then?", "name"),
        ("Tell me a story about a dog", "Tell me a story about a dog in French", "name"),
        ("Is it safe to eat raw eggs?", "Is it not safe to eat raw eggs?", "negation"),
        ("Why does the sky look blue?", "Why doesn't the sky look blue?", "negation"),
        ("Is that claim true?", "Is that claim false?", "negation"),
        ("Did exports increase that year?", "Did exports decrease that year?", "negation"),
        ("List the benefits of drinking tea", "List the benefits of drinking milk", "slot"),
        ("what is the weather like in paris", "what is the weather like in london", "slot"),
        ("What do you mean by that?", "What do you mean by monads?", "slot"),
        ("北京的天气怎么样", "上海的天气怎么样", "slot"),
        ("这样做安全吗", "这样做不安全吗", "negation"),
    ],
)
def test_contrast_prompts_are_told(left: str, right: str, expected: str) -> None:
    assert reason(left, right) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("List the benefits of drinking tea", "list the benefits of drinking tea!!"),
        ("List the benefits of drinking tea", "List teh benifits of driking tea"),
        ("List the benefits of drinking tea", "Please list the benefits of drinking tea, thanks"),
        ("List the benefit of drinking teas", "List the benefits of drinking tea"),
        ("Why don't cats swim?", "Why dont cats swim?"),
        ("Why do cats not swim?", "Why don't cats swim?"),
        ("Give me two examples of verbs", "Give me 2 examples of verbs"),
        ("It costs 1,000 dollars", "It costs 1000 dollars"),
        ("Sort these. Then print them.", "Then print them. Sort these."),
        ("Who lives in London today?", "Who lives in Londn today?"),
        ("请问北京的天气怎么样", "北京的天气怎么样"),
    ],
)
def test_the_same_in_other_words_is_none(left: str, right: str) -> None:
    assert reason(left, right) == ""


def test_one_word_of_a_long_answer_does_not_matter_unless_it_says_the_opposite() -> None:
    assert reason(LONG, LONG.replace("quiet", "shady"), prompts=False) == ""
    assert reason(LONG, LONG.replace("a spoon", "7 spoons").replace("smooth", "done in 9 minutes"), prompts=False) == ""
    assert reason(LONG, LONG.replace("until it is", "until it is not"), prompts=False) == "negation"
    assert reason(LONG + " Use 3 eggs.", LONG + " Use 4 eggs.", prompts=False) == "number"
    assert reason(LONG + " Ask Anna first.", LONG + " Ask Boris first.", prompts=False) == "name"


def test_short_answers_are_read_strictly() -> None:
    assert reason("The capital is paris.", "The capital is rome.", prompts=False) == "slot"


def test_long_answers_that_differ_in_much_are_no_contrast() -> None:
    other = "Use 4 eggs. " + LONG.replace("bread", "cake").replace("salt", "sugar").replace("cloth", "towel").replace(
        "kitchen", "cellar"
    ).replace("board", "table").replace("crust", "surface").replace("brown", "golden").replace("quiet", "cold")
    assert reason(LONG + " Use 3 eggs.", other, prompts=False) == "different"


def test_list_markers_are_no_numbers() -> None:
    assert reason("Steps:\n1. wash\n2. peel\n3. cook", "Steps:\n- wash\n- peel\n- cook") == ""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (LONG, LONG.replace("kitchen", "")),
        (LONG, LONG[: int(len(LONG) * 0.8)]),
        (LONG, LONG.replace("cloth", "cloth sandwich").replace("board", "music board")),
        ("Can you help me write a paper in support of trains?", "Can you help me write a paper in support of tra"),
        ("Can you help me write a paper in support of trains?", "Can you help me write a paper in support of"),
        ("How are the adjectives used in what I say today?", "How are teh adiectives used in what I cay today?"),
        ("Is it wise not to eat raw eggs?", "Is it wise ont to eat raw eggs?"),
        ("Sure, here is the answer: Boil the eggs.", "Boil the eggs. I hope this helps! Feel free to ask for more."),
    ],
)
def test_noise_is_no_contrast(left: str, right: str) -> None:
    assert reason(left, right) == ""


def test_numbers_of_list_items_and_names_at_the_beginning_of_lines_count_when_they_alone_differ() -> None:
    dishes = f"{LONG}\n7. Bread\n8. Soup"
    assert reason(dishes, dishes.replace("7.", "9."), prompts=False) == "number"
    towns = f"{LONG}\n- London is far.\n- London is old."
    assert reason(towns, towns.replace("London", "Geneva"), prompts=False) == "name"


def test_a_number_counts_though_it_opens_a_list_item_elsewhere() -> None:
    dishes = f"{LONG} One pan will do.\n1. Use 1/2 of the dough.\n2. Bake it."
    assert reason(dishes, dishes.replace("1/2", "1/4"), prompts=False) == "number"
    assert reason(dishes, dishes.replace("\n1.", "\n11."), prompts=False) == "number"
