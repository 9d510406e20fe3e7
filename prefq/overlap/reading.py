"""Texts made ready for the compiled reading of their words."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from prefq.neighbors.forms import unsettled
from prefq.neighbors.kernels import Bytes, Ints
from prefq.neighbors.normalize import lowered, pack, settled_table
from prefq.overlap.words import tables, told_apart


@dataclass(frozen=True)
class Readable:
    """Texts one after the other in UTF-8: text i is `data[starts[i]:starts[i + 1] - 1]`, line feeds around it.

    They are in NFKC, and in lower case but for ASCII. `apart` is what each byte is to words (see `told_apart`).
    """

    data: Bytes
    apart: Bytes
    starts: Ints

    @classmethod
    def of(cls, texts: pl.Series) -> "Readable":
        """From a string column without nulls."""
        data, starts = _joined(_settled(texts))
        return cls(data, told_apart(data), starts)

    @property
    def parts(self) -> tuple[Bytes, Bytes, Ints, Bytes]:
        """What compiled loops take."""
        return self.data, self.apart, self.starts, tables()


def _settled(texts: pl.Series) -> pl.Series:
    """The texts, those that NFKC or lower case may change beyond ASCII changed."""
    foreign = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if not len(foreign):
        return texts
    some = pack(texts.gather(foreign))
    foreign = foreign.filter(pl.Series(unsettled(some.data, some.starts, settled_table())))
    return texts.clone().scatter(foreign, lowered(texts.gather(foreign)))


def _joined(texts: pl.Series) -> tuple[Bytes, Ints]:
    starts = np.ones(len(texts) + 1, np.int64)
    starts[1:] += np.cumsum(texts.str.len_bytes().to_numpy() + np.int64(1))
    data = np.empty(starts[-1], np.uint8)
    data[0] = data[-1] = 10
    if len(texts):
        data[1:-1] = np.frombuffer(texts.str.join("\n").cast(pl.Binary).item(), np.uint8)
    return data, starts
