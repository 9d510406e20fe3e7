"""Compiled loops that make normal forms: which texts are composed and in lower case already, and the form of each."""

import numpy as np
import numpy.typing as npt

from prefq.neighbors.kernels import (
    DROP,
    HANGUL,
    KEEP,
    SEPARATE,
    UNSPACED,
    Bytes,
    Ints,
    character_bytes,
    code_point,
    compiled,
    is_digit,
    is_letter,
)

EMOJI = (0x1F300, 0x1FAFF)
"""The one stretch beyond the basic plane that is known to be composed and without case."""


@compiled
def unsettled(data: Bytes, starts: Ints, settled: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Texts that NFKC or lower case may change beyond ASCII, shape (texts,). Most are told apart at memory speed.

    `settled` says of each character of the basic plane that it is left as it is, whatever stands beside it.
    """
    out = np.zeros(starts.size - 1, np.bool_)
    for t in range(out.size):
        every = np.uint8(0)
        for i in range(starts[t], starts[t + 1]):
            every |= data[i]
        i = starts[t] if every >= 128 else starts[t + 1]
        while i < starts[t + 1] and not out[t]:
            width = character_bytes(int(data[i]))
            if width > 1:
                point = code_point(data, i, width)
                out[t] = not (settled[point] if width < 4 else EMOJI[0] <= point <= EMOJI[1])
            i += width
    return out


@compiled
def means_something(data: Bytes, i: int, begin: int, end: int, last: int) -> bool:
    """Whether the ASCII mark at `i` changes what the text says: 2-1 is not 2/1, 3.5 is not 35, C# is not C.

    `last` is the byte that the normal form ends with so far. A hyphen between words or a bullet says nothing.
    """
    mark = int(data[i])
    if mark in (43, 60, 61, 62, 36, 37, 94):  # + < = > $ % ^
        return True
    before = int(data[i - 1]) if i > begin else 32
    after = int(data[i + 1]) if i + 1 < end else 32
    if mark in (46, 44):  # . ,
        return is_digit(before) and is_digit(after)
    if mark == 35:  # #
        return is_letter(before)
    if mark not in (42, 45, 47):  # * - /
        return False
    if mark == 45 and is_digit(after) and not is_letter(before) and not is_digit(before):
        return True
    j = i + 1
    while j < end and data[j] == 32:
        j += 1
    return j < end and is_digit(last) and is_digit(int(data[j]))


@compiled
def keeps_space(last: int, mark: bool, glued: bool, lead: int) -> bool:
    """Whether space after `last` and before `lead` is worth keeping: not beside Chinese or Japanese, not in 2 + 2.

    `mark` and `glued` say that the next and the last character are marks that mean something.
    """
    if UNSPACED <= lead < HANGUL or last == UNSPACED:
        return False
    return is_letter(lead) if glued else is_letter(last) or not mark


@compiled
def copy_plain(data: Bytes, i: int, end: int, steps: Bytes, out: Bytes, o: int, apart: int) -> tuple[int, int]:
    """Copy what stands from `i` up to the next byte with a step of 0 into `out` at `o`; where both then are.

    No branch depends on a letter, so none is guessed wrongly: that is what costs. `apart` says that a space before the
    next letter would be the second one or the first thing in the text. A space may stand at the end.
    """
    while i < end:
        step = steps[data[i]]
        if step == 0:
            break
        out[o] = step
        gap = int(step == 32)
        o += 1 - (apart & gap)
        apart = gap
        i += 1
    return i, o


@compiled
def normal_forms(data: Bytes, begins: Ints, ends: Ints, table: Bytes, steps: Bytes) -> tuple[Bytes, Ints]:
    """Lower-case ASCII letters and make every run of marks and space one space, none at the ends.

    Text i is `data[begins[i]:ends[i]]`. `table` says what becomes of each character of the basic plane (KEEP, SEPARATE,
    DROP); others are kept. `steps` has what becomes of each byte that means the same everywhere, 0 for the others.
    Marks that change the meaning stay and take no space beside them. Non-ASCII letters must come in lower case.
    """
    out = np.empty((ends - begins).sum() + 1, np.uint8)
    starts = np.zeros(begins.size + 1, np.int64)
    o = 0
    for t in range(begins.size):
        first, waiting, glued, last = o, False, False, 32
        i, end = begins[t], ends[t]
        while i < end:
            if not glued and last != UNSPACED and steps[data[i]]:
                if waiting and o > first:
                    out[o] = 32
                    o += 1
                i, o = copy_plain(data, i, end, steps, out, o, int(waiting or o == first))
                waiting = o > first and out[o - 1] == 32
                o -= waiting
                last = int(out[o - 1]) if o > first else 32
                continue
            byte = int(data[i])
            width, act, mark = 1, SEPARATE, False
            if byte >= 128:
                width = character_bytes(byte)
                act = int(table[code_point(data, i, width)]) if width < 4 else KEEP
            elif steps[byte] > 32:
                act = KEEP
            elif byte == 39 and i > begins[t] and is_letter(int(data[i - 1])):  # an apostrophe inside a word
                act = DROP
            elif byte > 32 and means_something(data, i, begins[t], end, last):
                act, mark = KEEP, True
            if act == KEEP:
                if waiting and o > first and keeps_space(last, mark, glued, byte):
                    out[o] = 32
                    o += 1
                out[o] = steps[byte] if steps[byte] else byte
                for b in range(1, width):
                    out[o + b] = data[i + b]
                o += width
                last, waiting, glued = UNSPACED if UNSPACED <= byte < HANGUL else int(out[o - 1]), False, mark
            elif act == SEPARATE:
                waiting = True
            i += width
        starts[t + 1] = o
    return out[:o], starts
