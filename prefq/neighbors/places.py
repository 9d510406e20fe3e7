"""Compiled look at where the words stand that only one of two texts has: in each other's place, together, at an end?"""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Hashes, Ints, compiled
from prefq.neighbors.words import FILLER, LISTING, NAME, NUMBER, Words

Flags = npt.NDArray[np.bool_]

BEGIN, END = np.uint64(1), np.uint64(2)
"""What stands before the first word and after the last."""


@compiled
def neighbours(hashes: Hashes, ranked: Hashes, order: Ints, words: Words, places: Ints, matched: Flags) -> Hashes:
    """For each unmatched word that says something the words before and after its run, shape (places, 3).

    Of a word that stands in several places any may be the one that the other text lacks: each gives a row, and a 1 in
    the last column.
    """
    alone = np.zeros(hashes.size, np.bool_)
    for k in range(places.size):
        alone[places[k]] = True
    out, n = np.zeros((hashes.size, 3), np.uint64), 0
    for k in range(places.size):
        again = k and hashes[places[k]] == hashes[places[k - 1]] and not matched[k - 1]
        if matched[k] or again or words[places[k], 2] & FILLER:
            continue
        first = np.searchsorted(ranked, hashes[places[k]])
        end = first
        while end < ranked.size and ranked[end] == ranked[first]:
            end += 1
        for at in range(first, end):
            before, after = order[at] - 1, order[at] + 1
            while before >= 0 and alone[before]:
                before -= 1
            while after < hashes.size and alone[after]:
                after += 1
            out[n, 0] = hashes[before] if before >= 0 else BEGIN
            out[n, 1] = hashes[after] if after < hashes.size else END
            out[n, 2] = end - first > 1
            n += 1
    return out[:n]


@compiled
def in_place(mine: Hashes, theirs: Hashes) -> bool:
    """A word of the one text stands in the place of a word of the other: after or before the same word.

    After and before, if one of them stands in several places.
    """
    for i in range(mine.shape[0]):
        for j in range(theirs.shape[0]):
            before, after = mine[i, 0] == theirs[j, 0], mine[i, 1] == theirs[j, 1]
            if (before and after) or ((before or after) and not (mine[i, 2] or theirs[j, 2])):
                return True
    return False


@compiled
def together(places: Ints, matched: Flags, words: Words) -> bool:
    """No other word that says something stands between the unmatched ones that do."""
    low, high, count = words.shape[0], -1, 0
    for k in range(places.size):
        if not matched[k] and not words[places[k], 2] & FILLER:
            low, high, count = min(low, places[k]), max(high, places[k]), count + 1
    for at in range(low, high + 1):
        count -= words[at, 2] & FILLER == 0
    return count == 0


@compiled
def at_an_end(places: Ints, matched: Flags, words: Words) -> bool:
    """All unmatched words that say something stand together before or after the rest of the text."""
    low, high, count = words.shape[0], -1, 0
    for k in range(places.size):
        if not matched[k] and not words[places[k], 2] & FILLER:
            low, high = min(low, places[k]), max(high, places[k])
    for at in range(low, high + 1):
        count += words[at, 2] & FILLER == 0
    for k in range(places.size):
        count -= not matched[k] and words[places[k], 2] & FILLER == 0
    outside_left, outside_right = 0, 0
    for at in range(words.shape[0]):
        outside_left += at < low and words[at, 2] & FILLER == 0
        outside_right += at > high and words[at, 2] & FILLER == 0
    return high >= 0 and count == 0 and (outside_left == 0 or outside_right == 0)


@compiled
def exchanged(hashes: Hashes, words: Words, others: Hashes) -> int:
    """Whether two words took each other's place around a filler (from here to there): an index into REASONS, or 0.

    Around `and` and `or` that says nothing.
    """
    apart = np.flatnonzero(hashes != others)
    if apart.size != 2 or hashes[apart[0]] != others[apart[1]] or (words[apart, 2] & FILLER).any():
        return 0
    between = words[apart[0] + 1 : apart[1], 2]
    if not (between & (FILLER | LISTING) == FILLER).any():
        return 0
    bits = words[apart[0], 2] & words[apart[1], 2]
    return 1 if bits & NUMBER else 2 if bits & NAME else 4
