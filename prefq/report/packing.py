"""Columns as text that a page's script reads quickly: little-endian numbers and bits, in base64."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

SHORT, BYTE = 65_535, 255


def packed(values: Any) -> str:
    """The bytes of an array, in base64."""
    return base64.b64encode(values.tobytes()).decode("ascii")


def bits(flags: Any) -> str:
    """One bit per value, the first in the lowest bit of the first byte."""
    return packed(np.packbits(flags, bitorder="little"))


def shorts(values: pl.Series) -> str:
    """Whole numbers in two bytes each; what is more than 65,535 is 65,535."""
    return packed(values.fill_null(0).clip(0, SHORT).to_numpy().astype("<u2"))


def places(values: pl.Series) -> Any:
    """Coordinates as whole numbers from 0 to 65,535, the least to the greatest."""
    v = values.to_numpy().astype(np.float64)
    low, high = (v.min(), v.max()) if len(v) else (0.0, 0.0)
    return ((v - low) / (high - low or 1) * SHORT).round().astype("<u2")


def scaled(values: pl.Series, low: float, high: float) -> str:
    """Numbers in a byte each: 1 at `low` and below to 255 at `high` and above, 0 where there is none."""
    part = (values.fill_nan(None) - low) / ((high - low) or 1)
    return packed((1 + (part.clip(0, 1) * (BYTE - 1)).round()).fill_null(0).to_numpy().astype(np.uint8))


def codes(values: pl.Series, names: Sequence[str], other: int = 0) -> str:
    """Each value as the place of its name, from 1; 0 where there is none, `other` where it has no name here."""
    known = {name: place for place, name in enumerate(names, start=1)}
    told = values.replace_strict(known, default=other, return_dtype=pl.UInt8)
    return packed(pl.select(pl.when(values.is_null()).then(0).otherwise(told)).to_series().to_numpy().astype(np.uint8))


def digests(ids: pl.Series) -> str | None:
    """Ids of 32 hexadecimal digits in 16 bytes each; None when one of them is something else."""
    if not ids.str.contains("^[0-9a-f]{32}$").fill_null(False).all():
        return None
    return base64.b64encode(bytes.fromhex("".join(ids))).decode("ascii")
