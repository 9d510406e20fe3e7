"""Pairs of prompts whose vectors point the same way: a blocked matrix product against a threshold."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.lexical import Candidates
from prefq.neighbors.normalize import Ints

Floats = npt.NDArray[np.float32]

BLOCK = 1024
BEST = 24
"""Of a crowd of near vectors each one keeps its nearest, and one link to hold the crowd together."""
MOST = 100_000
"""The product of all pairs costs 40 CPU seconds at so many vectors, and grows with the square: beyond, an index does
(`prefq.neighbors.indexed`)."""


def near_vectors(matrix: Floats, rows: Ints, threshold: float) -> Candidates:
    """Pairs among these rows of a unit-length matrix with a cosine of at least `threshold`.

    Exact up to BEST pairs per row with the rows after it; beyond that its nearest ones and the last one.
    """
    vectors = np.ascontiguousarray(matrix[rows])
    found = [_block(vectors, begin, threshold) for begin in range(0, len(rows), BLOCK)]
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    left, right = np.sort(rows[pairs], axis=1).astype(np.uint64).T
    return Candidates.packed((left << np.uint64(32)) | right)


def _block(vectors: Floats, begin: int, threshold: float) -> Ints:
    """Row numbers of the near pairs with the left one in this block and the right one after it, shape (pairs, 2)."""
    cosines = vectors[begin : begin + BLOCK] @ vectors[begin:].T
    near = np.triu(cosines >= threshold, 1)
    for crowded in np.flatnonzero(near.sum(axis=1) > BEST + 1):
        hits = np.flatnonzero(near[crowded])
        nearest = hits[np.argsort(-cosines[crowded, hits], kind="stable")[:BEST]]
        near[crowded] = False
        near[crowded, nearest] = near[crowded, hits[-1]] = True
    return np.argwhere(near) + begin


def cosines(matrix: Floats, pairs: Candidates) -> Floats:
    """The cosine of each pair of rows of a unit-length matrix, shape (pairs,)."""
    out = np.empty(pairs.left.size, np.float32)
    for begin in range(0, out.size, 8192):
        part = slice(begin, begin + 8192)
        out[part] = np.einsum("ij,ij->i", matrix[pairs.left[part]], matrix[pairs.right[part]])
    return out
