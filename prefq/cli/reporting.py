"""The tables of a working directory, as the report reads them, and the settings that they were made with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from prefq.cli.console import Console
from prefq.errors import TokenizerError
from prefq.figures import Figures
from prefq.gated_survival import known_survival, ruled, survival_figures
from prefq.report import Audit, audit
from prefq.report.survival import Survival, survivals
from prefq.report.tables import Tables
from prefq.store import Workdir
from prefq.survival.outcomes import Ask, outcomes, read_asks
from prefq.timings import noted
from prefq.tokens import Tokenizer, open_tokenizer


def read_tables(home: Workdir) -> Tables:
    """Everything the report is made from; a table is None when its stage has not run."""
    pairs = home.table("data/pairs.parquet")  # first: where every table is too old, it is the one to begin with
    sources, overlaps = home.optional_json("data/sources.json"), home.overlaps()
    optional = {
        name: home.optional_table(f"data/{name}.parquet")
        for name in (
            *("rejects", "neighbors", "clusters", "scores"),
            *("flags", "evidence", "ledger", "map"),
        )
    }
    return Tables(
        pairs=pairs,
        sources=sources["sources"] if sources else None,
        sampled=sources.get("sampled") if sources else None,
        shortcuts=home.optional_json("data/shortcuts.json"),
        overlaps=overlaps,
        uncompared=overlaps is None and home.has("data/overlaps.parquet"),
        gate=home.optional_json("reports/gate.json"),
        timings={} if home.has("dvc.yaml") else _timings(home),  # DVC keeps the page: it must not differ by run
        curated=home.curated() if home.has("data/curated") else None,
        **optional,
    )


def _timings(home: Workdir) -> dict[str, float]:
    """How long the stages before the report took."""
    return {name: seconds for name, seconds in noted(home.root).items() if name not in ("report", "release")}


def settings_of_tables(home: Workdir, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """`settings`, with the sections of stages whose tables were made with others in place of these.

    In a DVC project `params.yaml` says what the tables were made with, for DVC sees to that. How the report itself
    looks (`report`, `map.color`) is always told by `settings`.
    """
    if home.has("dvc.yaml"):
        return settings
    made = {name: section for name, section in home.remembered().items() if name in settings and name != "report"}
    # A section that an older prefq left may lack keys, but a check that is not in `flag` has its defaults.
    told = {name: section if name == "flag" else {**settings[name], **section} for name, section in made.items()}
    map_section = {**told.get("map", settings["map"]), "color": settings["map"]["color"]}
    return {**settings, **told, "map": map_section}


def page_again(home: Workdir, settings: Mapping[str, Any]) -> Audit:
    """The audit of the tables that are there, without what takes long: trainers, annotators and models."""
    return audit(read_tables(home), settings_of_tables(home, settings))


def foresee(tables: Tables, entries: Sequence[Any], root: Path, console: Console) -> tuple[Survival, ...]:
    """What each trainer of `report.survival` would make of the pairs that have a preferred answer.

    Raises SettingsError for an entry that cannot be read, TokenizerError for a tokenizer that is not there.
    """
    asks, pairs = read_asks(entries), tables.pairs.filter(label="chosen")
    tokenizers = open_tokenizers(entries, root)
    with console.progress(pairs.height if asks else 0, "pair", "count tokens") as advance:
        found = outcomes(pairs, asks, tokenizers, advance)
    return survivals(pairs, tables.curated, asks, found, tokenizers)


def gated_survival(home: Workdir, settings: Mapping[str, Any], console: Console) -> Figures:
    """The figures of trainers that rules of the gate may be on; texts are counted for those that rules are on alone.

    Without its tokenizer a trainer's figures are not decided, and it is said why.
    """
    asks = read_asks(settings["report"]["survival"])
    rules = [name for name, rule in settings["gate"].items() if rule not in (None, "off")]
    asked = ruled(asks, rules)
    found = {ask.name: _outcome(home, ask, console) for ask in asked}
    told = {name: outcome for name, outcome in found.items() if outcome is not None}
    return known_survival(asks) | survival_figures(asked, told)


def _outcome(home: Workdir, ask: Ask, console: Console) -> pl.DataFrame | None:
    try:
        tokenizers = {ask.tokenizer: open_tokenizer(ask.tokenizer, home.root)}
    except TokenizerError as error:
        console.say(f"  survival.{ask.name} is not decided: {error}")
        return None
    pairs = home.table("data/pairs.parquet").filter(label="chosen")
    with console.progress(pairs.height, "pair", "count tokens") as advance:
        return outcomes(pairs, [ask], tokenizers, advance).get(ask.name)


def open_tokenizers(entries: Sequence[Any], root: Path) -> dict[str, Tokenizer]:
    """The tokenizers that `report.survival` names, by these names."""
    return {name: open_tokenizer(name, root) for name in dict.fromkeys(ask.tokenizer for ask in read_asks(entries))}
