"""OpenRLHF's reward and DPO trainers."""

from collections.abc import Callable

import numpy as np

from prefq.survival import Left, none_of, trainer
from prefq.survival.sequences import Mask, Sequences

VERSION = "OpenRLHF 0.11.2"


@trainer("openrlhf-reward", max_length=512, version=VERSION)
def openrlhf_reward(pairs: Sequences, max_length: int) -> Left:
    """Drops nothing; cuts each conversation after its first `max_length` tokens and writes the end token on the last.

    OpenRLHF 0.11.2, `datasets/reward_dataset.py`, `RewardDataset.__getitem__`: with a prompt that fills `max_length`,
    both sides are the same prompt, and the pair is trained on.
    """
    return _cut(pairs, max_length, none_of(pairs))


@trainer("openrlhf-dpo", max_length=512, version=VERSION)
def openrlhf_dpo(pairs: Sequences, max_length: int) -> Left:
    """Drops a pair when its prompt has `max_length` − 2 tokens or more; cuts the others as its reward trainer does.

    OpenRLHF 0.11.2, `datasets/reward_dataset.py`, `RewardDataset.process_data` (with `is_dpo`) and `__getitem__`.
    """
    return _cut(pairs, max_length, np.minimum(pairs.prompt_tokens, max_length) >= max_length - 2)


def _cut(pairs: Sequences, max_length: int, dropped: Mask) -> Left:
    finish = _ended(pairs.tokens.eos)
    chosen, rejected = (pairs.read(side, "openrlhf", finish, max_length) for side in ("chosen", "rejected"))
    over = [np.maximum(side.tokens - max_length, 0) for side in (chosen, rejected)]
    gone = dropped | pairs.refused
    same = pairs.same(chosen, rejected, max_length, ~gone, drop_last=True)
    # Where a side is cut, the end token takes the place of its last one.
    left = [np.maximum(side.answer - lost - (lost > 0), 0) for side, lost in zip((chosen, rejected), over, strict=True)]
    return Left(gone, pairs.refused, none_of(pairs), over[0] > 0, over[1] > 0, left[0], left[1], same)


def _ended(eos: str) -> Callable[[str], str]:
    def finish(text: str) -> str:
        stripped = text.rstrip("\n")
        return stripped if not eos or stripped.endswith(eos) else f"{stripped} {eos}"

    return finish
