"""How similar two versions of a text are, text by text, short or long, in any script."""

import re
from collections.abc import Sequence

LONG = 20_000
"""Texts with more characters are compared word by word, or piece by piece."""
SPARSE = 40
"""Characters to a word from which on a long text has too few words; it is cut into PIECES then."""
_ENDS = "".join(map(re.escape, map(chr, range(0, 0xD800, 8))))
PIECES = re.compile(f".{{0,63}}?[{_ENDS}]|.{{1,64}}", re.DOTALL)
"""Pieces that end where one character in eight ends them: the same again behind an edit."""
SHORT, FEW = 100, 5
"""Characters of a text that is short, and words that can be added to one that stays the same text, edited."""
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Letters of scripts without spaces between words (Chinese, Japanese, Thai, Lao, Burmese, Khmer)."""
WORDS = re.compile(f"[{UNSPACED}]|[^\\W{UNSPACED}]+")
LETTER = 0.5
"""How much of a word a letter of such a script is."""
LEAST = 0.01
"""The similarity of a short text to itself among many more marks: more than none."""


def similarities(old: Sequence[str], new: Sequence[str], least: float) -> list[float]:
    """2 · the longest common subsequence / both lengths, text by text, from 0 to 1; 0 where it is below `least`.

    Of characters; of words or PIECES where one of the texts is longer than LONG. A few words put into a short text
    make another half of it: where one is the other with no more than FEW words added, it is never 0.
    """
    if not old:
        return []
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    both = [_parts(a, b) for a, b in zip(old, new, strict=True)]
    lefts, rights = [a for a, _ in both], [b for _, b in both]
    found = process.cpdist(lefts, rights, scorer=Indel.normalized_similarity, score_cutoff=least, workers=-1)
    return [
        max(Indel.normalized_similarity(a, b), LEAST) if value == 0 and _only_added(a, b) else float(value)
        for a, b, value in zip(old, new, found.tolist(), strict=True)
    ]


def _parts(old: str, new: str) -> tuple[Sequence[str], Sequence[str]]:
    """Two texts as what they are compared by."""
    if max(len(old), len(new)) <= LONG:
        return old, new
    words = old.split(), new.split()
    sparse = any(len(text) > SPARSE * len(some) for text, some in zip((old, new), words, strict=True))
    return (PIECES.findall(old), PIECES.findall(new)) if sparse else words


def _only_added(one: str, other: str) -> bool:
    """Whether one of two short texts is the other with a few words added, whatever the marks around them."""
    if max(len(one), len(other)) > SHORT:
        return False
    fewer, more = sorted((_words(one), _words(other)), key=len)
    rest = iter(more)
    return bool(fewer) and all(word in rest for word in fewer) and _weight(more) - _weight(fewer) <= FEW


def _words(text: str) -> list[str]:
    """The words of a text, or its marks when it has none."""
    return WORDS.findall(text) or list("".join(text.split()))


def _weight(words: Sequence[str]) -> float:
    return sum(LETTER if re.match(f"[{UNSPACED}]", word) else 1 for word in words)
