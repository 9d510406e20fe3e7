"""Trainer survival for the page: what each trainer would leave of the pairs, by slice, and what that does to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.numbers import count, plural, ratio, share
from prefq.report.results import SLICES
from prefq.report.text import brief
from prefq.survival.outcomes import Ask, Losses, fits, losses, losses_by
from prefq.survival.sequences import Tokens

SLICE = 50
"""Pairs from which a slice is shown."""
MOST_VALUES = 100
MOST_ROWS = 12

FATES = {
    "whole": "read whole",
    "cut": "cut, label still told",
    "blank": "left with one text twice or no answer",
    "dropped": "dropped",
}
"""What becomes of a pair, each under one of these; the keys are the classes of the bar's pieces."""


@dataclass(frozen=True)
class Slice:
    """Some of the pairs: those whose `column` has this value."""

    column: str
    value: str
    losses: Losses


@dataclass(frozen=True)
class Survival:
    """What one trainer does to the pairs that have a preferred answer."""

    ask: Ask
    templated: bool
    """Whether the tokenizer has a chat template, or texts were counted one after the other."""
    ended: bool
    """Whether the tokenizer has a token that ends a text."""
    losses: Losses
    kept: Losses | None
    """The same of the pairs that curation keeps; None when it has not run."""
    slices: tuple[Slice, ...]
    fits: tuple[tuple[int, int], ...]
    """For several lengths, how many conversations (with the longer answer) are no longer than that."""

    @property
    def fates(self) -> dict[str, int]:
        """How many pairs come to each end, by the keys of FATES."""
        told = self.losses
        blank = told.pairs - told.dropped - told.taught
        return {"whole": told.whole, "cut": told.taught - told.whole, "blank": blank, "dropped": told.dropped}


def survivals(
    pairs: pl.DataFrame,
    curated: pl.DataFrame | None,
    asks: Sequence[Ask],
    outcomes: Mapping[str, pl.DataFrame],
    tokenizers: Mapping[str, Tokens],
) -> tuple[Survival, ...]:
    """One for each ask that has an outcome, in their order. `outcomes` as `prefq.survival.outcomes` gives them."""
    return tuple(
        _survival(pairs, curated, ask, outcomes[ask.name], tokenizers[ask.tokenizer])
        for ask in asks
        if ask.name in outcomes
    )


def _survival(
    pairs: pl.DataFrame, curated: pl.DataFrame | None, ask: Ask, outcome: pl.DataFrame, tokens: Tokens
) -> Survival:
    kept = None if curated is None else losses(outcome.join(curated, on="row_id", how="semi"))
    joined = outcome.join(pairs.select("row_id", *SLICES), on="row_id", how="left")
    return Survival(
        ask=ask,
        templated=tokens.template is not None,
        ended=bool(tokens.eos),
        losses=losses(outcome),
        kept=kept,
        slices=tuple(part for column in SLICES for part in _slices(joined, column)),
        fits=tuple(fits(outcome)),
    )


def _slices(joined: pl.DataFrame, column: str) -> list[Slice]:
    if not 1 < joined[column].drop_nulls().n_unique() <= MOST_VALUES:
        return []
    return [Slice(column, value, told) for value, told in losses_by(joined, column) if told.pairs >= SLICE]


def to_json(found: Survival) -> dict[str, Any]:
    """The figures of one trainer: counts, shares from 0 to 1, null where there is nothing to take a share of."""
    return {
        "max_length": found.ask.max_length,
        **_figures(found.losses),
        "kept": _figures(found.kept) if found.kept else None,
        "slices": {f"{part.column}={part.value}": _figures(part.losses) for part in found.slices},
        "fits": {str(step): n for step, n in found.fits},
    }


SHARES = ("dropped", "cut", "identical", "no_answer", "lost")


