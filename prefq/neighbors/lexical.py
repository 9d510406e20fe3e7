"""Lexical near-duplicate search: candidates from banded MinHash sketches, then the exact similarity of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prefq.neighbors.normalize import PART, Ints, Packed
from prefq.neighbors.spools import InMemory, Room
from prefq.neighbors.threads import portions, spread

Floats = npt.NDArray[np.float32]

SLOTS = 128
ALL_PAIRS = 200
"""Up to so many texts every pair is a candidate."""
SKETCHED = 100
"""Texts with fewer shingles than this are compared without asking their sketches, which are too coarse for them."""
SKETCH_AGREES = 0.2
"""Share of equal slots below which a pair is not looked at: 4 standard errors below a similarity of 0.35."""
WAITING = 8_000_000
"""So many pairs may wait in memory for the search of the bands to end."""
BEST = 12
"""A pair is looked at when it is among so many best ones, by their sketches, of one of its texts."""
CONTAINED = 0.85
FINE = 50_000
"""Up to so many texts the sketches are of five-letter shingles."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows of one set of texts, `left` < `right`, sorted, each once."""

    left: Ints
    right: Ints

    @classmethod
    def packed(cls, pairs: npt.NDArray[np.uint64]) -> "Candidates":
        """From `left << 32 | right`, repetitions allowed."""
        pairs = _distinct(pairs)
        return cls((pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64))

    def only(self, wanted: npt.NDArray[np.bool_] | slice) -> "Candidates":
        """Those that a mask of shape (pairs,) keeps, or a stretch of them."""
        return Candidates(self.left[wanted], self.right[wanted])

    def places(self) -> tuple[Ints, "Candidates"]:
        """The rows that occur, ascending, and the pairs as places among them."""
        used, places = np.unique(np.concatenate([self.left, self.right]), return_inverse=True)
        return used, Candidates(*np.split(places.astype(np.int64), 2))


@dataclass(frozen=True)
class Sketches:
    """MinHash sketches of texts, shape (texts, SLOTS), and how many shingles each text has."""

    matrix: npt.NDArray[np.uint32]
    shingles: Ints
    seed: int


def sketches(forms: Packed, seed: int, letters: int = 5, room: Room = InMemory) -> Sketches:
    """The sketches of normal forms: shingles of so many letters (CJK: half), one-permutation hashing, 128 slots."""
    from prefq.neighbors.kernels import signatures

    def made(part: slice) -> tuple[npt.NDArray[np.uint32], Ints]:
        return signatures(forms.data, forms.starts[part.start : part.stop + 1], SLOTS, letters, np.uint64(seed))

    spool, shingles = room(), [np.empty(0, np.int64)]
    for matrix, counts in spread(made, portions(forms.sizes, PART)):
        spool.add(matrix.reshape(-1).view(np.uint8))
        shingles.append(counts)
    return Sketches(spool.whole().view(np.uint32).reshape(-1, SLOTS), np.concatenate(shingles), seed)


def shingle_letters(texts: int) -> int:
    """Letters per shingle of the sketches for so many texts: false candidates grow with the square of their number.

    Seven leave a sixteenth of the false candidates of five, and find hardly less of what is near.
    """
    return 5 if texts <= FINE else 7


def band_rows(texts: int) -> int:
    """Slots per band for so many texts: fewer find more, but false candidates grow with the square of the number."""
    return 3 if texts <= 20_000 else 4


def candidates(sketch: Sketches, texts: Ints, salt: Ints, rows: int, across: int = 0) -> Candidates:
    """Pairs of texts that share a band of `rows` slots under the same salt, and whose sketches agree enough.

    `texts` and `salt` name the occurrences (a text may be looked for under several salts), shape (occurrences,) each.
    With `across`, only pairs of a text before and one from that row on. With 3, 4, 5 rows a pair of similarity 0.6 is
    found with probability 1.000, 0.988, 0.868.
    """
    occurs = sketch.shingles[texts] > 0
    texts, salt = texts[occurs], salt[occurs]
    if texts.size <= ALL_PAIRS:
        found = _all_pairs(texts, salt)
    else:
        found = Candidates.packed(_banded(sketch, texts, salt.astype(np.uint64), rows))
    if across:
        found = found.only((found.left < across) & (found.right >= across))
    return _enough(sketch, found)


