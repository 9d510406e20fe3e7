"""What a gate asks: the two suites, as questions about narrow frames. No library is asked here yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.figures import Figure, Rule
from prefq.schema import LABELS, SPLITS

MOST_CHARACTERS = 1_000_000
"""No answer in a release is longer: a trainer would choke on it, or cut it."""


@dataclass(frozen=True)
class Ask:
    """One question to Great Expectations: an expectation's class and arguments, and what it means in words."""

    name: str
    rule: str
    claim: str
    expectation: str
    arguments: Mapping[str, Any]
    value: float | None = None
    """The figure in question; None where Great Expectations counts the rows that do not fit."""
    decided: bool = True


@dataclass(frozen=True)
class Suite:
    """A named frame and what is asked of it."""

    name: str
    frame: pl.DataFrame
    asks: list[Ask]


def raw_suite(rules: list[Rule], measured: Mapping[str, Figure]) -> Suite:
    """The tolerances, asked of a frame of one row that holds each rule's figure in the column of its name."""
    values = {rule.name: rule.value(measured[rule.figure]) for rule in rules}
    decided = {name: [float(value)] for name, value in values.items() if value is not None}
    asks = [
        Ask(
            name=rule.name,
            rule=rule.text,
            claim=f"{rule.name} is {measured[rule.figure]}; rule: {rule.words}",
            expectation="ExpectColumnMaxToBeBetween",
            arguments={"column": rule.name, **_between(rule)},
            value=values[rule.name],
            decided=values[rule.name] is not None,
        )
        for rule in rules
    ]
    return Suite("raw", pl.DataFrame(decided), asks)


def _between(rule: Rule) -> dict[str, Any]:
    """A rule as the bounds of an interval."""
    ends = {"<": ("max",), ">": ("min",), "==": ("min", "max")}[rule.op.removesuffix("=") if rule.op != "==" else "=="]
    bounds: dict[str, Any] = {f"{end}_value": rule.limit for end in ends}
    return bounds | ({f"strict_{ends[0]}": True} if rule.op in ("<", ">") else {})


def curated_frame(curated: pl.DataFrame, flags: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
    """What Great Expectations sees of the curated pairs: ids, lengths, labels and flags, no text.

    It passes over nulls, so what must be there reads `missing` where it is not.
    """
    groups = clusters.select("row_id", "prompt_group") if clusters is not None else None
    rows = curated if groups is None else curated.join(groups, on="row_id", how="left", maintain_order="left")
    group = pl.coalesce("prompt_group", "prompt_id") if groups is not None else pl.col("prompt_id")
    overlap = "benchmark_overlap" if "benchmark_overlap" in flags.columns else pl.lit(None, pl.Boolean)
    overlaps = flags.select("row_id", benchmark_overlap=overlap)
    rows = rows.join(overlaps, on="row_id", how="left", maintain_order="left")
    return rows.select(
        *("row_id", "pair_id", "dimension", "benchmark_overlap"),
        *(pl.col(name).fill_null("missing") for name in ("label", "split")),
        chosen_characters=_characters("chosen"),
        rejected_characters=_characters("rejected"),
        same_answer=pl.col("chosen_id") == pl.col("rejected_id"),
        last_role=pl.col("prompt").list.last().struct.field("role").fill_null("missing"),
        splits_of_group=pl.col("split").n_unique().over(group).cast(pl.Int64),
    )


def _characters(side: str) -> pl.Expr:
    """The length of an answer without outer whitespace, or of its messages when it is more than one plain text."""
    return pl.coalesce(f"{side}_messages", side).str.strip_chars().str.len_chars().fill_null(0).cast(pl.Int64)


def curated_suite(frame: pl.DataFrame) -> Suite:
    """What must hold for every curated pair."""
    lengths = {"min_value": 1, "max_value": MOST_CHARACTERS}
    size = f"1 to {MOST_CHARACTERS:,} characters"
    overlaps_known = not frame.height or frame["benchmark_overlap"].null_count() < frame.height
    asks = [
        Ask("rows", ">= 1", "there are pairs to release", "ExpectTableRowCountToBeBetween", {"min_value": 1}),
        Ask(
            "unique_pairs",
            "unique",
            "no pair is there twice in one dimension",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": ["pair_id", "dimension"]},
        ),
        _each("chosen_length", size, f"the chosen answer has {size}", "chosen_characters", lengths),
        _each("rejected_length", size, f"the rejected answer has {size}", "rejected_characters", lengths),
        _each("label", f"one of {', '.join(LABELS)}", "the label is a known one", "label", set(LABELS)),
        _each("answers_differ", "all", "the two answers differ", "same_answer", {False}),
        _each("user_turn_last", "all", "the prompt ends with a user turn", "last_role", {"user"}),
        _each("split", f"one of {', '.join(SPLITS)}", "the split is a known one", "split", set(SPLITS)),
        _each("group_in_one_split", "all", "the prompt group is in one split only", "splits_of_group", {1}),
        _each(
            "no_benchmark_overlap", "all", "the prompt is in no benchmark", "benchmark_overlap", {False}, overlaps_known
        ),
    ]
    return Suite("curated", frame, asks)


def _each(
    name: str, rule: str, claim: str, column: str, allowed: set[Any] | dict[str, int], decided: bool = True
) -> Ask:
    """A question about one column of every row: its values are in a set, or within bounds."""
    if isinstance(allowed, dict):
        return Ask(name, rule, claim, "ExpectColumnValuesToBeBetween", {"column": column, **allowed}, None, decided)
    values = {"column": column, "value_set": sorted(allowed)}
    return Ask(name, rule, claim, "ExpectColumnValuesToBeInSet", values, None, decided)
