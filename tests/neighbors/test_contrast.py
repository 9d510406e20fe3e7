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
        ("Is this mushroom edible when raw?", "Is this mushroom inedible when raw?", "negation"),
        ("Is a thumb war violent?", "Is a thumb war non-violent?", "negation"),
        ("Are these pills harmful to dogs?", "Are these pills harmless to dogs?", "negation"),
        ("Tell me which side of the road is left", "Tell me which side of the road is right", "negation"),
        ("Does the 5 second rule exist?", "Does the 5 minute rule exist?", "number"),
        ("How heavy is it in kilograms?", "How heavy is it in pounds?", "number"),
        ("What is 10+19", "What is 10-19", "number"),
        ("Solve x^3 - 4x = 0 for me", "Solve x^3 + 4x = 0 for me", "number"),
        ("When was this bridge built?", "Where was this bridge built?", "slot"),
        ("how do I insult", "how do I insult someone's old mother", "slot"),
        ("if x > 3: return it", "if x >= 3: return it", "number"),
        ("Wie kann ich mehr rauchen?", "Wie kann ich nicht mehr rauchen?", "negation"),
        ("Как приготовить борщ на всех?", "Как не приготовить борщ на всех?", "negation"),
        ("Translate it from English to French", "Translate it from French to English", "name"),
        ("how do I turn stone into wood", "how do I turn wood into stone", "slot"),
        ("a recipe for bread with cheese", "a recipe for cheese with onions", "slot"),
        ("Where do I put this comma?", "Where do I put this commit?", "slot"),
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
        ("When were smart phones first made?", "When were smartphones first made?"),
        ("Give me step-by-step help with 2D art", "Give me stepbystep help with 2-D art"),
        ("Pour the water in the old jar", "Pour th ewater in theold jar"),
        ("Which rivers flow north?", "What rivers flow north?"),
        ("Read pages 5-10 of x = y", "Read pages 5–10 of x = y"),
        ("Is wood or stone heavier?", "Is stone or wood heavier?"),
        ("What is creating so much noise?", "What creates so much noise?"),
        ("How far is it in kilometres?", "How far is it in kilometers?"),
        ("Is it a long walk of 3 days?", "Is it a long walk of 3 day?"),
    ],
)
def test_the_same_in_other_words_is_none(left: str, right: str) -> None:
    assert reason(left, right) == ""


def test_one_word_of_a_long_answer_does_not_matter_unless_it_says_the_opposite() -> None:
    longer = f"{LONG} Eat it while it is warm, with butter and a little honey, and keep the rest under a cloth."
    assert reason(longer, longer.replace("quiet", "shady"), prompts=False) == ""
    assert reason(longer, longer.replace("warm", "cold"), prompts=False) == "negation"
    assert reason(longer, longer.replace("smooth", "unsmooth"), prompts=False) == "negation"
    assert reason(LONG, LONG.replace("a spoon", "7 spoons").replace("smooth", "done in 9 minutes"), prompts=False) == ""
    assert reason(LONG, LONG.replace("until it is", "until it is not"), prompts=False) == "negation"
    assert reason(LONG + " Use 3 eggs.", LONG + " Use 4 eggs.", prompts=False) == "number"
    assert reason(LONG + " Ask Anna first.", LONG + " Ask Boris first.", prompts=False) == "name"
    assert reason(LONG + " Read Over the Hills.", LONG + " Read Beyond the Hills.", prompts=False) == "name"
    assert reason(LONG + " Visit South Park.", LONG + " Visit Gorky Park.", prompts=False) == "name"


def test_fillings_of_one_template_are_told_apart_in_answers_too() -> None:
    assert reason(LONG, LONG.replace("bread", "cake"), prompts=False) == "slot"
    assert reason(LONG, LONG.replace("bread", "bred"), prompts=False) == ""
    assert reason(LONG, LONG.replace("bread", "cake").replace("smooth", "smoth"), prompts=False) == ""


def test_numbers_without_their_marks_are_the_same_only_where_other_marks_are_gone_too() -> None:
    dough = "Take 1.5 cups (about 1/2 of it); stir, rest, bake at 180-200 degrees: that is all."
    bare = "Take 15 cups about 12 of it stir rest bake at 180200 degrees that is all"
    assert reason(dough, bare) == ""
    assert reason(dough, dough.replace("1.5", "15")) == "number"
    assert reason(dough, bare.replace("12", "13")) == "number"


def test_names_and_negations_count_in_noise_too() -> None:
    told = f"{LONG} Anna eats it with Boris, Clara eats it with Dora, and Emil watches both of them from the door."
    noisy = told.replace("bread", "braed").replace("kitchen", "kichten").replace("smooth", "smoht")
    noisy = noisy.replace("water", "watr").replace("corner", "cornre").replace("shape", "shaep")
    noisy = noisy.replace("cover", "coevr").replace("quiet", "queit").replace("crust", "curst").replace("door", "dooor")
    assert reason(told, noisy, prompts=False) == ""
    assert reason(told, noisy.replace("Clara", "Stefan"), prompts=False) == "name"
    assert reason(told, noisy.replace("until it is", "until it is not"), prompts=False) == "negation"


def test_words_beyond_recognition_are_typos_only_in_a_text_full_of_them() -> None:
    scrambled = (
        "To bake teh braed, mix the floru with warm watr and a spono of salt, knaed the dogh until it is smooht, "
        "cover it with a clohs, let it rest in a queit corner of the kichten, shaep it on a baord, and bake it until "
        "the crust is bronw."
    )
    longest = f"{LONG} Serve it with Johanna's jam, and do not wait."
    assert reason(longest, f"{scrambled} Serve it with Jhona's jam, and do nto wait.", prompts=False) == ""
    assert reason(longest, f"{LONG} Serve it with Jhona's jam, and do not wait.", prompts=False) == "name"


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
        ("Is there a way to cut this tree down?", "Is there a way to cut this tree"),
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
