"""Compiled reading of the words of texts, as their normal forms have them (`prefq.neighbors.normalize`).

Words stand between spaces. Scripts that put none between words are cut smaller: each kana or CJK character is a word,
and each cluster of letters of Thai, Lao, Khmer, Burmese and their like: a consonant with the vowels and tone marks
around it, about a third of a word (after Theeramunkong et al. 2000, "Character cluster based Thai information
retrieval").
"""

import unicodedata
from functools import cache

import numpy as np

from prefq.neighbors.forms import keeps_space, means_something
from prefq.neighbors.kernels import (
    BASE,
    DROP,
    HANGUL,
    KEEP,
    SEPARATE,
    UNSPACED,
    Bytes,
    Hashes,
    Ints,
    character_bytes,
    code_point,
    compiled,
    is_letter,
    longest,
    mix,
)
from prefq.neighbors.normalize import PLANE, character_table

SPACED, ALONE, JOINS, LEADS, BINDS = 0, 1, 2, 3, 4
"""What a character does to words: stands in one between spaces; begins one of its own; belongs to the one before;
begins one that the next character belongs to; belongs to the one before, and takes the next character along."""

NONE, OPEN, CLOSED, TAKING = 0, 1, 2, 3
"""The word that is being read: none, one between spaces, one of a script without them, one that takes what follows."""

CHARACTERS, IDEOGRAPHS = (0x3000, 0xA000), (0x20000, 0x40000)
"""Kana and CJK; CJK beyond the basic plane."""
CLUSTERS = (
    *((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x1950, 0x19E0), (0x1A20, 0x1AB0), (0x1B00, 0x1B80)),
    *((0xA980, 0xA9E0), (0xA9E0, 0xAA00), (0xAA60, 0xAAE0)),
)
"""Thai and Lao; Burmese; Khmer; Tai Le and New Tai Lue; Tai Tham; Balinese; Javanese; more Burmese; Tai Viet."""
LEADING = (*range(0x0E40, 0x0E45), *range(0x0EC0, 0x0EC5), 0xAAB5, 0xAAB6, 0xAAB9, 0xAABB)
"""Vowels that are written before the consonant that they follow."""
TRAILING = (0x0E30, 0x0E32, 0x0E33, 0x0E45, 0x0E46, 0x0EB0, 0x0EB2, 0x0EB3, 0x0EBD, 0x0EC6)
"""Vowels that are written after their consonant though they are no marks, and signs of repetition."""
STACKING = (0x1039, 0x17D2, 0x1A60, 0x1B44, 0xA9C0)
"""Signs that put the next consonant under the one before."""


@cache
def word_table() -> Bytes:
    """What each character of the basic plane does to words, shape (65536,)."""
    table = np.zeros(PLANE, np.uint8)
    table[slice(*CHARACTERS)] = ALONE
    for begin, end in CLUSTERS:
        kinds = [unicodedata.category(chr(point)) for point in range(begin, end)]
        table[begin:end] = [JOINS if kind[0] == "M" else SPACED if kind[0] == "N" else ALONE for kind in kinds]
    table[list(LEADING)], table[list(TRAILING)], table[list(STACKING)] = LEADS, JOINS, BINDS
    return table


@cache
def tables() -> Bytes:
    """What becomes of each character in a normal form, and what it does to words, shape (2, 65536)."""
    return np.stack([character_table(), word_table()])


@compiled
def kind_of(point: int, table: Bytes) -> int:
    """What a character does to words."""
    if point < PLANE:
        return int(table[point])
    return ALONE if IDEOGRAPHS[0] <= point < IDEOGRAPHS[1] else SPACED


@compiled
def goes_on(state: int, does: int) -> bool:
    """Whether a character belongs to the word that is being read."""
    if does == SPACED:
        return state == OPEN
    if does == ALONE:
        return state == TAKING
    return does != LEADS and state != NONE


@compiled
def state_after(state: int, does: int) -> int:
    """The word that is being read after a character; `state` is NONE where the character began it."""
    if does in (LEADS, BINDS):
        return TAKING
    if does == JOINS and state != NONE:
        return state
    return OPEN if does == SPACED else CLOSED


@compiled
def grown(value: np.uint64, byte: int) -> np.uint64:
    """The value of a word with one more byte; its hash is the value, mixed."""
    return (value ^ np.uint64(byte)) * BASE


@compiled
def told_apart(data: Bytes) -> Bytes:
    """What each byte is to words: an ASCII letter or digit in lower case, 32 for what separates, 0 where it depends.

    Written so that the machine looks at many bytes at a time. Texts must be kept apart by line feeds.
    """
    out = np.empty(data.size, np.uint8)
    out[0] = out[-1] = 32
    for i in range(1, data.size - 1):
        before, byte, next_ = data[i - 1], data[i], data[i + 1]
        letter = ((byte | 32) >= 97) & ((byte | 32) <= 122)
        digit = (byte >= 48) & (byte <= 57)
        after_letter = ((before | 32) >= 97) & ((before | 32) <= 122) | (before >= 128)
        after_digit = (before >= 48) & (before <= 57)
        digit_next = (next_ >= 48) & (next_ <= 57)
        read = (byte >= 128) | (byte == 36) | (byte == 37) | (byte == 43) | (byte >= 60) & (byte <= 62) | (byte == 94)
        read |= ((byte == 44) | (byte == 46)) & after_digit & digit_next
        read |= ((byte == 35) | (byte == 39)) & after_letter
        read |= ((byte == 42) | (byte == 45) | (byte == 47)) & (digit_next | (next_ == 32))
        kept = np.uint8(byte | 32) if letter else byte
        out[i] = np.uint8(0) if read else kept if letter | digit else np.uint8(32)
    return out


