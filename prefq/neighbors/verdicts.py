"""Compiled verdicts on two texts, given by their words: do they say the same, or why not."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Bytes, Hashes, Ints, compiled, is_digit
from prefq.neighbors.typos import match_words
from prefq.neighbors.words import (
    CAPITAL,
    FILLER,
    NAME,
    NEGATION,
    NUMBER,
    POLAR,
    Words,
    only_in,
    words_of_all,
)

Flags = npt.NDArray[np.bool_]

REASONS = ("", "number", "name", "negation", "slot")
"""What `contrast_codes` returns, by code."""
DIFFERENT = 5
"""The code of long answers that differ in numbers or names and in much else: neither near nor a contrast."""

MOST = 256
"""Texts that differ in more words than this are not two versions of one sentence."""
NOISY = 2
"""So many typos make it likely that a word that is unlike its counterpart is one more."""
SHORT = 30
"""Answers up to so many words are compared as strictly as prompts."""
BEGIN, END = np.uint64(1), np.uint64(2)
"""What stands before the first word and after the last."""


@compiled
def anywhere(ranked: Hashes, order: Ints, words: Words, key: np.uint64) -> int:
    """What a word is, in any of the places where it stands: its bits together. `ranked` and `order`: see `compare`."""
    at, bits = np.searchsorted(ranked, key), 0
    while at < order.size and ranked[at] == key:
        bits |= words[order[at], 2]
        at += 1
    return int(bits)


@compiled
def tally(data: Bytes, hashes: Hashes, ranked: Hashes, order: Ints, words: Words, places: Ints, matched: Flags) -> Ints:
    """How many unmatched words are numbers, names, negations, polar, other, fillers, list markers, capitals; (8,).

    `places` go by hash; a word that comes again counts once.
    """
    out, last = np.zeros(8, np.int64), -1
    for k in range(places.size):
        if matched[k] or (last >= 0 and hashes[places[k]] == hashes[last]):
            continue
        last = places[k]
        bits = anywhere(ranked, order, words, hashes[last])
        kind = 0 if bits & NUMBER else 1 if bits & NAME else 2 if bits & NEGATION else 3 if bits & POLAR else 4
        if bits & FILLER:
            kind = 6 if bits & NUMBER or is_digit(data[words[places[k], 0]]) else 5
        out[kind] += 1
        out[7] += kind == 4 and bits & CAPITAL > 0
    return out


@compiled
def neighbours(hashes: Hashes, words: Words, places: Ints, matched: Flags) -> Hashes:
    """For each unmatched word that says something the words before and after its run, shape (words, 2); 0: no such."""
    alone = np.zeros(hashes.size, np.bool_)
    for k in range(places.size):
        alone[places[k]] = True
    out = np.zeros((places.size, 2), np.uint64)
    for k in range(places.size):
        if matched[k] or words[places[k], 2] & FILLER:
            continue
        before, after = places[k] - 1, places[k] + 1
        while before >= 0 and alone[before]:
            before -= 1
        while after < hashes.size and alone[after]:
            after += 1
        out[k, 0] = hashes[before] if before >= 0 else BEGIN
        out[k, 1] = hashes[after] if after < hashes.size else END
    return out


@compiled
def in_place(mine: Hashes, theirs: Hashes) -> bool:
    """A word of the one text stands in the place of a word of the other: after or before the same word."""
    for i in range(mine.shape[0]):
        for j in range(theirs.shape[0]):
            if mine[i, 0] and theirs[j, 0] and (mine[i, 0] == theirs[j, 0] or mine[i, 1] == theirs[j, 1]):
                return True
    return False


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
def cut_word(data: Bytes, words: Words, places: Ints, matched: Flags, others: Words, theirs: Ints) -> bool:
    """Whether a text ends in the middle of a word that the other one has whole; such a word is then matched."""
    last = words.shape[0] - 1
    for k in range(places.size):
        if places[k] != last:
            continue
        length = words[last, 1]
        for j in range(theirs.size):
            i = 0
            if others[theirs[j], 1] > length:
                while i < length and data[words[last, 0] + i] | 32 == data[others[theirs[j], 0] + i] | 32:
                    i += 1
            if i == length:
                matched[k] = True
                return True
    return False


@compiled
def stops(data: Bytes, words: Words, end: int) -> bool:
    """Whether the last word of a text that ends at `end` is followed by a mark."""
    if words.shape[0] == 0:
        return False
    after = words[-1, 0] + words[-1, 1]
    return after < end and data[after] in (33, 34, 39, 41, 46, 63, 226, 227, 239)


@compiled
def verdict(
    left: Ints, right: Ints, strict: bool, shared: int, said: int, replaced: bool, added: bool, typos: int
) -> int:
    """Why two texts with these unmatched words (see `tally`) differ in meaning: an index into REASONS, or 0.

    `shared` is how many words they have in common, `said` how many of these say something; `replaced`: a word stands
    in the place of another; `added`: all that one says more stands before or after the rest. Among so many `typos`
    half as many words may be one beyond recognition.
    """
    both = left + right
    numbers, content = both[0], both[1] + both[3] + both[4]
    one_side = min(left[:5].sum(), right[:5].sum()) == 0
    if (left[0] and right[0]) or (strict and numbers == 1 and content + both[2] == 0 and both[5] <= 2):
        return 1
    if left[0] + left[6] == 1 and right[0] + right[6] == 1 and content + both[2] + both[5] <= 1:
        return 1
    if (left[1] and right[1]) or (replaced and left[1] + left[7] == 1 and right[1] + right[7] == 1 and content <= 3):
        return 2
    if strict and both[1] and one_side and content <= 3 and added:
        return 2
    if (both[2] or (left[3] and right[3])) and numbers + content <= (1 if one_side else 3):
        return 3
    mine, theirs = left[1] + left[3] + left[4], right[1] + right[3] + right[4]
    alike = shared >= left.sum() or shared >= right.sum()
    swapped = replaced and mine > 0 and theirs > 0
    swapped |= (mine > 0 and theirs == 0 and right[5] == 1 and added) or (theirs > 0 and mine == 0 and left[5] == 1)
    swapped &= 2 * max(mine, theirs) > typos
    more = added and max(mine, theirs) > 1 and 4 * max(mine, theirs) > said
    return 4 if strict and alike and (swapped or more) else 0


@compiled
def compare(
    one: tuple[Hashes, Hashes, Ints, Words], other: tuple[Hashes, Hashes, Ints, Words], data: Bytes,
    ends: tuple[int, int], prompts: bool,
) -> int:  # fmt: skip
    """Why two texts, given by their words, differ in meaning: an index into REASONS, 0, or DIFFERENT.

    The words of each: their hashes, the same sorted, the places of the sorted ones, and where and what they are.
    """
    hashes, ranked, order, words = one
    others, other_ranked, other_order, other_words = other
    mine, theirs = only_in(ranked, order, other_ranked), only_in(other_ranked, other_order, ranked)
    if max(mine.size, theirs.size) > MOST:
        return 0
    matched, other_matched, typos = match_words(data, words, mine, other_words, theirs, False)
    if typos >= NOISY:
        matched, other_matched, typos = match_words(data, words, mine, other_words, theirs, True)
    cut = cut_word(data, words, mine, matched, other_words, theirs)
    cut |= cut_word(data, other_words, theirs, other_matched, words, mine)
    left = tally(data, hashes, ranked, order, words, mine, matched)
    right = tally(data, others, other_ranked, other_order, other_words, theirs, other_matched)
    said = 0
    for i in range(words.shape[0]):
        said += words[i, 2] & FILLER == 0
    said -= left[:5].sum()
    size = max(hashes.size, others.size)
    strict = prompts or size <= SHORT
    replaced = in_place(
        neighbours(hashes, words, mine, matched), neighbours(others, other_words, theirs, other_matched)
    )
    cut |= stops(data, words, ends[0]) != stops(data, other_words, ends[1])
    added = not cut and (at_an_end(mine, matched, words) or at_an_end(theirs, other_matched, other_words))
    code = verdict(left, right, strict, hashes.size - left.sum(), said, replaced, added, typos)
    if code and not strict and left[:5].sum() + right[:5].sum() > size / 5:
        return DIFFERENT
    return code


@compiled
def contrast_codes(
    data: Bytes, begins: Ints, ends: Ints, left: Ints, right: Ints, prompts: bool, table: Bytes, known: Hashes,
    meanings: Ints, same: Hashes,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """For each pair of texts, why they differ in meaning though near in form: a code of REASONS, or DIFFERENT."""
    out = np.zeros(left.size, np.int8)
    starts, hashes, ranked, order, words = words_of_all(data, begins, ends, table, known, meanings, same)
    for k in range(left.size):
        a, b = left[k], right[k]
        low, high, other_low, other_high = starts[a], starts[a + 1], starts[b], starts[b + 1]
        one = hashes[low:high], ranked[low:high], order[low:high], words[low:high]
        other = (
            hashes[other_low:other_high], ranked[other_low:other_high], order[other_low:other_high],
            words[other_low:other_high],
        )  # fmt: skip
        out[k] = compare(one, other, data, (ends[a], ends[b]), prompts)
    return out
