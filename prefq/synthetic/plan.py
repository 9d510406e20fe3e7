"""How many of what: the plantings of one block of records. Rates hold in every block, exactly."""

from collections.abc import Callable
from dataclasses import dataclass

from prefq.synthetic import families, look_alikes, plants
from prefq.synthetic.damage import DAMAGE
from prefq.synthetic.draw import Draw
from prefq.synthetic.row import HH, TRL, Row

BLOCK = 500
"""Records in a block. A block depends on the seed and its number alone, so data of any size begins the same."""

HH_ROWS = 235
"""How many records of a block are hh-rlhf transcripts; the others are conversational TRL records."""

BENCHMARK = 20
"""Benchmark prompts of a block; the overlaps planted in it are with some of them."""


@dataclass(frozen=True)
class Planting:
    """A defect or look-alike: its kinds (taken in turn), how many there are in a block, and who makes the records."""

    name: str
    kinds: tuple[str, ...]
    count: int
    plant: Callable[[Draw, str], list[Row]]
    dataset: str | None = None
    """The dataset it must be in, where the other cannot hold it."""


def _single(name: str, count: int, plant: plants.Planter, *kinds: str, dataset: str | None = None) -> Planting:
    return Planting(name, kinds, count, lambda draw, kind: [plant(draw, kind)], dataset)


def _damage(check: str, count: int = 4) -> Planting:
    return _single(check, count, plants.damaged(check), *DAMAGE[check])


_OF_ONE = (
    *(_damage(check, 5 if check == "pii" else 4) for check in DAMAGE),
    _single("answer_too_long", 1, plants.too_long, "wandering"),
    _single("prompt_too_long", 1, plants.prompt_too_long, "pasted", dataset=TRL),
    _single("length_ratio", 4, plants.length_ratio, "rejected_short", "chosen_short"),
    _single("refusal", 10, plants.refusal, "chosen", "rejected", "both", "chosen", "rejected"),
    _single("identical_answers", 4, plants.identical, "good", "bad"),
    _single("near_identical_answers", 5, plants.near_identical, "letter", "word", "sign"),
    _single("whitespace_only_difference", 4, plants.whitespace_only, "spaces", "lines", "case", "end"),
    _single("prompt_not_user_last", 4, plants.not_user_last, "assistant_last", "system_last", dataset=TRL),
    _single("language_mismatch", 5, plants.language_mismatch, "other_language", "other_script", "english_answer"),
    _single("likely_mislabelled", 15, plants.mislabelled, "flipped"),
    _single("ambiguous", 8, plants.ambiguous, "equally_good"),
    _single("safety", 4, plants.declined, "harmful_request"),
    _single("context_mismatch", 2, plants.context_mismatch, "other_question", "edited_question", dataset=HH),
    _single("broken_answer", 3, plants.broken_answer, "null", "number", "missing", dataset=TRL),
    _single("look_alike", len(look_alikes.KINDS), look_alikes.look_alike, *look_alikes.KINDS),
)

_OF_SEVERAL = (
    Planting("exact_duplicate", ("again",), 4, families.exact_duplicate),
    Planting("near_duplicate", ("case", "punctuation", "typing_error", "opener", "answer"), 5, families.near_duplicate),
    Planting("swapped_duplicate", ("swapped",), 4, families.swapped_duplicate),
    Planting("preference_cycle", ("circle",), 2, families.preference_cycle),
    Planting("answer_both_ways", ("careless_copies",), 3, families.answer_both_ways),
    Planting("contrast_pair", ("number", "name", "negation"), 5, families.contrast_pair),
    Planting("two_comparisons", ("two_comparisons",), 2, families.two_comparisons),
)

PLANTINGS = (*_OF_ONE, *_OF_SEVERAL)
OVERLAPS = Planting("benchmark_overlap", ("exact", "near", "ngram"), 9, families.benchmark_overlap)
"""Apart from the rest, because each brings a prompt of the benchmark with it."""


def planted(planting: Planting, seed: int, block: int) -> list[list[Row]]:
    """The groups of records that a planting puts into a block."""
    turns = range(block * planting.count, (block + 1) * planting.count)
    return [
        planting.plant(Draw(seed, planting.name, turn), planting.kinds[turn % len(planting.kinds)]) for turn in turns
    ]
