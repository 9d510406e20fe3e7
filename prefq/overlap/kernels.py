"""Compiled loops over the words of texts: hashes of runs of words and of whole texts, and where runs are found.

Hashes roll over the words, and are then sealed, so that those of runs that follow on each other have no relation from
which the words between them could be told.
"""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import BASE, Bytes, Hashes, Ints, compiled, longest, mix
from prefq.overlap.words import text_words

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]
Table = tuple[Hashes, Numbers, Hashes]
Runs = tuple[Hashes, Ints, Hashes, Ints]

KEY = np.uint64(0x2545F4914F6CDD1D)
SOME_WORDS = 3
"""A run in which fewer than one word in so many is another one (a row of zeros) says nothing of where it is from."""


@compiled
def sealed(value: np.uint64) -> np.uint64:
    """The hash to show of a polynomial's value: mixed, and added to what comes out (as Davies and Meyer do).

    There is no way back from it to the value.
    """
    return mix(value ^ KEY) + value


@compiled
def whole_hash(words: Hashes, count: int) -> np.uint64:
    """The hash of a text of so many words."""
    value = np.uint64(count)
    for w in range(count):
        value = value * BASE + words[w]
    return sealed(value)


@compiled
def mark_hashes(data: Bytes, starts: Ints) -> Hashes:
    """The hash of each text that is nothing but marks, shape (texts,): of its bytes, as no text of words has them."""
    out = np.empty(starts.size - 1, np.uint64)
    blocks = np.empty(longest(starts), np.uint64)
    for t in range(starts.size - 1):
        count = starts[t + 1] - starts[t]
        for i in range(count):
            blocks[i] = np.uint64(data[starts[t] + i])
        out[t] = whole_hash(blocks, count)
    return out


@compiled
def run_hashes(words: Hashes, count: int, n: int, out: Hashes) -> int:
    """Write the hash of each run of `n` words into `out`; how many there are.

    A polynomial of the words' hashes rolls over them (Karp & Rabin 1987).
    """
    power, value = np.uint64(1), np.uint64(0)
    for w in range(min(n, count) - 1):
        power *= BASE
        value = value * BASE + words[w]
    for w in range(n - 1, count):
        value = value * BASE + words[w]
        out[w - n + 1] = value
        value -= power * words[w - n + 1]
    runs = max(0, count - n + 1)
    for r in range(runs):
        out[r] = sealed(out[r])
    return runs


@compiled
def says_something(words: Hashes, first: int, n: int) -> bool:
    """Whether at least a third of the words of a run are different ones."""
    different = 0
    for i in range(first, first + n):
        new = True
        for j in range(first, i):
            if words[j] == words[i]:
                new = False
                break
        different += new
        if SOME_WORDS * different >= n:
            return True
    return False


