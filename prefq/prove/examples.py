"""Training sets as positions in one table of comparisons, and two reward models that learn from them.

Both give every answer a reward of its own, so a margin is the difference of two rewards and turns round with its pair.
`linear` is the linear head of `prefq score`. `network` stands for reward models that can learn labels by heart, as
fine-tuned ones do: what wrong labels cost, and what curation can gain, hangs on that more than on the data.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from prefq.bradley_terry import PENALTIES, Array, Folds, fit_head
from prefq.stats import log_loss, sigmoid
from prefq.vectors import Matrix

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LEARNERS = ("linear", "network")

HIDDEN, EPOCHS, BATCH, RATE, DECAY = 32, 10, 128, 4e-3, 0.05
"""Of the network: hidden units, passes, pairs in a step, AdamW's step and its weight decay."""


@dataclass(frozen=True)
class Sides:
    """The features of both answers of n comparisons, shape (n, d) each; `emphasis`, shape (d,), as in Comparisons."""

    chosen: Matrix
    rejected: Matrix
    emphasis: Array

    @cached_property
    def difference(self) -> Matrix:
        """chosen − rejected, shape (n, d)."""
        return self.chosen - self.rejected


@dataclass(frozen=True)
class Examples:
    """What a model is trained on: comparisons by position, and what is said of each.

    `targets`: 1 where the chosen answer is taken for the better one, 0 where the label was turned, 0.5 for a tie.
    """

    rows: Ints
    targets: Array
    weights: Array

    @classmethod
    def plain(cls, rows: Ints, targets: Array) -> "Examples":
        """Every comparison with weight 1."""
        return cls(rows, targets, np.ones(len(rows)))

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, mask: Mask) -> "Examples":
        """Those where the mask, shape (len(self),), is true."""
        return Examples(self.rows[mask], self.targets[mask], self.weights[mask])

    def turned(self, mask: Mask) -> "Examples":
        """The same with the labels turned where the mask is true."""
        return replace(self, targets=np.where(mask, 1 - self.targets, self.targets))

    @property
    def key(self) -> tuple[bytes, bytes, bytes]:
        """Equal for equal training sets, in whatever order."""
        order = np.lexsort((self.targets, self.rows))
        return tuple(part[order].tobytes() for part in (self.rows, self.targets, self.weights))  # type: ignore[return-value]

    def sorted(self) -> "Examples":
        """By position, so that sums do not depend on the order of rows."""
        order = np.lexsort((self.targets, self.rows))
        return Examples(self.rows[order], self.targets[order], self.weights[order])


def scale_of(sides: Sides, rows: Ints) -> Matrix:
    """What each feature is multiplied by, shape (d,): its emphasis over the root mean square of its differences."""
    rms: Array = np.sqrt(np.square(sides.difference[rows]).mean(axis=0, dtype=np.float64))
    scale: Array = np.divide(sides.emphasis, rms, out=np.zeros_like(rms), where=rms > 0)
    return scale.astype(np.float32)


def best_penalty(sides: Sides, examples: Examples, folds: Folds) -> float:
    """The penalty of the linear head whose margins have the least log-loss in a fold that it did not see.

    One fold is held out, not each in turn: neighbouring penalties differ by less than that decides. `folds` are of the
    examples.
    """
    inside = folds != 0
    if inside.all() or not inside.any():
        return PENALTIES[2]
    seen, apart = examples.only(inside), examples.only(~inside)
    scale = scale_of(sides, seen.rows)
    rows, others = sides.difference[seen.rows] * scale, sides.difference[apart.rows] * scale
    head: Array = np.zeros(rows.shape[1])
    losses = []
    for penalty in PENALTIES:
        head = fit_head(rows, seen.targets, seen.weights, penalty, start=head)
        losses.append(log_loss((others @ head.astype(np.float32)).astype(np.float64), apart.targets, apart.weights))
    return PENALTIES[int(np.argmin(losses))]


def linear_margins(sides: Sides, examples: Examples, penalty: float, tests: list[Matrix]) -> list[Array]:
    """The margins of the linear head on differences of features, one array per element of `tests`."""
    told = examples.sorted()
    scale = scale_of(sides, told.rows)
    difference = sides.difference[told.rows] * scale
    head = fit_head(difference, told.targets, told.weights, penalty, start=np.zeros(difference.shape[1]))
    weights = head.astype(np.float32) * scale
    return [(test @ weights).astype(np.float64) for test in tests]


