"""Checks on pairs: each is a named expression over one of the flag frame's tables. The folder is the registry.

What a check speaks of (its subject) says which table it reads and asks only once per distinct thing:

- `pair`: one row per judgement, with the columns of `pairs` and, as far as their stages have run, those of `clusters`
  and `scores`, and summaries of `overlaps`, of contrast edges and of duplicates;
- `answer`, `chosen`, `rejected`: one row per distinct answer to a prompt, with its features, its script and language,
  and the texts of its prompt. An `answer` check flags a pair when either side is hit, the others look at one side;
- `prompt`: one row per distinct prompt.

The columns are listed in `prefq.flag_frame`. A pair's check may also need other checks by name, and reads their
verdicts. A check whose columns are not there is not decided: its column is null.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.registry import Family, keyword_defaults

Expression = Callable[..., pl.Expr]

SUBJECTS = ("pair", "answer", "chosen", "rejected", "prompt")


@dataclass(frozen=True)
class Check:
    """One check: its name (a column of `flags`), its description, the columns it needs and its two expressions."""

    name: str
    description: str
    needs: tuple[str, ...]
    expression: Expression
    evidence: Expression
    subject: str
    """What the check speaks of: one of SUBJECTS."""

    @property
    def defaults(self) -> dict[str, Any]:
        """The parameters `params.yaml` may override, with their defaults."""
        return keyword_defaults(self.expression)

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides of a pair that the check looks at; none where it speaks of the pair or its prompt."""
        sides = {"answer": ("chosen", "rejected"), "chosen": ("chosen",), "rejected": ("rejected",)}
        return sides.get(self.subject, ())


CHECKS: Family[Check] = Family("prefq.checks", "check")


def check(*, needs: tuple[str, ...], evidence: Expression, subject: str = "pair") -> Callable[[Expression], Expression]:
    """Register a check.

    The function's name is the column, its docstring the text in the report, its keyword defaults its parameters.
    `evidence` takes the same keyword parameters and gives a struct expression that says what was found; it is asked
    only about rows the check flags. For answers, the evidence of a pair has the hit sides as its keys.
    """
    if subject not in SUBJECTS:
        raise ValueError(f"{subject!r} is no subject of a check")

    def register(function: Expression) -> Expression:
        name, text = function.__name__, " ".join((function.__doc__ or "").split())
        CHECKS.add(name, Check(name, text, needs, function, evidence, subject))
        return function

    return register
