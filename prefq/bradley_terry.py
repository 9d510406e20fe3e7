"""A cross-fitted linear Bradley–Terry head: the reward of an answer is linear in its features, without intercept.

P(chosen beats rejected) = σ(r(chosen) − r(rejected)) (Bradley & Terry 1952). Since only differences enter, turning a
pair round turns its margin round exactly, and two equal answers have margin 0.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.stats import log_loss, sigmoid
from prefq.vectors import Matrix

Array = npt.NDArray[np.float64]
Folds = npt.NDArray[np.int32]

PENALTIES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""L2 penalties tried, strongest first: each starts from the solution of the one before."""


@dataclass(frozen=True)
class Comparisons:
    """n comparisons of two answers with d features each.

    `chosen`, `rejected`: shape (n, d). `emphasis`: shape (d,), how far a feature, scaled to a root mean square
    difference of 1, may stand out (a smaller one is penalised more). `targets`: 1 where the chosen answer is better,
    0.5 for a tie. `weights`: of the comparisons. Both of shape (n,).
    """

    chosen: Matrix
    rejected: Matrix
    emphasis: Array
    targets: Array
    weights: Array

    @property
    def scale(self) -> Matrix:
        """What each feature is multiplied by, shape (d,); 0 where the two answers never differ."""
        rms: Array = np.sqrt(np.square(self.difference).mean(axis=0, dtype=np.float64))
        scale: Array = np.divide(self.emphasis, rms, out=np.zeros_like(rms), where=rms > 0)
        return scale.astype(np.float32)

    @cached_property
    def difference(self) -> Matrix:
        """chosen − rejected, shape (n, d)."""
        return self.chosen - self.rejected


@dataclass(frozen=True)
class Rewards:
    """Rewards out of fold, in log-odds: shape (n,) each. `std`: of the margin (Laplace approximation of its head).

    Every fold has its own head; rewards count from the mean over the answers that head was fitted on.
    """

    chosen: Array
    rejected: Array
    std: Array
    penalty: float
    slope: float

    @property
    def margin(self) -> Array:
        """chosen − rejected."""
        return self.chosen - self.rejected


def balanced_folds(groups: pl.Series, count: int) -> Folds:
    """A fold in [0, count) for each row, shape (n,): rows of one group share theirs.

    Groups go to the lightest fold, the largest first; it depends on the groups alone, not on the order of rows.
    """
    rows = pl.DataFrame({"group": groups})
    sizes = rows.group_by("group").len("rows").sort(["rows", "group"], descending=[True, False])
    loads = [(0, fold) for fold in range(count)]
    assigned = []
    for size in sizes["rows"]:
        load, fold = heapq.heappop(loads)
        assigned.append(fold)
        heapq.heappush(loads, (load + size, fold))
    folds = sizes.select("group", fold=pl.Series(assigned, dtype=pl.Int32))
    return rows.join(folds, on="group", how="left", maintain_order="left", nulls_equal=True)["fold"].to_numpy()


@dataclass(frozen=True)
class FoldHeads:
    """A head per fold, fitted on the rows outside of it.

    `scale`: what features are multiplied by, shape (d,). `heads`, `middles`: of each fold its weights (d,) and the mean
    reward of the answers it was fitted on. `roots`: Cholesky factors of the heads' curvature (d, d). `slope` calibrates
    all of them.
    """

    scale: Matrix
    heads: dict[int, Array]
    middles: dict[int, float]
    roots: dict[int, Array]
    penalty: float
    slope: float

    def rewards(self, chosen: Matrix, rejected: Matrix, folds: Folds) -> Rewards:
        """The rewards of these answers, each by the head of its fold."""
        import scipy.linalg  # loaded before the limit, so that it holds for its library too
        from threadpoolctl import threadpool_limits

        assert scipy.linalg
        left, right, std = (np.zeros(len(folds)) for _ in range(3))
        with threadpool_limits(1):
            for fold in np.unique(folds).tolist():
                mine, weights = folds == fold, self.scale * self.heads[fold]
                left[mine] = chosen[mine] @ weights - self.middles[fold]
                right[mine] = rejected[mine] @ weights - self.middles[fold]
                std[mine] = self._std((chosen[mine] - rejected[mine]) * self.scale, fold)
        return Rewards(self.slope * left, self.slope * right, self.slope * std, self.penalty, self.slope)

    def _std(self, difference: Matrix, fold: int) -> Array:
        """Standard deviation of margins under the Laplace approximation of the head's posterior (MacKay 1992)."""
        from scipy.linalg import solve_triangular

        found: Array = np.linalg.norm(solve_triangular(self.roots[fold], difference.T, lower=True), axis=0)
        return found


