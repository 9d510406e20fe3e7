"""Choices by chance that are the same on every machine and in every Python."""

import random
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")


class Draw:
    """A seeded source of choices.

    Built on `Random.random` alone: of all of `random`, only its sequence is promised to stay the same between
    versions of Python.
    """

    def __init__(self, *seed: int | str) -> None:
        self._next = random.Random(":".join(str(part) for part in seed)).random  # noqa: S311 - no secret is made here

    def below(self, bound: int) -> int:
        """A whole number from 0 up to, not including, `bound`."""
        return int(self._next() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self._next() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[int(self._next() * len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """All items in a drawn order."""
        rest = list(items)
        for last in range(len(rest) - 1, 0, -1):
            other = int(self._next() * (last + 1))
            rest[last], rest[other] = rest[other], rest[last]
        return rest

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """`count` of the items (all, if there are fewer), none twice, in a drawn order."""
        return self.shuffled(items)[:count]


@cache
def template_parts(template: str) -> tuple[tuple[str, str], ...]:
    """A template as (literal, slot) pairs; the slot of the last literal is empty, that of `{}` is `about`."""
    first, *rest = template.split("{")
    parts, literal = [], first
    for piece in rest:
        slot, _, following = piece.partition("}")
        parts.append((literal, slot or "about"))
        literal = following
    return (*parts, (literal, ""))
