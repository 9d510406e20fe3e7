"""Rows that a broken rule of the gate speaks of: a few to look at, so that nobody has to search for them."""

from dataclasses import dataclass

import polars as pl

from prefq.figures import Rule
from prefq.schema import SPLITS

MOST = 3
MORE = (">", ">=")
"""A rule that asks for more is broken by the rows that its figure does not count."""
DECIDED = {
    "kept": ["keep", "flip"],
    "merged": ["merge"],
    "dropped": ["drop"],
    "flipped": ["flip"],
    "review": ["review"],
}
LONGER = {
    "chosen_longer": True,
    "curated_chosen_longer": True,
    "shortcut.longer_wins": True,
    "shortcut.shorter_wins": False,
}
"""Figures of lengths, and whether they count the pairs whose chosen answer is the longer one."""


@dataclass(frozen=True)
class Material:
    """The tables that figures are counted in."""

    pairs: pl.DataFrame
    rejects: pl.DataFrame
    flags: pl.DataFrame
    curated: pl.DataFrame
    ledger: pl.DataFrame | None = None


def exemplars(rule: Rule, tables: Material) -> tuple[str, ...]:
    """Row ids (of rejects `DATASET:RECORD`), at most MOST; none where a figure counts no rows of one table."""
    rows = _rows(rule.figure, rule.op not in MORE, tables)
    return tuple(rows.head(MOST).to_list()) if rows is not None else ()


def _rows(figure: str, counted: bool, tables: Material) -> pl.Series | None:
    if figure in tables.flags.columns:
        return tables.flags.filter(pl.col(figure) == counted)["row_id"]
    if figure == "rejected" and counted:
        return tables.rejects.select(pl.format("{}:{}", "dataset", "record")).to_series().unique(maintain_order=True)
    if figure in LONGER:
        pairs = tables.curated if figure == "curated_chosen_longer" else tables.pairs
        return _by_length(pairs, LONGER[figure] == counted)
    return _told(figure, counted, tables)


def _told(figure: str, counted: bool, tables: Material) -> pl.Series | None:
    """Rows by what a column says of them: a label, a split, a decision."""
    if figure == "ties":
        return tables.pairs.filter((pl.col("label") != "chosen") == counted)["row_id"]
    if figure in SPLITS:
        return tables.curated.filter((pl.col("split") == figure) == counted)["row_id"]
    if tables.ledger is not None and figure in DECIDED:
        return tables.ledger.filter(pl.col("decision").is_in(DECIDED[figure]) == counted)["row_id"]
    return None


def _by_length(pairs: pl.DataFrame, longer: bool) -> pl.Series:
    """The pairs whose chosen answer is the longer one (or the shorter), those first that differ most."""
    by = pl.col("chosen").str.len_chars().cast(pl.Int64) - pl.col("rejected").str.len_chars()
    told = pairs.filter(label="chosen").select("row_id", by=by if longer else -by).filter(pl.col("by") > 0)
    return told.sort("by", "row_id", descending=[True, False])["row_id"]