def cross_fit(comparisons: Comparisons, folds: Folds) -> Rewards:
    """Rewards of every answer by a head that saw no row of its fold (see `fit_folds`)."""
    return fit_folds(comparisons, folds).rewards(comparisons.chosen, comparisons.rejected, folds)


def fit_folds(comparisons: Comparisons, folds: Folds) -> FoldHeads:
    """A head for each fold from the rows outside of it.

    The penalty is the one of `PENALTIES` whose margins out of fold have the least log-loss. Rewards are then
    multiplied by one slope (Platt 1999, without intercept), so that σ(margin) is a calibrated probability.
    """
    import scipy.linalg  # loaded before the limit, so that it holds for its library too
    from threadpoolctl import threadpool_limits

    assert scipy.linalg
    # One thread: the same sums on every machine, and no waiting for cores that others use.
    with threadpool_limits(1):
        return _fit_folds(comparisons, folds)


def _fit_folds(comparisons: Comparisons, folds: Folds) -> FoldHeads:
    difference = comparisons.difference * (scale := comparisons.scale)
    paths = {fold: list(_path(difference, comparisons, folds != fold)) for fold in np.unique(folds).tolist()}
    margins = [_out_of_fold(difference, paths, folds, step) for step in range(len(PENALTIES))]
    losses = [log_loss(m, comparisons.targets, comparisons.weights) for m in margins]
    best = int(np.argmin(losses))
    slope = platt_slope(margins[best], comparisons.targets, comparisons.weights)
    heads = {fold: path[best] for fold, path in paths.items()}
    middles = {fold: _middle(comparisons, scale * head, folds != fold) for fold, head in heads.items()}
    roots = {
        fold: _root(difference[folds != fold], comparisons.weights[folds != fold], head, PENALTIES[best])
        for fold, head in heads.items()
    }
    return FoldHeads(scale, heads, middles, roots, PENALTIES[best], slope)


def _middle(comparisons: Comparisons, weights: Array, inside: npt.NDArray[np.bool_]) -> float:
    sides = (side[inside] @ weights for side in (comparisons.chosen, comparisons.rejected))
    return float(sum(side.mean() for side in sides) / 2)


def _root(rows: Matrix, weights: Array, head: Array, penalty: float) -> Array:
    from scipy.linalg import cholesky

    p = sigmoid((rows @ head.astype(np.float32)).astype(np.float64))
    curvature = (rows * (weights * p * (1 - p)).astype(np.float32)[:, None]).T @ rows
    found: Array = cholesky(curvature.astype(np.float64) + penalty * np.eye(len(head)), lower=True)
    return found


def _path(difference: Matrix, comparisons: Comparisons, inside: npt.NDArray[np.bool_]) -> Iterator[Array]:
    rows, targets, weights = difference[inside], comparisons.targets[inside], comparisons.weights[inside]
    head: Array = np.zeros(difference.shape[1])
    for penalty in PENALTIES:
        head = fit_head(rows, targets, weights, penalty, start=head)
        yield head


def fit_head(difference: Matrix, targets: Array, weights: Array, penalty: float, start: Array) -> Array:
    """The weights w, shape (d,), that minimise Σ weight·loss(difference·w) + penalty/2·|w|².

    Written so that negated differences with targets 1 − t give bit for bit the same head.
    """
    from scipy.optimize import minimize

    def loss(head: Array) -> tuple[float, Array]:
        margin = (difference @ head.astype(np.float32)).astype(np.float64)
        lost = targets * np.logaddexp(0, -margin) + (1 - targets) * np.logaddexp(0, margin)
        pull = (1 - targets) * sigmoid(margin) - targets * sigmoid(-margin)
        slope = (weights * pull).astype(np.float32) @ difference
        return float((weights * lost).sum() + penalty / 2 * head @ head), slope.astype(np.float64) + penalty * head

    # Gradients are sums over rows in single precision: asking for more than this gains nothing.
    options = {"maxiter": 200, "gtol": 1e-5 * max(1.0, float(weights.sum())), "ftol": 1e-8}
    fitted: Array = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return fitted


def _out_of_fold(difference: Matrix, paths: dict[int, list[Array]], folds: Folds, step: int) -> Array:
    margins: Array = np.zeros(len(folds))
    for fold, path in paths.items():
        margins[folds == fold] = difference[folds == fold] @ path[step].astype(np.float32)
    return margins


def platt_slope(margins: Array, targets: Array, weights: Array) -> float:
    """The factor ≥ 0 that makes σ(factor · margin) fit the targets best; 0 when the margins say nothing."""
    from scipy.optimize import minimize_scalar

    spread = float(np.sqrt(np.average(margins**2, weights=weights)))
    if spread == 0:
        return 0.0
    unit = margins / spread
    found = minimize_scalar(lambda s: log_loss(s * unit, targets, weights), bounds=(0, 50), method="bounded")
    return float(found.x) / spread if found.x > 1e-4 else 0.0
