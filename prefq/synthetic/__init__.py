"""Preference data of our own making, with planted defects and the truth about them.

Texts come from banks of facts and phrases in five languages; defects are planted at fixed rates in every block of 500
records. The same seed gives the same bytes on every machine, and more rows only add to what fewer rows give.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from prefq.synthetic.block import Block, block
from prefq.synthetic.plan import BLOCK
from prefq.synthetic.records import Json, jsonl, record, truth
from prefq.synthetic.row import HH, TRL

__all__ = ["Synthetic", "blocks", "jsonl", "synthesize"]


@dataclass(frozen=True)
class Synthetic:
    """Synthetic preference data: the records of two datasets, a benchmark, and the truth."""

    helpful: list[Json]
    """hh-rlhf transcripts."""
    assistant: list[Json]
    """Conversational TRL records."""
    benchmark: list[Json]
    """`id` and `prompt` of a small benchmark of our own, with which some records overlap."""
    truth: list[Json]
    """One statement a line: `dataset`, `record`, `check` and `kind`; see `prefq.synthetic.row.Mark`."""

    @property
    def files(self) -> Mapping[str, list[Json]]:
        """The records of each file, by its name."""
        return {f"{part.name}.jsonl": getattr(self, part.name) for part in fields(self)}


def blocks(rows: int, seed: int) -> Iterator[Synthetic]:
    """`rows` records in blocks of 500, so that any number of them can be written as they come.

    Files written block after block are those of `synthesize`.
    """
    for number in range(-(-rows // BLOCK)):
        yield _synthetic(block(seed, number).first(rows - number * BLOCK))


def _synthetic(made: Block) -> Synthetic:
    by_dataset = {name: [record(p) for p in made.rows if p.dataset == name] for name in (HH, TRL)}
    return Synthetic(**by_dataset, benchmark=[dict(item) for item in made.benchmark], truth=truth(made.rows))


def synthesize(rows: int, seed: int) -> Synthetic:
    """`rows` records with their truth, all at once."""
    whole = Synthetic([], [], [], [])
    for part in blocks(rows, seed):
        for name, found in whole.files.items():
            found.extend(part.files[name])
    return whole
