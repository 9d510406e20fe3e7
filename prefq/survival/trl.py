"""TRL's reward and DPO trainers."""

from collections.abc import Callable

import numpy as np

from prefq.survival import Left, none_of, trainer
from prefq.survival.sequences import Counts, Mask, Read, Sequences

VERSION = "TRL 1.16"


@trainer("trl-reward", max_length=1024, version=VERSION)
def trl_reward(pairs: Sequences, max_length: int) -> Left:
    """Drops a pair when either conversation is longer than `max_length`; never cuts.

    TRL 1.16, `trainer/reward_trainer.py`, `RewardTrainer._prepare_dataset`: the whole conversation of each side is
    tokenized (in the chat template, or as plain text with the end token added) and longer ones are filtered out.
    """
    chosen, rejected = _sides(pairs, max_length)
    dropped = (chosen.tokens > max_length) | (rejected.tokens > max_length) | pairs.refused
    uncut = none_of(pairs)
    same = pairs.same(chosen, rejected, max_length, ~dropped)
    return Left(dropped, pairs.refused, uncut, uncut, uncut, chosen.answer, rejected.answer, same)


@trainer("trl-dpo", max_length=1024, version=VERSION)
def trl_dpo(pairs: Sequences, max_length: int) -> Left:
    """Drops a pair when its prompt fills `max_length`; cuts each conversation after its first `max_length` tokens.

    TRL 1.16, `trainer/dpo_trainer.py`: `DPOTrainer._prepare_dataset` takes as prompt what the tokens of prompt and
    conversations have in common at the start, and drops pairs in which it has `max_length` tokens or more;
    `DataCollatorForPreference` keeps the start (`truncation_mode="keep_start"`).
    """
    chosen, rejected = _sides(pairs, max_length)
    dropped = _prompt_fills(pairs, chosen, rejected, max_length) | pairs.refused
    over = [np.maximum(side.tokens - max_length, 0) for side in (chosen, rejected)]
    same = pairs.same(chosen, rejected, max_length, ~dropped)
    left = [np.maximum(side.answer - lost, 0) for side, lost in zip((chosen, rejected), over, strict=True)]
    return Left(dropped, pairs.refused, none_of(pairs), over[0] > 0, over[1] > 0, left[0], left[1], same)


def _sides(pairs: Sequences, max_length: int) -> tuple[Read, Read]:
    finish, special = (str, False) if pairs.templated else (_ended(pairs.tokens.eos), True)
    chosen, rejected = (pairs.read(side, "trl", finish, max_length, special) for side in ("chosen", "rejected"))
    return chosen, rejected


def _ended(eos: str) -> Callable[[str], str]:
    return lambda text: text if text.endswith(eos) else text + eos


def _prompt_fills(pairs: Sequences, chosen: Read, rejected: Read, max_length: int) -> Mask:
    """Where the start that the prompt shares with both conversations has `max_length` tokens or more."""
    special = chosen.special
    long: Counts = np.flatnonzero(pairs.prompt_tokens + special * pairs.around >= max_length)
    prompts = pairs.tokens.ids([pairs.prompt[i] for i in long], special)
    wholes = [pairs.tokens.ids([side.texts[i] for i in long], special) for side in (chosen, rejected)]
    fills = none_of(pairs)
    for row, prompt, left, right in zip(long, prompts, *wholes, strict=True):
        fills[row] = min(_shared(prompt, left), _shared(prompt, right)) >= max_length
    return fills


def _shared(ids: list[int], other: list[int]) -> int:
    """How many tokens the two have in common at the start."""
    length = min(len(ids), len(other))
    if ids[:length] == other[:length]:
        return length
    return next(i for i in range(length) if ids[i] != other[i])
