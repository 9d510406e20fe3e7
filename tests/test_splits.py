from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq.errors import SettingsError
from prefq.splits import assign_splits, given_split, taken_along

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def groups(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"prompt_group": pl.String, "split": pl.String}, orient="row")


def by_group(table: pl.DataFrame) -> dict[str, str]:
    return dict(table.select("prompt_group", "split").iter_rows())


def test_the_draw_is_the_same_on_every_machine() -> None:
    table = assign_splits(groups(*((f"g{i}", None) for i in range(12))), SHARES, 7)
    splits = by_group(table)
    assert [g for g, s in splits.items() if s == "test"] == ["g1"]
    assert [g for g, s in splits.items() if s == "validation"] == ["g11", "g2"]
    assert set(table["reason"]) == {"assigned"}


def test_shares_are_met_on_many_groups() -> None:
    table = assign_splits(pl.DataFrame({"prompt_group": [f"g{i}" for i in range(20_000)]}), SHARES, 7)
    counts = Counter(table["split"])
    assert counts["train"] / 20_000 == pytest.approx(0.8, abs=0.01)
    assert counts["validation"] / 20_000 == pytest.approx(0.1, abs=0.01)


def test_another_seed_draws_other_groups() -> None:
    many = pl.DataFrame({"prompt_group": [f"g{i}" for i in range(1000)]})
    assert by_group(assign_splits(many, SHARES, 1)) != by_group(assign_splits(many, SHARES, 2))


def test_a_given_split_is_kept_whatever_its_spelling() -> None:
    table = assign_splits(groups(("a", "Train"), ("b", "val"), ("c", " dev "), ("d", "test_prefs")), SHARES, 7)
    assert by_group(table) == {"a": "train", "b": "validation", "c": "validation", "d": "test"}
    assert set(table["reason"]) == {"given"}


def test_one_row_with_a_given_split_speaks_for_its_group() -> None:
    assert by_group(assign_splits(groups(("a", None), ("a", "test"), ("a", None)), SHARES, 7)) == {"a": "test"}


def test_a_group_in_several_given_splits_goes_to_the_one_that_must_not_leak() -> None:
    table = assign_splits(
        groups(("a", "train"), ("a", "test"), ("b", "train"), ("b", "val"), ("c", "val"), ("c", "test")), SHARES, 7
    )
    assert by_group(table) == {"a": "test", "b": "validation", "c": "test"}
    assert set(table["reason"]) == {"given_conflict"}


def test_an_unknown_split_name_counts_as_none() -> None:
    table = assign_splits(groups(("a", "part-3")), {"train": 1.0}, 7)
    assert table.rows() == [("a", "train", "assigned")]
    assert pl.select(given_split(pl.lit("part-3"))).item() is None


def test_a_split_without_a_share_gets_nothing_drawn() -> None:
    table = assign_splits(
        pl.DataFrame({"prompt_group": [f"g{i}" for i in range(200)]}), {"train": 0.5, "validation": 0, "test": 0.5}, 7
    )
    assert set(table["split"]) == {"train", "test"}


def test_no_groups_no_splits() -> None:
    assert assign_splits(groups(), SHARES, 7).height == 0


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ({"train": 0.5, "test": 0.4}, "must add up to 1, not 0.9"),
        ({"train": 1.5, "test": -0.5}, "curate.split.train must be between 0 and 1, not 1.5"),
        ({"train": 0.5, "tets": 0.5}, "has no split 'tets'; did you mean 'test'"),
    ],
)
def test_impossible_shares(shares: dict[str, float], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        assign_splits(groups(("a", None)), shares, 7)


rows = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, "train", "val", "test", "other"])), min_size=1
)


@given(rows, rows, st.randoms(use_true_random=False))
def test_other_rows_and_their_order_never_move_a_group(
    old: list[tuple[str, str | None]], new: list[tuple[str, str | None]], random: object
) -> None:
    before = by_group(assign_splits(groups(*old), SHARES, 7))
    added = [(f"new {g}", s) for g, s in new] + old
    random.shuffle(added)  # type: ignore[attr-defined]
    after = by_group(assign_splits(groups(*added), SHARES, 7))
    assert {g: after[g] for g in before} == before


def test_given_splits_can_be_passed_over() -> None:
    given = groups(*((f"g{i}", "test") for i in range(12)))
    table = assign_splits(given, SHARES, 7, honour=False)
    assert by_group(table) == by_group(assign_splits(given.drop("split"), SHARES, 7))
    assert set(table["reason"]) == {"assigned"}


