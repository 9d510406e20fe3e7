"""Real texts with planted variants: some say the same in another form, some look the same and say something else."""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Change = Callable[[str, "Words"], str | None]

OPENERS = (
    "Sure, here is the answer: ",
    "Of course! I'd be happy to help with that.\n\n",
    "Great question! ",
    "Hello, could you please help me with this? ",
)
SIGN_OFFS = (
    "\n\nI hope this helps! Let me know if you have any other questions.",
    "\n\nFeel free to ask for more details.",
    " Thank you very much in advance!",
)
NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w])")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")
VERB = re.compile(r"\b(is|are|was|were|can|could|will|would|should|must|do|does|did)\b(?! not|n't)")
FRAMES = (
    "Write a short poem about {} for a birthday card, in the style of an old ballad.",
    "What are the most important things that a beginner should know about {} before starting?",
    "I am planning a party and I would like to serve {}. Can you give me a list of things to buy?",
    "Explain to a ten year old how {} works and why it matters.",
    "Can you suggest five good books about {}?",
    "Translate the phrase '{}' into Spanish and use it in a sentence.",
    "My friend keeps talking about {}. What is it, and should I care?",
    "Draft an email to my boss in which I ask for a budget for {} next year.",
    "Which companies are known for {}?",
    "Compare {} with its most common alternative and tell me which of the two is cheaper.",
)


@dataclass(frozen=True)
class Words:
    """Seeded draws, and words and names of the texts themselves to put into others."""

    draw: random.Random
    words: Sequence[str]
    names: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str], seed: int) -> "Words":
        """From all of these texts, so that frequent words are drawn often."""
        some = texts[:2000]
        words = [word for text in some for word in re.findall(r"\b[a-z]{2,}\b", text)]
        return cls(random.Random(seed), words, sorted({name for text in some for name in NAME.findall(text)}))


def other_case(text: str, words: Words) -> str:
    """All capitals, all small, or every word with a capital."""
    return words.draw.choice((str.upper, str.lower, str.title))(text)


def other_space(text: str, words: Words) -> str:
    """More space between words, other line breaks."""
    return " ".join(words.draw.choice((word, word, f" {word}", f"\n{word}")) for word in text.split())


def other_code_points(text: str, words: Words) -> str:
    """Decomposed, with typographic quotes and dashes, no-break spaces or full-width letters."""
    text = text.replace("'", "’").replace(" - ", " — ").replace("...", "…")
    if words.draw.random() < 0.3:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return unicodedata.normalize("NFD", text).replace(" ", "\u00a0" if words.draw.random() < 0.5 else " ")


def other_marks(text: str, words: Words) -> str:
    """Half of the sentence marks gone or others."""
    return re.sub(r"[,;:!?](?=\s|$)|\.(?=\s|$)", lambda m: words.draw.choice((m[0], "", ";", "!")), text)


def typos(share: float) -> Change:
    """So many of the letters left out, doubled, exchanged with the next or replaced; one at least."""

    def change(text: str, words: Words) -> str:
        draw, letters = words.draw, list(text)
        places = [i for i, c in enumerate(letters[:-1]) if c.isalpha() and letters[i + 1].isalpha()]
        for i in draw.sample(places, min(len(places), max(1, round(share * len(places))))):
            kind = draw.randrange(4)
            if kind == 0:
                letters[i] = ""
            elif kind == 1:
                letters[i] *= 2
            elif kind == 2 and letters[i + 1]:
                letters[i], letters[i + 1] = letters[i + 1], letters[i]
            else:
                letters[i] = draw.choice("abcdefghijklmnopqrstuvwxyz")
        return "".join(letters)

    return change


def deleted(share: float) -> Change:
    """So many of the words gone, one at least, whichever they are."""

    def change(text: str, words: Words) -> str:
        parts = re.split(r"(\s+)", text)
        places = range(0, len(parts), 2)
        gone = set(words.draw.sample(places, max(1, round(share * len(places)))))
        return "".join("" if i in gone or i - 1 in gone else part for i, part in enumerate(parts))

    return change


def inserted(share: float) -> Change:
    """So many words of other texts strewn in, one at least."""

    def change(text: str, words: Words) -> str:
        parts = re.split(r"(\s+)", text)
        places = range(0, len(parts), 2)
        for i in words.draw.sample(places, max(1, round(share * len(places)))):
            parts[i] = f"{words.draw.choice(words.words)} {parts[i]}"
        return "".join(parts)

    return change


