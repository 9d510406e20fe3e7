"""Encoders: texts to unit-length vectors. The folder is the registry of those that prefq brings along."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from prefq.errors import EncoderError
from prefq.registry import Family
from prefq.vectors import Matrix

Mask = npt.NDArray[np.bool_]


class Encoder(Protocol):
    """What turns texts into vectors. The same fingerprint means the same vectors, up to rounding of the device."""

    @property
    def name(self) -> str:
        """What `embed.encoder` calls it."""

    @property
    def fingerprint(self) -> str:
        """32 hex digits of the weights, the tokeniser and the way texts are prepared: the key of cached vectors."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), dimensions), of length 1; all zeros where a text holds nothing to encode."""

    def cut(self, texts: Sequence[str]) -> Mask:
        """Which texts, shape (len(texts),), are longer than the encoder's window, so that only their start counts."""


Opener = Callable[[], Encoder]

ENCODERS: Family[Opener] = Family("prefq.encoders", "encoder")


def encoder(name: str) -> Callable[[Opener], Opener]:
    """Register a function that opens the encoder of that name. Its docstring is the encoder's description."""

    def register(opener: Opener) -> Opener:
        ENCODERS.add(name, opener)
        return opener

    return register


def open_encoder(name: str) -> Encoder:
    """The encoder of that name: one of `ENCODERS`, else a sentence-transformers model by path or hub name.

    Raises EncoderError when there is none, or when its weights are not what they should be.
    """
    if name in ENCODERS:
        return ENCODERS[name]()
    from prefq.encoders.transformer import open_model

    return open_model(name)


def cache_home() -> Path:
    """The folder of this user for models that are built once: `PREFQ_CACHE`, else one in the user's cache."""
    if chosen := os.environ.get("PREFQ_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "prefq"


def batch_size(default: int) -> int:
    """`PREFQ_BATCH`, else the default. It changes the speed, not the vectors (beyond rounding)."""
    given = os.environ.get("PREFQ_BATCH", "").strip()
    if given and not (given.isascii() and given.isdigit() and int(given)):
        raise EncoderError(f"PREFQ_BATCH is {given!r}; give a whole number from 1, or unset it.")
    return int(given) if given else default


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hex. Raises EncoderError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"The encoder's file {path} cannot be read ({error.strerror}); install it again.") from error


def fingerprint_of(*parts: str) -> str:
    """32 hex digits that stand for these parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