@compiled
def text_runs(data: Bytes, apart: Bytes, starts: Ints, tables: Bytes, n: int) -> Runs:
    """The hash of each whole text and how many words it has, shape (texts,); and its runs that say something.

    Of these the hash and the text, shape (runs,) each.
    """
    words, runs = np.empty(longest(starts) + 2, np.uint64), np.empty(longest(starts) + 2, np.uint64)
    hashes, texts, at = np.empty(data.size // 4 + 16, np.uint64), np.empty(data.size // 4 + 16, np.int64), 0
    wholes, counts = np.empty(starts.size - 1, np.uint64), np.empty(starts.size - 1, np.int64)
    for t in range(starts.size - 1):
        count = text_words(data, apart, starts[t], starts[t + 1] - 1, tables, words)
        wholes[t], counts[t] = whole_hash(words, count), count
        many = run_hashes(words, count, n, runs)
        if at + many > hashes.size:
            spare = np.empty(at + many, np.uint64)
            hashes = np.concatenate((hashes, spare))
            texts = np.concatenate((texts, spare.astype(np.int64)))
        for w in range(many):
            if says_something(words, w, n):
                hashes[at], texts[at] = runs[w], t
                at += 1
    return wholes, counts, hashes[:at].copy(), texts[:at].copy()


@compiled
def filtered_at(run: np.uint64, bits: Hashes) -> np.uint64:
    """The word of a filter in which a run sets its bits (Putze et al. 2007, "Cache-, hash- and space-efficient Bloom
    filters")."""
    return (run >> np.uint64(32)) & np.uint64(bits.size - 1)


@compiled
def filter_bits(run: np.uint64) -> np.uint64:
    """The bits that a run sets."""
    one = np.uint64(1)
    return one << ((run >> np.uint64(20)) & np.uint64(63)) | one << ((run >> np.uint64(26)) & np.uint64(63))


@compiled
def run_table(hashes: Hashes, entries: Ints) -> tuple[Hashes, Numbers, Hashes, Ints, Ints]:
    """The distinct runs of entries, which come one entry after the other: a table of them and where they stand.

    An open-addressing table, at most half full: the keys and their places (-1: empty), and a filter of 16 bits a run,
    in which a run sets two, in one 64-bit word; how many entries each run has, shape (runs,); and the run and the entry
    of each standing, shape (standings, 2).
    """
    size = 64
    while size < 2 * hashes.size:
        size *= 2
    keys, places, bits = np.zeros(size, np.uint64), np.full(size, -1, np.int32), np.zeros(size // 8, np.uint64)
    counts, last = np.zeros(hashes.size, np.int64), np.full(hashes.size, -1, np.int64)
    stands, runs, at = np.empty((hashes.size, 2), np.int64), 0, 0
    for i in range(hashes.size):
        slot = np.int64(hashes[i] & np.uint64(size - 1))
        while places[slot] >= 0 and keys[slot] != hashes[i]:
            slot = (slot + 1) & (size - 1)
        if places[slot] < 0:
            keys[slot], places[slot] = hashes[i], runs
            bits[filtered_at(hashes[i], bits)] |= filter_bits(hashes[i])
            runs += 1
        run = places[slot]
        if last[run] != entries[i]:
            last[run] = entries[i]
            counts[run] += 1
            stands[at, 0], stands[at, 1] = run, entries[i]
            at += 1
    return keys, places, bits, counts[:runs].copy(), stands[:at].copy()


@compiled
def found_runs(
    data: Bytes, apart: Bytes, starts: Ints, tables: Bytes, n: int, table: Table
) -> tuple[Hashes, Ints, Ints]:
    """The hash of each whole text and how many words it has, shape (texts,); its runs that are in a `run_table`.

    A found one is a row of shape (3,): its text, its place in the table, and the number of its first word.
    """
    keys, places, bits = table
    words, runs = np.empty(longest(starts) + 2, np.uint64), np.empty(longest(starts) + 2, np.uint64)
    found, at = np.empty((1024, 3), np.int64), 0
    wholes, counts = np.empty(starts.size - 1, np.uint64), np.empty(starts.size - 1, np.int64)
    for t in range(starts.size - 1):
        count = text_words(data, apart, starts[t], starts[t + 1] - 1, tables, words)
        wholes[t], counts[t] = whole_hash(words, count), count
        for c in range(maybe_known(runs, run_hashes(words, count, n, runs), bits, words)):
            w = np.int64(words[c])
            slot = np.int64(runs[w] & np.uint64(keys.size - 1))
            while places[slot] >= 0 and keys[slot] != runs[w]:
                slot = (slot + 1) & (keys.size - 1)
            if places[slot] < 0:
                continue
            if at == found.shape[0]:
                found = np.concatenate((found, np.empty((at, 3), np.int64)))
            found[at, 0], found[at, 1], found[at, 2] = t, places[slot], w
            at += 1
    return wholes, counts, found[:at].copy()


@compiled
def maybe_known(runs: Hashes, count: int, bits: Hashes, out: Hashes) -> int:
    """Write the numbers of the runs that pass the filter of a `run_table`; how many do."""
    n = np.int64(0)
    for r in range(count):
        mask = filter_bits(runs[r])
        out[n] = np.uint64(r)
        n += np.int64(bits[filtered_at(runs[r], bits)] & mask == mask)
    return int(n)
