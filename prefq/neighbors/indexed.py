"""Near vectors among more prompts than can be compared with each other: an inverted file (FAISS)."""

from typing import Any

import numpy as np

from prefq.errors import SettingsError
from prefq.neighbors.lexical import Candidates
from prefq.neighbors.normalize import Ints
from prefq.neighbors.semantic import BEST, Floats

PROBED = 16
"""Lists looked into for each vector: of a million sentences' pairs with a cosine of 0.9 that finds 98 in 100."""
TRAINED = 64
"""Vectors per list from which the lists are learned."""
FEWEST = 40
"""Vectors per list at least."""
ASKED = 4096


def available() -> bool:
    """Whether the library is installed."""
    try:
        import faiss  # noqa: F401
    except ImportError:
        return False
    return True


def near_by_index(matrix: Floats, rows: Ints, threshold: float, *, seed: int) -> Candidates:
    """Pairs among these rows of a unit-length matrix with a cosine of at least `threshold`; nearly all of them.

    Of a row with over BEST such others only the nearest. The same for the same vectors and seed, whatever the number of
    threads. Raises SettingsError where FAISS is not installed. Inverted file: Jégou, Douze, Schmid 2011.
    """
    if not available():
        raise SettingsError("The index of vectors needs FAISS: pip install 'prefq[index]'.")
    import faiss

    vectors = np.ascontiguousarray(matrix[rows])
    if not rows.size:
        return Candidates.packed(np.empty(0, np.uint64))
    lists = max(1, min(int(4 * np.sqrt(rows.size)), rows.size // FEWEST))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed, index.cp.spherical, index.nprobe = seed % (1 << 31), True, PROBED
    index.train(np.ascontiguousarray(vectors[:: max(1, rows.size // (TRAINED * lists))]))
    index.add(vectors)
    found = [_asked(index, vectors, begin, threshold) for begin in range(0, rows.size, ASKED)]
    left, right = (rows[column] for column in np.concatenate([np.empty((0, 2), np.int64), *found]).T)
    low, high = np.minimum(left, right).astype(np.uint64), np.maximum(left, right).astype(np.uint64)
    return Candidates.packed((low << np.uint64(32)) | high)


def _asked(index: Any, vectors: Floats, begin: int, threshold: float) -> Ints:
    """For each of the vectors from `begin` on the nearest others, as pairs of rows, shape (pairs, 2)."""
    limits, cosines, others = index.range_search(vectors[begin : begin + ASKED], float(threshold))
    rows = np.repeat(np.arange(begin, begin + limits.size - 1), np.diff(limits).astype(np.int64))
    order = np.lexsort((others, -cosines, rows))
    rows, others = rows[order], others[order].astype(np.int64)
    nth = np.arange(rows.size) - np.searchsorted(rows, rows, side="left")
    kept = (rows != others) & (nth <= BEST)
    return np.stack([rows[kept], others[kept]], axis=1)
