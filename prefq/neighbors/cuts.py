"""Compiled look at the ends of two texts: is one of them the other, cut?"""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import Bytes, Hashes, Ints, compiled
from prefq.neighbors.words import Words

Flags = npt.NDArray[np.bool_]


@compiled
def begins(hashes: Hashes, others: Hashes) -> bool:
    """The shorter of two texts is the beginning of the other one, word for word."""
    size = min(hashes.size, others.size)
    return bool(np.all(hashes[:size] == others[:size]))


@compiled
def cut_word(data: Bytes, words: Words, places: Ints, matched: Flags, others: Words, theirs: Ints) -> bool:
    """Whether a text ends in the middle of a word that the other one has whole; such a word is then matched."""
    last = words.shape[0] - 1
    for k in range(places.size):
        if places[k] != last:
            continue
        length = words[last, 1]
        for j in range(theirs.size):
            i = 0
            if others[theirs[j], 1] > length:
                while i < length and data[words[last, 0] + i] | 32 == data[others[theirs[j], 0] + i] | 32:
                    i += 1
            if i == length:
                matched[k] = True
                return True
    return False


@compiled
def stops(data: Bytes, words: Words, end: int) -> bool:
    """Whether the last word of a text that ends at `end` is followed by a mark."""
    if words.shape[0] == 0:
        return False
    after = words[-1, 0] + words[-1, 1]
    return after < end and data[after] in (33, 34, 39, 41, 46, 63, 226, 227, 239)
