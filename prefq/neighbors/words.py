"""Compiled comparison of two texts word by word: what one says that the other does not, and whether it matters.

The order of words is not looked at, so moved sentences differ in nothing. Words that differ by a typo or an
ending count as equal; numbers and negations only when they are.
"""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import (
    BASE,
    DROP,
    SEPARATE,
    Bytes,
    Hashes,
    Ints,
    character_bytes,
    code_point,
    compiled,
    is_digit,
    is_letter,
    mix,
)

NUMBER, NAME, NEGATION, POLAR, FILLER, CAPITAL = 1, 2, 4, 8, 16, 32
"""What a word is, as bits. A POLAR word has an opposite (true, more); a FILLER (article, courtesy) says nothing."""

Words = npt.NDArray[np.int64]
"""One row per word: start, length in bytes, bits."""


@compiled
def is_capital(data: Bytes, i: int) -> bool:
    """A Latin, Greek or Cyrillic capital letter starts at `i`."""
    if data[i] < 128:
        return bool(65 <= data[i] <= 90)
    if data[i] >= 0xE0 or i + 1 >= data.size:
        return False
    point = code_point(data, i, 2)
    return 0xC0 <= point <= 0xDE or 0x391 <= point <= 0x3A9 or 0x401 <= point <= 0x42F


@compiled
def single_word(lead: int, data: Bytes, i: int) -> bool:
    """The character at `i` is a word of its own: CJK and emoji, but not Hangul."""
    if lead < 0xE3:
        return False
    point = code_point(data, i, character_bytes(lead))
    return not 0xAC00 <= point <= 0xD7A3


@compiled
def word_end(data: Bytes, begin: int, end: int, table: Bytes) -> int:
    """Where the word that starts at `begin` ends. Apostrophes are inside words, `.` and `,` inside numbers."""
    i = begin
    while i < end:
        byte = int(data[i])
        if byte < 128:
            inner = i + 1 < end and i > begin
            inside = byte == 39 and inner and is_letter(int(data[i + 1]))
            inside |= byte in (44, 46) and inner and is_digit(int(data[i - 1])) and is_digit(int(data[i + 1]))
            if not (is_letter(byte) or is_digit(byte) or inside):
                return i
            i += 1
            continue
        width = character_bytes(byte)
        if width < 4 and table[code_point(data, i, width)] == SEPARATE:
            return i
        if single_word(byte, data, i):
            return i + width if i == begin else i
        i += width
    return i


@compiled
def word_hash(data: Bytes, begin: int, end: int, table: Bytes) -> np.uint64:
    """The hash of a word without regard to the case of ASCII letters, apostrophes, and commas in numbers."""
    value, i = np.uint64(0), begin
    while i < end:
        byte = int(data[i])
        width = character_bytes(byte) if byte >= 128 else 1
        skip = byte in (39, 44) or (1 < width < 4 and table[code_point(data, i, width)] == DROP)
        for b in range(i, i + width):
            if not skip:
                value = value * BASE + np.uint64(data[b] | 32 if 65 <= data[b] <= 90 else data[b])
        i += width
    return mix(value)


@compiled
def list_marker(data: Bytes, begin: int, at: int, end: int, stop: int) -> bool:
    """The number from `at` to `end` opens a line and is followed by `.` or `)`: the mark of a list item."""
    if end >= stop or data[end] not in (46, 41):
        return False
    i = at - 1
    while i >= begin and data[i] in (32, 9):
        i -= 1
    return i < begin or data[i] == 10


@compiled
def text_words(
    data: Bytes, begin: int, end: int, table: Bytes, known: Hashes, meanings: Ints, same: Hashes
) -> tuple[Hashes, Words]:
    """The words of a text: their hashes, shape (words,), and where and what they are, shape (words, 3).

    `known` (sorted) are the hashes of words with a meaning of their own, `meanings` their bits, `same` the hash of the
    word each stands for (two is 2).
    """
    hashes, words = np.empty(end - begin + 1, np.uint64), np.empty((end - begin + 1, 3), np.int64)
    n, i, fresh = 0, begin, True
    while i < end:
        byte = int(data[i])
        width = character_bytes(byte) if byte >= 128 else 1
        stop = word_end(data, i, end, table) if byte >= 128 or is_letter(byte) or is_digit(byte) else i
        if stop == i:
            fresh = fresh or byte in (10, 13, 33, 34, 46, 58, 63, 42, 35) or byte == 0xE3
            i += width
            continue
        key = word_hash(data, i, stop, table)
        bits = 0 if not is_capital(data, i) else CAPITAL if fresh else NAME
        if is_digit(byte):
            bits = FILLER if list_marker(data, begin, i, stop, end) else NUMBER
        at = np.searchsorted(known, key)
        if at < known.size and known[at] == key:
            bits, key = meanings[at], same[at]
        hashes[n] = key
        words[n, 0], words[n, 1], words[n, 2] = i, stop - i, bits
        n, i, fresh = n + 1, stop, False
    return hashes[:n], words[:n]


