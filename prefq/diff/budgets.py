"""Budgets: how much may change before a pull request fails."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prefq.diff.changes import BACK, CLASSES, Diff
from prefq.errors import UsageError

_FORM = re.compile(r"\s*(facts\.)?(\w+)\s*(>=|<=|>|<)\s*([0-9][0-9_,]*(?:\.[0-9]+)?|\.[0-9]+)\s*(%?)\s*")


@dataclass(frozen=True)
class Budget:
    """What must not come true, for instance `flipped>0.5%`: a percentage is of the old side's pairs."""

    name: str
    operator: str
    limit: Decimal
    percent: bool
    text: str

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """The budget that a text says: CLASS (or `changed`, or `facts.CLASS`), > >= < or <=, a number or percentage.

        A UsageError says what is wrong with it.
        """
        found = _FORM.fullmatch(text)
        if not found:
            raise UsageError(f"'{text}' is no budget: write it like 'flipped>0.5%' or 'removed>1000'.")
        facts, name, operator, number, percent = found.groups()
        known = [*CLASSES, "changed"] if not facts else [*(n for n in CLASSES if n != "unchanged"), BACK]
        if name not in known:
            raise UsageError(f"'{text}': there is no class of change '{name}'; there are {', '.join(known)}.")
        limit = Decimal(number.replace("_", "").replace(",", ""))
        return cls((facts or "") + name, operator, limit, bool(percent), text.strip())

    def count(self, diff: Diff) -> int:
        """The pairs that this budget counts."""
        if self.name.startswith("facts."):
            found = diff.facts.get(self.name.removeprefix("facts."))
            if found is None:
                raise UsageError(f"'{self.text}' needs a version before OLD to look back to: name one with --since.")
            return found
        return diff.changed if self.name == "changed" else diff.counts[self.name]

    def breaks(self, diff: Diff) -> bool:
        """Whether it came true. Any pair at all is more than every percentage of an empty old side."""
        count = self.count(diff)
        value, limit = Decimal(count), self.limit
        if self.percent and not diff.old.pairs:
            return count > 0 and self.operator in (">", ">=")
        if self.percent:  # multiplied, not divided: 0.5 % of 1,000 is exactly 5
            value, limit = value * 100, limit * diff.old.pairs
        return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[self.operator]


@dataclass(frozen=True)
class Broken:
    """A budget that came true, and the count that did it."""

    budget: Budget
    count: int
    of: int

    @property
    def sentence(self) -> str:
        """What broke, for a person: the budget as it was written, the count, and its share of the old side."""
        share = f", {100 * self.count / self.of:.4g} % of {self.of:,} old pairs" if self.of else ""
        return f"Budget '{self.budget.text}' is broken: {self.budget.name} {self.count:,}{share}."


def broken(diff: Diff, budgets: Sequence[Budget]) -> list[Broken]:
    """The budgets that came true, in their order; none when all is well."""
    return [Broken(b, b.count(diff), diff.old.pairs) for b in budgets if b.breaks(diff)]
