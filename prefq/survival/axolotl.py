"""axolotl's preference training (`rl: dpo`, `ipo`, `orpo`, `simpo`)."""

import numpy as np

from prefq.survival import Left, none_of, trainer
from prefq.survival.sequences import Mask, Sequences


@trainer("axolotl", max_length=512, version="axolotl 0.19")
def axolotl(pairs: Sequences, max_length: int) -> Left:
    """Drops a pair when prompt and either answer together are longer than `sequence_len`; stops at an empty text.

    axolotl 0.19, `utils/data/rl.py`, `_drop_long_sequences` (`excess_length_strategy: drop`, its default): prompt and
    answers are tokenized one by one, without special tokens; an empty prompt or answer raises a ValueError. Answers in
    a chat template have lost the white space at their end (`prompt_strategies/dpo/chat_template.py`).
    """
    finish = str.rstrip if pairs.templated else str
    chosen, rejected = (pairs.read_answer(side, finish) for side in ("chosen", "rejected"))
    refused = pairs.refused | _nothing(pairs.prompt) | _nothing(chosen.texts) | _nothing(rejected.texts)
    longer = np.maximum(chosen.tokens, rejected.tokens)
    dropped = (pairs.prompt_tokens + longer > max_length) | refused
    uncut = none_of(pairs)
    same = pairs.same(chosen, rejected, max_length, ~dropped)
    return Left(dropped, refused, uncut, uncut, uncut, chosen.tokens, rejected.tokens, same)


def _nothing(texts: list[str]) -> Mask:
    return np.fromiter((not text for text in texts), bool, len(texts))
