"""The tables of a working directory, as the report reads them, and the settings that they were made with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prefq.cli.console import Console
from prefq.report import Audit, audit
from prefq.report.survival import Survival, survivals
from prefq.report.tables import Tables
from prefq.store import Workdir
from prefq.survival.outcomes import outcomes, read_asks
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
        shortcuts=home.optional_json("data/shortcuts.json"),
        overlaps=overlaps,
        uncompared=overlaps is None and home.has("data/overlaps.parquet"),
        gate=home.optional_json("reports/gate.json"),
        curated=home.curated() if home.has("data/curated") else None,
        **optional,
    )


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


def open_tokenizers(entries: Sequence[Any], root: Path) -> dict[str, Tokenizer]:
    """The tokenizers that `report.survival` names, by these names."""
    return {name: open_tokenizer(name, root) for name in dict.fromkeys(ask.tokenizer for ask in read_asks(entries))}