def _figures(told: Losses) -> dict[str, Any]:
    plain = ("pairs", "refused", "prompt_cut", "chosen_cut", "rejected_cut", "taught")
    both = {key: value for name in SHARES for key, value in ((name, getattr(told, name)), _share(told, name))}
    return {
        **{name: getattr(told, name) for name in plain},
        **both,
        "chosen_longer_before": _rounded(told.chosen_longer_before),
        "chosen_longer_after": _rounded(told.chosen_longer_after),
    }


def _share(told: Losses, name: str) -> tuple[str, float | None]:
    return f"{name}_share", _rounded(told.share(name))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def title(found: Survival) -> str:
    """The trainer's version and settings, on one line."""
    ask = found.ask
    return f"{ask.trainer.version}, at most {plural(ask.max_length, 'token')} of {brief(ask.tokenizer, 60)}"


def rule(found: Survival) -> str:
    """The trainer's rule and where it was read, on one line."""
    return " ".join(found.ask.trainer.description.split())


def row(told: Losses) -> list[str]:
    """The cells of a table: pairs, dropped, cut, identical, without an answer, chosen longer before and after."""
    counted = [f"{count(getattr(told, name))} ({share(getattr(told, name), told.pairs)})" for name in SHARES[:4]]
    return [count(told.pairs), *counted, ratio(told.chosen_longer_before), ratio(told.chosen_longer_after)]


def label_words(found: Survival) -> str:
    """What the trainer does to the labels, in sentences."""
    told = found.losses
    if not told.pairs:
        return "There is no pair with a preferred answer."
    said = [f"{_taught(told)} of {plural(told.pairs, 'label')} can be learnt from."]
    if told.chosen_cut or told.rejected_cut:
        said.append(
            f"The cut takes from the chosen answer alone in {plural(told.chosen_cut, 'pair')}, "
            f"from the rejected one alone in {count(told.rejected_cut)}."
        )
    if told.refused:
        said.append(f"The trainer stops with an error at {plural(told.refused, 'pair')}: take them out first.")
    return " ".join(said)


def _taught(told: Losses) -> str:
    return f"{count(told.taught)} ({share(told.taught, told.pairs)})"


def longer_words(found: Survival) -> str:
    """How the habit of length looks to the trainer, in a sentence; empty without a pair to look at."""
    before, after = found.losses.chosen_longer_before, found.losses.chosen_longer_after
    if before is None or after is None:
        return ""
    if round(before, 3) == round(after, 3):
        return f"The chosen answer has more tokens in {ratio(before)} of the pairs, before and after."
    return f"The chosen answer has more tokens in {ratio(before)} of the pairs, and in {ratio(after)} of those left."


def hardest(found: Survival) -> list[Slice]:
    """The slices that lose most: at most twelve, those first that lose or cut the largest share."""

    def hurt(part: Slice) -> float:
        return (part.losses.lost + part.losses.cut) / part.losses.pairs

    return sorted(found.slices, key=lambda part: (-hurt(part), part.column, part.value))[:MOST_ROWS]


def notes(found: Sequence[Survival]) -> list[str]:
    """What the counts cannot say, one sentence each."""
    plain = sorted({one.ask.tokenizer for one in found if not one.templated})
    unended = sorted({one.ask.tokenizer for one in found if not one.ended})
    said = ["Pairs without a preferred answer (ties) are not counted: trainers have no use for them."]
    if plain:
        said.append(
            f"{', '.join(brief(name, 60) for name in plain)} has no chat template: turns were counted one after "
            "the other. With the template of your model every sequence is some tokens longer."
        )
    if unended:
        said.append(
            f"{', '.join(brief(name, 60) for name in unended)} has no token that ends a text; your model's has, and "
            "trainers add it."
        )
    if "minilm" in {one.ask.tokenizer for one in found}:
        said.append(
            "minilm is the tokenizer of prefq's encoder and stands in for yours: for exact counts, name your model's "
            "in report.survival, for example `{trainer: trl-dpo, tokenizer: Qwen/Qwen3-8B, max_length: 2048}`."
        )
    return said
