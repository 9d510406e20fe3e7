"""What trainers do to pairs before they learn from them: which they leave out, and what of the others they read.

Each trainer's own preprocessing is stated once, as a function from counted sequences to what is left of them; the
folder is the registry, one file a trainer. Its docstring is the rule in words, with the trainer's file and version.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prefq.registry import Family
from prefq.survival.sequences import Counts, Mask, Sequences


@dataclass(frozen=True)
class Left:
    """What a trainer leaves of n pairs, shape (n,) each. Of pairs that are dropped the rest says nothing."""

    dropped: Mask
    refused: Mask
    """Pairs on which the trainer stops with an error; they count as dropped too."""
    prompt_cut: Mask
    chosen_cut: Mask
    rejected_cut: Mask
    """Which of the three texts lost tokens."""
    chosen: Counts
    rejected: Counts
    """Tokens of the answers that the trainer reads, end marks included."""
    identical: Mask
    """Both sides read the same to the last token: the label says nothing."""


Rule = Callable[[Sequences, int], Left]


@dataclass(frozen=True)
class Trainer:
    """A trainer's preprocessing: its rule, the longest sequence by its own default, and where the rule was read."""

    name: str
    description: str
    max_length: int
    version: str
    rule: Rule


TRAINERS: Family[Trainer] = Family("prefq.survival", "trainer")


def trainer(name: str, *, max_length: int, version: str) -> Callable[[Rule], Rule]:
    """Register a rule. Its docstring is what the report says of it."""

    def register(rule: Rule) -> Rule:
        TRAINERS.add(name, Trainer(name, rule.__doc__ or "", max_length, version, rule))
        return rule

    return register


def none_of(pairs: Sequences) -> Mask:
    """A mask that is false for every pair."""
    found: npt.NDArray[np.bool_] = np.zeros(pairs.height, bool)
    return found
