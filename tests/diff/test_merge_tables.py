from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from versions import LONG, PLAIN, curated

from prefq.merging import MergedTable, merge_tables
from prefq.merging.conflicts import Favor

FLIPPED = {"chosen": PLAIN, "rejected": LONG}
HOT, OCEANS = LONG.replace("warm air", "hot, wet air"), LONG.replace("the sea", "the oceans")
OTHER = {"name": "other"}
Row = dict[str, Any]


def merged(base: list[Row], ours: list[Row], theirs: list[Row], favor: Favor | None = None) -> MergedTable:
    return merge_tables(*(curated(*rows).lazy() for rows in (base, ours, theirs)), favor=favor)


def rain(ours: Row | None, theirs: Row | None, favor: Favor | None = None) -> MergedTable:
    """One pair that each side changed (None: dropped), beside one that nobody touched."""
    sides = [[{"name": "rain", **change}, OTHER] if change is not None else [OTHER] for change in (ours, theirs)]
    return merged([{"name": "rain"}, OTHER], sides[0], sides[1], favor)


def new(name: str) -> Row:
    """A pair that is like no other."""
    return {"name": name, "prompt": name, "chosen": f"Yes, {name}.", "rejected": f"{name} {name}? No!"}


def left(found: MergedTable) -> Row | None:
    rows = found.pairs.filter(pl.col("row_id") == "d:rain").to_dicts()
    assert len(rows) <= 1
    return rows[0] if rows else None


def test_what_one_side_alone_did_is_taken() -> None:
    base = [{"name": n} for n in ("stays", "dropped here", "dropped there", "flipped here", "edited there")]
    ours = [{"name": "stays"}, {"name": "dropped there"}, {"name": "flipped here", **FLIPPED}, {"name": "edited there"}]
    theirs = [base[0], base[1], {"name": "flipped here"}, {"name": "edited there", "chosen": HOT}]
    found = merged(base, [*ours, new("here")], [*theirs, new("there")])
    told = {row["row_id"][2:]: row["chosen"] for row in found.pairs.to_dicts()}
    assert told == {
        "stays": LONG,
        "flipped here": PLAIN,
        "edited there": HOT,
        "here": "Yes, here.",
        "there": "Yes, there.",
    }
    assert found.conflicts == ()
    assert found.ours == {"added": 1, "removed": 1, "flipped": 1}
    assert found.theirs == {"added": 1, "removed": 1, "edited": 1}


def test_a_source_column_that_one_side_added_is_taken() -> None:
    base = [{"name": n, "extra": '{"x": 1}'} for n in ("one", "two")]
    found = merged(base, base, [{**row, "extra": '{"x": 1, "url": "u"}'} for row in base])
    assert found.pairs["extra"].to_list() == ['{"x": 1, "url": "u"}'] * 2


def test_different_things_that_were_decided_of_one_pair_are_put_together() -> None:
    row = left(rain({**FLIPPED, "category": "weather"}, {"split": "test", "status": "gold"}))
    assert row
    assert (row["chosen"], row["category"], row["split"], row["status"]) == (PLAIN, "weather", "test", "gold")


def test_a_flip_on_one_side_meets_an_edited_answer_on_the_other() -> None:
    for sides in (({"chosen": HOT}, FLIPPED), (FLIPPED, {"chosen": HOT})):
        found = rain(*sides)
        row = left(found)
        assert row
        assert (row["chosen"], row["rejected"], found.conflicts) == (PLAIN, HOT, ())
        expected = curated({"name": "rain", "chosen": PLAIN, "rejected": HOT})
        ids = ["pair_id", "chosen_id", "rejected_id"]
        assert [row[name] for name in ids] == list(expected.select(ids).row(0))


def test_each_answer_is_edited_by_itself() -> None:
    row = left(rain({"chosen": HOT}, {"rejected": f"{PLAIN} Yes."}))
    assert row
    assert (row["chosen"], row["rejected"]) == (HOT, f"{PLAIN} Yes.")


def test_the_margin_goes_with_the_label() -> None:
    row = left(rain({"margin": 0.25}, {**FLIPPED, "margin": 0.75}))
    assert row
    assert (row["chosen"], row["margin"]) == (PLAIN, 0.75)


@pytest.mark.parametrize(
    ("ours", "theirs", "about"),
    [
        (FLIPPED, {"label": "tie"}, ("label",)),
        ({"label": "both_bad"}, {"label": "tie"}, ("label",)),
        ({"split": "test"}, {"split": "validation"}, ("split",)),
        ({"status": "gold"}, {"status": "silver"}, ("status",)),
        ({"prompt": "Why does it really rain on rain?"}, {"prompt": "So why does it rain on rain?"}, ("prompt",)),
        (None, FLIPPED, ("decision",)),
        ({"split": "test"}, None, ("decision",)),
        ({**FLIPPED, "split": "test"}, {"label": "tie", "split": "validation"}, ("label", "split")),
    ],
)
def test_two_decisions_about_one_pair_are_a_conflict(ours: Row | None, theirs: Row | None, about: Any) -> None:
    found = rain(ours, theirs)
    assert [conflict.about for conflict in found.conflicts] == [about]
    expected = {side: left(rain(change, {})) for side, change in (("ours", ours), ("theirs", theirs))}
    favored: tuple[Favor, Favor] = ("ours", "theirs")
    assert left(found) == expected["ours"]
    for side in favored:
        told = rain(ours, theirs, side)
        assert (left(told), told.conflicts) == (expected[side], ())