def shuffled(text: str, words: Words) -> str | None:
    """Its sentences in another order; none where it has fewer than three."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    if len(sentences) < 3:
        return None
    mixed = words.draw.sample(sentences, len(sentences))
    return " ".join(mixed) if mixed != sentences else " ".join(reversed(sentences))


def framed(text: str, words: Words) -> str:
    """An opener before it, a sign-off after it, or both."""
    before, after = words.draw.choice(((1, 0), (0, 1), (1, 1)))
    return words.draw.choice(OPENERS) * before + text + words.draw.choice(SIGN_OFFS) * after


def cut(text: str, _words: Words) -> str:
    """The first 80 % of it."""
    return text[: int(len(text) * 0.8)]


def other_number(text: str, words: Words) -> str | None:
    """One of its numbers is another one; none where it has none."""
    found = list(NUMBER.finditer(text))
    if not found:
        return None
    hit = words.draw.choice(found)
    new = str(int(float(hit[0])) + words.draw.choice((1, 2, 5, 10)))
    return text[: hit.start()] + new + text[hit.end() :]


def other_name(text: str, words: Words) -> str | None:
    """One of its names, everywhere, is another one; none where it has none, or where there is no other."""
    found = [name for name in NAME.findall(text) if name in words.names]
    old = words.draw.choice(found) if found else ""
    others = [name for name in words.names if name[:4] != old[:4]]
    return re.sub(rf"\b{old}\b", words.draw.choice(others), text) if old and others else None


def negated(text: str, words: Words) -> str | None:
    """A `not` more, or one less; none where neither can be."""
    found = list(VERB.finditer(text))
    if " not " in text and words.draw.random() < 0.4:
        return text.replace(" not ", " ", 1)
    if not found:
        return None
    hit = words.draw.choice(found)
    return f"{text[: hit.end()]} not{text[hit.end() :]}"


SAME: dict[str, Change] = {
    "case": other_case,
    "space": other_space,
    "unicode": other_code_points,
    "marks": other_marks,
    **{f"typos {share} %": typos(share / 100) for share in (1, 2, 5)},
    **{f"words gone {share} %": deleted(share / 100) for share in (5, 10, 20)},
    **{f"words more {share} %": inserted(share / 100) for share in (5, 10, 20)},
    "shuffled": shuffled,
    "framed": framed,
    "cut": cut,
}
TRAPS: dict[str, Change] = {"number": other_number, "name": other_name, "negation": negated}


@dataclass(frozen=True)
class Truth:
    """Texts with what they are."""

    texts: list[str]
    cluster: list[int]
    """Which belong together; a trap has one of its own."""
    parent: list[int]
    """The text that each was made of; itself for an original."""
    kind: list[str]
    """The key in SAME or TRAPS, `slot` for a filling of a template, empty for an original."""


def planted(originals: Sequence[str], each: int, seed: int = 7) -> Truth:
    """The originals; `each` variants of each kind in SAME; of each in TRAPS, half of these noisy; fillings of FRAMES.

    Two in five variants are made of one of the first 2 % of the originals, so that clusters of many arise. No trap is
    made twice: of one original, the same change would be no contrast.
    """
    words = Words.of(originals, seed)
    n = len(originals)
    truth = Truth(list(originals), list(range(n)), list(range(n)), [""] * n)
    for kind in (*SAME, *TRAPS):
        _plant(truth, kind, each, words, n)
    for frame in FRAMES:
        _fill(truth, frame, max(2, each // len(FRAMES)), words)
    return truth


def _plant(truth: Truth, kind: str, each: int, words: Words, originals: int) -> None:
    change, popular, made = (SAME | TRAPS)[kind], max(1, originals // 50), 0
    known: set[str] = set()
    for _ in range(20 * each):
        parent = words.draw.randrange(popular if words.draw.random() < 0.4 else originals)
        text = change(truth.texts[parent], words)
        if text is None or text == truth.texts[parent] or text in known or made == each:
            continue
        made += 1
        cluster = parent if kind in SAME else len(truth.texts)
        if kind in TRAPS:
            known.add(text)
            text = _noisy(text, words) if made % 2 else text
        _add(truth, text, cluster, parent, kind)


def _noisy(text: str, words: Words) -> str:
    return words.draw.choice((other_space, other_marks, typos(0.01)))(text, words) or text


def _fill(truth: Truth, frame: str, count: int, words: Words) -> None:
    first, long = len(truth.texts), sorted({word for word in words.words if len(word) > 5})
    fillings = dict.fromkeys(" ".join(words.draw.sample(long, words.draw.randrange(1, 4))) for _ in range(2 * count))
    for filling in list(fillings)[:count]:
        _add(truth, frame.format(filling), len(truth.texts), first, "slot")


def _add(truth: Truth, text: str, cluster: int, parent: int, kind: str) -> None:
    truth.texts.append(text)
    truth.cluster.append(cluster)
    truth.parent.append(parent)
    truth.kind.append(kind)
