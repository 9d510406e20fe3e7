"""Judgements that contradict each other, answer by answer: cycles as drawings, the others with their votes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.clusters import Texts, texts_of
from prefq.report.tables import Tables
from prefq.report.text import brief

MOST = 6
"""Contradictions shown of a kind."""
ROWS = 12
"""Judgements shown of one contradiction."""
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWX"
KINDS = ("cycle", "swapped", "both_ways")
WIDTH, HEIGHT, RING, DOT = 240, 220, 78, 17
"""Of a drawing: its size, the radius of the ring of answers, and of an answer's circle, in pixels."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """One row: the name of the answer it prefers, of the other, and the weight of votes for and against it.

    `removed`: it is among the lightest judgements that would break the cycle. `decision` is null before curation.
    """

    row_id: str
    winner: str
    loser: str
    votes: tuple[float | None, float | None]
    removed: bool
    decision: str | None


@dataclass(frozen=True)
class Answer:
    """An answer's name, its beginning, and where its circle stands in the drawing."""

    name: str
    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Arc:
    """An arrow from the answer preferred to the other, as SVG paths of its line and of its head."""

    winner: str
    loser: str
    removed: bool
    line: str
    head: str


@dataclass(frozen=True)
class Contradiction:
    """Judgements that cannot all be right, over `rows` pairs of which the first are in `judgements`."""

    kind: str
    prompt: str
    rows: int
    answers: tuple[Answer, ...]
    judgements: tuple[Judgement, ...]
    arcs: tuple[Arc, ...]
    """What the majority prefers; of cycles only."""

    @property
    def sentence(self) -> str:
        """The drawing in words: every arrow, and which of them are proposed for removal."""
        arrows = "; ".join(f"{a.winner} over {a.loser}" for a in self.arcs)
        gone = " and ".join(f"{a.winner} over {a.loser}" for a in self.arcs if a.removed)
        return f"{arrows}." + (f" Proposed for removal: {gone}." if gone else "")


def contradicting(tables: Tables, settings: Mapping[str, Any]) -> tuple[Contradiction, ...]:
    """Of each kind the MOST with most judgements, cycles first; empty when there is none or clusters are not known."""
    if tables.clusters is None:
        return ()
    rows = _rows(tables)
    found = [_largest(rows.filter(contradiction=kind)) for kind in KINDS]
    groups = [
        rows.filter(contradiction_id=i, contradiction=k).to_dicts()
        for k, ids in zip(KINDS, found, strict=True)
        for i in ids
    ]
    texts = texts_of(tables, [r["row_id"] for group in groups for r in group[:ROWS]], settings)
    return tuple(_contradiction(group[:ROWS], len(group), texts) for group in groups)


def _rows(tables: Tables) -> pl.DataFrame:
    """Contradicting rows with their answers, their votes and what became of them; null where it is not known."""
    assert tables.clusters is not None
    rows = tables.clusters.filter(pl.col("contradiction").is_in(KINDS), pl.col("contradiction_id").is_not_null())
    rows = rows.join(tables.pairs.select("row_id", "chosen_id", "rejected_id"), on="row_id")
    if tables.ledger is not None:
        rows = rows.join(tables.ledger.select("row_id", "decision"), on="row_id", how="left")
    names = ("contradiction_side", "contradiction_for", "contradiction_against", "decision")
    return rows.with_columns(pl.lit(None).alias(n) for n in names if n not in rows.columns).sort("row_id")


def _largest(rows: pl.DataFrame) -> list[str]:
    sizes = rows.group_by("contradiction_id").len().sort(["len", "contradiction_id"], descending=[True, False])
    return sizes["contradiction_id"].head(MOST).to_list()