def test_two_edits_of_one_answer_are_told_with_both_texts() -> None:
    (conflict,) = rain({"chosen": HOT}, {"chosen": OCEANS}).conflicts
    entry = conflict.to_json()
    place = "first" if entry["first"] == LONG else "second"
    assert entry["about"] == [place]
    assert [opinion[place] for opinion in entry["opinions"]] == [HOT, OCEANS]
    assert [opinion["by"] for opinion in entry["opinions"]] == ["ours", "theirs"]
    assert {opinion["label"] for opinion in (entry["base"], *entry["opinions"])} == {place}
    assert (entry["first_id"] < entry["second_id"], entry["format"]) == (True, 1)
    assert entry["prompt"] == [{"role": "user", "content": "Why does it rain on rain?"}]


def test_equal_decisions_and_a_drop_beside_a_new_category_are_no_conflict() -> None:
    assert rain(FLIPPED, FLIPPED).conflicts == rain(None, None).conflicts == ()
    dropped = rain(None, {"category": "weather"})
    assert (left(dropped), dropped.conflicts) == (None, ())


def test_margins_that_both_changed_are_settled_and_counted() -> None:
    found = rain({"margin": 0.125}, {"margin": 0.75})
    row = left(found)
    assert row
    assert (row["margin"], found.conflicts, found.settled, found.both) == (0.125, (), 1, 1)


def test_a_pair_that_both_added_is_there_once() -> None:
    snow = {"name": "snow"}
    same = merged([OTHER], [OTHER, snow], [{"name": "again", "prompt": "Why does it rain on snow?"}, OTHER])
    assert (same.pairs.height, same.conflicts) == (2, ())
    turned = merged([OTHER], [OTHER, snow], [OTHER, {**snow, **FLIPPED}])
    assert turned.pairs.height == 2
    assert [(c.about, c.base) for c in turned.conflicts] == [(("label",), None)]


def test_an_edit_that_makes_a_pair_of_the_other_side_is_there_once() -> None:
    base = [{"name": "rain"}, OTHER]
    ours = [{"name": "rain", "chosen": HOT}, OTHER]
    theirs = [*base, {"name": "rain", "chosen": HOT, "split": "test"}]
    found = merged(base, ours, theirs)
    assert (found.pairs.height, found.pairs["pair_id"].n_unique()) == (2, 2)
    assert [conflict.about for conflict in found.conflicts] == [("split",)]


def test_columns_are_added_and_dropped_by_one_side() -> None:
    base, ours = curated({"name": "a"}, {"name": "b"}), curated({"name": "b"}, {"name": "a"})
    theirs = base.drop("category").with_columns(level=pl.col("row_id").str.to_uppercase())
    found = merge_tables(base.lazy(), ours.lazy(), theirs.lazy())
    assert "category" not in found.pairs.columns
    assert found.pairs["level"].to_list() == ["D:B", "D:A"]


CHANGES: list[Row | None] = [
    {},
    None,
    FLIPPED,
    {"label": "tie"},
    {"chosen": HOT},
    {"rejected": f"{PLAIN} Yes."},
    {"split": "test"},
    {"status": "gold"},
    {"margin": 0.25},
    {"category": "weather"},
]


@given(
    fates=st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from(CHANGES)), min_size=1, max_size=7),
    added=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    turned=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_pair_has_one_fate_whatever_the_order(
    fates: list[tuple[Row | None, Row | None]], added: tuple[int, int], turned: bool
) -> None:
    base = [{"name": f"p{i}"} for i in range(len(fates))]
    sides = [
        [{"name": f"p{i}", **change} for i, both in enumerate(fates) if (change := both[side]) is not None]
        + [new(f"{side}{i}" * 9) for i in range(added[side])]
        for side in (0, 1)
    ]
    tables = [curated(*rows, OTHER) for rows in (base, *sides)]
    found = merge_tables(*(table.lazy() for table in tables))
    dropped_by_ours = sum(ours is None for ours, _ in fates)
    dropped_by_theirs = sum(t is None and o is not None and not (set(o) - {"margin", "category"}) for o, t in fates)
    assert found.pairs.height == len(fates) + sum(added) + 1 - dropped_by_ours - dropped_by_theirs
    assert found.pairs["pair_id"].is_unique().all()
    mixed = (
        [table.reverse() for table in tables]
        if turned
        else [table.sample(fraction=1, shuffle=True, seed=1) for table in tables]
    )
    again = merge_tables(*(table.lazy() for table in mixed))
    assert again.pairs.sort("pair_id").equals(found.pairs.sort("pair_id"))
    assert again.conflicts == found.conflicts
    alone = merge_tables(tables[0].lazy(), tables[0].lazy(), tables[2].lazy())
    unnamed = pl.exclude("row_id", "dataset", "record", "k")  # what only names a row is OURS' where nothing changed
    assert alone.pairs.select(unnamed).sort("pair_id").equals(tables[2].select(unnamed).sort("pair_id"))
    assert merge_tables(tables[0].lazy(), tables[1].lazy(), tables[0].lazy()).pairs.equals(tables[1])