@compiled
def edits(data: Bytes, a: int, a_length: int, b: int, b_length: int) -> int:
    """Edit distance with swaps of neighbours (optimal string alignment) of two words of up to 30 bytes; else 99."""
    if a_length > 30 or b_length > 30:
        return 99
    rows = np.zeros((3, 32), np.int64)
    for j in range(b_length + 1):
        rows[1, j] = j
    for i in range(1, a_length + 1):
        rows[2, 0] = i
        for j in range(1, b_length + 1):
            differ = (data[a + i - 1] | 32) != (data[b + j - 1] | 32)
            best = min(rows[1, j] + 1, rows[2, j - 1] + 1, rows[1, j - 1] + differ)
            swap = i > 1 and j > 1 and data[a + i - 1] | 32 == data[b + j - 2] | 32
            if swap and data[a + i - 2] | 32 == data[b + j - 1] | 32:
                best = min(best, rows[0, j - 2] + 1)
            rows[2, j] = best
        rows[0, :], rows[1, :] = rows[1, :].copy(), rows[2, :].copy()
    return int(rows[1, b_length])


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
def misspelt(data: Bytes, a: Words, b: Words, noisy: bool) -> bool:
    """Two different words are one with a typo, by their length. In a noisy text more is taken for a typo."""
    shorter, longer = min(a[1], b[1]), max(a[1], b[1])
    name, filler = bool(a[2] & b[2] & NAME), bool((a[2] | b[2]) & FILLER)
    if filler and shorter == 1 and longer in (2, 3):
        return lost_letters(data, a, b)
    if (filler or (a[2] | b[2]) & NEGATION) and shorter >= 2 and longer >= 3 and not a[2] & b[2] & FILLER:
        return edits(data, a[0], a[1], b[0], b[1]) <= (2 if noisy and longer >= 4 else 1)
    allowed = max(1, longer // 3) if noisy else 1
    if longer >= 7 and not name and data[a[0]] | 32 == data[b[0]] | 32:
        allowed = max(allowed, 2)
    if shorter < 2 or longer - shorter > allowed:
        return False
    if shorter < (5 if name else 4) and shorter == longer and not noisy and not filler:
        return swapped_letters(data, a[0], b[0], shorter)
    return edits(data, a[0], a[1], b[0], b[1]) <= allowed


@compiled
def same_word(data: Bytes, a: Words, b: Words, noisy: bool) -> int:
    """Whether two different words are one: 0 no, 1 with another ending, 2 with a typo. Numbers are not."""
    marked = NUMBER | NEGATION | POLAR
    if is_digit(data[a[0]]) or is_digit(data[b[0]]):
        return 0
    if (a[2] | b[2]) & marked:
        unknown = not (a[2] & b[2] & marked or (a[2] | b[2]) & FILLER)
        return 2 if unknown and misspelt(data, a, b, noisy) else 0
    shorter, longer, stem = min(a[1], b[1]), max(a[1], b[1]), 0
    while stem < shorter and data[a[0] + stem] | 32 == data[b[0] + stem] | 32:
        stem += 1
    if stem >= 4 and longer - stem <= 3 and not a[2] & b[2] & NAME:
        return 1
    return 2 if misspelt(data, a, b, noisy) else 0


@compiled
def match_words(
    data: Bytes, words: Words, mine: Ints, others: Words, theirs: Ints, noisy: bool
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], int]:
    """Which of the words that only one text has are one with a word that only the other has; how many by a typo."""
    left, right, typos = np.zeros(mine.size, np.bool_), np.zeros(theirs.size, np.bool_), 0
    for i in range(mine.size):
        for j in range(theirs.size):
            same = 0 if right[j] else same_word(data, words[mine[i]], others[theirs[j]], noisy)
            if same:
                left[i] = right[j] = True
                typos += same == 2
                break
    return left, right, typos


@compiled
def only_in(hashes: Hashes, order: Ints, others: Hashes, other_order: Ints) -> Ints:
    """The places of the words of a text that the other text lacks, counting repetitions."""
    out, n, j = np.empty(hashes.size, np.int64), 0, 0
    for i in range(order.size):
        while j < other_order.size and others[other_order[j]] < hashes[order[i]]:
            j += 1
        if j < other_order.size and others[other_order[j]] == hashes[order[i]]:
            j += 1
        else:
            out[n] = order[i]
            n += 1
    return out[:n]
