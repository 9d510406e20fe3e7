"""Compiled letter-by-letter comparison of short texts, whose few shingles one typo ruins."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Bytes, Hashes, Ints, compiled

WORDS = 4
"""Blocks of 64 letters: texts of up to 256 bytes are compared."""


@compiled
def common_letters(data: Bytes, a: int, a_size: int, b: int, b_size: int, places: Hashes) -> int:
    """The length of the longest common subsequence of two texts; bit-parallel (Hyyrö 2004).

    `places`, shape (256, WORDS), is all zero before and after.
    """
    for i in range(a_size):
        places[data[a + i], i >> 6] |= np.uint64(1) << np.uint64(i & 63)
    rest = np.full(WORDS, np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64)
    for j in range(b_size):
        carry = np.uint64(0)
        for w in range(WORDS):
            shared = rest[w] & places[data[b + j], w]
            total = rest[w] + shared
            over = total < rest[w]
            again = total + carry
            carry = np.uint64(over or again < total)
            rest[w] = again | (rest[w] & ~shared)
    common = 0
    for i in range(a_size):
        common += int(~(rest[i >> 6] >> np.uint64(i & 63)) & np.uint64(1))
        for w in range(WORDS):
            places[data[a + i], w] = np.uint64(0)
    return common


@compiled
def comparable(data: Bytes, begin: int, end: int) -> bool:
    """A text is short, and at most a byte in eight is of a character that is not ASCII: such bytes are alike."""
    if end - begin > 64 * WORDS:
        return False
    count = 0
    for i in range(begin, end):
        count += data[i] >= 128
    return 8 * count <= end - begin


@compiled
def letter_similarities(data: Bytes, starts: Ints, left: Ints, right: Ints) -> npt.NDArray[np.float32]:
    """The letters that two texts have in common in one order, over all of both, shape (pairs,).

    0 for texts of over 256 bytes and those that are mostly in another script than Latin.
    """
    out, places = np.zeros(left.size, np.float32), np.zeros((256, WORDS), np.uint64)
    for k in range(left.size):
        a, b = left[k], right[k]
        if comparable(data, starts[a], starts[a + 1]) and comparable(data, starts[b], starts[b + 1]):
            a_size, b_size = starts[a + 1] - starts[a], starts[b + 1] - starts[b]
            common = common_letters(data, starts[a], a_size, starts[b], b_size, places)
            out[k] = common / max(a_size + b_size - common, 1)
    return out
