"""Which models win against which, and how much of that is style: Bradley–Terry strengths with intervals.

Style: how long an answer is and how much it is laid out. Its effect is fitted beside the models' strengths, as in the
style control of Chatbot Arena (Li, Angelopoulos & Chiang 2024, "Does style matter?").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from prefq.bradley_terry import fit_head
from prefq.features import answer_features, both_sides
from prefq.stats import Z95, Array, Interval, sigmoid, wilson

STYLE = ("chars", "headings", "bold", "list_items")
GAMES = 20
"""Comparisons from which a model has a standing."""
PENALTY = 0.1
"""L2 penalty on strengths: a model that won all of its games has a finite one."""


@dataclass(frozen=True)
class Standing:
    """One model. `won`: the share of its comparisons that it won, ties half.

    `plain`, `adjusted`: the chance to win against the middle of all models, as it is and at equal style. None for a
    model that no chain of comparisons links with most of the others.
    """

    model: str
    games: int
    won: float
    plain: Interval | None
    adjusted: Interval | None


@dataclass(frozen=True)
class Duel:
    """Two models: of `games` comparisons the left one won `won`, ties half."""

    left: str
    right: str
    games: int
    won: float


@dataclass(frozen=True)
class Effect:
    """What more of a style feature does, all else equal: the factor on the odds to win, per standard deviation."""

    feature: str
    odds: Interval


@dataclass(frozen=True)
class Standings:
    """Comparisons of different models, the models with enough of them (strongest first), their duels and styles."""

    comparisons: int
    models: int
    standings: tuple[Standing, ...]
    duels: tuple[Duel, ...]
    effects: tuple[Effect, ...]


def model_pick(pairs: pl.DataFrame) -> Interval | None:
    """How often the chosen answer is of the model that wins more often against the other, by their other comparisons.

    Comparisons of two models that the others call even, and ties, are not counted; None when there is none.
    """
    games = _games(pairs).filter(~pl.col("half")).select("winner", "loser")
    met = games.group_by("winner", "loser").len("won")
    back = met.rename({"winner": "loser", "loser": "winner", "won": "lost"})
    both = met.join(back, on=["winner", "loser"], how="left").with_columns(pl.col("lost").fill_null(0))
    others = pl.col("won").cast(pl.Int64) - 1 - pl.col("lost")
    counted = both.select(right=pl.col("won").filter(others > 0).sum(), n=pl.col("won").filter(others != 0).sum())
    return wilson(*counted.row(0))


def standings(pairs: pl.DataFrame) -> Standings | None:
    """The standings of the models that are named; None when no pair names two different ones.

    Judgements are taken as independent, so several of one prompt make the intervals too narrow.
    """
    games = _games(pairs)
    if games.is_empty():
        return None
    table = _table(games)
    enough = table.filter(pl.col("games") >= GAMES)["model"]
    among = games.filter(pl.col("winner").is_in(enough.implode()) & pl.col("loser").is_in(enough.implode()))
    linked = _linked(among, enough.to_list())
    rated = among.filter(pl.col("winner").is_in(linked) & pl.col("loser").is_in(linked))
    plain, adjusted, effects = _fitted(rated, linked) if len(linked) > 1 else ({}, {}, ())
    told = [
        Standing(model, n, won / n, plain.get(model), adjusted.get(model))
        for model, n, won in table.filter(pl.col("games") >= GAMES).iter_rows()
    ]
    told.sort(key=lambda one: (one.adjusted is None, -(one.adjusted.value if one.adjusted else one.won), one.model))
    return Standings(games.height, table.height, tuple(told), _duels(among), effects)


def _games(pairs: pl.DataFrame) -> pl.DataFrame:
    """One row per judgement of two different models: `winner` and `loser` (by name for ties), `half`, answer ids."""
    named = pairs.filter(
        pl.col("chosen_model").is_not_null(),
        pl.col("rejected_model").is_not_null(),
        pl.col("chosen_model") != pl.col("rejected_model"),
    )
    return named.sort("row_id").select(
        "row_id",
        *("chosen", "rejected", "chosen_id", "rejected_id", "chosen_messages", "rejected_messages"),
        winner="chosen_model",
        loser="rejected_model",
        half=pl.col("label") != "chosen",
    )


def _table(games: pl.DataFrame) -> pl.DataFrame:
    """`model`, `games`, `won` (ties half), by name."""
    won = pl.when("half").then(0.5)
    sides = [
        games.select(model="winner", won=won.otherwise(1.0)),
        games.select(model="loser", won=won.otherwise(0.0)),
    ]
    return pl.concat(sides).group_by("model").agg(games=pl.len(), won=pl.col("won").sum()).sort("model")


def _duels(games: pl.DataFrame) -> tuple[Duel, ...]:
    swapped = pl.col("winner") > pl.col("loser")
    left, right = pl.min_horizontal("winner", "loser"), pl.max_horizontal("winner", "loser")
    won = pl.when("half").then(0.5).when(swapped).then(0.0).otherwise(1.0)
    met = games.select(left=left, right=right, won=won).group_by("left", "right")
    rows = met.agg(games=pl.len(), won=pl.col("won").sum()).sort("left", "right")
    return tuple(Duel(*row) for row in rows.iter_rows())


def _linked(games: pl.DataFrame, models: Sequence[str]) -> list[str]:
    """The largest set of models that comparisons link, directly or by others; by name."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not models:
        return []
    place = {model: i for i, model in enumerate(models)}
    met = games.select("winner", "loser").unique()
    ends = [[place[name] for name in met[side]] for side in ("winner", "loser")]
    graph = coo_matrix((np.ones(met.height), ends), shape=(len(models), len(models)))
    _, part = connected_components(graph, directed=False)
    largest = int(np.bincount(part).argmax())
    return sorted(model for model in models if part[place[model]] == largest)


