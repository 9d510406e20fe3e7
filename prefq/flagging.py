"""Run every check on every pair: what is flagged, and the evidence for it."""

import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq import schema
from prefq.checks import CHECKS, Check
from prefq.errors import SettingsError
from prefq.flag_frame import FlagFrame, flag_frame
from prefq.registry import did_you_mean

__all__ = ["FlagFrame", "Flags", "flag", "flag_frame"]

Settings = Mapping[str, Mapping[str, Any] | bool]

PATTERNS = frozenset({"pattern", "asked", "email", "phone", "key"})
"""Parameters of checks that are regular expressions."""


@dataclass(frozen=True)
class Flags:
    """What the checks found.

    `table`: `row_id` and a Boolean column per check, in the registry's order; null where a check could not be decided
    or is switched off. `evidence`: schema.EVIDENCE, one row per flag, in the order of rows, then of checks.
    `undecided`: check → why no row of it could be decided.
    """

    table: pl.DataFrame
    evidence: pl.DataFrame
    undecided: dict[str, str]


def flag(frame: FlagFrame, settings: Settings | None = None) -> Flags:
    """Run the checks with these settings (`CHECK: {parameter: value}` or `CHECK: false`).

    Raises SettingsError on a check or a parameter that does not exist, or a value of the wrong type.
    """
    parameters = check_parameters(settings or {})
    verdicts, undecided = _verdicts(frame, parameters)
    empty = [pl.Series(name, [None] * frame.pairs.height, dtype=pl.Boolean) for name in undecided]
    table = frame.pairs.select("row_id").hstack([*verdicts, *empty]).select("row_id", *CHECKS)
    return Flags(table, _evidence(frame, table, parameters), undecided)


def check_parameters(settings: Settings) -> dict[str, dict[str, Any] | None]:
    """Every check's parameters, None for one that is switched off. Raises SettingsError as `flag` does."""
    for name in settings:
        if name not in CHECKS:
            raise SettingsError(f"flag.{name}: there is no check {name!r}{did_you_mean(name, CHECKS)}")
    return {check.name: _parameters(check, settings.get(check.name, {})) for check in CHECKS.values()}


def _parameters(check: Check, given: Mapping[str, Any] | bool | None) -> dict[str, Any] | None:
    if given is False:
        return None
    if given is True or given is None:
        return check.defaults
    if not isinstance(given, Mapping):
        raise SettingsError(f"flag.{check.name} is {given!r}; give its parameters, or false to switch it off.")
    for name, value in given.items():
        if name not in check.defaults:
            known = did_you_mean(name, check.defaults) if check.defaults else "; it has no parameters."
            raise SettingsError(f"flag.{check.name}.{name}: this check has no parameter {name!r}{known}")
        _require_type(f"flag.{check.name}.{name}", value, check.defaults[name])
    return {**check.defaults, **given}


def _require_type(key: str, value: Any, default: Any) -> None:
    wanted: dict[type, tuple[str, bool]] = {
        int: ("a whole number", isinstance(value, int) and not isinstance(value, bool)),
        float: ("a number", isinstance(value, int | float) and not isinstance(value, bool)),
        str: ("a text", isinstance(value, str)),
        tuple: ("a list of texts", isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)),
    }
    name, right = wanted[type(default)]
    if not right:
        raise SettingsError(f"{key} is {value!r}; it must be {name}.")
    if key.rpartition(".")[2] in PATTERNS:
        _require_pattern(key, value)


def _require_pattern(key: str, pattern: str) -> None:
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        raise SettingsError(f"{key} is no regular expression (Rust's syntax): {pattern!r}.") from error


