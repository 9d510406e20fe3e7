"""Compiled comparison of single words: is the one the other with a typo, or with another ending?

The order of words is not looked at, so moved sentences differ in nothing. Words that differ by a typo or an
ending count as equal; numbers and negations only when they are.
"""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Bytes, Hashes, Ints, compiled, is_digit
from prefq.neighbors.words import FILLER, NAME, NEGATION, NUMBER, POLAR, Words

LONGEST = 30
"""Longest word, in bytes, in which typos are looked for."""
MOST = 2
"""Most edits that make a typo, in a text that is not noisy."""


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
def unlike(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, noisy: bool) -> bool:
    """Two words begin with different letters and have too many others for one to be the other with a typo.

    Of most pairs of words that is so; it is seen at a glance.
    """
    longer = max(a[1], b[1])
    if longer > LONGEST or data[a[0]] | 32 == data[b[0]] | 32:
        return False
    return far_apart(mine, theirs, max(MOST, longer // 3) if noisy else MOST)


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
def misspelt(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, noisy: bool) -> bool:
    """Two different words are one with a typo, by their length. In a noisy text more is taken for a typo."""
    shorter, longer = min(a[1], b[1]), max(a[1], b[1])
    name, filler = bool(a[2] & b[2] & NAME), bool((a[2] | b[2]) & FILLER)
    if filler and shorter == 1 and longer in (2, 3):
        return lost_letters(data, a, b)
    if (filler or (a[2] | b[2]) & NEGATION) and shorter >= 2 and longer >= 3 and not a[2] & b[2] & FILLER:
        return within(data, a, b, mine, theirs, 2 if noisy and longer >= 4 else 1)
    allowed = max(1, longer // 3) if noisy else 1
    if longer >= 7 and not name and data[a[0]] | 32 == data[b[0]] | 32:
        allowed = max(allowed, MOST)
    if shorter < 2 or longer - shorter > allowed:
        return False
    if shorter < (5 if name else 4) and shorter == longer and not noisy and not filler:
        return swapped_letters(data, a[0], b[0], shorter)
    return within(data, a, b, mine, theirs, allowed)


@compiled
def same_word(data: Bytes, a: Words, b: Words, mine: np.uint64, theirs: np.uint64, noisy: bool) -> int:
    """Whether two different words are one: 0 no, 1 with another ending, 2 with a typo. Numbers are not."""
    marked = NUMBER | NEGATION | POLAR
    if is_digit(data[a[0]]) or is_digit(data[b[0]]):
        return 0
    if (a[2] | b[2]) & marked:
        unknown = not (a[2] & b[2] & marked or (a[2] | b[2]) & FILLER)
        return 2 if unknown and misspelt(data, a, b, mine, theirs, noisy) else 0
    shorter, longer, stem = min(a[1], b[1]), max(a[1], b[1]), 0
    while stem < shorter and data[a[0] + stem] | 32 == data[b[0] + stem] | 32:
        stem += 1
    if stem >= 4 and longer - stem <= 3 and not a[2] & b[2] & NAME:
        return 1
    return 2 if misspelt(data, a, b, mine, theirs, noisy) else 0


@compiled
def match_words(
    data: Bytes, words: Words, mine: Ints, others: Words, theirs: Ints, noisy: bool
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], int]:
    """Which of the words that only one text has are one with a word that only the other has; how many by a typo."""
    left, right, typos = np.zeros(mine.size, np.bool_), np.zeros(theirs.size, np.bool_), 0
    written, other = letters(data, words, mine), letters(data, others, theirs)
    for i in range(mine.size):
        for j in range(theirs.size):
            if right[j] or unlike(data, words[mine[i]], others[theirs[j]], written[i], other[j], noisy):
                continue
            same = same_word(data, words[mine[i]], others[theirs[j]], written[i], other[j], noisy)
            if same:
                left[i] = right[j] = True
                typos += same == 2
                break
    return left, right, typos
