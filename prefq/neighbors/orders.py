"""Orders of the nodes of a graph with little weight against them, for graphs too large for the lightest one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prefq.neighbors.normalize import Ints

ROUNDS = 10
"""How often each node may move to its best place."""
CLOSURE = 20_000
"""Up to so many nodes it is looked up what reaches what: one bit a pair of nodes, 50 MB."""


@dataclass(frozen=True)
class Arcs:
    """The arcs of a graph by one of their ends: compressed sparse rows."""

    starts: Ints
    """Where the arcs of each node begin, shape (nodes + 1,)."""
    others: Ints
    """The nodes at the other end, shape (arcs,)."""
    weights: Ints

    @classmethod
    def by(cls, nodes: int, ends: Ints, others: Ints, weights: Ints) -> "Arcs":
        """The arcs of each of `ends`."""
        order = np.lexsort((others, ends))
        starts = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=nodes))]).astype(np.int64)
        return cls(starts, others[order], weights[order])

    def of(self, node: int) -> tuple[Ints, Ints]:
        """The nodes at the other end of a node's arcs, and the weights of these."""
        part = slice(self.starts[node], self.starts[node + 1])
        return self.others[part], self.weights[part]

    @property
    def sums(self) -> Ints:
        """The weight of all arcs of each node."""
        nodes = self.starts.size - 1
        ends = np.repeat(np.arange(nodes), np.diff(self.starts))
        return np.bincount(ends, self.weights, nodes).astype(np.int64)


def light_order(nodes: int, winner: Ints, loser: Ints, weight: Ints) -> Ints:
    """The nodes in an order with little weight of arcs from later to earlier ones, shape (nodes,).

    The greedy order of Eades, Lin and Smyth 1993, bettered by moving one node at a time to its best place. Takes time
    in proportion to the square of the nodes and to the arcs.
    """
    won, lost = Arcs.by(nodes, winner, loser, weight), Arcs.by(nodes, loser, winner, weight)
    return _bettered(won, lost, _greedy(won, lost))


def _greedy(won: Arcs, lost: Arcs) -> list[int]:
    """Nodes that beat none last, that lose to none first, and else the one that wins most on balance."""
    wins, losses = won.sums, lost.sums
    there = np.ones(wins.size, np.bool_)
    first: list[int] = []
    final: list[int] = []
    for _ in range(wins.size):
        node = _first(there & (wins == 0))
        if node is not None:
            final.append(node)
        else:
            node = _first(there & (losses == 0))
            if node is None:
                node = int(np.argmax(np.where(there, wins - losses, np.iinfo(np.int64).min)))
            first.append(node)
        there[node] = False
        for arcs, sums in ((won, losses), (lost, wins)):
            others, weights = arcs.of(node)
            sums[others] -= weights
    return first + final[::-1]


def _first(mask: npt.NDArray[np.bool_]) -> int | None:
    place = int(np.argmax(mask))
    return place if mask[place] else None


def _bettered(won: Arcs, lost: Arcs, start: Sequence[int]) -> Ints:
    """The order after moves of one node to its best place, until no move helps or every node had its tries."""
    order = np.array(start, np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    for _ in range(ROUNDS):
        moved = False
        for node in range(order.size):
            place, best = int(rank[node]), _best_place(won.of(node), lost.of(node), rank, int(rank[node]))
            if best != place:
                low, high = min(place, best), max(place, best) + 1
                order[low:high] = np.roll(order[low:high], 1 if best < place else -1)
                rank[order[low:high]] = np.arange(low, high)
                moved = True
        if not moved:
            break
    return order


def _best_place(won: tuple[Ints, Ints], lost: tuple[Ints, Ints], rank: Ints, place: int) -> int:
    """Where among the others a node has the least weight against it; `place`, where it is, if nowhere less.

    From one place to the next it has come behind one other: what it won against that one now counts, and what it lost
    no longer does.
    """
    behind = rank[np.concatenate([won[0], lost[0]])]
    behind -= behind > place
    order = np.argsort(behind)
    change = np.concatenate([won[1], -lost[1]])[order]
    total = np.concatenate([[0], np.cumsum(change)])
    places = np.concatenate([[0], behind[order] + 1])
    best = int(np.argmin(total))
    here = int(np.searchsorted(places, place, side="right")) - 1
    return int(places[best]) if total[best] < total[here] else place


def needed(
    order: Ints, winner: Ints, loser: Ints, weight: Ints, against: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Of the arcs against an order those that close a cycle with what is kept, the heaviest put back first.

    Among more than CLOSURE nodes nothing is put back.
    """
    if order.size > CLOSURE:
        return against
    reach = _reach(order, winner[~against], loser[~against])
    out = against.copy()
    arcs = np.flatnonzero(against)
    for arc in arcs[np.lexsort((loser[arcs], winner[arcs], -weight[arcs]))]:
        better, worse = int(winner[arc]), int(loser[arc])
        if not reach[worse, better >> 6] >> np.uint64(better & 63) & np.uint64(1):
            above = (reach[:, better >> 6] >> np.uint64(better & 63) & np.uint64(1)).astype(np.bool_)
            reach[above] |= reach[worse]
            out[arc] = False
    return out


def _reach(order: Ints, winner: Ints, loser: Ints) -> npt.NDArray[np.uint64]:
    """For each node a row of bits: the nodes that arcs along the order lead to, itself among them."""
    nodes = order.size
    below = Arcs.by(nodes, winner, loser, np.ones_like(winner))
    reach = np.zeros((nodes, (nodes + 63) // 64), np.uint64)
    reach[np.arange(nodes), np.arange(nodes) >> 6] = np.uint64(1) << (np.arange(nodes) & 63).astype(np.uint64)
    for node in order[::-1]:
        others, _ = below.of(int(node))
        if others.size:
            reach[node] |= np.bitwise_or.reduce(reach[others], axis=0)
    return reach
