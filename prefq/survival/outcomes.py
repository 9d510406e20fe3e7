"""What becomes of every pair in each trainer, and the figures of that: of all pairs, of a slice, before and after."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.errors import SettingsError
from prefq.registry import did_you_mean
from prefq.survival import TRAINERS, Left, Trainer
from prefq.survival.sequences import Sequences, Tokens, sequences

ROWS = 10_000
"""Pairs that are held as texts at a time."""
SETTING = "report.survival"
STEPS = (256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
"""The lengths for which it is said how many pairs fit."""


@dataclass(frozen=True)
class Ask:
    """One trainer to foresee, with a tokenizer (by name) and the longest sequence it takes."""

    name: str
    trainer: Trainer
    tokenizer: str
    max_length: int


def read_asks(entries: Sequence[Any]) -> list[Ask]:
    """The trainers that `report.survival` names: a trainer's name, or {trainer, tokenizer, max_length, name} each.

    Raises SettingsError for a trainer that does not exist, a length below 1, and a name given twice.
    """
    asks = [_read_ask({"trainer": entry} if isinstance(entry, str) else entry) for entry in entries]
    for ask in asks:
        if sum(other.name == ask.name for other in asks) > 1:
            raise SettingsError(f"{SETTING}: two entries are called {ask.name}; give each a name of its own.")
    return asks


def _read_ask(entry: Mapping[str, Any]) -> Ask:
    named = entry["trainer"]
    if named not in TRAINERS:
        raise SettingsError(f"{SETTING}: there is no trainer {named!r}{did_you_mean(str(named), TRAINERS)}")
    trainer = TRAINERS[named]
    given = entry.get("max_length")
    length = trainer.max_length if given is None else given
    name = entry.get("name") or named
    if length < 1:
        raise SettingsError(f"{SETTING}: max_length of {name} must be 1 or more, not {length}.")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise SettingsError(f"{SETTING}: the name {name!r} must be of letters, digits, - and _: figures are called so.")
    return Ask(name, trainer, entry.get("tokenizer") or "minilm", length)


def outcomes(
    pairs: pl.DataFrame,
    asks: Sequence[Ask],
    tokenizers: Mapping[str, Tokens],
    advance: Callable[[int], object] = lambda _done: None,
) -> dict[str, pl.DataFrame]:
    """By the name of each ask, one row per row of `pairs`, in its order. `tokenizers` by the names that asks use.

    Columns: `row_id`; `dropped`, `refused` (dropped because the trainer stops), `cut`, `prompt_cut`, `chosen_cut`,
    `rejected_cut`, `identical`, `no_answer` (all of pairs that are not dropped); tokens of the conversation with the
    longer answer (`tokens`), of the answers as they are (`chosen_tokens`, `rejected_tokens`) and of what the trainer
    reads of them (`chosen_left`, `rejected_left`).
    """
    found: dict[str, list[pl.DataFrame]] = {ask.name: [] for ask in asks}
    for part in pairs.iter_slices(ROWS):
        read = {name: sequences(part, tokens) for name, tokens in tokenizers.items()}
        for ask in asks:
            texts = read[ask.tokenizer]
            found[ask.name].append(_outcome(part["row_id"], texts, ask.trainer.rule(texts, ask.max_length)))
        advance(part.height)
    return {name: pl.concat(parts) for name, parts in found.items() if parts}


def _outcome(row_id: pl.Series, texts: Sequences, left: Left) -> pl.DataFrame:
    tokens = {side: texts.answer_tokens(side) for side in ("chosen", "rejected")}
    kept = ~left.dropped
    cut = left.prompt_cut | left.chosen_cut | left.rejected_cut
    empty = texts.empty["chosen"] | texts.empty["rejected"] | (left.chosen == 0) | (left.rejected == 0)
    return pl.DataFrame(
        {
            "row_id": row_id,
            "dropped": left.dropped,
            "refused": left.refused,
            "cut": kept & cut,
            "prompt_cut": kept & left.prompt_cut,
            "chosen_cut": kept & left.chosen_cut,
            "rejected_cut": kept & left.rejected_cut,
            "identical": kept & left.identical,
            "no_answer": kept & empty,
            "tokens": texts.prompt_tokens + pl.Series(tokens["chosen"]).to_numpy().clip(tokens["rejected"]),
            "chosen_tokens": tokens["chosen"],
            "rejected_tokens": tokens["rejected"],
            "chosen_left": left.chosen,
            "rejected_left": left.rejected,
        }
    )


@dataclass(frozen=True)
class Losses:
    """What a trainer does to some pairs, in counts. `taught`: those that are left with two different answers."""

    pairs: int
    dropped: int
    refused: int
    cut: int
    chosen_cut: int
    """Pairs of which the chosen answer alone is cut."""
    rejected_cut: int
    """Pairs of which the rejected answer alone is cut."""
    prompt_cut: int
    identical: int
    no_answer: int
    taught: int
    whole: int
    """Those `taught` of which nothing is cut."""
    longer_before: int
    """Pairs whose chosen answer has more tokens."""
    longer_after: int
    """The same among those `taught`, of the tokens that are left."""

    def share(self, name: str) -> float | None:
        """A count out of the pairs; None without any."""
        return getattr(self, name) / self.pairs if self.pairs else None

    @property
    def chosen_longer_before(self) -> float | None:
        """The share of pairs whose chosen answer has more tokens; None without pairs."""
        return self.share("longer_before")

    @property
    def chosen_longer_after(self) -> float | None:
        """The same among the pairs that are left to learn from, of what the trainer reads of them."""
        return self.longer_after / self.taught if self.taught else None

    @property
    def lost(self) -> int:
        """Pairs whose label teaches nothing: dropped, or left with one text twice or with an answer missing."""
        return self.pairs - self.taught


def _figures() -> dict[str, pl.Expr]:
    taught = ~(pl.col("dropped") | pl.col("identical") | pl.col("no_answer"))
    return {
        "pairs": pl.len(),
        **{name: pl.col(name).sum() for name in ("dropped", "refused", "cut", "prompt_cut", "identical", "no_answer")},
        "chosen_cut": (pl.col("chosen_cut") & ~pl.col("rejected_cut")).sum(),
        "rejected_cut": (pl.col("rejected_cut") & ~pl.col("chosen_cut")).sum(),
        "taught": taught.sum(),
        "whole": (taught & ~pl.col("cut")).sum(),
        "longer_before": (pl.col("chosen_tokens") > pl.col("rejected_tokens")).sum(),
        "longer_after": (taught & (pl.col("chosen_left") > pl.col("rejected_left"))).sum(),
    }


def losses(outcome: pl.DataFrame) -> Losses:
    """The figures of these pairs."""
    return Losses(**{name: int(n) for name, n in outcome.select(**_figures()).row(0, named=True).items()})


def losses_by(outcome: pl.DataFrame, column: str) -> Iterator[tuple[str, Losses]]:
    """The figures of each value of a column that has been joined to the outcome, in the order of the values."""
    for row in outcome.drop_nulls(column).group_by(column).agg(**_figures()).sort(column).to_dicts():
        yield str(row.pop(column)), Losses(**{name: int(n) for name, n in row.items()})


def fits(outcome: pl.DataFrame) -> list[tuple[int, int]]:
    """For each of STEPS, how many pairs have no longer conversation than that."""
    return [(step, int((outcome["tokens"] <= step).sum())) for step in STEPS]
