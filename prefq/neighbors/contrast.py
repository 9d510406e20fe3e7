"""The meaning guard: pairs of texts that are near in form and differ in what they say.

Every lexical method accepts "12 apples" for "21 apples" and "is safe" for "is not safe". For preference data such pairs
are contrast pairs, the opposite of duplicates.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.neighbors.normalize import Bytes, Ints, Packed, character_table, composed, pack

if TYPE_CHECKING:
    from prefq.neighbors.kernels import Hashes

Codes = npt.NDArray[np.int8]

TENS = {"eleven": "11", "twelve": "12", "twenty": "20", "thirty": "30", "fifty": "50", "hundred": "100"}
LARGE = {"thousand": "1000", "million": "1000000", "billion": "1000000000", "half": "0.5", "twice": "2"}
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = TENS | LARGE | {word: str(i) for i, word in enumerate(DIGITS)}
NUMBERS |= dict(zip("一二三四五六七八九十", map(str, range(1, 11)), strict=True))
NUMBERS |= dict(zip(("first", "second", "third", "fourth", "fifth"), ("1st", "2nd", "3rd", "4th", "5th"), strict=True))

NOT = """cannot cant dont doesnt didnt isnt arent wasnt werent wont wouldnt shouldnt couldnt havent hasnt hadnt aint"""
"""Each says `not` and an auxiliary verb, which is a filler."""

NEGATIONS = """not no never none nobody nothing nowhere neither nor non without unable except 不 没 未 无 非 别 勿"""

FOREIGN_NEGATIONS = """nicht kein keine keinen keiner nie niemals ohne pas jamais sans aucun aucune não nem sem nunca
senza niet geen nooit zonder nigdy bez не Не нет Нет никогда без Без لا ليس لن لم بدون değil 안 못"""
"""In German, French, Portuguese, Spanish, Italian, Dutch, Polish, Russian, Arabic, Turkish and Korean."""

POLAR_WORDS = """yes true false correct incorrect right wrong possible impossible legal illegal safe unsafe dangerous
risky more less most least fewer many few before after above below increase increases decrease decreases maximum minimum
maximize minimize highest lowest higher lower high low upper largest smallest larger smaller large small bigger biggest
big best worst good bad always often rarely seldom sometimes usually agree disagree accept reject allow forbid include
exclude including excluding pass fail gain lose win old new older younger oldest youngest hot cold warm cool love hate
long short strong weak light heavy dark black white wet dry left start stop begin end open close opened closed front
rear inside outside internal external north south east west import export buy sell cheap expensive rich poor fast slow
faster slower easy hard difficult easiest hardest early late earlier later last next previous ascending descending asc
desc public private major minor positive negative advantages disadvantages advantage disadvantage pros cons benefits
drawbacks alive dead sunrise sunset male female men women man woman boys girls boy girl husband wife mother father son
daughter brother sister king queen everyone everybody 对 错 是 否 大 小 多 少 前 后"""

UNITS = """minute hour day week month year decade century mile kilometer meter centimeter millimeter yard foot inch
pound ounce gram kilogram milligram ton liter milliliter gallon cup pint quart tablespoon teaspoon celsius fahrenheit
kelvin dollar euro cent percent km cm mm mi kg lb oz mg ml tbsp tsp mph kph usd eur gbp kb mb gb tb hz khz mhz ghz
kw mw kwh"""

SPELLINGS = {
    **{"feet": "foot", "kilometre": "kilometer", "metre": "meter", "centimetre": "centimeter", "litre": "liter"},
    **{"millimetre": "millimeter", "millilitre": "milliliter", "inches": "inch", "centuries": "century"},
    **{"seconds": "seconds", "kms": "km", "kgs": "kg", "lbs": "lb"},
}
"""What units are called as well."""

FILLERS = """a an the this that these those of to in on at by for from as is are was were be been being am do does did
has have had will would shall should can could may might must and or but if then so than it its he she they
them his her their we us our you your i me my mine im ive ill id youre its theres there here very really
just also too please kindly thanks thank hello hi hey dear ok okay sure certainly well now let lets tell
give show help need want like know some any all which who whom what when where why how while into about out
up over such only own same again with question answer answers response following detailed brief briefly
concise step steps carefully task instruction instructions assistant helpful correctly appropriate 的 了 着 吧 呢
吗 啊 请 在 和 我 你 您 们"""


ASKED = "what which who whom when where why how"
"""Fillers that say what is asked for."""

MARKERS = """sure certainly course absolutely gladly happy glad thanks thank hello hi hey dear hope helps helpful help
else question questions please welcome cheers regards sincerely feel hesitate answer response 好的 谢谢 你好"""
COURTESIES = """great good excellent interesting here is are the a an your you i im id ill to with this that be for of
my it know let me if have any other more further need free ask details very much in
advance ok okay well so and or could can would there assist assistance clarification want like additional anything
else again about as always was am do day nice luck best following below youve wonderful kind dont not ai
language model thing take heres thats youd youll"""
"""The words that greetings, promises and thanks are made of; there is one of the MARKERS in each."""


@cache
def courtesies() -> tuple["Hashes", Ints]:
    """Hashes (sorted) of the words that courtesies are made of, and their kinds: see `courtesies.bodies`."""
    from prefq.neighbors.courtesies import MARKER, PLAIN

    kinds = dict.fromkeys(COURTESIES.split(), PLAIN) | dict.fromkeys(MARKERS.split(), MARKER)
    hashes = _hashes(list(kinds))
    order = np.argsort(hashes)
    return hashes[order], np.array(list(kinds.values()), np.int64)[order]


def bodies(data: Bytes, begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Where each text (in NFKC) begins and ends without the courtesies around it, shape (texts,) each."""
    from prefq.neighbors.courtesies import bodies as found

    return found(data, begins, ends, character_table(), *courtesies())


