"""A light guess at the script and the language of a text: enough to see that an answer is in another one.

Scripts are counted; among Latin-script languages a handful is told apart by function words. Short or mixed texts get
null: a guess that may be wrong is worse here than none.
"""

from collections.abc import Iterable

import polars as pl

from prefq.patterns import prose

SCRIPTS = {
    "Latin": (r"\p{Latin}", 1.0),
    "Han": (r"\p{Han}", 3.0),
    "Kana": (r"[\p{Hiragana}\p{Katakana}]", 3.0),
    "Hangul": (r"\p{Hangul}", 2.5),
    "Cyrillic": (r"\p{Cyrillic}", 1.0),
    "Greek": (r"\p{Greek}", 1.0),
    "Arabic": (r"\p{Arabic}", 1.2),
    "Hebrew": (r"\p{Hebrew}", 1.2),
    "Devanagari": (r"\p{Devanagari}", 1.2),
    "Thai": (r"\p{Thai}", 1.2),
}
"""Script → its letters, and what one of them weighs in Latin letters (a Han character is about a short word)."""

FUNCTION_WORDS = {  # hardly any that is a word of another one of them as well
    "en": "the and of to is that with for you are this was have not be by from or can they what how does it why when",
    "es": "el los las y es está pero más del una por su con qué cómo cuál también muy ser lo para que un al le mi",
    "fr": "le les des est dans une pour qui sur pas vous avec du et nous au je sont cette quel quelle ce que il elle",
    "de": "der die das und ist nicht ein eine mit für auf den dem zu von sie ich auch wie sind mich mir hat du dir kann"
    " wenn aber man bei zum warum sich ihr im dass oder",
    "it": "il che di non una sono della con gli è nel questo più anche dei alla lo quale del perché",
    "pt": "o os uma não com para são da em mais você um ao na qual também é e das pela seu",
    "nl": "de het een en van dat niet voor met op zijn ook aan te wat hoe ik je wordt naar",
}

_LANGUAGE_NAMES = (
    "english|spanish|french|german|italian|portuguese|dutch|chinese|mandarin|cantonese|japanese|korean|russian|arabic|hindi|hebrew"
    "|greek|latin|turkish|polish|swedish|danish|norwegian|finnish|thai|vietnamese|indonesian|ukrainian|persian|farsi|urdu|bengali"
    "|español|castellano|inglés|francés|alemán|français|anglais|espagnol|allemand|deutsch|englisch|spanisch|französisch|inglese"
    "|spagnolo|italiano|português|inglês|nederlands|engels|английск|русск"
)
OTHER_LANGUAGE_ASKED = (
    rf"(?i)translat|traduc|traduz|traduis|tradui[rt]|übersetz|vertaal|vertal|перев[ое]д|languages?\b|sprache|idioma|langue|lingua"
    rf"|\b(?:{_LANGUAGE_NAMES})|翻译|翻訳|번역|英文|英语|英語|中文|汉语|日语|日本語|法语|德语|西班牙语|俄语|韩语|韓国語|한국어|영어"
)
"""The conversation speaks of a language or a translation: an answer in another language may be what was asked for."""


def guess_languages(
    texts: pl.Series, *, letters: int = 20, share: float = 0.8, words: int = 5, lead: float = 2.0
) -> pl.DataFrame:
    """The `script` and the Latin-script `language` of each text, in order; null where the text does not say.

    A script needs `letters` (weighed) in the first 1,000 characters outside code, and a `share` of all letters. A
    language needs `words` function words, `lead` times as many as the runner-up, every tenth word at least.
    """
    head = texts.alias("text").to_frame().select(prose(pl.col("text").str.head(1000)))
    return pl.DataFrame([_scripts(head, letters, share), _languages(head, words, lead)])


def function_words(texts: pl.Series) -> pl.DataFrame:
    """How many function words of each language the texts' first 1,000 characters hold outside code."""
    head = texts.alias("text").to_frame().select(prose(pl.col("text").str.head(1000)))
    return _spaced(head).select(_count(name).fill_null(0) for name in FUNCTION_WORDS)


def _scripts(head: pl.DataFrame, letters: int, share: float) -> pl.Series:
    # A text with few non-ASCII bytes can only be Latin, so only the others are counted script by script.
    text = pl.col("text")
    foreign = text.str.len_bytes() > 1.25 * text.str.len_chars()
    head = head.with_columns(foreign=foreign, ascii=text.str.count_matches(r"[A-Za-z]"))
    others = head.filter("foreign").select(
        (text.str.count_matches(pattern) * weight).alias(name) for name, (pattern, weight) in SCRIPTS.items()
    )
    latin = pl.when(~pl.col("foreign") & (pl.col("ascii") >= letters)).then(pl.lit("Latin"))
    scripts = head.select(script=latin).to_series()
    return scripts.scatter(head["foreign"].arg_true(), _most_frequent(others, letters, share))


def _most_frequent(weighed: pl.DataFrame, letters: int, share: float) -> pl.Series:
    kana, han = pl.col("Kana"), pl.col("Han")
    japanese = kana > 0.2 * han
    weighed = weighed.with_columns(
        Kana=pl.when(japanese).then(kana + han).otherwise(0.0), Han=pl.when(japanese).then(0.0).otherwise(han)
    )
    total, most = pl.sum_horizontal(*SCRIPTS), pl.max_horizontal(*SCRIPTS)
    clear = (total >= letters) & (most >= share * total)
    return weighed.select(pl.when(clear).then(_first_name(SCRIPTS, most))).to_series()


def _first_name(names: Iterable[str], most: pl.Expr) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col(name) == most).then(pl.lit(name)) for name in names)


def _spaced(head: pl.DataFrame) -> pl.DataFrame:
    # Two spaces between words, so that neighbours do not share the one that a match eats.
    words = pl.col("text").str.to_lowercase().str.replace_all(r"""[\s,.;:!?¿¡()"*’']+""", "  ")
    return head.select(text=pl.concat_str(pl.lit(" "), words, pl.lit(" ")))


def _count(language: str) -> pl.Expr:
    pattern = f" (?:{FUNCTION_WORDS[language].replace(' ', '|')}) "
    return pl.col("text").str.count_matches(pattern).cast(pl.Float64).alias(language)


def _languages(head: pl.DataFrame, words: int, lead: float) -> pl.Series:
    # Where every seventh word is an English one, nothing else is counted.
    spaced = _spaced(head).with_columns(_count("en"), words=pl.col("text").str.count_matches("  ", literal=True))
    english = (pl.col("en") >= words) & (pl.col("en") * 7 >= pl.col("words"))
    spaced = spaced.with_columns(english=english.fill_null(False))
    others = spaced.filter(~pl.col("english")).select("words", *(_count(name) for name in FUNCTION_WORDS))
    ranked = pl.concat_list(*FUNCTION_WORDS).list.sort(descending=True)
    first = ranked.list.get(0)
    clear = (first >= words) & (first >= lead * ranked.list.get(1)) & (first * 10 >= pl.col("words"))
    names = others.select(pl.when(clear).then(_first_name(FUNCTION_WORDS, first))).to_series()
    known = spaced.select(language=pl.when("english").then(pl.lit("en"))).to_series()
    return known.scatter((~spaced["english"]).arg_true(), names)
