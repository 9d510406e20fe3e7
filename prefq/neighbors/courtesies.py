"""Compiled search for courtesies around a text: openers and sign-offs that belong to no question and no answer."""

import numpy as np

from prefq.neighbors.kernels import Bytes, Hashes, Ints, character_bytes, compiled
from prefq.neighbors.words import word_end, word_hash

PLAIN, MARKER = 1, 2
"""A courtesy is made of PLAIN words and has a MARKER (sure, thanks, hope) among them."""
FARTHEST = 240
"""Longest courtesy, in bytes."""
CLOSING = (34, 39, 41, 42, 93, 95)
"""Quotes, brackets and the marks of bold letters."""
FEWEST = 2
"""Words that are neither PLAIN nor a MARKER, of which so many must be left."""


@compiled
def kind_of(key: np.uint64, known: Hashes, kinds: Ints) -> int:
    """PLAIN, MARKER, or 0 for a word that says something."""
    at = np.searchsorted(known, key)
    return int(kinds[at]) if at < known.size and known[at] == key else 0


@compiled
def next_character(data: Bytes, i: int) -> int:
    """Where the character after the one at `i` begins."""
    byte = int(data[i])
    return i + (character_bytes(byte) if byte >= 128 else 1)


@compiled
def ends_sentence(data: Bytes, i: int, end: int) -> bool:
    """A sentence or a line ends with the byte at `i`; quotes and brackets that it closes may follow."""
    byte = data[i]
    if byte not in (33, 46, 58, 63):
        return bool(byte == 10)
    i += 1
    while i < end and data[i] in CLOSING:
        i += 1
    return i >= end or bool(data[i] <= 32)


@compiled
def courtesy_end(data: Bytes, begin: int, end: int, table: Bytes, known: Hashes, kinds: Ints) -> int:
    """Where the courtesies that a text begins with end; `begin` if there are none."""
    i, found, marked = begin, begin, False
    while i < min(end, begin + FARTHEST):
        stop = word_end(data, i, end, table)
        if stop > i:
            kind = kind_of(word_hash(data, i, stop, table), known, kinds)
            if kind == 0:
                return found
            marked |= kind == MARKER
            i = stop
            continue
        if ends_sentence(data, i, end):
            found, marked = (i + 1 if marked else found), False
        i = next_character(data, i)
    return found


@compiled
def courtesy_begin(data: Bytes, begin: int, end: int, table: Bytes, known: Hashes, kinds: Ints) -> int:
    """Where the courtesies that a text ends with begin; `end` if there are none.

    One sentence without a MARKER may follow one that has it ("Hope that helps. Have a great day!").
    """
    found, stop, open_ = end, end, 0
    while stop > begin and stop > end - FARTHEST:
        start = stop - 1
        while start > begin and not ends_sentence(data, start - 1, end):
            start -= 1
        i, marked, words = start, False, 0
        while i < stop:
            after = word_end(data, i, stop, table)
            if after > i:
                kind = kind_of(word_hash(data, i, after, table), known, kinds)
                if kind == 0:
                    return found
                marked, words = marked or kind == MARKER, words + 1
            i = max(after, next_character(data, i))
        open_ = 0 if marked else open_ + (words > 0)
        if open_ > 1:
            return found
        found = start if marked else found
        stop = start
    return found


@compiled
def says_enough(data: Bytes, begin: int, end: int, table: Bytes, known: Hashes, kinds: Ints) -> bool:
    """There are FEWEST words that are part of no courtesy."""
    i, words = begin, 0
    while i < end and words < FEWEST:
        stop = word_end(data, i, end, table)
        if stop > i:
            words += kind_of(word_hash(data, i, stop, table), known, kinds) == 0
        i = max(stop, next_character(data, i))
    return words >= FEWEST


@compiled
def bodies(data: Bytes, begins: Ints, ends: Ints, table: Bytes, known: Hashes, kinds: Ints) -> tuple[Ints, Ints]:
    """Where each text begins and ends without the courtesies around it, shape (texts,) each.

    Text i is `data[begins[i]:ends[i]]`. A text that would say next to nothing without them is left as it is.
    """
    begins, ends = begins.copy(), ends.copy()
    for t in range(begins.size):
        begin = courtesy_end(data, begins[t], ends[t], table, known, kinds)
        end = courtesy_begin(data, begin, ends[t], table, known, kinds)
        if (begin > begins[t] or end < ends[t]) and says_enough(data, begin, end, table, known, kinds):
            begins[t], ends[t] = begin, end
    return begins, ends
