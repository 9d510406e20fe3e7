"""Compiled search for words written together here and apart there: "step-by-step" and "stepbystep", "th eship"."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Bytes, Hashes, Ints, compiled, is_digit
from prefq.neighbors.words import Words

Flags = npt.NDArray[np.bool_]
Spelling = tuple[Bytes, Ints]
"""The letters of a text's words one after the other, without case, and where each word begins among them."""

LONGEST = 8
"""Most words, of both texts together, that are taken for one spelling."""
LEAD = 3
"""Letters by which it is seen at a glance that two spellings differ."""
POINT, SIGNS, MORE_SIGNS = 46, 0xC2, 0xE2
"""A point, and the lead bytes of signs: degrees and the like; quotes, fraction strokes and the like."""


@compiled
def silent(data: Bytes, i: int, bare: bool) -> int:
    """How many bytes at `i` say nothing inside a word: an apostrophe, a comma; in `bare` texts any sign (1.5, 20°)."""
    byte = data[i]
    if byte in (39, 44) or (bare and byte == POINT):
        return 1
    if bare and byte in (SIGNS, MORE_SIGNS):
        return 2 if byte == SIGNS else 3
    return 3 if byte == MORE_SIGNS and data[i + 1] == 0x80 and data[i + 2] in (0x98, 0x99) else 0


@compiled
def spelling(data: Bytes, words: Words, bare: bool) -> Spelling:
    """The letters of all words that say something, and where each word begins, shape (words + 1,)."""
    letters, starts, n = np.empty(words[:, 1].sum(), np.uint8), np.zeros(words.shape[0] + 1, np.int64), 0
    for word in range(words.shape[0]):
        i, end = words[word, 0], words[word, 0] + words[word, 1]
        while i < end:
            step = silent(data, i, bare)
            if step == 0:
                letters[n] = data[i] | 32
                n, step = n + 1, 1
            i += step
        starts[word + 1] = n
    return letters[:n], starts


@compiled
def leads(spelt: Spelling) -> Ints:
    """The first LEAD letters from each word on, be they of one word or of several, shape (words,)."""
    letters, starts = spelt
    out = np.zeros(starts.size - 1, np.int64)
    for word in range(out.size):
        for k in range(starts[word], min(starts[word] + LEAD, letters.size)):
            out[word] = out[word] << 8 | letters[k]
    return out


@compiled
def spelt_alike(spelt: Spelling, first: int, others: Spelling, other: int, bare: bool) -> tuple[int, int]:
    """How many words from `first` on spell the same as how many of the others from `other` on; (0, 0) if none do.

    Cut into words in another way, that is; if texts are `bare` of marks, also but for signs, and digits alone count (12
    is 1/2 then).
    """
    letters, starts = spelt
    other_letters, other_starts = others
    a, b, i, j, lettered = starts[first], other_starts[other], first, other, False
    while a < letters.size and b < other_letters.size and letters[a] == other_letters[b]:
        lettered |= not is_digit(int(letters[a]))
        a, b = a + 1, b + 1
        i += a >= starts[i + 1]
        j += b >= other_starts[j + 1]
        if a == starts[i] and b == other_starts[j]:
            told = bare or (lettered and i - first + j - other > 2)
            return (i - first, j - other) if told else (0, 0)
        if i - first + j - other >= LONGEST:
            break
    return 0, 0


@compiled
def settle(hashes: Hashes, places: Ints, matched: Flags, first: int, count: int) -> None:
    """Match the unmatched words that are among so many words from `first` on: each word once."""
    for word in range(first, first + count):
        for k in range(places.size):
            if not matched[k] and hashes[places[k]] == hashes[word]:
                matched[k] = True
                break


@compiled
def takes_part(hashes: Hashes, places: Ints, matched: Flags, first: int, count: int) -> bool:
    """One of so many words from `first` on is unmatched."""
    for word in range(first, first + count):
        for k in range(places.size):
            if not matched[k] and hashes[places[k]] == hashes[word]:
                return True
    return False


@compiled
def join_one_way(
    one: tuple[Hashes, Spelling, Ints], mine: Ints, left: Flags, other: tuple[Hashes, Spelling, Ints], theirs: Ints,
    right: Flags, bare: bool,
) -> None:  # fmt: skip
    """Match words as `join_words` does, where what is looked for in the one text begins with a word of `theirs`."""
    hashes, spelt, begins = one
    others, other_spelt, other_begins = other
    for j in range(theirs.size):
        lead = other_begins[theirs[j]]
        for i in range(begins.size):
            if begins[i] == lead and not right[j]:
                count, other_count = spelt_alike(spelt, i, other_spelt, theirs[j], bare)
                if count and takes_part(hashes, mine, left, i, count):
                    settle(hashes, mine, left, i, count)
                    settle(others, theirs, right, theirs[j], other_count)


@compiled
def join_words(
    data: Bytes, one: tuple[Hashes, Words], mine: Ints, other: tuple[Hashes, Words], theirs: Ints, bare: bool
) -> tuple[Flags, Flags]:
    """Which of the words that only one text has the other one has too, cut in another way; shape (words,) each.

    Of each text: its words' hashes and where and what they are, and the places of the words that only it has.
    """
    hashes, words = one
    others, other_words = other
    left, right = np.zeros(mine.size, np.bool_), np.zeros(theirs.size, np.bool_)
    if mine.size and theirs.size:
        spelt, other_spelt = spelling(data, words, bare), spelling(data, other_words, bare)
        here, there = (hashes, spelt, leads(spelt)), (others, other_spelt, leads(other_spelt))
        join_one_way(here, mine, left, there, theirs, right, bare)
        join_one_way(there, theirs, right, here, mine, left, bare)
    return left, right
