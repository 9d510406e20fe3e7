"""Compiled search for pairs across two sets of sketches that share a band."""

import numpy as np

from prefq.neighbors.kernels import Hashes, Ints, compiled

CROWD = 64
"""At most so many texts of the other side are looked at for each text and band."""


@compiled
def shared_bands(keys: Hashes, others: Hashes, order: Ints) -> Hashes:
    """The pairs of a text and another one with the same key, packed as `text << 32 | other`.

    `keys` of the texts; `others` of the other ones, sorted, and `order`, which sorted them.
    """
    size = 64
    while size < 4 * others.size:
        size *= 2
    begins = np.full(size, -1, np.int64)
    for i in range(others.size):
        if i == 0 or others[i] != others[i - 1]:
            slot = np.int64(others[i] & np.uint64(size - 1))
            while begins[slot] >= 0:
                slot = (slot + 1) & (size - 1)
            begins[slot] = i
    out, at = np.empty(1024, np.uint64), 0
    for text in range(keys.size):
        slot = np.int64(keys[text] & np.uint64(size - 1))
        while begins[slot] >= 0 and others[begins[slot]] != keys[text]:
            slot = (slot + 1) & (size - 1)
        if begins[slot] < 0:
            continue
        for i in range(begins[slot], min(begins[slot] + CROWD, others.size)):
            if others[i] != keys[text]:
                break
            if at == out.size:
                out = np.concatenate((out, np.empty(at, np.uint64)))
            out[at] = (np.uint64(text) << np.uint64(32)) | np.uint64(order[i])
            at += 1
    return out[:at].copy()
