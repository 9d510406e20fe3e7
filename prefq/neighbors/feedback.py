"""The least that must be taken out of a graph so that no cycle is left: a feedback arc set."""

from functools import cache

import numpy as np
import numpy.typing as npt

from prefq.neighbors.normalize import Ints
from prefq.neighbors.orders import light_order, needed

EXACT = 14
"""Up to so many nodes the set is the lightest there is; beyond, a light one of which nothing can be put back."""


def feedback_arcs(winner: Ints, loser: Ints, weight: Ints) -> npt.NDArray[np.bool_]:
    """Which arcs to take out of a graph so that no cycle is left, shape (arcs,): the lightest set.

    `winner` and `loser` are node numbers from 0, each ordered pair at most once and never with its opposite. Up to
    EXACT nodes the total weight is the least possible (dynamic programming over sets of nodes, Lawler 1964: the
    order of the nodes with the least weight against it). Beyond, the order is a light one
    (`prefq.neighbors.orders.light_order`), and arcs that close no cycle are put back: no part of the set would do, but
    another set may be lighter. Among equals the first in the order of the nodes is taken.
    """
    nodes = int(max(winner.max(initial=-1), loser.max(initial=-1))) + 1
    exact = nodes <= EXACT
    order = _lightest_order(nodes, winner, loser, weight) if exact else light_order(nodes, winner, loser, weight)
    rank = np.empty(nodes, np.int64)
    rank[order] = np.arange(nodes)
    against = rank[winner] > rank[loser]
    return against if exact else needed(order, winner, loser, weight, against)


@cache
def _layers(nodes: int) -> list[Ints]:
    """All sets of nodes as bit masks, by size."""
    sets = np.arange(1 << nodes)
    size = np.bitwise_count(sets)
    return [sets[size == n] for n in range(nodes + 1)]


def _lightest_order(nodes: int, winner: Ints, loser: Ints, weight: Ints) -> Ints:
    matrix = np.zeros((nodes, nodes), np.int64)
    matrix[winner, loser] = weight
    cost = np.zeros((nodes, 1), np.int64)  # of placing a node after all of a set
    for node in range(nodes):
        cost = np.concatenate([cost, cost + matrix[:, node : node + 1]], axis=1)
    best = np.full(1 << nodes, np.iinfo(np.int64).max)
    best[0], last = 0, np.zeros(1 << nodes, np.int8)
    for layer in _layers(nodes)[1:]:
        for node in range(nodes):
            sets = layer[layer >> node & 1 == 1]
            before = sets ^ (1 << node)
            total = best[before] + cost[node, before]
            better = total < best[sets]
            best[sets[better]], last[sets[better]] = total[better], node
    order: list[int] = []
    rest = (1 << nodes) - 1
    while rest:
        order.append(int(last[rest]))
        rest ^= 1 << order[-1]
    return np.array(order[::-1], np.int64)
