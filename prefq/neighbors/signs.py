"""Compiled look at the marks of two texts: did one lose them, and does another operator stand in the place of one?"""

import numpy as np

from prefq.neighbors.kernels import Bytes, Ints, compiled, is_digit

OPERATORS = (42, 45, 47, 43, 60, 61, 62, 94)
"""The marks * - / + < = > ^."""
COMPARING = slice(4, 7)
"""Those that nobody leaves out for the look of it."""


@compiled
def marks(data: Bytes, begin: int, end: int) -> int:
    """How many ASCII marks a text has, apostrophes aside."""
    count = 0
    for i in range(begin, end):
        byte = data[i]
        count += byte != 39 and (33 <= byte <= 47 or 58 <= byte <= 64 or 91 <= byte <= 96 or 123 <= byte <= 126)
    return count


@compiled
def bare_of_marks(data: Bytes, begin: int, end: int, other: int, other_end: int) -> bool:
    """One of two texts has lost marks by the number, so that those in its numbers may be gone as well."""
    one, two = marks(data, begin, end), marks(data, other, other_end)
    return 10 * min(one, two) <= 7 * max(one, two) and abs(one - two) > 2


@compiled
def operators(data: Bytes, begin: int, end: int) -> Ints:
    """How often each of OPERATORS stands after something else on its line; `*`, `-` and `/` before a digit only."""
    out, line = np.zeros(len(OPERATORS), np.int64), True
    for i in range(begin, end):
        byte = int(data[i])
        for k in range(len(OPERATORS)):
            if byte == OPERATORS[k] and not line and byte != int(data[i - 1]):
                j = i + 1
                while j < end and data[j] == 32:
                    j += 1
                out[k] += k >= 3 or (j < end and is_digit(int(data[j])))
        line = byte == 10 or (line and byte in (32, 9, 13))
    return out


@compiled
def other_operator(data: Bytes, spans: tuple[int, int, int, int]) -> bool:
    """Of two texts the one has an operator where the other has another one: 10+19 and 10-19, x > 3 and x >= 3."""
    one, two = operators(data, spans[0], spans[1]), operators(data, spans[2], spans[3])
    more = one - two
    if more.max() > 0 and more.min() < 0:
        return True
    rest = marks(data, spans[0], spans[1]) - one.sum() == marks(data, spans[2], spans[3]) - two.sum()
    return bool(rest and np.any(more[COMPARING] != 0))