def _contradiction(rows: Sequence[Row], count: int, texts: Texts) -> Contradiction:
    level = "id" if any(r["chosen_cluster"] == r["rejected_cluster"] for r in rows) else "cluster"
    ends = [(r[f"chosen_{level}"], r[f"rejected_{level}"]) for r in rows]
    names = {node: NAMES[i] for i, node in enumerate(_order(ends))}
    judged = tuple(_judgement(r, names[w], names[o]) for r, (w, o) in zip(rows, ends, strict=True))
    said: dict[str, str] = {}
    for row, j in zip(rows, judged, strict=True):
        said.setdefault(j.winner, texts[row["row_id"], "chosen"])
        said.setdefault(j.loser, texts[row["row_id"], "rejected"])
    answers = _placed({name: brief(said[name], 120) or "(empty)" for name in sorted(said)})
    prompt = brief(texts[rows[0]["row_id"], "prompt"], 160)
    arcs = _arcs(judged, answers) if rows[0]["contradiction"] == "cycle" else ()
    return Contradiction(rows[0]["contradiction"], prompt, count, answers, judged, arcs)


def _judgement(row: Row, winner: str, loser: str) -> Judgement:
    votes = row["contradiction_for"], row["contradiction_against"]
    return Judgement(row["row_id"], winner, loser, votes, row["contradiction_side"] == "removed", row["decision"])


def _order(ends: Sequence[tuple[str, str]]) -> list[str]:
    """The answers along the arrows, from the smallest on, so that a cycle reads A, B, C."""
    after: dict[str, set[str]] = {node: set() for pair in ends for node in pair}
    for winner, loser in ends:
        after[winner].add(loser)
    order: list[str] = []
    stack = sorted(after, reverse=True)
    while stack:
        node = stack.pop()
        if node not in order:
            order.append(node)
            stack += sorted(after[node], reverse=True)
    return order


def _placed(texts: Mapping[str, str]) -> tuple[Answer, ...]:
    """The answers on a ring, the first at the top, clockwise."""
    turns = [2 * math.pi * i / len(texts) - math.pi / 2 for i in range(len(texts))]
    spots = [(round(WIDTH / 2 + RING * math.cos(t), 1), round(HEIGHT / 2 + RING * math.sin(t), 1)) for t in turns]
    return tuple(Answer(name, text, *spot) for (name, text), spot in zip(texts.items(), spots, strict=True))


def _arcs(judged: Sequence[Judgement], answers: Sequence[Answer]) -> tuple[Arc, ...]:
    """One arrow for each two answers and direction that more votes are for than against."""
    removed: dict[tuple[str, str], bool] = {}
    for j in judged:
        if j.winner != j.loser and (j.votes[0] or 0) >= (j.votes[1] or 0):
            removed[j.winner, j.loser] = removed.get((j.winner, j.loser), False) or j.removed
    at = {a.name: (a.x, a.y) for a in answers}
    return tuple(Arc(w, o, gone, *_arrow(at[w], at[o])) for (w, o), gone in sorted(removed.items()))


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> tuple[str, str]:
    """Line and head of an arrow between two circles, bent a little so that two opposite ones stay apart."""
    (x, y), (u, v) = start, end
    long = math.hypot(u - x, v - y)
    a, b = (u - x) / long, (v - y) / long
    bend = 12.0
    tip = u - a * (DOT + 3) + b * bend / 3, v - b * (DOT + 3) - a * bend / 3
    tail = x + a * (DOT + 2) + b * bend / 3, y + b * (DOT + 2) - a * bend / 3
    middle = (x + u) / 2 + b * bend, (y + v) / 2 - a * bend
    base = tip[0] - a * 9, tip[1] - b * 9
    line = f"M{tail[0]:.1f} {tail[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {base[0]:.1f} {base[1]:.1f}"
    sides = [(base[0] - b * s, base[1] + a * s) for s in (5, -5)]
    head = f"M{tip[0]:.1f} {tip[1]:.1f}" + "".join(f"L{p:.1f} {q:.1f}" for p, q in sides) + "Z"
    return line, head
