"""Texts as bytes, and their normal forms: NFKC, lower case, every run of marks and space one space."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.neighbors.spools import InMemory, Room
from prefq.neighbors.threads import portions, spread

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

Bounds = Callable[[Bytes, Ints, Ints], tuple[Ints, Ints]]
"""From bytes and where each text in them begins and ends: where the part of it that counts begins and ends."""

PLANE = 1 << 16
PART = 8_000_000
"""Texts of so many bytes are put into normal form at once: little beside a dataset, much beside what a call costs."""
WEIGHED = "'+<=>$%^.,#*-/"
"""ASCII marks that may mean something where they stand."""
KEEP, SEPARATE, DROP = 0, 1, 2
DROPPED = {0x2019, 0x02BC, *range(0xFE00, 0xFE10)}
"""Apostrophes other than the ASCII one, and variation selectors."""


@dataclass(frozen=True)
class Packed:
    """Texts one after the other in UTF-8: text i is `data[starts[i]:starts[i + 1]]`. Both arrays are writable."""

    data: Bytes
    starts: Ints

    def __len__(self) -> int:
        return self.starts.size - 1

    @property
    def sizes(self) -> Ints:
        """The length of each text in bytes."""
        return np.diff(self.starts)

    def text(self, i: int) -> str:
        """Text i."""
        return bytes(self.data[self.starts[i] : self.starts[i + 1]]).decode()

    def take(self, rows: Ints) -> "Packed":
        """The texts in these rows."""
        from prefq.neighbors.kernels import texts_together

        return Packed(*texts_together(self.data, self.starts[:-1][rows], self.starts[1:][rows]))

    def strings(self, rows: Ints) -> pl.Series:
        """The texts in these rows as a string column."""
        return pl.Series([self.text(row) for row in rows.tolist()], dtype=pl.String)


def pack(texts: pl.Series) -> Packed:
    """The texts of a string column without nulls."""
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(texts.str.len_bytes().to_numpy(), out=starts[1:])
    joined = texts.str.join("").cast(pl.Binary).item() if len(texts) else b""
    return Packed(np.frombuffer(joined, np.uint8).copy(), starts)


@cache
def character_table() -> Bytes:
    """What becomes of each character of the basic plane in a normal form, shape (65536,): KEEP, SEPARATE or DROP.

    Marks (Unicode P) and space (Z, Cc) separate; zero-width characters and apostrophes vanish; symbols (S) are content.
    """
    categories = [unicodedata.category(chr(point)) for point in range(PLANE)]
    table = np.array([SEPARATE if c[0] in "PZ" or c == "Cc" else DROP if c == "Cf" else KEEP for c in categories])
    table[list(DROPPED)] = DROP
    return table.astype(np.uint8)


@cache
def settled_table() -> npt.NDArray[np.bool_]:
    """Which characters of the basic plane NFKC and lower case leave alone whatever stands beside them, shape (65536,).

    Marks (Unicode M) and conjoining Hangul may compose with what is before them; what Unicode has given to nothing yet
    may mean anything.
    """
    alone = [chr(point) for point in range(PLANE) if not 0xD800 <= point < 0xE000]
    characters = pl.Series(alone)
    same = characters == lowered(characters)
    able = [unicodedata.category(c)[0] != "M" and unicodedata.category(c) != "Cn" for c in alone]
    table = np.zeros(PLANE, np.bool_)
    table[[ord(c) for c in alone]] = same.to_numpy() & np.array(able)
    table[:128] = True
    table[0x1100:0x1200] = False
    return table


@cache
def step_table() -> Bytes:
    """What becomes of each ASCII byte wherever it stands: a letter in lower case, a digit, or a space, shape (256,).

    0 where that depends on what stands beside it.
    """
    table = np.full(256, 32, np.uint8)
    table[128:] = table[[ord(mark) for mark in WEIGHED]] = 0
    for byte in range(128):
        if chr(byte).isalnum():
            table[byte] = ord(chr(byte).lower())
    return table


def lowered(texts: pl.Series) -> pl.Series:
    """The texts in NFKC and lower case."""
    return texts.str.normalize("NFKC").str.to_lowercase()


def composed(texts: pl.Series) -> pl.Series:
    """The texts in NFKC. Only those that it may change pay for it."""
    from prefq.neighbors.forms import unsettled

    raw = pack(texts)
    open_ = pl.Series(unsettled(raw.data, raw.starts, settled_table()))
    if not open_.any():
        return texts
    return texts.clone().scatter(open_.arg_true(), texts.filter(open_).str.normalize("NFKC"))


def normalized(texts: pl.Series, bounds: Bounds | None = None) -> Packed:
    """The normal form of each text (a string column without nulls), or of the part of it that `bounds` finds.

    Marks that change what is said stay (`+ = < > $ % ^`, `- * /` between numbers, `.` and `,` inside them, the `#` of
    C#). Where nothing but marks is left, the normal form is the text without the space around it.
    """
    return normalized_parts(
        lambda part: pack(texts[part]), texts.str.len_bytes().to_numpy().astype(np.int64), bounds=bounds
    )


def normalized_parts(
    texts: Callable[[slice], Packed], sizes: Ints, room: Room = InMemory, bounds: Bounds | None = None
) -> Packed:
    """The normal forms of texts that come in parts: `texts` gives those of some rows, `sizes` is the length of each.

    Only a few parts are in memory at a time, and the forms where there is room for them.
    """
    spool, starts = room(), np.zeros(sizes.size + 1, np.int64)
    row = 0
    for forms in spread(lambda part: _normalized(texts(part), bounds), portions(sizes, PART)):
        spool.add(forms.data)
        starts[row + 1 : row + 1 + len(forms)] = starts[row] + forms.starts[1:]
        row += len(forms)
    return Packed(spool.whole(), starts)


def _normalized(raw: Packed, bounds: Bounds | None) -> Packed:
    from prefq.neighbors.forms import normal_forms, unsettled

    begins, ends, data = raw.starts[:-1].copy(), raw.starts[1:].copy(), raw.data
    other = unsettled(data, raw.starts, settled_table())
    if other.any():
        changed = pack(lowered(raw.strings(np.flatnonzero(other))))
        begins[other], ends[other] = data.size + changed.starts[:-1], data.size + changed.starts[1:]
        data = np.concatenate([data, changed.data])
    if bounds:
        begins, ends = bounds(data, begins, ends)
    forms = Packed(*normal_forms(data, begins, ends, character_table(), step_table()))
    bare = np.flatnonzero(forms.sizes == 0)
    return _with_marks(forms, bare, raw.strings(bare)) if bare.size else forms


def _with_marks(forms: Packed, bare: Ints, texts: pl.Series) -> Packed:
    """The forms with the texts of the rows `bare`, which have none, as they are but for the space around them."""
    marks = pack(texts.str.strip_chars())
    begins, ends = forms.starts[:-1].copy(), forms.starts[1:].copy()
    begins[bare], ends[bare] = forms.data.size + marks.starts[:-1], forms.data.size + marks.starts[1:]
    from prefq.neighbors.kernels import texts_together

    return Packed(*texts_together(np.concatenate([forms.data, marks.data]), begins, ends))


def same_form(forms: Packed) -> Ints:
    """For each text the first one with the same normal form (itself, where it is the first), shape (texts,)."""
    from prefq.neighbors.kernels import text_hashes

    one, two = text_hashes(forms.data, forms.starts)
    frame = pl.DataFrame({"one": one, "two": two}).with_row_index("row")
    return frame.select(pl.col("row").min().over("one", "two").cast(pl.Int64)).to_series().to_numpy().copy()
