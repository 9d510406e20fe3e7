"""The report counts the chains of near texts that were split into clusters."""

import polars as pl
import pytest

from prefq import schema
from prefq.report.chains import split_chains
from prefq.report.tables import Tables


def tables(clusters: dict[str, str], edges: list[tuple[str, str, str]]) -> Tables:
    """One row per prompt of `clusters` (prompt → its cluster), with lexical edges (left, right, kind)."""
    ids = sorted(clusters)
    pairs = pl.DataFrame({"row_id": ids, "prompt_id": ids, "chosen_id": ids, "rejected_id": ids})
    alone = pl.DataFrame({"row_id": ids, "chosen_cluster": ids, "rejected_cluster": ids})
    named = alone.with_columns(prompt_cluster=pl.col("row_id").replace_strict(clusters))
    rows = [("prompt", left, right, kind, 0.8, None) for left, right, kind in edges]
    return Tables(pairs=pairs, clusters=named, neighbors=pl.DataFrame(rows, schema=schema.NEIGHBORS, orient="row"))


CHAIN = [("a", "b", "lexical"), ("b", "c", "lexical"), ("c", "d", "semantic")]


def test_a_chain_of_two_clusters_was_split() -> None:
    found = tables({"a": "a", "b": "a", "c": "c", "d": "c", "e": "e"}, CHAIN)
    assert split_chains(found) == (("prompt", 1, 2),)


def test_a_chain_that_is_one_cluster_was_not_split() -> None:
    assert split_chains(tables(dict.fromkeys("abcd", "a"), CHAIN)) == ()


@pytest.mark.parametrize("edges", [[], [("a", "b", "contrast")]])
def test_contrasts_are_no_chain(edges: list[tuple[str, str, str]]) -> None:
    assert split_chains(tables({"a": "a", "b": "b"}, edges)) == ()
