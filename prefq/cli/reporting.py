"""The tables of a working directory, as the report reads them."""

from prefq.report.tables import Tables
from prefq.store import Workdir


def read_tables(home: Workdir) -> Tables:
    """Everything the report is made from; a table is None when its stage has not run."""
    sources = home.optional_json("data/sources.json")
    optional = {
        name: home.optional_table(f"data/{name}.parquet")
        for name in (
            *("rejects", "neighbors", "clusters", "scores"),
            *("flags", "evidence", "ledger", "map"),
        )
    }
    return Tables(
        pairs=home.table("data/pairs.parquet"),
        sources=sources["sources"] if sources else None,
        shortcuts=home.optional_json("data/shortcuts.json"),
        overlaps=home.overlaps(),
        gate=home.optional_json("reports/gate.json"),
        curated=home.curated() if home.has("data/curated") else None,
        **optional,
    )