def _verdicts(
    frame: FlagFrame, parameters: Mapping[str, dict[str, Any] | None]
) -> tuple[list[pl.Series], dict[str, str]]:
    """One Boolean series per check that could be decided, and why the others could not."""
    done: dict[str, pl.Series] = {}
    undecided = {name: "switched off in the settings" for name, given in parameters.items() if given is None}
    active = [check for check in CHECKS.values() if parameters[check.name] is not None]
    # Checks that read the verdicts of others come second.
    for second in (False, True):
        batch = [check for check in active if any(name in CHECKS for name in check.needs) == second]
        lacking = {c.name: [n for n in c.needs if n not in done and n not in frame.table(c.subject).columns] for c in batch}
        undecided |= {name: f"needs {', '.join(needs)}" for name, needs in lacking.items() if needs}
        done |= _run(frame, [check for check in batch if not lacking[check.name]], parameters, done)
    unknown = [s.name for s in done.values() if frame.pairs.height and s.null_count() == s.len()]
    undecided |= {name: f"no row has {' and '.join(CHECKS[name].needs)}" for name in unknown}
    return [series for name, series in done.items() if name not in undecided], undecided


def _run(
    frame: FlagFrame,
    checks: Iterable[Check],
    parameters: Mapping[str, dict[str, Any] | None],
    done: Mapping[str, pl.Series],
) -> dict[str, pl.Series]:
    by_table: dict[str, list[Check]] = {}
    for check in checks:
        by_table.setdefault("answer" if check.sides else check.subject, []).append(check)
    found: dict[str, pl.Series] = {}
    for subject, members in by_table.items():
        table = frame.table(subject).hstack([*done.values()]) if subject == "pair" else frame.table(subject)
        hits = table.select(check.expression(**(parameters[check.name] or {})).alias(check.name) for check in members)
        found |= {check.name: _of_pairs(frame.pairs, check, hits[check.name]) for check in members}
    return found


def _of_pairs(pairs: pl.DataFrame, check: Check, hits: pl.Series) -> pl.Series:
    """The verdicts on answers or prompts, brought to the pairs that hold them."""
    if check.subject == "pair":
        return hits
    rows = [f"{side}_row" for side in check.sides] or ["prompt_row"]
    sides = [hits.gather(pairs[row]) for row in rows]
    return sides[0] if len(sides) == 1 else (sides[0] | sides[1]).alias(check.name)


def _evidence(
    frame: FlagFrame, table: pl.DataFrame, parameters: Mapping[str, dict[str, Any] | None]
) -> pl.DataFrame:
    parts = [pl.DataFrame(schema={"_row": pl.UInt32, "_check": pl.UInt32, **schema.EVIDENCE})]
    for number, check in enumerate(CHECKS.values()):
        rows = table[check.name].fill_null(False).arg_true()
        if rows.len():
            found = _evidence_of(frame, check, rows, parameters[check.name] or {})
            keys = {"_row": rows, "_check": pl.lit(number, pl.UInt32), "row_id": frame.pairs["row_id"].gather(rows)}
            parts.append(pl.DataFrame({"evidence": found}).select(**keys, check=pl.lit(check.name), evidence="evidence"))
    return pl.concat(parts).sort("_row", "_check").drop("_row", "_check")


def _evidence_of(frame: FlagFrame, check: Check, rows: pl.Series, parameters: Mapping[str, Any]) -> pl.Series:
    """JSON for each flagged pair; for answers, an object of the sides that were hit."""
    flagged, columns = frame.pairs[rows], check.expression(**parameters)
    if not check.sides:
        table = flagged if check.subject == "pair" else frame.prompts[flagged["prompt_row"]]
        return table.select(check.evidence(**parameters).struct.json_encode()).to_series()
    sides = {}
    for side in check.sides:
        answers = frame.answers[flagged[f"{side}_row"]]
        found = pl.format('"{}":{}', pl.lit(side), check.evidence(**parameters).struct.json_encode())
        sides[side] = answers.select(pl.when(columns).then(found).alias(side)).to_series()
    joined = pl.concat_str(*sides, separator=",", ignore_nulls=True)
    return pl.DataFrame([*sides.values()]).select(pl.concat_str(pl.lit("{"), joined, pl.lit("}"))).to_series()
