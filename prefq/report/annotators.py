"""Annotators and models for the page: how far people and judges agree, and who wins against whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.agreement import Agreement, Annotator, Kappa, agreement
from prefq.report.habits import WORDS, Share
from prefq.report.numbers import count, interval, plural, ratio
from prefq.report.text import brief
from prefq.standings import Duel, Effect, Standing, Standings, model_pick, standings
from prefq.stats import Interval

MOST = 12
"""Rows of a table on the page."""
MOST_TOLD = 100
"""Annotators, models and pairs of them in the figures for machines."""


@dataclass(frozen=True)
class People:
    """The agreement of those who judged, and the standings of those who were judged (None: no models named)."""

    agreement: Agreement
    standings: Standings | None
    pick: Interval | None = None
    """How often the chosen answer is of the model that wins more often against the other."""


def people(pairs: pl.DataFrame, seed: int) -> People:
    """Both, of all pairs as they came in."""
    return People(agreement(pairs, seed=seed), standings(pairs), model_pick(pairs))


def to_json(found: People | None) -> dict[str, Any]:
    """The figures of both sections, null where they are not decided."""
    return {
        "annotators": _agreement(found.agreement) if found else None,
        "models": _standings(found.standings, found.pick) if found and found.standings else None,
    }


def _agreement(told: Agreement) -> dict[str, Any]:
    return {
        "known": len(told.annotators),
        "judged_by_several": told.shared,
        "alpha": _interval(told.alpha),
        "fleiss_kappa": _interval(told.fleiss),
        "by_annotator": {
            one.name: {
                "judgements": one.judgements,
                "neither": one.neither,
                "first_shown": _interval(one.first_shown),
                "with_others": _interval(one.with_others),
            }
            for one in told.annotators[:MOST_TOLD]
        },
        "by_pair": {
            f"{k.left} | {k.right}": {
                "shared": k.shared,
                "agreed": _interval(k.agreed),
                "kappa": _interval(k.kappa),
            }
            for k in told.kappas[:MOST_TOLD]
        },
    }


def _standings(told: Standings, pick: Interval | None) -> dict[str, Any]:
    return {
        "known": told.models,
        "comparisons": told.comparisons,
        "stronger_chosen": _interval(pick),
        "by_model": {
            one.model: {
                "games": one.games,
                "won": round(one.won, 6),
                "chance": _interval(one.plain),
                "chance_at_equal_style": _interval(one.adjusted),
            }
            for one in told.standings[:MOST_TOLD]
        },
        "duels": {
            f"{d.left} | {d.right}": {"games": d.games, "won": round(d.won / d.games, 6)}
            for d in frequent(told.duels, MOST_TOLD)
        },
        "style_odds": {effect.feature: _interval(effect.odds) for effect in told.effects},
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"value": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def alpha_words(told: Agreement) -> str:
    """How far annotators agree, in sentences; why not, where nothing can be said."""
    if told.alpha is None:
        return f"Not decided: {_why(told)}."
    said = (
        f"Krippendorff's alpha is {_with_ends(told.alpha)} on {plural(told.shared, 'pair')} judged by more than one: "
    )
    return said + _strength(told.alpha.value) + _fleiss(told)


def _why(told: Agreement) -> str:
    if not told.judgements:
        return "there are no pairs"
    if told.shared:
        return f"all judgements of the {plural(told.shared, 'pair')} judged by more than one are the same"
    if not told.annotators:
        return "no pair of these sources names its annotator, and no record holds several judgements of one pair"
    return f"no pair was judged by more than one of the {plural(len(told.annotators), 'annotator')}"


def _strength(alpha: float) -> str:
    """What alpha allows to conclude, by the bounds that Krippendorff (2004) gives."""
    if alpha >= 0.8:
        return "reliable (0.8 and more)."
    if alpha >= 0.667:
        return "good for tentative conclusions (0.667 to 0.8)."
    return "too little to rely on single judgements (below 0.667)."


def _fleiss(told: Agreement) -> str:
    if told.fleiss is None:
        return ""
    pairs = plural(told.fleiss.n, "pair")
    return f" Fleiss' kappa, of the {pairs} with {told.raters} judgements each: {_with_ends(told.fleiss)}."


def _with_ends(found: Interval) -> str:
    return f"{_plain(found.value)} ({_plain(found.low)} to {_plain(found.high)})"


def _plain(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def annotator_rows(told: Agreement) -> list[list[str]]:
    """The busiest annotators: judgements, neither, how often the first shown answer won, how often the others agree."""
    return [_annotator(one) for one in told.annotators[:MOST]]


def _annotator(one: Annotator) -> list[str]:
    shares = [one.first_shown, one.with_others]
    return [brief(one.name), count(one.judgements), count(one.neither), *(_share(found) for found in shares)]


def _share(found: Interval | None) -> str:
    return f"{ratio(found.value)} ({interval((found.low, found.high))})" if found else "not decided"


def kappa_rows(told: Agreement) -> list[list[str]]:
    """The pairs of annotators with most in common: pairs that both judged, share of equal judgements, Cohen's kappa."""
    return [_kappa(k) for k in told.kappas[:MOST]]


def _kappa(k: Kappa) -> list[str]:
    kappa = _with_ends(k.kappa) if k.kappa else "not decided"
    return [f"{brief(k.left)} and {brief(k.right)}", count(k.shared), _share(k.agreed), kappa]


def shown_models(told: Standings) -> Sequence[Standing]:
    """The strongest models that have a standing."""
    return told.standings[:MOST]


def as_share(found: Interval) -> Share:
    """The interval as the bars of the page want it."""
    return Share(found.value, found.low, found.high, found.n)


def frequent(duels: Sequence[Duel], most: int) -> list[Duel]:
    """The duels with most games, ties by name."""
    return sorted(duels, key=lambda d: (-d.games, d.left, d.right))[:most]


def matrix(told: Standings) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Who wins against whom: the models with most games, strongest first, and for each how often it beat the others."""
    busy = {one.model for one in sorted(told.standings, key=lambda one: (-one.games, one.model))[:8]}
    models = [one.model for one in told.standings if one.model in busy]
    won = {(d.left, d.right): (d.won, d.games) for d in told.duels}
    won |= {(right, left): (games - beaten, games) for (left, right), (beaten, games) in list(won.items())}
    rows = [(brief(one, 40), [_cell(won.get((one, other))) for other in models]) for one in models]
    return [brief(one, 40) for one in models], rows


def _cell(met: tuple[float, int] | None) -> str:
    return f"{ratio(met[0] / met[1])} of {count(met[1])}" if met else "–"


def effect_words(effects: Sequence[Effect]) -> list[str]:
    """What style does to the odds, one sentence a feature, the strongest first."""
    ranked = sorted(effects, key=lambda one: (-max(one.odds.value, 1 / one.odds.value), one.feature))
    names = {**WORDS, "headings": "headings"}
    return [
        f"A standard deviation more of {names.get(one.feature, one.feature)}: odds to win × {one.odds.value:.2f} "
        f"({one.odds.low:.2f} to {one.odds.high:.2f})."
        for one in ranked
    ]
