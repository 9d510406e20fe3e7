"""Compiled comparison of single words: is the one the other with a typo, or with another ending?

The order of words is not looked at, so moved sentences differ in nothing. Words that differ by a typo or an
ending count as equal; numbers and negations only when they are.
"""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Bytes, Hashes, Ints, compiled, is_digit
from prefq.neighbors.words import FILLER, NAME, NEGATION, NUMBER, POLAR, Words

Flags = npt.NDArray[np.bool_]

CLEAN, NOISY, SCRAMBLED = 0, 1, 2
"""How many typos a text has: no more than one, some, or in every other sentence."""

LONGEST = 30
"""Longest word, in bytes, in which typos are looked for."""
MOST = 2
"""Most edits that make a typo, in a text that is not noisy."""


def affixes(words: str) -> Bytes:
    """Some affixes, a row each: four bytes, and how many of them count."""
    return np.array([[*f"{word:4}".encode(), len(word)] for word in words.split()], np.uint8)


PREFIXES = affixes("un in im il ir dis non")
"""What turns a word around when it stands before it."""
ENDINGS = affixes("s es e d ed ing n en r er ers y ies ied ly al ally ion ions 's")
"""In what a word and the same word in another place of a sentence may differ."""
STEM = 4
"""Fewest letters that make a word what it is: late, but not ion (union)."""
LESS, FUL = (np.array([*word.encode()], np.uint8) for word in ("less", "ful"))


@compiled
def letters(data: Bytes, words: Words, places: Ints) -> Hashes:
    """Which letters each of some words has, as bits (some letters share one), shape (words,)."""
    out = np.zeros(places.size, np.uint64)
    for k in range(places.size):
        begin = words[places[k], 0]
        for i in range(begin, begin + min(words[places[k], 1], LONGEST)):
            out[k] |= np.uint64(1) << np.uint64((data[i] | 32) & 63)
    return out


@compiled
def far_apart(mine: np.uint64, theirs: np.uint64, most: int) -> bool:
    """One of two words has more than so many letters that the other lacks: it takes as many edits at least."""
    for only in (mine & ~theirs, theirs & ~mine):
        rest, count = only, 0
        while rest and count <= most:
            rest &= rest - np.uint64(1)
            count += 1
        if count > most:
            return True
    return False


