"""Compiled loops over the bytes of texts: characters, shingles, sketches, exact set overlaps.

Imported lazily (numba takes 0.3 s to import); compiled once per installation, then read from numba's cache. Texts come
as one byte array and the places where each starts (`starts`, one longer than the number of texts). Arrays must be
writable: numba compiles a second time for read-only ones.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from prefq.loops import kept_by_code

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function in numba's nopython mode, kept in its on-disk cache for this state of the code."""
    with kept_by_code():
        return cast(Callable[P, R], numba.njit(cache=True, nogil=True)(function))


BASE = np.uint64(0x9E3779B97F4A7C15)
"""Base of the rolling polynomial over bytes (odd, so that every byte keeps its influence modulo 2^64)."""

LETTERS = 5
"""Letters in a shingle of the exact comparison."""

KEEP, SEPARATE, DROP = 0, 1, 2
"""What the normal form does with a character."""

WIDE = 0xE3
"""First lead byte of CJK, kana, Hangul, full-width forms and emoji: one character says as much as two letters."""

UNSPACED, HANGUL = 0xE3, 0xEA
"""Lead bytes from UNSPACED up to HANGUL are kana and CJK, which are written without spaces."""

EMPTY = np.uint32(0xFFFFFFFF)


@compiled
def mix(value: np.uint64) -> np.uint64:
    """The finalizer of MurmurHash3: every input bit reaches every output bit."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@compiled
def character_bytes(lead: int) -> int:
    """How many bytes the UTF-8 character with this lead byte has."""
    if lead < 0xC0:
        return 1
    if lead < 0xE0:
        return 2
    return 3 if lead < 0xF0 else 4


@compiled
def code_point(data: Bytes, i: int, width: int) -> int:
    """The code point of the UTF-8 character of `width` bytes at `i`."""
    if width == 2:
        return ((int(data[i]) & 0x1F) << 6) | (int(data[i + 1]) & 0x3F)
    if width == 3:
        return ((int(data[i]) & 0x0F) << 12) | ((int(data[i + 1]) & 0x3F) << 6) | (int(data[i + 2]) & 0x3F)
    return (
        ((int(data[i]) & 0x07) << 18)
        | ((int(data[i + 1]) & 0x3F) << 12)
        | ((int(data[i + 2]) & 0x3F) << 6)
        | (int(data[i + 3]) & 0x3F)
    )


@compiled
def is_digit(byte: int) -> bool:
    """An ASCII digit."""
    return 48 <= byte <= 57


@compiled
def is_letter(byte: int) -> bool:
    """An ASCII letter, or a byte of a longer character."""
    return 65 <= byte <= 90 or 97 <= byte <= 122 or byte >= 128


@compiled
def texts_together(data: Bytes, begins: Ints, ends: Ints) -> tuple[Bytes, Ints]:
    """The texts `data[begins[i]:ends[i]]` one after the other, and where each starts, shape (texts + 1,)."""
    starts = np.zeros(begins.size + 1, np.int64)
    for t in range(begins.size):
        starts[t + 1] = starts[t] + ends[t] - begins[t]
    out = np.empty(starts[-1], np.uint8)
    for t in range(begins.size):
        out[starts[t] : starts[t + 1]] = data[begins[t] : ends[t]]
    return out, starts


@compiled
def text_hashes(data: Bytes, starts: Ints) -> tuple[Hashes, Hashes]:
    """Two independent 64-bit hashes of each text, shape (texts,) each: together 128 bits to tell texts apart."""
    n = starts.size - 1
    one, two = np.empty(n, np.uint64), np.empty(n, np.uint64)
    for t in range(n):
        a, b = np.uint64(starts[t + 1] - starts[t]), np.uint64(0x2545F4914F6CDD1D)
        for i in range(starts[t], starts[t + 1]):
            a = a * BASE + np.uint64(data[i])
            b = (b ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
        one[t], two[t] = mix(a), mix(b)
    return one, two


@compiled
def shingles(data: Bytes, begin: int, end: int, letters: int, seed: np.uint64, out: Hashes) -> int:
    """Write the hash of every window of so many letters into `out`; how many there are. CJK characters count double.

    A window starts at each character and ends when it weighs enough: five letters, three Chinese characters. The ASCII
    windows of a mixed text hash as they do in a plain one.
    """
    power = np.uint64(1)
    for _ in range(letters):
        power *= BASE
    plain = True
    for i in range(begin, end):
        if data[i] >= 128:
            plain = False
            break
    n, i, rolling = 0, begin, np.uint64(0)
    if plain:
        for at in range(begin, end):
            rolling = rolling * BASE + np.uint64(data[at])
            if at - begin >= letters:
                rolling -= power * np.uint64(data[at - letters])
            if at - begin >= letters - 1:
                out[n] = mix(rolling ^ seed)
                n += 1
        return n
    while i < end:
        j, weight, value = i, 0, np.uint64(0)
        while j < end and weight < letters:
            weight += 2 if data[j] >= WIDE else 1
            for _ in range(character_bytes(int(data[j]))):
                value = value * BASE + np.uint64(data[j])
                j += 1
        if weight < letters:
            break
        out[n] = mix(value ^ seed)
        n += 1
        i += character_bytes(int(data[i]))
    return n


@compiled
def longest(starts: Ints) -> int:
    """The length in bytes of the longest text, at least 1."""
    most = np.int64(1)
    for t in range(starts.size - 1):
        most = max(most, starts[t + 1] - starts[t])
    return int(most)


@compiled
def signatures(
    data: Bytes, starts: Ints, slots: int, letters: int, seed: np.uint64
) -> tuple[npt.NDArray[np.uint32], Ints]:
    """One-permutation MinHash sketches, shape (texts, slots), and the number of shingles of each text.

    `slots` is a power of two. Empty slots borrow from a full one (Shrivastava 2017, "Optimal densification for fast and
    accurate minwise hashing"). A text without shingles has a sketch of EMPTY.
    """
    n = starts.size - 1
    sketch, counts = np.empty((n, slots), np.uint32), np.zeros(n, np.int64)
    buffer = np.empty(longest(starts), np.uint64)
    least, full = np.empty(slots, np.uint32), np.empty(slots, np.bool_)
    shift = np.uint64(64 - int(np.log2(slots) + 0.5))
    for t in range(n):
        m = shingles(data, starts[t], starts[t + 1], letters, seed, buffer)
        counts[t] = m
        least[:] = EMPTY
        for k in range(m):
            home = np.int64(buffer[k] >> shift)
            least[home] = min(least[home], np.uint32(buffer[k] & np.uint64(0x7FFFFFFF)))
        for slot in range(slots):
            full[slot] = least[slot] != EMPTY
        for slot in range(slots):
            attempt = 0
            while m > 0 and least[slot] == EMPTY:
                attempt += 1
                lender = np.int64(mix(np.uint64(slot * 65536 + attempt)) % np.uint64(slots))
                if full[lender]:
                    least[slot] = least[lender]
            sketch[t, slot] = least[slot]
    return sketch, counts


@compiled
def insert(table: Hashes, stamps: npt.NDArray[np.int32], mask: int, key: np.uint64, stamp: int) -> bool:
    """Put a key into an open-addressing table whose live entries carry `stamp`; whether it was new."""
    at = np.int64(key & np.uint64(mask))
    while stamps[at] == stamp:
        if table[at] == key:
            return False
        at = (at + 1) & mask
    table[at], stamps[at] = key, stamp
    return True


@compiled
def shared_shingles(data: Bytes, starts: Ints, left: Ints, right: Ints, seed: np.uint64) -> npt.NDArray[np.int64]:
    """For each pair of texts: distinct shingles of the left one, of the right one, of both, shape (pairs, 3).

    Fastest when the pairs are sorted by `left`: its set is built once.
    """
    out = np.zeros((left.size, 3), np.int64)
    size = 16
    for k in range(left.size):
        while size < 2 * max(starts[left[k] + 1] - starts[left[k]], starts[right[k] + 1] - starts[right[k]]):
            size *= 2
    keys, stamps = np.empty(size, np.uint64), np.full(size, -1, np.int32)
    others, other_stamps = np.empty(size, np.uint64), np.full(size, -1, np.int32)
    buffer = np.empty(size // 2, np.uint64)
    mask, members, built = 0, 0, 0
    for k in range(left.size):
        if k == 0 or left[k] != left[k - 1]:
            built = k
            m = shingles(data, starts[left[k]], starts[left[k] + 1], LETTERS, seed, buffer)
            mask, members = 15, 0
            while mask + 1 < 2 * m:
                mask = 2 * mask + 1
            for i in range(m):
                members += insert(keys, stamps, mask, buffer[i], built)
        m = shingles(data, starts[right[k]], starts[right[k] + 1], LETTERS, seed, buffer)
        wide = 15
        while wide + 1 < 2 * m:
            wide = 2 * wide + 1
        out[k, 0] = members
        for i in range(m):
            if insert(others, other_stamps, wide, buffer[i], k):
                out[k, 1] += 1
                at = np.int64(buffer[i] & np.uint64(mask))
                while stamps[at] == built and keys[at] != buffer[i]:
                    at = (at + 1) & mask
                out[k, 2] += stamps[at] == built
    return out