@cache
def vocabulary() -> tuple["Hashes", Ints, "Hashes"]:
    """Hashes (sorted) of the words with a meaning of their own, their bits, and the hash of what each stands for."""
    from prefq.neighbors.words import ASKING, FILLER, LISTING, NEGATION, NUMBER, POLAR, UNIT

    kinds = {
        FILLER: FILLERS,
        POLAR: POLAR_WORDS,
        NEGATION: f"{NEGATIONS} {FOREIGN_NEGATIONS} {NOT}",
        NUMBER: " ".join(NUMBERS),
    }
    bits = {word: kind for kind, words in kinds.items() for word in words.split()}
    plurals = {f"{unit}s": unit for unit in UNITS.split() if len(unit) > 2} | SPELLINGS
    bits |= dict.fromkeys([*UNITS.split(), *plurals], POLAR | UNIT)
    bits |= dict.fromkeys(ASKED.split(), FILLER | ASKING) | dict.fromkeys(("and", "or"), FILLER | LISTING)
    stands_for = dict.fromkeys(NOT.split(), "not") | NUMBERS | plurals | {"which": "what", "whom": "who"}
    hashes = _hashes(list(bits))
    same = _hashes([stands_for.get(word, word) for word in bits])
    order = np.argsort(hashes)
    return hashes[order], np.array(list(bits.values()), np.int64)[order], same[order]


def _hashes(words: list[str]) -> "Hashes":
    from prefq.neighbors.words import word_hash

    table = character_table()
    texts = [np.frombuffer(word.encode(), np.uint8).copy() for word in words]
    return np.array([word_hash(text, 0, text.size, table) for text in texts], np.uint64)


def contrasts(texts: pl.Series, left: Ints, right: Ints, *, prompts: bool) -> Codes:
    """For each pair of rows of `texts` a code, shape (pairs,): 0, a place in REASONS, or DIFFERENT (of `verdicts`).

    `number`: numbers, units or operators replaced. `name`: capitalised words replaced. `negation`: a negation added or
    removed, or a word exchanged for its opposite, and little else. Prompts and answers of up to 30 words are read
    strictly: a number or a name added counts as well, and `slot`: words that say something replaced, or many of them
    added, something else asked for (when, where), or two words in each other's place (from here to there). In answers
    of up to 60 words it is a `slot` where up to three words stand in the place of others and nothing else differs.
    Longer answers that differ in a number or name and in more than a fifth of their words are DIFFERENT: no contrast,
    not near either.
    """
    from prefq.neighbors.verdicts import contrast_codes

    used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    packed: Packed = pack(composed(texts.gather(used)))
    left, right = places[: left.size].astype(np.int64), places[left.size :].astype(np.int64)
    begins, ends = bodies(packed.data, packed.starts[:-1].copy(), packed.starts[1:].copy())
    return contrast_codes(packed.data, begins, ends, left, right, prompts, character_table(), *vocabulary())
