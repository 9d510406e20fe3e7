"""What was found out about texts and pairs of them: asked for again, with other thresholds, it is not done again."""

import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from prefq.neighbors.lexical import Candidates, Floats, near
from prefq.neighbors.normalize import Ints

Arrays = Mapping[str, npt.NDArray[Any]]
Kept = MutableMapping[str, Arrays]
"""Arrays under names that say what they were made from. May forget, must not change what it gives back."""
Keys = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int8]

UNKNOWN = -1


MEASURES = ("similarity", "contained", "best")


@dataclass(frozen=True)
class Likeness:
    """How much pairs of texts share, shape (pairs,) each."""

    similarity: Floats
    """The Jaccard similarity of their shingle sets."""
    contained: Floats
    """Shared shingles over those of the smaller set."""
    best: Floats
    """The similarity, or what they share letter by letter, if that is more."""

    def near(self, threshold: float, within: float) -> npt.NDArray[np.bool_]:
        """A similarity of at least `threshold`; or of `within` and one text in the other, shape (pairs,)."""
        return near(self.similarity, self.contained, threshold, within)


@dataclass(frozen=True)
class Compared:
    """Pairs of texts (`smaller << 32 | larger`, ascending) and what their comparison gave, shape (pairs,) each."""

    keys: Keys
    similarity: Floats
    contained: Floats
    best: Floats
    reason: Codes
    """The guard's code; UNKNOWN where it was not asked."""

    @classmethod
    def none(cls) -> "Compared":
        """No pair."""
        never = np.empty(0, np.float32)
        return cls(np.empty(0, np.uint64), never, never, never, np.empty(0, np.int8))

    def at(self, keys: Keys) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Where these pairs are, and whether they are there at all."""
        places = np.searchsorted(self.keys, keys)
        there = places < self.keys.size
        there[there] = self.keys[places[there]] == keys[there]
        return places, there

    def joined(self, other: "Compared") -> "Compared":
        """These and other pairs."""
        both = [np.concatenate([getattr(self, name), getattr(other, name)]) for name in COLUMNS]
        order = np.argsort(both[0])
        return Compared(*(values[order] for values in both))


COLUMNS = ("keys", *MEASURES, "reason")
FLAGS = ("short", "latin")


class Known:
    """What is known of the texts of one level, with the help of what was `kept` under a name that says which they are.

    Everything in it follows from the texts and the seed alone: no threshold has a part in it.
    """

    def __init__(self, kept: Kept | None = None, name: str = "") -> None:
        self._kept = kept
        self._name = name
        self._flags: dict[str, Codes] = {}
        self._compared = Compared.none()
        self._grown = False
        if (found := self.find("compared")) is not None:
            self._flags = {name: found[name].copy() for name in FLAGS if name in found}
            self._compared = Compared(*(found[name] for name in COLUMNS))

    def _named(self, what: str) -> str:
        return f"{what}-{self._name}"

    def find(self, what: str) -> Arrays | None:
        """What was kept under this name for these texts."""
        return None if self._kept is None else self._kept.get(self._named(what))

    def recall(self, what: str, make: Callable[[], Arrays]) -> Arrays:
        """What was kept under this name for these texts; else what `make` returns, which is kept."""
        found = self.find(what)
        if found is None:
            found = make()
            if self._kept is not None:
                self._kept[self._named(what)] = found
        return found

    def likeness(self, pairs: Candidates, compute: Callable[[Candidates], Likeness]) -> Likeness:
        """How much pairs of texts share; `compute` is asked for unknown pairs."""
        keys = packed(pairs)
        _, there = self._compared.at(keys)
        if not there.all():
            missing = Candidates.packed(keys[~there])
            found, unknown = compute(missing), np.full(missing.left.size, UNKNOWN, np.int8)
            new = Compared(packed(missing), found.similarity, found.contained, found.best, unknown)
            self._compared, self._grown = self._compared.joined(new), True
        places, _ = self._compared.at(keys)
        return Likeness(*(getattr(self._compared, name)[places] for name in MEASURES))

    def reasons(self, pairs: Candidates, compute: Callable[[Candidates], Codes]) -> Codes:
        """The guard's codes of pairs whose likeness is known; `compute` is asked for unknown ones."""
        places, _ = self._compared.at(packed(pairs))
        asked = places[self._compared.reason[places] == UNKNOWN]
        if asked.size:
            asked = np.unique(asked)
            reason = self._compared.reason.copy()
            reason[asked] = compute(Candidates.packed(self._compared.keys[asked]))
            self._compared, self._grown = replace(self._compared, reason=reason), True
        return self._compared.reason[places]

    def flag(self, name: str, texts: int, rows: Ints, compute: Callable[[Ints], npt.NDArray[np.bool_]]) -> Codes:
        """A property of the texts in these rows, 0 or 1; `compute` is asked for unknown ones."""
        flags = self._flags.setdefault(name, np.full(texts, UNKNOWN, np.int8))
        asked = np.unique(rows[flags[rows] == UNKNOWN])
        if asked.size:
            flags[asked], self._grown = compute(asked), True
        return flags[rows]

    def keep(self) -> None:
        """Keep what was compared."""
        if self._grown and self._kept is not None:
            values = {name: getattr(self._compared, name) for name in COLUMNS}
            self._kept[self._named("compared")] = values | self._flags
            self._grown = False


def packed(pairs: Candidates) -> Keys:
    """Each pair as `smaller << 32 | larger`."""
    low, high = np.minimum(pairs.left, pairs.right), np.maximum(pairs.left, pairs.right)
    return (low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64)


def digest(*parts: npt.NDArray[Any]) -> str:
    """A name for what these arrays hold, 32 hex digits of SHA-256."""
    found = hashlib.sha256()
    for part in parts:
        found.update(f"{part.dtype} {part.shape} ".encode())
        found.update(np.ascontiguousarray(part).data)
    return found.hexdigest()[:32]
