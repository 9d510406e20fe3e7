import polars as pl
import pytest

from prefq.languages import FUNCTION_WORDS, SCRIPTS, function_words, guess_languages

LANGUAGES = {
    "en": "The rain is what the sea gives to the land, and it is not to be had in the desert.",
    "es": "La lluvia es lo que el mar da a la tierra, pero en el desierto los ríos no llevan agua y está seco.",
    "fr": "La pluie est ce que la mer donne aux terres, et les nuages sont poussés par le vent dans les montagnes.",
    "de": "Der Regen ist das, was das Meer dem Land gibt, und in der Wüste ist er nicht zu finden.",
    "it": "La pioggia è quello che il mare dona alla terra, e gli uomini non sono della stessa opinione nel deserto.",
    "pt": "A chuva é o que o mar dá para a terra, e os rios não são da mesma opinião em uma seca com você.",
    "nl": "De regen is wat de zee aan het land geeft, en in de woestijn is er niet veel van te vinden voor een mens.",
}
TEXTS = {
    "Han": "雨是海洋送给大地的礼物，沙漠里却很少下雨。",
    "Kana": "雨は海が陸に与えるものであり、砂漠ではめったに降りません。",
    "Hangul": "비는 바다가 땅에 주는 선물이며 사막에는 거의 내리지 않습니다.",
    "Cyrillic": "Дождь — это то, что море даёт земле, а в пустыне его почти не бывает.",
    "Greek": "Η βροχή είναι αυτό που δίνει η θάλασσα στη γη, και στην έρημο σπανίζει.",
    "Arabic": "المطر هو ما يمنحه البحر للأرض، ونادرا ما يسقط في الصحراء.",
    "Hebrew": "הגשם הוא מה שהים נותן ליבשה, ובמדבר הוא נדיר מאוד.",
    "Devanagari": "वर्षा वह है जो समुद्र धरती को देता है और मरुस्थल में बहुत कम होती है।",
    "Thai": "ฝนคือสิ่งที่ทะเลมอบให้แผ่นดิน และในทะเลทรายแทบไม่มีฝนเลย",
    "Latin": LANGUAGES["en"],
}


@pytest.mark.parametrize(("language", "text"), LANGUAGES.items())
def test_language_of_a_sentence(language: str, text: str) -> None:
    assert guess_languages(pl.Series([text]))["language"].to_list() == [language]


@pytest.mark.parametrize(("script", "text"), TEXTS.items())
def test_script_of_a_sentence(script: str, text: str) -> None:
    assert guess_languages(pl.Series([text]))["script"].to_list() == [script]


NOBODY_KNOWS = {
    "empty": "",
    "short": "La lluvia.",
    "names": "Cumulus, stratus, nimbus, cirrus, altostratus, cumulonimbus",
    "figures": "1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    "code": "```\nfor the and of to is that with\n```",
    "two languages": f"{LANGUAGES['de']} {LANGUAGES['fr']}",
}


@pytest.mark.parametrize("text", NOBODY_KNOWS.values(), ids=NOBODY_KNOWS)
def test_no_guess_is_made_of(text: str) -> None:
    assert guess_languages(pl.Series([text]))["language"].to_list() == [None]


def test_mixed_scripts_are_none() -> None:
    assert guess_languages(pl.Series([f"{TEXTS['Cyrillic']} {TEXTS['Greek']}"]))["script"].to_list() == [None]


def test_texts_are_guessed_in_their_order() -> None:
    texts = [*LANGUAGES.values(), *TEXTS.values(), ""]
    found = guess_languages(pl.Series(texts))
    assert found["language"].to_list() == [*LANGUAGES, *[None] * (len(TEXTS) - 1), "en", None]
    assert found.height == len(texts)
    assert set(found["script"]) == {*SCRIPTS, None}


def test_every_function_word_next_to_another_is_counted() -> None:
    found = function_words(pl.Series(["to be or not to be", ""]))
    assert found["en"].to_list() == [6, 0]
    assert found.columns == [*FUNCTION_WORDS]


def test_no_texts() -> None:
    assert guess_languages(pl.Series([], dtype=pl.String)).height == 0