def network_margins(sides: Sides, examples: Examples, seed: int, tests: list[Sides]) -> list[Array]:
    """The margins of a network with one hidden layer, r(x) = v·relu(W x + b), on each element of `tests`.

    Trained on the Bradley–Terry loss by AdamW (Loshchilov & Hutter 2019), its step falling to 0; inputs are scaled as
    the linear head's are, and counted from their mean.
    """
    told = examples.sorted()
    scale = scale_of(sides, told.rows)
    middle = (sides.chosen[told.rows].mean(axis=0) + sides.rejected[told.rows].mean(axis=0)) / 2
    rng = np.random.default_rng(seed)
    net = _Network.start(len(scale), rng)

    def scaled(matrix: Matrix) -> Matrix:
        result: Matrix = (matrix - middle) * scale
        return result

    chosen, rejected = scaled(sides.chosen[told.rows]), scaled(sides.rejected[told.rows])
    steps = max(1, EPOCHS * ((len(told) + BATCH - 1) // BATCH))
    done = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(told))
        for start in range(0, len(told), BATCH):
            part = order[start : start + BATCH]
            net.step(chosen[part], rejected[part], told.targets[part], told.weights[part], RATE * (1 - done / steps))
            done += 1
    return [net.rewards(scaled(test.chosen)) - net.rewards(scaled(test.rejected)) for test in tests]


@dataclass
class _Network:
    """The weights W (d, h), b (h,), v (h,) as one vector, and AdamW's moments."""

    values: Matrix
    width: int
    first: Matrix
    second: Matrix
    count: int = 0

    @classmethod
    def start(cls, width: int, rng: np.random.Generator) -> "_Network":
        hidden = rng.normal(0, np.sqrt(2 / width), (width, HIDDEN)).ravel()
        out = rng.normal(0, np.sqrt(1 / HIDDEN), HIDDEN)
        values = np.concatenate([hidden, np.zeros(HIDDEN), out]).astype(np.float32)
        return cls(values, width, np.zeros_like(values), np.zeros_like(values))

    def _parts(self, values: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        edge = self.width * HIDDEN
        return values[:edge].reshape(self.width, HIDDEN), values[edge : edge + HIDDEN], values[edge + HIDDEN :]

    def rewards(self, inputs: Matrix) -> Array:
        """The reward of each row, shape (n,)."""
        hidden, bias, out = self._parts(self.values)
        found: Matrix = np.maximum(inputs @ hidden + bias, 0) @ out
        return found.astype(np.float64)

    def step(self, chosen: Matrix, rejected: Matrix, targets: Array, weights: Array, rate: float) -> None:
        """One step of AdamW on these comparisons."""
        hidden, bias, out = self._parts(self.values)
        before = [side @ hidden + bias for side in (chosen, rejected)]
        active = [np.maximum(b, 0) for b in before]
        margin = (active[0] @ out - active[1] @ out).astype(np.float64)
        pull = ((sigmoid(margin) - targets) * weights / len(targets)).astype(np.float32)
        slope = np.zeros_like(self.values)
        to_hidden, to_bias, to_out = self._parts(slope)
        for sign, inputs, b, a in zip((1, -1), (chosen, rejected), before, active, strict=True):
            back = np.outer(sign * pull, out) * (b > 0)
            to_hidden += inputs.T @ back
            to_bias += back.sum(axis=0)
            to_out += a.T @ (sign * pull)
        self._descend(slope, rate)

    def _descend(self, slope: Matrix, rate: float) -> None:
        self.count += 1
        self.first += 0.1 * (slope - self.first)
        self.second += 0.001 * (slope * slope - self.second)
        mean, square = self.first / (1 - 0.9**self.count), self.second / (1 - 0.999**self.count)
        self.values -= np.float32(rate) * (mean / (np.sqrt(square) + 1e-8) + np.float32(DECAY) * self.values)


def fitted(learner: str, sides: Sides, examples: Examples, penalty: float, seed: int, test: Sides) -> Array:
    """The margins of a learner trained on the examples, shape (comparisons of `test`,). One thread: the same sums."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        if learner == "linear":
            return linear_margins(sides, examples, penalty, [test.difference])[0]
        return network_margins(sides, examples, seed, [test])[0]