def test_every_source_and_category_is_divided_in_the_same_shares() -> None:
    many = pl.DataFrame({"prompt_group": [f"g{i}" for i in range(20_000)]})
    table = assign_splits(many, SHARES, 7).with_columns(stratum=pl.col("prompt_group").str.slice(1).cast(pl.Int64) % 10)
    for _, stratum in table.group_by("stratum"):
        for name, share in SHARES.items():
            bound = 3.5 * (share * (1 - share) / stratum.height) ** 0.5
            assert stratum.filter(split=name).height / stratum.height == pytest.approx(share, abs=bound)


@given(rows, st.booleans())
def test_no_group_straddles(some: list[tuple[str, str | None]], honour: bool) -> None:
    table = assign_splits(groups(*some), SHARES, 7, honour=honour)
    assert table["prompt_group"].to_list() == sorted({group for group, _ in some})


def grouped(links: list[tuple[int, int]], prompts: set[int]) -> pl.DataFrame:
    """`prompt_id` and `prompt_group`: prompts that are linked with each other, named by the smallest."""
    group = {prompt: prompt for prompt in prompts}
    for _ in prompts:
        for left, right in links:
            if left in prompts and right in prompts:
                group[left] = group[right] = min(group[left], group[right])
    rows = [(f"p{prompt:02}", f"p{name:02}") for prompt, name in sorted(group.items())]
    return pl.DataFrame(rows, schema=["prompt_id", "prompt_group"], orient="row")


def where(table: pl.DataFrame) -> dict[str, str]:
    assigned = assign_splits(table, SHARES, 7)
    return dict(table.join(assigned, on="prompt_group").select("prompt_id", "split").iter_rows())


numbers = st.integers(0, 39)


@given(st.lists(st.tuples(numbers, numbers), max_size=25), st.sets(numbers, min_size=1), st.sets(numbers))
def test_as_a_dataset_grows_a_prompt_moves_only_with_a_group_that_has_a_new_name(
    links: list[tuple[int, int]], old: set[int], new: set[int]
) -> None:
    before, after = grouped(links, old), grouped(links, old | new)
    was, now = where(before), where(after)
    names = before.join(after, on="prompt_id", suffix="_now")
    kept = names.filter(pl.col("prompt_group") == pl.col("prompt_group_now"))["prompt_id"].to_list()
    assert {prompt: now[prompt] for prompt in kept} == {prompt: was[prompt] for prompt in kept}
    apart = after.with_columns(split=pl.col("prompt_id").replace_strict(now))
    assert apart.group_by("prompt_group").agg(pl.col("split").n_unique())["split"].unique().to_list() == [1]


def test_groups_that_a_new_prompt_connects_are_one_in_the_split_of_the_smaller_name() -> None:
    was = where(grouped([], {1, 2, 3, 4, 5, 6}))
    first, second = next((a, b) for a in range(1, 7) for b in range(a + 1, 7) if was[f"p{a:02}"] != was[f"p{b:02}"])
    links = [(first, 30), (second, 30)]
    now = grouped(links, {1, 2, 3, 4, 5, 6, 30})
    after = where(now)
    assert after[f"p{second:02}"] == after["p30"] == was[f"p{first:02}"]
    others = {prompt: split for prompt, split in was.items() if prompt != f"p{second:02}"}
    assert {prompt: after[prompt] for prompt in others} == others
    moved = taken_along(now, assign_splits(now, SHARES, 7), SHARES, 7)
    assert set(moved["prompt_id"]) - {"p30"} == {f"p{second:02}"}
    assert moved.filter(prompt_id=f"p{second:02}").select("split", "alone").row(0) == (
        was[f"p{first:02}"],
        was[f"p{second:02}"],
    )


def test_a_prompt_with_a_given_split_was_not_taken_along() -> None:
    table = grouped([(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)], set(range(1, 7))).with_columns(split=pl.lit("test"))
    assert taken_along(table, assign_splits(table, SHARES, 7), SHARES, 7).is_empty()
    drawn = assign_splits(table, SHARES, 7, honour=False)
    assert taken_along(table, drawn, SHARES, 7).height == sum(
        split != drawn["split"][0] for split in where(grouped([], set(range(1, 7)))).values()
    )