Strengths = dict[str, Interval]


def _fitted(games: pl.DataFrame, models: Sequence[str]) -> tuple[Strengths, Strengths, tuple[Effect, ...]]:
    """The models' chances without and with style, and what style does."""
    design, styles = _design(games, models), _style(games)
    targets = np.where(games["half"].to_numpy(), 0.5, 1.0)
    head, spread = _fit(design, targets)
    plain = _chances(head, spread, models)
    from scipy.sparse import csr_matrix, hstack

    head, spread = _fit(hstack([design, csr_matrix(styles.astype(np.float32))], format="csr"), targets)
    effects = tuple(_effect(name, head, spread, len(models) + i) for i, name in enumerate(STYLE) if styles[:, i].any())
    return plain, _chances(head, spread, models), effects


def _design(games: pl.DataFrame, models: Sequence[str]) -> Any:
    """+1 for the winner's column and −1 for the loser's, shape (games, models), sparse."""
    from scipy.sparse import csr_matrix

    place = {model: i for i, model in enumerate(models)}
    columns = np.array([[place[name] for name in games[side]] for side in ("winner", "loser")], np.int64)
    rows = np.tile(np.arange(games.height), 2)
    signs = np.repeat(np.array([1, -1], np.float32), games.height)
    return csr_matrix((signs, (rows, columns.ravel())), shape=(games.height, len(models)))


def _style(games: pl.DataFrame) -> Array:
    """The winner's share of each style feature less the loser's, in standard deviations, shape (games, STYLE)."""
    texts = both_sides(games, "row_id").select(text_id="answer_id", text="answer").unique("text_id", keep="first")
    measured = answer_features(texts, STYLE)
    sides = [
        games.join(measured, left_on=f"{side}_id", right_on="text_id", how="left", maintain_order="left")
        .select(STYLE)
        .to_numpy()
        .astype(np.float64)
        for side in ("chosen", "rejected")
    ]
    whole = sides[0] + sides[1]
    share = np.divide(sides[0] - sides[1], whole, out=np.zeros_like(whole), where=whole > 0)
    spread = np.sqrt(np.square(share).mean(axis=0))
    scaled: Array = np.divide(share, spread, out=np.zeros_like(share), where=spread > 0)
    return scaled


def _fit(design: Any, targets: Array) -> tuple[Array, Array]:
    """The strengths, shape (d,), and their covariance (Laplace approximation, MacKay 1992), shape (d, d)."""
    weights, size = np.ones(len(targets)), design.shape[1]
    head = fit_head(design, targets, weights, PENALTY, np.zeros(size))
    p = sigmoid(np.asarray(design @ head, np.float64))
    curvature = (design.multiply((p * (1 - p))[:, None]).T @ design).toarray() + PENALTY * np.eye(size)
    covariance: Array = np.linalg.inv(curvature)
    return head, covariance


def _chances(head: Array, covariance: Array, models: Sequence[str]) -> Strengths:
    """The chance of each model to win against the mean strength of all."""
    n = len(models)
    centre = np.zeros((n, len(head)))
    centre[:, :n] = np.eye(n) - 1 / n
    middle = centre @ head
    half = Z95 * np.sqrt(np.einsum("ij,jk,ik->i", centre, covariance, centre))
    ends = [sigmoid(at) for at in (middle, middle - half, middle + half)]
    told = zip(models, *(end.tolist() for end in ends), strict=True)
    return {model: Interval(value, low, high, n) for model, value, low, high in told}


def _effect(name: str, head: Array, covariance: Array, at: int) -> Effect:
    half = Z95 * float(np.sqrt(covariance[at, at]))
    value, low, high = (float(np.exp(head[at] + off)) for off in (0.0, -half, half))
    return Effect(name, Interval(value, low, high, 1))
