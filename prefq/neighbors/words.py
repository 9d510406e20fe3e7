"""Compiled search for the words of texts: where they are, what each is, and which of them only one of two texts has."""

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

NUMBER, NAME, NEGATION, POLAR, FILLER, CAPITAL, UNIT, ASKING, LISTING = 1, 2, 4, 8, 16, 32, 64, 128, 256
"""What a word is, as bits. A POLAR word has an opposite (true, more), or is a UNIT as well (miles, hours); a FILLER
(article, courtesy) says nothing, but for one that is ASKING (who, when); LISTING are and, or."""

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
            bits, key = meanings[at] | (CAPITAL if bits & (NAME | CAPITAL) else 0), same[at]
        hashes[n] = key
        words[n, 0], words[n, 1], words[n, 2] = i, stop - i, bits
        n, i, fresh = n + 1, stop, False
    return hashes[:n], words[:n]


@compiled
def words_of_all(
    data: Bytes, begins: Ints, ends: Ints, table: Bytes, known: Hashes, meanings: Ints, same: Hashes
) -> tuple[Ints, Hashes, Hashes, Ints, Words]:
    """The words of many texts, see `text_words`, those of text t from `starts[t]` to `starts[t + 1]`.

    Beside `starts`, shape (texts + 1,): the words' hashes, the same sorted text by text, the places in the text of the
    sorted ones, shape (words,) each, and where and what they are, shape (words, 3).
    """
    most = np.sum(ends - begins) + begins.size
    starts, hashes, words = (
        np.zeros(begins.size + 1, np.int64),
        np.empty(most, np.uint64),
        np.empty((most, 3), np.int64),
    )
    ranked, order = np.empty(most, np.uint64), np.empty(most, np.int64)
    for t in range(begins.size):
        own, found = text_words(data, begins[t], ends[t], table, known, meanings, same)
        low, high = starts[t], starts[t] + own.size
        hashes[low:high], words[low:high], order[low:high] = own, found, np.argsort(own)
        ranked[low:high] = own[order[low:high]]
        starts[t + 1] = high
    return starts, hashes, ranked, order, words


@compiled
def only_in(ranked: Hashes, order: Ints, others: Hashes) -> Ints:
    """The places of the words of a text that the other text lacks, counting repetitions.

    `ranked` and `others` are the sorted hashes of both, `order` are the places of those of the first.
    """
    out, n, j = np.empty(order.size, np.int64), 0, 0
    for i in range(order.size):
        while j < others.size and others[j] < ranked[i]:
            j += 1
        if j < others.size and others[j] == ranked[i]:
            j += 1
        else:
            out[n] = order[i]
            n += 1
    return out[:n]
