"""What a gate asks: the two suites, as questions about narrow frames. No library is asked here yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.figures import Figure, Rule
from prefq.schema import LABELS, SPLITS

MOST_CHARACTERS = 1_000_000
"""No answer in a release is longer: a trainer would choke on it, or cut it."""


@dataclass(frozen=True)
class Ask:
    """One question to Great Expectations: an expectation's class and arguments, and what it means in words.

    `claim` says that it holds and `breach` that it does not; of the curated suite, each of one pair.
    """

    name: str
    rule: str
    claim: str
    breach: str
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
            claim=_claim(rule, measured[rule.figure]),
            breach=_claim(rule, measured[rule.figure]),
            expectation="ExpectColumnMaxToBeBetween",
            arguments={"column": rule.name, **_between(rule)},
            value=values[rule.name],
            decided=values[rule.name] is not None,
        )
        for rule in rules
    ]
    return Suite("raw", pl.DataFrame(decided), asks)


def _claim(rule: Rule, figure: Figure) -> str:
    """The figure beside what it must be; the mark that stands before it says whether it is."""
    limit = rule.limit if rule.as_share else None
    is_now = f"is {figure.beside(limit)}" if figure.count is not None else "could not be decided"
    return f"{rule.name} {is_now}; rule: {rule.words}"


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


def breakers(suite: Suite, ask: Ask) -> tuple[str, ...]:
    """Row ids of pairs that a question about each curated pair finds wanting, at most three."""
    asked, held = ask.arguments, pl.lit(True)
    if "value_set" in asked:
        held = pl.col(asked["column"]).is_in(asked["value_set"])
    elif "column" in asked:
        held = pl.col(asked["column"]).is_between(asked["min_value"], asked["max_value"])
    elif "column_list" in asked:
        held = pl.struct(asked["column_list"]).is_unique()
    return tuple(suite.frame.filter(~held)["row_id"].head(3).to_list())


def curated_rules() -> dict[str, str]:
    """The names of the rules on every curated pair, and what each says."""
    return {ask.name: ask.claim for ask in curated_suite(pl.DataFrame()).asks}


def curated_suite(frame: pl.DataFrame, off: Collection[str] = ()) -> Suite:
    """What must hold for every curated pair, but for the rules that are set off."""
    overlaps_known = not frame.height or frame["benchmark_overlap"].null_count() < frame.height
    asks = [
        Ask(
            name="rows",
            rule=">= 1",
            claim="there are pairs to release",
            breach="no pair is left to release",
            expectation="ExpectTableRowCountToBeBetween",
            arguments={"min_value": 1},
        ),
        Ask(
            name="unique_pairs",
            rule="unique",
            claim="the pair stands once in its dimension",
            breach="the pair stands more than once in its dimension",
            expectation="ExpectCompoundColumnsToBeUnique",
            arguments={"column_list": ["pair_id", "dimension"]},
        ),
        *(_answer_length(side) for side in ("chosen", "rejected")),
        _each("label", LABELS, "the label is a known one", "the label is missing or unknown", "label"),
        _each("answers_differ", [False], "the two answers differ", "the two answers are the same", "same_answer"),
        _each(
            "user_turn_last",
            ["user", "tool"],  # as the check prompt_not_user_last has it: an answer may follow a tool's result
            "the prompt ends with a user turn",
            "the prompt does not end with a user turn",
            "last_role",
        ),
        _each("split", SPLITS, "the split is a known one", "the split is missing or unknown", "split"),
        _each(
            "group_in_one_split",
            [1],
            "the prompt group is in one split only",
            "the prompt group is in several splits",
            "splits_of_group",
        ),
        _each(
            "no_benchmark_overlap",
            [False],
            "the prompt is in no benchmark",
            "the prompt is in a benchmark",
            "benchmark_overlap",
            overlaps_known,
        ),
    ]
    return Suite("curated", frame, [ask for ask in asks if ask.name not in off])


def _answer_length(side: str) -> Ask:
    """The question whether every answer on this side has a length that a trainer can use."""
    return Ask(
        name=f"{side}_length",
        rule=f"1 to {MOST_CHARACTERS:,} characters",
        claim=f"the {side} answer has 1 to {MOST_CHARACTERS:,} characters",
        breach=f"the {side} answer is empty or longer than {MOST_CHARACTERS:,} characters",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": f"{side}_characters", "min_value": 1, "max_value": MOST_CHARACTERS},
    )


def _each(name: str, allowed: Sequence[Any], claim: str, breach: str, column: str, decided: bool = True) -> Ask:
    """A question about one column of every row: its values are among the allowed ones."""
    return Ask(
        name=name,
        rule=f"one of {', '.join(allowed)}" if allowed in (LABELS, SPLITS) else "all",
        claim=claim,
        breach=breach,
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": column, "value_set": sorted(allowed)},
        decided=decided,
    )
