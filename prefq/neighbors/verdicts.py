"""Compiled verdicts on two texts, given by their words: do they say the same, or why not."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.cuts import begins, cut_word, stops
from prefq.neighbors.joints import Flags, join_words
from prefq.neighbors.kernels import HANGUL, UNSPACED, Bytes, Hashes, Ints, compiled, is_digit
from prefq.neighbors.places import at_an_end, exchanged, in_place, neighbours, together
from prefq.neighbors.signs import bare_of_marks, other_operator
from prefq.neighbors.typos import CLEAN, NOISY, SCRAMBLED, match_opposites, match_words
from prefq.neighbors.words import (
    ASKING,
    CAPITAL,
    FILLER,
    NAME,
    NEGATION,
    NUMBER,
    POLAR,
    UNIT,
    Words,
    only_in,
    words_of_all,
)

REASONS = ("", "number", "name", "negation", "slot")
"""What `contrast_codes` returns, by code."""
DIFFERENT = 5
"""The code of long answers that differ in numbers or names and in much else: neither near nor a contrast."""

MOST = 256
"""Texts that differ in more words than this are not two versions of one sentence."""
SOME_TYPOS, MANY_TYPOS, ONE_IN = 2, 8, 7
"""So many typos make it likely that a word that is unlike its counterpart is one more: a NOISY text. Many of them, in
one word of so many, make it likely of a name or a `not`, too: a SCRAMBLED text."""
SHORT, MIDDLE = 30, 60
"""Answers up to SHORT words are compared as strictly as prompts; up to MIDDLE, other words in one place alone count."""
BEYOND = 16
"""Of so many typos in a scrambled text one may make a name another one."""
FEW = 3
"""Most words that stand in the place of others in a filled template."""


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
    """How many unmatched words are numbers, names, negations, polar, other, fillers, list markers, capitals, units,
    asking words, capital fillers; (11,).

    `places` go by hash; a word that comes again counts once.
    """
    out, last = np.zeros(11, np.int64), -1
    for k in range(places.size):
        if matched[k] or (last >= 0 and hashes[places[k]] == hashes[last]):
            continue
        last = places[k]
        bits = anywhere(ranked, order, words, hashes[last])
        kind = 0 if bits & NUMBER else 1 if bits & NAME else 2 if bits & NEGATION else 3 if bits & POLAR else 4
        if bits & FILLER:
            kind = 6 if bits & NUMBER or is_digit(data[words[places[k], 0]]) else 5
        out[kind] += 1
        out[7] += kind in (3, 4) and bits & CAPITAL > 0
        out[8] += kind == 3 and bits & UNIT > 0
        out[9] += bits & ASKING > 0
        out[10] += bits & FILLER > 0 and bits & CAPITAL > 0
    return out


@compiled
def marked(left: Ints, right: Ints, strict: bool, replaced: bool, added: bool, typos: int, size: int) -> int:
    """Whether a number, a name, a negation or a polar word makes the difference: an index into REASONS, or 0.

    See `verdict`; `size` is how many words both have. A negation or a name in a text full of typos may be one itself,
    if something else stands in its place.
    """
    both = left + right
    numbers, content = both[0], both[1] + both[3] + both[4]
    one_side = min(left[:5].sum(), right[:5].sum()) == 0
    number = strict and numbers == 1 and content + both[2] == 0 and both[5] <= 2
    number |= left[0] + left[6] == 1 and right[0] + right[6] == 1 and content + both[2] + both[5] <= 1
    if number or (left[0] and right[0]):
        return 1
    name = replaced and left[1] + left[7] == 1 and right[1] + right[7] == 1 and content <= 3
    title = (left[1] == 1 and right[5] * right[10] == 1) or (right[1] == 1 and left[5] * left[10] == 1)
    name |= title and typos == 0 and numbers + content + both[2] == 1
    name |= strict and both[1] > 0 and one_side and content <= 3 and added
    scrambled = typos >= MANY_TYPOS and ONE_IN * typos >= size
    if name or min(left[1], right[1]) > (typos // BEYOND if scrambled else 0):
        return 2
    misread = scrambled and both[2] == 1 and (right if left[2] else left)[4] > 0
    turned = (left[3] and right[3]) or (replaced and min(left[0] + left[3], right[0] + right[3]) > 0)
    if ((both[2] and not misread) or turned) and numbers + content <= (1 if one_side else 3):
        return 1 if both[8] and not both[2] else 3
    return 0


@compiled
def verdict(
    left: Ints, right: Ints, strict: bool, filled: bool, shared: int, said: int, replaced: bool, added: bool, typos: int
) -> int:
    """Why two texts with these unmatched words (see `tally`) differ in meaning: an index into REASONS, or 0.

    `shared` is how many words they have in common, `said` how many of these say something; `replaced`: a word stands
    in the place of another; `filled`: all of them stand in one place of a text short enough to be a filled template;
    `added`: all that one says more stands before or after the rest. Among so many `typos` half as many words may be one
    beyond recognition.
    """
    code = marked(left, right, strict, replaced, added, typos, shared)
    if code:
        return code
    both = left + right
    mine, theirs = left[1] + left[3] + left[4], right[1] + right[3] + right[4]
    alone = typos + both[0] + both[2] == 0
    slot = strict and alone and mine + theirs == 0 and left[9] > 0 and right[9] > 0
    alike = shared >= left[:7].sum() or shared >= right[:7].sum()
    slot |= (
        filled and replaced and alone and alike and both[5] == 0 and 0 < min(mine, theirs) <= max(mine, theirs) <= FEW
    )
    other = replaced or (mine == theirs and typos + both[5] == 0)
    swapped = other and min(mine, theirs) > 0
    swapped |= added and ((mine > 0 and theirs == 0 and right[5] == 1) or (theirs > 0 and mine == 0 and left[5] == 1))
    swapped &= 2 * max(mine, theirs) > typos
    more = added and max(mine, theirs) > 1 and 4 * max(mine, theirs) > said
    return 4 if slot or (strict and alike and (swapped or more)) else 0


@compiled
def matched_words(
    one: tuple[Hashes, Words, Ints], other: tuple[Hashes, Words, Ints], data: Bytes, bare: bool
) -> tuple[Flags, Flags, int, int]:
    """Which of the words that only one text has are in the other in another form; how many by a typo, how many turned.

    Of each text: its words' hashes, where and what the words are, and the places of those that only it has.
    """
    hashes, words, mine = one
    others, other_words, theirs = other
    joined, other_joined = join_words(data, (hashes, words), mine, (others, other_words), theirs, bare)
    turned = match_opposites(data, words, mine, joined, other_words, theirs, other_joined)
    matched, other_matched, typos = joined.copy(), other_joined.copy(), 0
    many = max(MANY_TYPOS, min(words.shape[0], other_words.shape[0]) // ONE_IN)
    for noise, least in ((CLEAN, 0), (NOISY, SOME_TYPOS), (SCRAMBLED, many)):
        if typos >= least:
            matched[:], other_matched[:] = joined, other_joined
            typos = match_words(data, words, mine, matched, other_words, theirs, other_matched, noise)
    return matched, other_matched, typos, turned


@compiled
def length(data: Bytes, words: Words) -> int:
    """How many words a text has; two Chinese characters count as one."""
    single = 0
    for i in range(words.shape[0]):
        single += UNSPACED <= data[words[i, 0]] < HANGUL
    return int(words.shape[0] - single // 2)


@compiled
def compare(
    one: tuple[Hashes, Hashes, Ints, Words], other: tuple[Hashes, Hashes, Ints, Words], data: Bytes,
    spans: tuple[int, int, int, int], prompts: bool,
) -> int:  # fmt: skip
    """Why two texts, given by their words, differ in meaning: an index into REASONS, 0, or DIFFERENT.

    The words of each: their hashes, the same sorted, the places of the sorted ones, and where and what they are.
    `spans`: where the one begins and ends, and the other.
    """
    hashes, ranked, order, words = one
    others, other_ranked, other_order, other_words = other
    mine, theirs = only_in(ranked, order, other_ranked), only_in(other_ranked, other_order, ranked)
    if max(mine.size, theirs.size) > MOST:
        return 0
    bare = bare_of_marks(data, spans[0], spans[1], spans[2], spans[3])
    matched, other_matched, typos, turned = matched_words(
        (hashes, words, mine), (others, other_words, theirs), data, bare
    )
    cut = cut_word(data, words, mine, matched, other_words, theirs)
    cut |= cut_word(data, other_words, theirs, other_matched, words, mine)
    left = tally(data, hashes, ranked, order, words, mine, matched)
    right = tally(data, others, other_ranked, other_order, other_words, theirs, other_matched)
    left[2] += turned
    said = 0
    for i in range(words.shape[0]):
        said += words[i, 2] & FILLER == 0
    said -= left[:5].sum()
    size = max(length(data, words), length(data, other_words))
    strict = prompts or size <= SHORT
    replaced = in_place(
        neighbours(hashes, ranked, order, words, mine, matched),
        neighbours(others, other_ranked, other_order, other_words, theirs, other_matched),
    )
    cut |= stops(data, words, spans[1]) != stops(data, other_words, spans[3])
    beginning = begins(hashes, others)
    if beginning and strict and (left + right)[:5].sum() > max(said, 1):
        return 4
    if beginning and cut:
        return 0
    if mine.size + theirs.size == 0:
        moved = exchanged(hashes, words, others) if strict else 0
        return 1 if not bare and other_operator(data, spans) else moved
    added = not cut and (at_an_end(mine, matched, words) or at_an_end(theirs, other_matched, other_words))
    one_place = together(mine, matched, words) and together(theirs, other_matched, other_words)
    one_place |= left[:7].sum() == 1 and right[:7].sum() == 1
    filled = one_place and size <= MIDDLE
    code = verdict(left, right, strict, filled, hashes.size - left[:7].sum(), said, replaced, added, typos)
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
        out[k] = compare(one, other, data, (begins[a], ends[a], begins[b], ends[b]), prompts)
    return out