@compiled
def plain_words(apart: Bytes, i: int, end: int, words: Hashes, n: int, value: np.uint64) -> tuple[int, int]:
    """Write the words up to the next byte that depends, one of this `value` going on; where both then are.

    A word ends at every byte for the moment: no branch depends on where spaces are, so none is guessed wrongly.
    """
    inside, at = value != 0, np.int64(n)
    while i < end:
        byte = apart[i]
        if byte == 0:
            break
        space = byte == 32
        words[at] = value
        at += np.int64(inside & space)
        value = np.uint64(0) if space else grown(value, byte)
        inside = not space
        i += 1
    words[at] = value
    return i, int(at)


@compiled
def last_of(apart: Bytes, begin: int, end: int, last: int) -> int:
    """The last letter or digit from `begin` to `end`, or else `last`."""
    for i in range(end - 1, begin - 1, -1):
        if apart[i] != 32:
            return int(apart[i])
    return last


@compiled
def act_of_mark(data: Bytes, i: int, begin: int, end: int, last: int) -> int:
    """What becomes of the space or ASCII mark at `i`; `last` is the byte that the normal form ends with so far."""
    if data[i] == 39 and i > begin and is_letter(int(data[i - 1])):
        return DROP
    return KEEP if data[i] > 32 and means_something(data, i, begin, end, last) else SEPARATE


@compiled
def text_words(data: Bytes, apart: Bytes, begin: int, end: int, tables: Bytes, words: Hashes) -> int:
    """Write the hash of each word of a text; how many there are.

    The words are those of its normal form (see `normalized`), which is not made. `apart` is what `told_apart` says,
    `tables` those of `tables()`. Non-ASCII letters must come in lower case.
    """
    n, i, state, value = 0, begin, NONE, np.uint64(0)
    waiting, glued, last = False, False, 32
    while i < end:
        byte = int(data[i])
        if apart[i] and not glued and last != UNSPACED and state <= OPEN:
            if waiting and state == OPEN:
                words[n] = value
                n, value = n + 1, np.uint64(0)
            start = i
            i, n = plain_words(apart, i, end, words, n, value)
            value, waiting = words[n], False
            if value == 0 and n > 0:  # a word that ended may go on: 2 + 2 is one
                n, waiting = n - 1, True
                value = words[n]
            state, last = OPEN if value != 0 else NONE, last_of(apart, start, i, last)
            continue
        width, act, kind, mark = 1, KEEP, SPACED, False
        if byte >= 128:
            width = character_bytes(byte)
            point = code_point(data, i, width)
            act, kind = int(tables[0, point]) if point < PLANE else KEEP, kind_of(point, tables[1])
        elif apart[i] <= 32:
            act = act_of_mark(data, i, begin, end, last)
            mark = act == KEEP
        if act == KEEP:
            spaced = waiting and state != NONE and keeps_space(last, mark, glued, byte)
            if state != NONE and (spaced or not goes_on(state, kind)):
                words[n] = value
                n, state, value = n + 1, NONE, np.uint64(0)
            state = state_after(state, kind)
            for b in range(i, i + width):
                value = grown(value, apart[b] if apart[b] else data[b])
            last, waiting, glued = UNSPACED if UNSPACED <= byte < HANGUL else int(data[i + width - 1]), False, mark
        elif act == SEPARATE:
            waiting = True
        i += width
    if state != NONE:
        words[n] = value
        n += 1
    for w in range(n):
        words[w] = mix(words[w])
    return n


@compiled
def word_bounds(data: Bytes, begin: int, end: int, does: Bytes, bounds: Ints) -> int:
    """Write where each word of a normal form starts and ends, shape (words, 2); how many there are.

    They are as many as `text_words` finds in the text.
    """
    n, i, state = 0, begin, NONE
    while i < end:
        byte = int(data[i])
        stop = i + character_bytes(byte)
        kind = kind_of(code_point(data, i, stop - i), does) if byte >= 128 else SPACED
        if state != NONE and (byte == 32 or not goes_on(state, kind)):
            bounds[n, 1] = i
            n, state = n + 1, NONE
        if byte != 32:
            bounds[n, 0] = i if state == NONE else bounds[n, 0]
            state = state_after(state, kind)
        i = stop
    if state != NONE:
        bounds[n, 1] = end
        n += 1
    return n


@compiled
def run_bounds(data: Bytes, starts: Ints, does: Bytes, firsts: Ints, n: int) -> Ints:
    """Where a run of `n` words, its first being number `firsts[t]` of normal form t, starts and ends, shape (t, 2)."""
    bounds = np.empty((longest(starts) // 2 + 2, 2), np.int64)
    out = np.zeros((starts.size - 1, 2), np.int64)
    for t in range(starts.size - 1):
        count = word_bounds(data, starts[t], starts[t + 1], does, bounds)
        if firsts[t] + n <= count:
            out[t, 0], out[t, 1] = bounds[firsts[t], 0], bounds[firsts[t] + n - 1, 1]
    return out