@compiled
def tolerated(longer: int, noise: int) -> int:
    """Most edits that make a typo in a word of so many letters: more in a NOISY text, and more in a SCRAMBLED one."""
    return 1 if noise == CLEAN else max(1, longer // (3 if noise == NOISY else 2))


@compiled
def unlike(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, noise: int) -> bool:
    """Two words begin with different letters and have too many others for one to be the other with a typo.

    Of most pairs of words that is so; it is seen at a glance.
    """
    longer = max(a[1], b[1])
    if longer > LONGEST or data[a[0]] | 32 == data[b[0]] | 32:
        return False
    return far_apart(mine, theirs, max(MOST, tolerated(longer, noise)))


@compiled
def within(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, most: int) -> bool:
    """At most so many `edits` are between two words; `mine` and `theirs` are their `letters`."""
    if max(a[1], b[1]) <= LONGEST and far_apart(mine, theirs, most):
        return False
    return edits(data, a[0], a[1], b[0], b[1]) <= most


@compiled
def edits(data: Bytes, a: int, a_length: int, b: int, b_length: int) -> int:
    """Edit distance with swaps of neighbours (optimal string alignment) of words of up to LONGEST bytes; else 99."""
    if a_length > LONGEST or b_length > LONGEST:
        return 99
    rows = np.zeros((3, 32), np.int64)
    for j in range(b_length + 1):
        rows[0, j] = j
    for i in range(1, a_length + 1):
        now, last, before = i % 3, (i - 1) % 3, (i + 1) % 3
        rows[now, 0] = i
        for j in range(1, b_length + 1):
            differ = (data[a + i - 1] | 32) != (data[b + j - 1] | 32)
            best = min(rows[last, j] + 1, rows[now, j - 1] + 1, rows[last, j - 1] + differ)
            swap = i > 1 and j > 1 and data[a + i - 1] | 32 == data[b + j - 2] | 32
            if swap and data[a + i - 2] | 32 == data[b + j - 1] | 32:
                best = min(best, rows[before, j - 2] + 1)
            rows[now, j] = best
    return int(rows[a_length % 3, b_length])


@compiled
def swapped_letters(data: Bytes, a: int, b: int, length: int) -> bool:
    """Two words of this length differ in two neighbouring letters that changed places."""
    i = 0
    while i < length and data[a + i] | 32 == data[b + i] | 32:
        i += 1
    if i + 1 >= length or data[a + i] | 32 != data[b + i + 1] | 32 or data[a + i + 1] | 32 != data[b + i] | 32:
        return False
    rest = i + 2
    while rest < length and data[a + rest] | 32 == data[b + rest] | 32:
        rest += 1
    return rest == length


@compiled
def lost_letters(data: Bytes, a: Words, b: Words) -> bool:
    """Of a FILLER (to, is) only the first or last letter is left."""
    one, whole = (a, b) if a[1] == 1 else (b, a)
    letter, last = data[one[0]] | 32, data[whole[0] + whole[1] - 1] | 32
    return bool(whole[2] & FILLER) and not one[2] & FILLER and (letter == data[whole[0]] | 32 or letter == last)


@compiled
def misspelt(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, noise: int) -> bool:
    """Two different words are one with a typo, by their length. In a noisy text more is taken for a typo."""
    shorter, longer = min(a[1], b[1]), max(a[1], b[1])
    name, filler = bool(a[2] & b[2] & NAME), bool((a[2] | b[2]) & FILLER)
    if filler and shorter == 1 and longer in (2, 3):
        return lost_letters(data, a, b)
    if (filler or (a[2] | b[2]) & NEGATION) and shorter >= 2 and longer >= 3 and not a[2] & b[2] & FILLER:
        return within(data, a, b, mine, theirs, 2 if noise and longer >= 4 else 1)
    allowed = tolerated(longer, noise)
    if longer >= 7 and not name and data[a[0]] | 32 == data[b[0]] | 32:
        allowed = max(allowed, MOST)
    if shorter < 2 or longer - shorter > allowed:
        return False
    if shorter < (5 if name else 4) and shorter == longer and not noise and not filler:
        return swapped_letters(data, a[0], b[0], shorter)
    return within(data, a, b, mine, theirs, allowed)


@compiled
def same_letters(data: Bytes, a: int, b: int, length: int) -> bool:
    """So many bytes from two places on are alike, letters without their case."""
    return bool(np.all(data[a : a + length] | 32 == data[b : b + length] | 32))


@compiled
def begins_with(data: Bytes, at: int, length: int, start: Bytes) -> bool:
    """What stands at `at` begins with `start`, of so many bytes."""
    return bool(np.all(data[at : at + length] | 32 == start[:length]))


@compiled
def is_ending(data: Bytes, word: Words, stem: int) -> bool:
    """What follows the first so many letters of a word is one of ENDINGS, or nothing."""
    size = word[1] - stem
    for row in range(ENDINGS.shape[0]):
        if size == 0 or (ENDINGS[row, -1] == size and begins_with(data, word[0] + stem, size, ENDINGS[row])):
            return True
    return False


@compiled
def opposite(data: Bytes, a: Words, b: Words) -> bool:
    """One of two words is the other with a PREFIX that turns it around, or ends in -less where that ends in -ful."""
    longer, shorter = (a, b) if a[1] > b[1] else (b, a)
    extra = longer[1] - shorter[1]
    if extra in (2, 3) and shorter[1] >= STEM and same_letters(data, longer[0] + extra, shorter[0], shorter[1]):
        for row in range(PREFIXES.shape[0]):
            if PREFIXES[row, -1] == extra and begins_with(data, longer[0], extra, PREFIXES[row]):
                return True
    stem = shorter[1] - FUL.size
    if extra != LESS.size - FUL.size or stem < STEM - 1 or not same_letters(data, longer[0], shorter[0], stem):
        return False
    return begins_with(data, longer[0] + stem, LESS.size, LESS) and begins_with(data, shorter[0] + stem, FUL.size, FUL)


@compiled
def same_digits(data: Bytes, a: Words, b: Words) -> bool:
    """Two words have the same digits, and letters among them."""
    i, j, lettered = 0, 0, False
    while i < a[1] or j < b[1]:
        if i < a[1] and not is_digit(data[a[0] + i]):
            i, lettered = i + 1, True
        elif j < b[1] and not is_digit(data[b[0] + j]):
            j, lettered = j + 1, True
        elif i == a[1] or j == b[1] or data[a[0] + i] != data[b[0] + j]:
            return False
        else:
            i, j = i + 1, j + 1
    return lettered


@compiled
def same_word(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, noise: int) -> int:
    """Whether two different words are one: 0 no, 1 with another ending, 2 with a typo. Numbers and opposites are not.

    In a noisy text the letters in a number may have a typo (20wh), its digits never.
    """
    marked = NUMBER | NEGATION | POLAR
    if is_digit(data[a[0]]) or is_digit(data[b[0]]):
        return 2 if noise and same_digits(data, a, b) and within(data, a, b, mine, theirs, 1) else 0
    if opposite(data, a, b):
        return 0
    if a[2] & b[2] & POLAR and abs(a[1] - b[1]) <= 3 and same_letters(data, a[0], b[0], min(a[1], b[1])):
        return 1
    if (a[2] | b[2]) & marked:
        unknown = not (a[2] & b[2] & marked or (a[2] | b[2]) & FILLER)
        return 2 if unknown and misspelt(data, a, b, mine, theirs, noise) else 0
    stem, shorter = 0, min(a[1], b[1])
    while stem < shorter and data[a[0] + stem] | 32 == data[b[0] + stem] | 32:
        stem += 1
    if stem >= STEM and not a[2] & b[2] & NAME and is_ending(data, a, stem) and is_ending(data, b, stem):
        return 1
    return 2 if misspelt(data, a, b, mine, theirs, noise) else 0


@compiled
def match_words(
    data: Bytes, words: Words, mine: Ints, left: Flags, others: Words, theirs: Ints, right: Flags, noise: int
) -> int:
    """Match words that only one text has with words that only the other has, if they are one; how many by a typo.

    `left` and `right` say which are matched, shape (words,) each.
    """
    typos = 0
    written, other = letters(data, words, mine), letters(data, others, theirs)
    for i in range(mine.size):
        for j in range(theirs.size):
            if left[i] or right[j] or unlike(data, words[mine[i]], others[theirs[j]], written[i], other[j], noise):
                continue
            same = same_word(data, words[mine[i]], others[theirs[j]], written[i], other[j], noise)
            if same:
                left[i] = right[j] = True
                typos += same == 2
    return typos


@compiled
def match_opposites(
    data: Bytes, words: Words, mine: Ints, left: Flags, others: Words, theirs: Ints, right: Flags
) -> int:
    """Match words of which the one turns the other around (happy, unhappy); how many."""
    count = 0
    for i in range(mine.size):
        for j in range(theirs.size):
            if not left[i] and not right[j] and opposite(data, words[mine[i]], others[theirs[j]]):
                left[i] = right[j] = True
                count += 1
    return count
