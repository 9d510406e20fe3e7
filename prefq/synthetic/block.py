"""One block of synthetic data: what is planted, where it stands, and the truth about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from prefq.synthetic.bank.phrases import SYSTEM
from prefq.synthetic.draw import Draw
from prefq.synthetic.families import benchmark_draft
from prefq.synthetic.plan import BENCHMARK, BLOCK, HH_ROWS, OVERLAPS, PLANTINGS, planted
from prefq.synthetic.row import HH, TRL, Row, clean
from prefq.synthetic.tasks import any_draft, speaker_of

SYSTEM_SHARE = 0.12
MARGIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its place: dataset, record number in it, and the group of rows it was planted with."""

    dataset: str
    record: int
    group: int
    member: int
    row: Row

    @property
    def name(self) -> str:
        """`dataset:record`, as the pipeline names it."""
        return f"{self.dataset}:{self.record}"


@dataclass(frozen=True)
class Block:
    """The rows of one block in order, and its benchmark prompts."""

    rows: tuple[Placed, ...]
    benchmark: tuple[dict[str, str], ...]

    def first(self, count: int) -> "Block":
        """The first rows; of a group that is no longer whole, the rest is not marked any more."""
        kept, cut = self.rows[:count], {placed.group for placed in self.rows[count:]}
        rows = (replace(p, row=replace(p.row, marks=())) if p.group in cut else p for p in kept)
        return Block(tuple(rows), self.benchmark)


def block(seed: int, number: int) -> Block:
    """The block of that number, whatever else is asked for."""
    draw = Draw(seed, "block", number)
    overlapping, benchmark = _overlaps(draw, seed, number)
    groups = [(p.dataset, group) for p in PLANTINGS for group in planted(p, seed, number)]
    groups += [(None, [row]) for row in overlapping]
    clean_rows = BLOCK - sum(len(group) for _, group in groups)
    groups += [(None, [clean(any_draft(Draw(seed, "clean", number, i)))]) for i in range(clean_rows)]
    members = [(home, g, m, row) for g, (home, rows) in enumerate(groups) for m, row in enumerate(rows)]
    single = {g for g, (_, rows) in enumerate(groups) if len(rows) == 1}
    homes = _homes(draw, [home for home, *_ in members])
    placed, counts = [], {HH: number * HH_ROWS, TRL: number * (BLOCK - HH_ROWS)}
    for at in draw.shuffled(range(BLOCK)):
        _, g, m, row = members[at]
        finished = _dressed(draw, row, g in single) if homes[at] == TRL else row
        placed.append(Placed(homes[at], counts[homes[at]], g, m, finished))
        counts[homes[at]] += 1
    return Block(tuple(placed), benchmark)


def _homes(draw: Draw, wanted: Sequence[str | None]) -> list[str]:
    """A dataset for each row: the one it needs, else whichever is drawn, in the block's fixed proportion."""
    open_places = [HH] * (HH_ROWS - wanted.count(HH)) + [TRL] * (BLOCK - HH_ROWS - wanted.count(TRL))
    drawn = iter(draw.shuffled(open_places))
    return [home or next(drawn) for home in wanted]


def _dressed(draw: Draw, row: Row, alone: bool) -> Row:
    """The row with what only TRL records hold: a system turn (not in a group, which it would pull apart), a margin."""
    if alone and row.prompt[0][0] == "user" and draw.chance(SYSTEM_SHARE):
        row = replace(row, prompt=(("system", speaker_of(draw, "en").one(SYSTEM)), *row.prompt))
    if row.margin is None and draw.chance(MARGIN_SHARE):
        row = replace(row, margin=draw.between(4, 30) / 10)
    return row


def _overlaps(draw: Draw, seed: int, number: int) -> tuple[list[Row], tuple[dict[str, str], ...]]:
    """The rows that overlap with the benchmark, and the block's share of the benchmark."""
    rows, prompts = [], []
    for overlapping, source in planted(OVERLAPS, seed, number):
        rows.append(overlapping)
        prompts.append(source.prompt[-1][1])
    prompts += [benchmark_draft(Draw(seed, "benchmark", number, i)).question for i in range(BENCHMARK - len(prompts))]
    order = draw.shuffled(range(BENCHMARK))
    ids = {at: f"b{number * BENCHMARK + place}" for place, at in enumerate(order)}
    named = [
        replace(row, marks=tuple(replace(mark, benchmark=ids[at]) for mark in row.marks)) for at, row in enumerate(rows)
    ]
    return named, tuple({"id": ids[at], "prompt": prompts[at]} for at in order)
