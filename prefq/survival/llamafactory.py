"""LLaMA-Factory's pairwise preprocessing, for its reward and DPO stages alike."""

import numpy as np

from prefq.survival import Left, trainer
from prefq.survival.sequences import Counts, Sequences


@trainer("llamafactory", max_length=2048, version="LLaMA-Factory 0.9.5")
def llamafactory(pairs: Sequences, max_length: int) -> Left:
    """Drops a pair when its turns do not alternate; cuts the prompt, the answers or both, so that they fit together.

    LLaMA-Factory 0.9.5, `data/processor/pairwise.py` (`PairwiseDatasetProcessor`): prompt and answers are tokenized
    one by one, and `infer_seqlen` (`data/processor/processor_utils.py`) shares `cutoff_len` between the prompt and the
    longer answer. It renders its own templates; the tokenizer's chat template stands in for them here.
    """
    chosen, rejected = (pairs.read_answer(side) for side in ("chosen", "rejected"))
    prompt = pairs.prompt_tokens
    kept_prompt, kept_answer = shares(prompt, np.maximum(chosen.tokens, rejected.tokens), max_length)
    dropped = ~pairs.alternate | pairs.refused
    same = pairs.same(chosen, rejected, kept_answer, ~dropped)
    left = [np.minimum(side.tokens, kept_answer) for side in (chosen, rejected)]
    cut = [side.tokens > kept_answer for side in (chosen, rejected)]
    return Left(dropped, pairs.refused, kept_prompt < prompt, cut[0], cut[1], left[0], left[1], same)


def shares(prompt: Counts, answer: Counts, most: int) -> tuple[Counts, Counts]:
    """How many tokens of prompts and of answers are kept, shape (n,) each, so that both fit into `most`.

    A short answer (under half of it) is kept whole, else a short prompt; else each gets its part by its length.
    """
    by_length = (most * (answer / np.maximum(prompt + answer, 1))).astype(np.int64)
    room = np.where(answer * 2 < most, most, np.where(prompt * 2 < most, most - prompt, by_length))
    kept_answer = np.minimum(room, answer)
    return np.minimum(np.maximum(most - kept_answer, 0), prompt), kept_answer
