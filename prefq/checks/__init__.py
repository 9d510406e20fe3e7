"""Checks on pairs: each is a named expression over the flag frame. The folder is the registry.

The flag frame has one row per judgement with the columns of `pairs`, and, as far as their stages have run, those of
`clusters` and `scores`, the features of `prefq.features` and one summary of `overlaps` and `neighbors`
(see `prefq.checks.frame`). A check whose columns are not there is not decided: its column is null.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.registry import Family, keyword_defaults

Expression = Callable[..., pl.Expr]


@dataclass(frozen=True)
class Check:
    """One check: its name (a column of `flags`), its description, the columns it needs and its two expressions."""

    name: str
    description: str
    needs: tuple[str, ...]
    expression: Expression
    evidence: Expression
    subject: str
    """What the check speaks of: `chosen`, `rejected`, `prompt` or `pair`."""

    @property
    def defaults(self) -> dict[str, Any]:
        """The parameters `params.yaml` may override, with their defaults."""
        return keyword_defaults(self.expression)


CHECKS: Family[Check] = Family("prefq.checks", "check")


def check(
    *, needs: tuple[str, ...], evidence: Expression, subject: str = "pair"
) -> Callable[[Expression], Expression]:
    """Register a check.

    The function's name is the column, its docstring the text in the report, its keyword defaults its parameters.
    `evidence` takes the same keyword parameters and gives a struct expression that says what was found; it is asked
    only about rows the check flags.
    """

    def register(function: Expression) -> Expression:
        name, text = function.__name__, (function.__doc__ or "").strip()
        CHECKS.add(name, Check(name, text, needs, function, evidence, subject))
        return function

    return register
