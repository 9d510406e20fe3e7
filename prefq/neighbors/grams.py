"""Compiled word n-grams of normal forms."""

import numpy as np

from prefq.neighbors.kernels import BASE, HANGUL, UNSPACED, Bytes, Hashes, Ints, character_bytes, compiled, longest, mix


@compiled
def word_bounds(data: Bytes, begin: int, end: int, bounds: Ints) -> int:
    """Write where each word of a normal form starts and ends into `bounds`; how many there are.

    Words stand between spaces; a kana or CJK character is a word of its own.
    """
    n, i = 0, begin
    while i < end:
        lead = int(data[i])
        stop = i + 1 if lead < 128 else i + character_bytes(lead)
        if lead == 32:
            i = stop
            continue
        if not UNSPACED <= lead < HANGUL:
            while stop < end and data[stop] != 32 and not UNSPACED <= data[stop] < HANGUL:
                stop += 1
        bounds[n, 0], bounds[n, 1] = i, stop
        n, i = n + 1, stop
    return n


@compiled
def word_grams(data: Bytes, starts: Ints, n: int) -> tuple[Hashes, Ints]:
    """Every run of `n` words: its hash, shape (grams,), and its text, first and last byte, shape (grams, 3)."""
    bounds = np.empty((longest(starts), 2), np.int64)
    total = 0
    for t in range(starts.size - 1):
        total += max(0, word_bounds(data, starts[t], starts[t + 1], bounds) - n + 1)
    hashes, places = np.empty(total, np.uint64), np.empty((total, 3), np.int64)
    words, at = np.empty(bounds.shape[0], np.uint64), 0
    for t in range(starts.size - 1):
        count = word_bounds(data, starts[t], starts[t + 1], bounds)
        for w in range(count):
            value = np.uint64(0)
            for i in range(bounds[w, 0], bounds[w, 1]):
                value = value * BASE + np.uint64(data[i])
            words[w] = mix(value + np.uint64(1))
        for w in range(count - n + 1):
            value = np.uint64(0)
            for k in range(n):
                value = value * BASE + words[w + k]
            hashes[at] = mix(value)
            places[at, 0], places[at, 1], places[at, 2] = t, bounds[w, 0], bounds[w + n - 1, 1]
            at += 1
    return hashes, places
