"""Compiled loops over sketches: band keys, the pairs of each bucket, how far two sketches agree."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import BASE, Hashes, Ints, compiled, mix

Sketch = npt.NDArray[np.uint32]

CROWD = 64
"""Buckets up to this size yield all their pairs; larger ones a star and a chain with NEXT links each."""
NEXT = 3


@compiled
def band_keys(sketch: Sketch, texts: Ints, salt: Hashes, first: int, rows: int) -> Hashes:
    """The key of each occurrence in the band of slots `first` to `first + rows`, shape (occurrences,).

    An occurrence is a text (row of `sketch`) under a salt: only occurrences of the same salt can share a bucket.
    """
    keys = np.empty(texts.size, np.uint64)
    for k in range(texts.size):
        value = salt[k]
        for slot in range(first, first + rows):
            value = (value ^ np.uint64(sketch[texts[k], slot])) * BASE
            value ^= value >> np.uint64(29)
        keys[k] = mix(value)
    return keys


@compiled
def bucket_pairs(keys: Hashes, order: Ints, texts: Ints) -> Hashes:
    """The pairs of texts within each run of equal keys, packed as `smaller << 32 | larger`.

    `order` sorts the keys; neighbours in it are tried first in a crowded bucket.
    """
    total, begin, n = 0, 0, order.size
    for fill in range(2):
        out = np.empty(total if fill else 0, np.uint64)
        total, begin = 0, 0
        while begin < n:
            end = begin + 1
            while end < n and keys[order[end]] == keys[order[begin]]:
                end += 1
            crowd = end - begin > CROWD
            for i in range(begin, end):
                for j in range(i + 1, min(end, i + 1 + NEXT) if crowd and i > begin else end):
                    a, b = texts[order[i]], texts[order[j]]
                    if a != b:
                        if fill:
                            out[total] = (np.uint64(min(a, b)) << np.uint64(32)) | np.uint64(max(a, b))
                        total += 1
            begin = end
    return out


@compiled
def agreements(sketch: Sketch, others: Sketch, left: Ints, right: Ints) -> npt.NDArray[np.float32]:
    """The share of slots in which two sketches agree, an estimate of the Jaccard similarity, shape (pairs,).

    `left` are rows of the one set of sketches, `right` of the other, which may be the same.
    """
    out = np.empty(left.size, np.float32)
    for k in range(left.size):
        same = 0
        for slot in range(sketch.shape[1]):
            same += sketch[left[k], slot] == others[right[k], slot]
        out[k] = same / sketch.shape[1]
    return out