def _all_pairs(texts: Ints, salt: Ints) -> Candidates:
    i, j = np.triu_indices(texts.size, 1)
    wanted = (salt[i] == salt[j]) & (texts[i] != texts[j])
    left, right = texts[i[wanted]], texts[j[wanted]]
    low, high = np.minimum(left, right).astype(np.uint64), np.maximum(left, right).astype(np.uint64)
    return Candidates.packed((low << np.uint64(32)) | high)


def _banded(sketch: Sketches, texts: Ints, salt: npt.NDArray[np.uint64], rows: int) -> npt.NDArray[np.uint64]:
    from prefq.neighbors.bands import band_keys, bucket_pairs

    bands = SLOTS // rows
    found, waiting = [np.empty(0, np.uint64)], 0
    following = band_keys(sketch.matrix, texts, salt, 0, rows)
    for band in range(bands):
        keys, following = following, band_keys(sketch.matrix, texts, salt, (band + 1) % bands * rows, rows)
        order = np.lexsort((following, keys))
        found.append(_distinct(bucket_pairs(keys, order, texts)))
        waiting += found[-1].size
        if waiting > WAITING:
            found, waiting = [_distinct(np.concatenate(found))], 0
    return np.concatenate(found)


def _distinct(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Sorted, each once; ten times as fast as `np.unique` on millions."""
    pairs = np.sort(pairs)
    return pairs[np.append(True, pairs[1:] != pairs[:-1])] if pairs.size else pairs


def _enough(sketch: Sketches, pairs: Candidates) -> Candidates:
    from prefq.neighbors.bands import agreements

    agreement = agreements(sketch.matrix, sketch.matrix, pairs.left, pairs.right)
    small = np.minimum(sketch.shingles[pairs.left], sketch.shingles[pairs.right]) < SKETCHED
    kept = small | (agreement >= SKETCH_AGREES)
    pairs, agreement = pairs.only(kept), agreement[kept]
    return pairs.only(_best(pairs.left, agreement) | _best(pairs.right, agreement))


def _best(texts: Ints, agreement: Floats) -> npt.NDArray[np.bool_]:
    """The BEST pairs of each text: thousands of fillings of one template need not all be compared."""
    order = np.lexsort((-agreement, texts))
    begins = np.searchsorted(texts[order], texts[order], side="left")
    best = np.zeros(texts.size, np.bool_)
    best[order] = np.arange(texts.size) - begins < BEST
    return best


@dataclass(frozen=True)
class Overlap:
    """How much the shingle sets of pairs of texts share, shape (pairs,) each."""

    similarity: Floats
    """Jaccard: shared over all."""
    contained: Floats
    """Shared over the smaller set."""
    covered: Floats
    """Shared over the left set."""

    def near(self, threshold: float, within: float) -> npt.NDArray[np.bool_]:
        """Jaccard of at least `threshold`; or of `within` and one text in the other, shape (pairs,)."""
        return near(self.similarity, self.contained, threshold, within)


def near(similarity: Floats, contained: Floats, threshold: float, within: float) -> npt.NDArray[np.bool_]:
    """Jaccard of at least `threshold`; or of `within` and one text in the other, shape (pairs,)."""
    inside = (contained >= CONTAINED) & (similarity >= np.float32(within))
    return (similarity >= np.float32(threshold)) & (similarity > 0) | inside


def overlap(forms: Packed, pairs: Candidates, seed: int) -> Overlap:
    """The exact overlap of the shingle sets of each pair of texts; 0 where a text is too short to have a shingle."""
    from prefq.neighbors.kernels import shared_shingles

    def counted(part: slice) -> Ints:
        return shared_shingles(forms.data, forms.starts, pairs.left[part], pairs.right[part], np.uint64(seed))

    weights = forms.sizes[pairs.left] + forms.sizes[pairs.right]
    counts = [np.empty((0, 3), np.int64), *spread(counted, portions(weights, 4 * PART))]
    left, right, shared = np.concatenate(counts).T
    return Overlap(_share(shared, left + right - shared), _share(shared, np.minimum(left, right)), _share(shared, left))


def _share(part: Ints, whole: Ints) -> Floats:
    return (part / np.maximum(whole, 1)).astype(np.float32)
