"""The five figures that stand beside the verdict."""

from dataclasses import dataclass

from prefq.report.data import Audit
from prefq.report.numbers import count, interval, plural, ratio, share
from prefq.report.shortcuts import noise


@dataclass(frozen=True)
class Tile:
    """One key figure: its name, its value, what it is out of, and the section that says more."""

    name: str
    value: str
    text: str
    section: str


def headline(audit: Audit) -> list[Tile]:
    """Five figures about the data as it came in; those that cannot be decided say why."""
    return [_flagged(audit), _distinct(audit), _longer(audit), _judge(audit), _noise(audit)]


def _flagged(audit: Audit) -> Tile:
    if audit.flagged is None:
        return Tile("Flagged", "not decided", "the flag stage has not run", "checks")
    have = "has" if 1 in (audit.flagged, audit.flow.pairs) else "have"
    text = f"{count(audit.flagged)} of {plural(audit.flow.pairs, 'pair')} {have} a defect or a doubt"
    return Tile("Flagged", share(audit.flagged, audit.flow.pairs), text, "checks")


def _distinct(audit: Audit) -> Tile:
    told = audit.duplicates
    text = f"{plural(told.distinct_pairs, 'pair')} on {plural(told.distinct_prompts, 'prompt')}"
    return Tile("Distinct", share(told.distinct_pairs, told.pairs), text, "duplicates")


def _longer(audit: Audit) -> Tile:
    told = audit.lengths
    if not told.compared:
        return Tile("Chosen is longer", "not decided", "no pair has a chosen answer", "lengths")
    text = f"in {count(told.longer)} of {plural(told.compared, 'pair')}"
    return Tile("Chosen is longer", ratio(told.chosen_longer_share), text, "lengths")


def _judge(audit: Audit) -> Tile:
    name, told, surface = "Judge agrees", audit.judge, audit.habits.surface
    if told is None:
        return Tile(name, "not decided", audit.unscored or "the pairs are not scored", "judge")
    if surface is not None:
        return Tile(name, ratio(told.accuracy), f"with the label; by form alone {ratio(surface.value)}", "judge")
    return Tile(name, ratio(told.accuracy), f"with the label of {plural(told.rows, 'pair')}", "judge")


def _noise(audit: Audit) -> Tile:
    value, text = noise(audit)
    found = (audit.shortcuts or {}).get("noise_rate")
    told = found if isinstance(found, dict) else {}
    if audit.shortcuts is None:
        return Tile("Wrong labels", "not decided", "the pairs are not scored", "judge")
    if told.get("source") == "given":
        text = "as score.noise_rate says"
    elif told.get("low") is not None and told.get("high") is not None:
        text = f"estimated, {interval((told['low'], told['high']))}"
    elif value[:1].isdigit():
        text = "estimated"
    return Tile("Wrong labels", value, text[:1].lower() + text[1:].rstrip("."), "judge")
