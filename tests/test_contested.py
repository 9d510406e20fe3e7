"""Contradictions are judged on what the policy and people have left of them."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_curation import decided_by, decisions, evidence, judgements, no_flags

from prefq.contested import still_contested
from prefq.curation import Curation, curate
from prefq.neighbors import find_neighbors
from prefq.neighbors.contradictions import NAMES
from prefq.policy import CONTRADICTION_CHECKS, DEFAULT_POLICY, read_settings
from prefq.votes import human_ballots, unit_columns

CHECKS = [*DEFAULT_POLICY, "swapped_duplicate", "only_chosen_refuses"]

ANSWERS = {
    "box": "Keep the loaf in a wooden box in a dry corner of the kitchen, cut side down, for as long as you can.",
    "bag": "Freeze it in slices inside a tight bag and toast each slice as you need it, straight from the cold.",
    "cloth": "Wrap the bread with a clean linen towel so that the crust can breathe while the crumb stays moist.",
    "eat": "Buy half as much every second day, then nothing is ever left over that could possibly go stale.",
    "Box": "Keep the loaf in a woden box in a dry corner of the kitchen, cut side down, for as long as you can.",
}

CYCLE = ("box bag", "bag cloth", "cloth box")


def table(*rows: str | tuple[str, dict[str, Any]]) -> pl.DataFrame:
    """Judgements of one prompt from "winner loser", perhaps with more columns."""
    said = [row if isinstance(row, tuple) else (row, {}) for row in rows]
    pairs = [(*ends.split(), more) for ends, more in said]
    return judgements(*({"chosen": ANSWERS[won], "rejected": ANSWERS[lost], **more} for won, lost, more in pairs))


def clusters_of(pairs: pl.DataFrame) -> pl.DataFrame:
    chosen = {"semantic": False, "semantic_similarity": 0.9, "lexical_similarity": 0.6, "scope": "all"}
    return find_neighbors(pairs, None, settings=chosen, seed=7).clusters


def run(
    pairs: pl.DataFrame, labels: pl.DataFrame | None = None, section: dict[str, Any] | None = None, **flagged: set[int]
) -> Curation:
    clusters = clusters_of(pairs)
    kinds = clusters["contradiction"].to_list()
    flagged |= {
        check: {row for row, named in enumerate(kinds) if named == kind} for kind, check in CONTRADICTION_CHECKS.items()
    }
    chosen = read_settings({"split": {"train": 1.0}, **(section or {})}, CHECKS)
    return curate(pairs, no_flags(pairs, **flagged), clusters, labels, settings=chosen, seed=7)


def decided(curation: Curation) -> list[str]:
    return curation.ledger["decision"].to_list()


def test_a_cycle_that_a_person_breaks_is_no_cycle() -> None:
    pairs = table(*CYCLE)
    done = run(pairs, decided_by(("ann", {"label": "second"}), pair=pairs.row(2, named=True)))
    assert decisions(done) == [("keep", []), ("keep", []), ("flip", ["human_label"])]
    assert evidence(done, 0) == {"settled": "cycle"}


def test_a_cycle_that_a_person_confirms_a_part_of_is_one() -> None:
    pairs = table(*CYCLE)
    labels = decided_by(("ann", {"label": "first"}), pair=pairs.row(2, named=True))
    assert decided(run(pairs, labels)) == ["review", "review", "keep"]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_of_a_cycle_what_a_person_confirms_is_never_what_is_removed(row: int) -> None:
    pairs = table(*((ends, {"annotator": name}) for ends in CYCLE for name in "xyz"[: 1 + 2 * (ends != CYCLE[row])]))
    rows = pairs.with_row_index().filter(pl.col("chosen") == ANSWERS[CYCLE[row].split()[0]])["index"].to_list()
    keep = {"contradictions": {"cycle": "keep_majority"}}
    assert decided(run(pairs, None, keep))[rows[0]] == "drop"
    labels = decided_by(("ann", {"label": "first"}), pair=pairs.row(rows[0], named=True))
    after = decided(run(pairs, labels, keep))
    assert after[rows[0]] == "keep"
    assert after.count("drop") == 3


@pytest.mark.parametrize("check", ["empty_answer", "pii"])
def test_a_cycle_whose_link_the_policy_takes_out_is_no_cycle(check: str) -> None:
    done = run(table(*CYCLE), **{check: {1}})
    gone = "drop" if check == "empty_answer" else "review"
    assert decided(done) == ["keep", gone, "keep"]
    assert done.ledger["reasons"].to_list() == [[], [check, "preference_cycle"], []]


def test_of_two_cycles_the_one_that_is_left_stays() -> None:
    done = run(table(*CYCLE, "bag eat", "eat box"), pii={1})
    assert decided(done) == ["review", "review", "keep", "review", "review"]


def test_a_flip_can_settle_a_cycle() -> None:
    done = run(table(*CYCLE), None, {"policy": {"only_chosen_refuses": "flip"}}, only_chosen_refuses={2})
    assert decided(done) == ["keep", "keep", "flip"]


def test_copies_on_both_sides_are_settled_by_the_decision_on_one() -> None:
    pairs = table("box bag", "cloth Box")
    assert decided(run(pairs)) == ["review", "review"]
    labels = decided_by(("ann", {"label": "second"}), pair=pairs.row(1, named=True))
    assert decided(run(pairs, labels)) == ["keep", "flip"]
    confirmed = decided_by(("ann", {"label": "first"}), pair=pairs.row(1, named=True))
    assert decided(run(pairs, confirmed)) == ["review", "keep"]


def test_people_who_disagree_take_the_pair_out_of_the_cycle() -> None:
    pairs = table(*CYCLE)
    labels = decided_by(("ann", {"label": "first"}), ("bo", {"label": "second"}), pair=pairs.row(0, named=True))
    assert decided(run(pairs, labels)) == ["review", "keep", "keep"]


judged = st.lists(
    st.tuples(st.sampled_from([*ANSWERS]), st.sampled_from([*ANSWERS]), st.sampled_from(["x", "y", None])), max_size=10
)


def contested(pairs: pl.DataFrame, taken: set[int]) -> pl.DataFrame:
    clusters = clusters_of(pairs)
    rows = pairs.join(clusters, on="row_id", maintain_order="left").with_columns(unit_columns(True)).with_row_index()
    drop = pl.when(pl.col("index").is_in(sorted(taken))).then(pl.lit("drop")).otherwise(pl.lit("keep"))
    rows = rows.with_columns(action=drop)
    return still_contested(rows, human_ballots(None, rows))


@settings(max_examples=30, deadline=None)
@given(judged)
def test_what_nobody_touched_stays_as_it_was(rows: list[tuple[str, str, str | None]]) -> None:
    pairs = table(*((f"{won} {lost}", {"annotator": name}) for won, lost, name in rows))
    after = contested(pairs, set())
    assert after.select(NAMES).equals(clusters_of(pairs).select(NAMES))
    assert after["settled"].null_count() == pairs.height


@settings(max_examples=40, deadline=None)
@given(judged, st.sets(st.integers(0, 9), max_size=3))
def test_what_is_left_is_judged_as_if_nothing_else_had_been_there(
    rows: list[tuple[str, str, str | None]], taken: set[int]
) -> None:
    pairs = table(*((f"{won} {lost}", {"annotator": name}) for won, lost, name in rows))
    left = pairs.with_row_index().filter(~pl.col("index").is_in(sorted(taken))).drop("index")
    alone = clusters_of(left).select("row_id", alone="contradiction")
    both = contested(pairs, taken).join(alone, on="row_id")
    # A kind that another one went before is not looked for again; what is settled is settled in both.
    assert both.filter(pl.col("settled") == "cycle", pl.col("alone") == "cycle").is_empty()
    assert both.filter(pl.col("settled") == "swapped", pl.col("alone") == "swapped").is_empty()
    assert both.filter(pl.col("contradiction") == "swapped", pl.col("alone").is_null()).is_empty()
