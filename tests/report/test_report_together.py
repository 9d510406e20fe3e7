"""Checks that fire together, and where each fires."""

import polars as pl
from report_tables import SETTINGS, make_tables

from prefq.report import audit, audit_json, render
from prefq.report.results import results
from prefq.report.together import MOST, together

NAMES = ("alike", "same", "other", "unsure")


def flags(rows: int = 400) -> pl.DataFrame:
    """`same` is half of `alike`; `other` has nothing to do with them; `unsure` is decided on a quarter of the rows."""
    at = pl.int_range(rows, eager=True)
    return pl.DataFrame(
        {
            "row_id": [f"d:{i}" for i in range(rows)],
            "alike": at % 20 == 0,
            "same": at % 40 == 0,
            "other": at % 3 == 0,
            "unsure": pl.Series([i % 20 == 0 if i < 100 else None for i in range(rows)]),
        }
    )


def test_two_checks_that_flag_the_same_pairs_are_found():
    found = {(pair.left, pair.right): pair for pair in together(flags(), NAMES)}
    pair = found["alike", "same"]
    assert (pair.left_hits, pair.right_hits, pair.both) == (20, 10, 10)
    assert pair.lift == 10 / (20 * 10 / 400)


def test_rows_that_one_of_them_could_not_decide_do_not_count():
    found = {(pair.left, pair.right): pair for pair in together(flags(), NAMES)}
    pair = found["alike", "unsure"]
    assert (pair.left_hits, pair.right_hits, pair.both) == (5, 5, 5)
    assert pair.lift == 20


def test_the_closest_come_first_and_chance_is_not_told():
    found = together(flags(), NAMES)
    assert [(pair.left, pair.right) for pair in found][:2] == [("alike", "unsure"), ("alike", "same")]
    assert all("other" not in (pair.left, pair.right) for pair in found)


def test_few_pairs_in_common_are_not_told():
    assert not together(flags(100), ("alike", "same"))
    assert together(None, NAMES) == together(flags(), NAMES[:1]) == ()


def test_the_order_of_rows_and_checks_plays_no_part():
    assert together(flags().reverse(), NAMES[::-1]) == together(flags(), NAMES)


def test_no_more_than_twelve_are_told():
    many = flags(400).select("row_id", *(pl.col("alike").alias(f"c{i:02}") for i in range(9)))
    assert len(together(many, [f"c{i:02}" for i in range(9)])) == MOST


def test_hits_are_counted_by_slice():
    tables = make_tables(300)
    found = next(r for r in results(tables, SETTINGS) if r.name == "near_duplicate")
    joined = tables.pairs.join(tables.flags, on="row_id")
    for part in found.slices:
        rows = joined.filter(pl.col(part.column) == part.value)
        assert (part.hits, part.rows) == (rows["near_duplicate"].sum(), rows.height)
        assert part.interval[0] < part.hits / part.rows < part.interval[1]
    assert [part.column for part in found.slices] == ["dataset"] * 2 + ["category"] * 3  # one language is no slice
    assert sum(part.hits for part in found.slices if part.column == "dataset") == found.count


def test_the_page_and_the_figures_tell_of_both():
    tables = make_tables(400)
    twin = tables.flags.with_columns(pii=pl.col("near_duplicate"))
    page = audit(type(tables)(pairs=tables.pairs, flags=twin), SETTINGS)
    html, figures = render(page), audit_json(page)
    assert '<a href="#check-near_duplicate"><code>near_duplicate</code></a> and <a href="#check-pii">' in html
    assert figures["together"]["near_duplicate | pii"]["both"] == int(twin["pii"].sum())
    assert figures["checks_by_slice"]["pii"] == figures["checks_by_slice"]["near_duplicate"]
    assert set(figures["checks_by_slice"]["pii"]) >= {"dataset=help_desk", "dataset=kitchen-table"}
    assert "By slice" in html
