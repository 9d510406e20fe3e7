"""What trainers lose, as figures that a gate's rule can be on: `survival.trl-dpo.dropped`, `survival.trl.dropped`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import polars as pl

from prefq.figures import SHARE, Figure, Figures
from prefq.survival import TRAINERS
from prefq.survival.outcomes import Ask, Losses, losses

LOSSES = ("dropped", "refused", "cut", "prompt_cut", "chosen_cut", "rejected_cut", "identical", "no_answer", "lost")
EXAMPLES = 3
_figure = partial(Figure, unit="pairs with a preferred answer")


def known_survival(asks: Sequence[Ask]) -> Figures:
    """Every figure that there can be, not decided: of each trainer, of those that `asks` names, and of families."""
    names = {*(name for ask in asks for name in _names(ask)), *TRAINERS, *(_family(name) for name in TRAINERS)}
    return {f"survival.{name}.{loss}": _figure(None) for name in sorted(names) for loss in LOSSES}


def ruled(asks: Sequence[Ask], rules: Collection[str]) -> list[Ask]:
    """Those of `asks` that the names of rules speak of: by their own name, or by that of their family."""
    spoken = {rule.removesuffix(SHARE).rpartition(".")[0] for rule in rules}
    return [ask for ask in asks if any(f"survival.{name}" in spoken for name in _names(ask))]


def survival_figures(asks: Sequence[Ask], found: Mapping[str, pl.DataFrame]) -> Figures:
    """How many pairs each of `asks` loses, by its outcome in `found`; a family (`trl`) has the most of its own.

    One without an outcome is not decided, nor is its family.
    """
    figures: Figures = {}
    for ask in asks:
        told = losses(found[ask.name]) if ask.name in found else None
        for name in _names(ask):
            for loss in LOSSES:
                figure = _figure(None) if told is None else _counted(told, found[ask.name], loss)
                key = f"survival.{name}.{loss}"
                figures[key] = _worse(figures.get(key, figure), figure)
    return figures


def _counted(told: Losses, outcome: pl.DataFrame, loss: str) -> Figure:
    lost = pl.any_horizontal("dropped", "identical", "no_answer") if loss == "lost" else pl.col(loss)
    some = outcome.filter(lost)["row_id"].head(EXAMPLES)
    return _figure(getattr(told, loss), told.pairs, examples=tuple(some.to_list()))


def _worse(one: Figure, other: Figure) -> Figure:
    if one.count is None or other.count is None:
        return _figure(None)
    return max(one, other, key=lambda figure: figure.count or 0)


def _names(ask: Ask) -> Iterator[str]:
    yield ask.name
    if (family := _family(ask.trainer.name)) != ask.name:
        yield family


def _family(trainer: str) -> str:
    return trainer.partition("-")[0]
