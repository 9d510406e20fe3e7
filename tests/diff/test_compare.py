from pathlib import Path
from typing import Any

import hypothesis
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from versions import LONG, PLAIN, changed, counted, curated, fates

from prefq import schema
from prefq.diff import CLASSES, Settings, compare
from prefq.errors import PrefqError

FLIPPED = {"chosen": PLAIN, "rejected": LONG}
EDITED = LONG.replace("warm air", "hot, wet air")


def facts(diff: Any) -> list[str]:
    assert diff.changes.height == 1
    return diff.changes["facts"][0].to_list()


def test_each_class_is_told_by_what_happened_to_the_pair() -> None:
    old: list[dict[str, Any]] = [
        {"name": "gone"},
        {"name": "turned"},
        {"name": "decided", "label": "tie"},
        {"name": "undecided"},
        {"name": "polished"},
        {"name": "reworded"},
        {"name": "surer"},
        {"name": "moved"},
        {"name": "reviewed"},
        {"name": "translated"},
        {"name": "same"},
    ]
    new: list[dict[str, Any]] = [
        {"name": "come", "chosen": "Because.", "rejected": "Who knows?"},
        {"name": "turned", **FLIPPED},
        {"name": "decided"},
        {"name": "undecided", "label": "tie"},
        {"name": "polished", "chosen": EDITED},
        {"name": "reworded", "prompt": "Why does it really rain on reworded?"},
        {"name": "surer", "margin": 0.75},
        {"name": "moved", "split": "test"},
        {"name": "reviewed", "status": "gold"},
        {"name": "translated", "language": "de"},
        {"name": "same"},
    ]
    diff = changed(old, new)
    assert fates(diff) == {
        "come": "added",
        "gone": "removed",
        "turned": "flipped",
        "decided": "tie_to_label",
        "undecided": "label_to_tie",
        "polished": "edited",
        "reworded": "prompt_edited",
        "surer": "margin_changed",
        "moved": "moved_split",
        "reviewed": "status_changed",
        "translated": "metadata_changed",
    }
    assert list(diff.counts) == list(CLASSES)
    assert set(diff.counts.values()) == {1}
    assert diff.changes["change"].to_list() == [name for name in CLASSES if name != "unchanged"]
    assert (diff.old.pairs, diff.new.pairs, diff.changed) == (11, 11, 11)


def test_new_names_of_datasets_rows_and_files_are_no_change() -> None:
    table = curated({"name": "a"}, {"name": "b"}, {"name": "c"})
    renamed = table.reverse().with_columns(
        dataset=pl.lit("other"),
        row_id=pl.concat_str(pl.lit("other:"), "row_id"),
        record=pl.col("record") + 40,
        k=pl.lit(3),
    )
    assert counted(compare(table, renamed)) == {"unchanged": 3}


def test_a_pair_is_counted_by_the_first_class_and_keeps_the_others_as_facts() -> None:
    diff = changed([{}], [{**FLIPPED, "margin": 0.9, "split": "test", "status": "gold", "category": "law"}])
    assert facts(diff) == ["flipped", "margin_changed", "moved_split", "status_changed", "metadata_changed"]
    assert diff.changes["columns"][0].to_list() == ["category"]
    assert counted(diff) == {"flipped": 1}
    assert diff.facts["moved_split"] == 1


def test_models_and_positions_turn_round_with_the_answers() -> None:
    old = {"chosen_model": "m", "rejected_model": "n", "chosen_position": 1}
    turned = {**FLIPPED, "chosen_model": "n", "rejected_model": "m", "chosen_position": 2}
    assert facts(changed([old], [turned])) == ["flipped"]
    assert facts(changed([old], [{**turned, "chosen_model": "x"}])) == ["flipped", "metadata_changed"]


def test_a_tie_written_the_other_way_round_is_the_same_tie() -> None:
    old = {"label": "tie", "chosen_model": "m", "rejected_model": "n"}
    assert counted(changed([old], [{**old, **FLIPPED, "chosen_model": "n", "rejected_model": "m"}])) == {"unchanged": 1}


def test_two_bad_answers_are_another_kind_of_undecided() -> None:
    diff = changed([{"label": "tie"}], [{"label": "both_bad"}])
    assert (counted(diff), diff.columns) == ({"metadata_changed": 1}, {"label": 1})
    assert counted(changed([{"label": "both_bad"}], [{}])) == {"tie_to_label": 1}


@pytest.mark.parametrize(
    ("old", "new", "tolerance", "change"),
    [
        (0.5, 0.5005, 1e-3, "unchanged"),
        (0.5, 0.502, 1e-3, "margin_changed"),
        (0.5, 0.502, 0.01, "unchanged"),
        (None, 0.5, 1e-3, "margin_changed"),
        (0.5, None, 1e-3, "margin_changed"),
        (None, None, 1e-3, "unchanged"),
        (float("nan"), float("nan"), 1e-3, "unchanged"),
    ],
)
def test_margins_have_a_tolerance(old: float | None, new: float | None, tolerance: float, change: str) -> None:
    diff = changed([{"margin": old}], [{"margin": new}], settings=Settings(margin=tolerance))
    assert counted(diff) == {change: 1}


def test_without_margins_the_source_scale_is_compared() -> None:
    none = {"margin": None}
    assert counted(changed([{**none, "margin_raw": 2.0}], [{**none, "margin_raw": 3.0}])) == {"margin_changed": 1}


def test_judgements_of_one_pair_are_met_by_annotator() -> None:
    ann, bob = {"name": "x", "annotator": "ann"}, {"name": "x", "annotator": "bob"}
    assert counted(changed([ann, {**bob, **FLIPPED}], [{**ann, **FLIPPED}, bob])) == {"flipped": 2}
    assert counted(changed([ann, {**bob, **FLIPPED}], [{**bob, **FLIPPED}, ann])) == {"unchanged": 2}
    assert counted(changed([ann, bob], [ann])) == {"removed": 1, "unchanged": 1}


def test_a_swapped_duplicate_is_a_judgement_of_its_own() -> None:
    one, other = {"name": "x"}, {"name": "x", **FLIPPED}
    assert counted(changed([one, other], [other, one])) == {"unchanged": 2}
    assert counted(changed([one, other], [one])) == {"removed": 1, "unchanged": 1}
    assert counted(changed([one, one], [one, other])) == {"flipped": 1, "unchanged": 1}
    assert counted(changed([one], [one, one, one])) == {"added": 2, "unchanged": 1}


def test_dimensions_of_a_pair_are_different_judgements() -> None:
    helpful, safe = {"name": "x", "dimension": "helpful"}, {"name": "x", "dimension": "safe"}
    diff = changed([helpful, safe], [helpful, {**safe, **FLIPPED}])
    assert (counted(diff), diff.changes["dimension"].to_list()) == ({"flipped": 1, "unchanged": 1}, ["safe"])


def test_an_unlike_answer_is_another_pair() -> None:
    other = "No idea at all; ask your teacher or look it up in a book, please."
    assert counted(changed([{}], [{"chosen": other}])) == {"added": 1, "removed": 1}


def test_a_similar_answer_of_another_model_is_another_answer() -> None:
    old = {"chosen": "It rains since wet air cools.", "chosen_model": "m", "rejected_model": "n"}
    new = {**old, "chosen": "It rains as soon as wet air cools off."}
    assert counted(changed([old], [new])) == {"edited": 1}
    assert counted(changed([old], [{**new, "chosen_model": "x"}])) == {"added": 1, "removed": 1}
    assert counted(changed([old], [{**old, "chosen": old["chosen"] + "!", "chosen_model": "x"}])) == {"edited": 1}


def test_an_edited_pair_may_be_flipped_too() -> None:
    diff = changed([{}], [{"chosen": PLAIN, "rejected": EDITED}])
    assert facts(diff) == ["flipped", "edited"]


def test_edits_are_matched_one_to_one_and_the_most_similar_first() -> None:
    name = {"name": "x"}
    old = [{**name, "chosen": LONG + " One."}, {**name, "chosen": LONG + " Two two."}]
    new = [{**name, "chosen": LONG + " Two two!"}, {**name, "chosen": LONG + " One!"}, {**name, "chosen": LONG + " 3"}]
    diff = changed(old, new)
    assert counted(diff) == {"added": 1, "edited": 2}
    edited = diff.texts(diff.changes.filter(pl.col("change") == "edited"))
    pairs = set(edited.select("chosen_old", "chosen_new").iter_rows())
    assert pairs == {(LONG + " One.", LONG + " One!"), (LONG + " Two two.", LONG + " Two two!")}
    assert edited["similarity"].min() > 0.95


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("Yes.", "Yes. That is all.", "edited"),
        ("Because it is wet.", "Because it is wet.", None),
        ("I do.", "I really, truly well do.", "edited"),
        ("Yes.", "Yes. " + "Rain falls from clouds. " * 8, "removed"),
        ("Yes.", "No. That is all.", "removed"),
        ("", "Yes.", "removed"),
    ],
)
def test_a_few_words_added_to_a_short_answer_are_an_edit(was: str, now: str, told: str | None) -> None:
    diff = changed([{"name": "a", "chosen": was}], [{"name": "a", "chosen": now}])
    assert diff.counts["edited"] == (told == "edited")
    assert diff.counts["removed"] == diff.counts["added"] == (told == "removed")


def test_spaces_changed_everywhere_are_edits_wherever_the_row_stands() -> None:
    old = [{"name": f"day {n}", "chosen": f"{LONG} {n}"} for n in range(5)]
    new = [{**row, "prompt": f"Why does  it rain on {row['name']} ?", "chosen": row["chosen"] + "\n"} for row in old]
    diff = changed(old, new[::-1])
    assert counted(diff) == {"edited": 5}
    assert diff.facts["prompt_edited"] == 5
    assert diff.changes["row_id_old"].to_list() == diff.changes["row_id_new"].to_list()


def test_a_pair_of_which_every_text_was_edited_is_found_wherever_its_row_went() -> None:
    old = [{"name": f"street {n}", "chosen": f"{LONG} {n}", "rejected": f"{PLAIN} {n}"} for n in range(5)]
    texts = [(f"{row['name']} so much", f"{row['chosen']}!", f"{row['rejected']}, at last") for row in old]
    new = [{"prompt": f"Why does it rain on {p}?", "chosen": c, "rejected": r} for p, c, r in texts[::-1]]
    diff = changed(old, [{"name": "first", "prompt": "And?", "chosen": "No."}, *new])
    assert counted(diff) == {"added": 1, "edited": 5}
    assert diff.facts["prompt_edited"] == 5


def test_long_texts_are_compared_by_words() -> None:
    long = " ".join(f"word{n}" for n in range(5000))
    assert counted(changed([{"chosen": long}], [{"chosen": long + " and an end"}])) == {"edited": 1}


def test_a_crowd_under_one_prompt_is_matched_by_how_answers_begin_and_end() -> None:
    crowd = [{"prompt": "Go on.", "chosen": f"{n} and {LONG}", "rejected": PLAIN} for n in range(60)]
    diff = changed(crowd, [{**row, "chosen": f" {row['chosen'].replace('up', 'Up')}!"} for row in crowd[::-1]])
    assert counted(diff) == {"edited": 60}
    assert diff.notes == ()


def test_a_crowd_under_one_prompt_in_which_answers_cannot_be_told_apart_is_said() -> None:
    crowd = [{"prompt": "Go on.", "chosen": f"{LONG} {n} {LONG}", "rejected": PLAIN} for n in range(60)]
    shifted = [{"name": "before", "prompt": "Begin."}, *({**row, "chosen": f"{row['chosen']}!"} for row in crowd)]
    diff = changed(crowd, shifted)
    assert diff.counts["removed"] > 0
    assert diff.notes[0].endswith(f"{diff.counts['removed']} of those counted as removed may be.")


def test_which_columns_and_which_source_columns_differ() -> None:
    diff = changed(
        [{"name": "a", "extra": '{"x": 1, "y": 2}'}, {"name": "b", "language": "en"}],
        [{"name": "a", "extra": '{"y": 3, "x": 1, "z": 0}'}, {"name": "b", "language": "de", "weight": 0.5}],
    )
    assert diff.columns == {"extra.y": 1, "extra.z": 1, "language": 1, "weight": 1}


def test_columns_that_one_side_lacks_say_nothing_about_pairs() -> None:
    table = curated({"name": "a"}, {"name": "b"})
    older = table.drop("status", "weight", "margin", "label", "chosen_model").with_columns(note=pl.lit("x"))
    diff = compare(older, table.with_columns(votes=pl.lit("1")))
    assert counted(diff) == {"unchanged": 2}
    assert set(diff.drift.added) == {"margin", "label", "chosen_model", "status", "weight"}
    assert diff.drift.gone == ("note",)


def test_the_order_of_source_columns_and_what_names_a_row_in_its_source_are_no_change() -> None:
    old = [{"name": "a", "extra": '{"x": 1, "y": 2}'}, {"name": "b", "extra": '{"id": 1, "pair_id": "p"}'}]
    new = [{"name": "a", "extra": '{"y": 2, "z": null, "x": 1.0}'}, {"name": "b", "extra": '{"id": 2}'}]
    assert counted(changed(old, new)) == {"unchanged": 2}


def test_a_source_column_that_one_side_lacks_says_nothing_about_pairs() -> None:
    old = [{"name": str(n), "extra": f'{{"url": "{n}", "score": {n}}}'} for n in range(4)]
    new = [{"name": str(n), "extra": f'{{"score": {n or 9}, "origin": "web"}}'} for n in range(4)]
    diff = changed(old, new)
    assert counted(diff) == {"metadata_changed": 1, "unchanged": 3}
    assert diff.columns == {"extra.score": 1}
    assert (diff.drift.added, diff.drift.gone) == (("extra.origin",), ("extra.url",))


def test_a_source_column_that_some_pairs_lost_is_a_change_of_theirs() -> None:
    old = [{"name": str(n), "extra": '{"url": "x"}'} for n in range(4)]
    new = [{**row, "extra": None if row["name"] != "3" else row["extra"]} for row in old]
    diff = changed(old, new)
    assert counted(diff) == {"metadata_changed": 3, "unchanged": 1}
    assert diff.columns == {"extra.url": 3}


def test_a_table_of_something_else_is_refused_in_one_sentence() -> None:
    with pytest.raises(PrefqError, match="without pair_id, prompt_id, chosen_id"):
        compare(pl.DataFrame({"prompt": ["x"], "chosen": ["y"], "rejected": ["z"]}), curated({}))
    bare = curated({}).with_columns(prompt=pl.col("prompt").list.eval(pl.element().struct.field("content")))
    with pytest.raises(PrefqError, match="A table with another type of prompt is no table of pairs"):
        compare(curated({}), bare)


def test_empty_tables_compare() -> None:
    none = curated({}).clear()
    assert counted(compare(none, none)) == {}
    assert counted(compare(none, curated({}))) == {"added": 1}
    assert compare(none, curated({})).share("added") is None
    assert counted(compare(curated({}), none)) == {"removed": 1}


def test_a_table_on_disk_is_compared_like_one_in_memory(tmp_path: Path) -> None:
    old, new = curated({"name": "a"}, {"name": "b"}), curated({"name": "a", **FLIPPED}, {"name": "b", "chosen": EDITED})
    for name, table in (("old", old), ("new", new)):
        table.write_parquet(tmp_path / f"{name}.parquet")
    lazy = compare(pl.scan_parquet(tmp_path / "old.parquet"), pl.scan_parquet(tmp_path / "new.parquet"))
    assert lazy.table().equals(compare(old, new).table())
    assert lazy.texts(lazy.changes)["chosen_new"].to_list() == [PLAIN, EDITED]


FEW = hypothesis.settings(deadline=None, max_examples=40)
ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from("ab"),
        "chosen": st.sampled_from([LONG, PLAIN, EDITED, "No."]),
        "rejected": st.sampled_from([LONG, PLAIN, "Yes."]),
        "label": st.sampled_from(schema.LABELS),
        "annotator": st.sampled_from([None, "ann"]),
        "margin": st.sampled_from([None, 0.25, 0.75]),
        "split": st.sampled_from(schema.SPLITS),
    }
)


@FEW
@given(st.lists(ROW, max_size=8), st.lists(ROW, max_size=8))
def test_the_counts_add_up_to_both_sides(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    diff = changed(old, new)
    total = sum(diff.counts.values())
    assert min(diff.counts.values()) >= 0
    assert total - diff.counts["added"] == len(old)
    assert total - diff.counts["removed"] == len(new)
    for at, rows in (("at_old", old), ("at_new", new)):
        places = diff.changes[at].drop_nulls()
        assert places.is_unique().all()
        assert set(places) <= set(range(len(rows)))


@FEW
@given(st.lists(ROW, max_size=8), st.randoms(use_true_random=False))
def test_a_shuffled_table_is_unchanged(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert counted(changed(rows, shuffled)) == ({"unchanged": len(rows)} if rows else {})


@FEW
@given(st.lists(ROW, max_size=6), st.lists(ROW, max_size=6))
def test_backwards_what_was_added_is_removed(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    there, back = changed(old, new).counts, changed(new, old).counts
    assert there["unchanged"] == back["unchanged"]
    assert there["added"] - there["removed"] == back["removed"] - back["added"]


def test_labels_that_are_what_an_earlier_version_said_are_flipped_back() -> None:
    names = ("there and back", "for the first time", "new then", "of another annotator", "undecided before")
    before = [{"name": n} for n in names if n != "new then"]
    before[2] |= {"annotator": "bob"}
    before[3] |= {"label": "tie"}
    turned = [{"name": n, "annotator": "ada" if "annotator" in n else None, **FLIPPED} for n in names]
    now = [{**row, "chosen": LONG, "rejected": PLAIN} for row in turned]
    turned[1], now[1] = now[1], turned[1]
    diff = compare(curated(*turned), curated(*now), before=("v1", curated(*before)))
    assert (diff.counts["flipped"], diff.flipped_back, diff.facts["flipped_back"]) == (5, 1, 1)
    back = diff.changes.filter(pl.col("facts").list.contains("flipped_back"))
    assert back["row_id_new"].to_list() == ["d:there and back"]
    assert back["change"].to_list() == ["flipped"]


def test_without_an_earlier_version_nothing_is_said_of_flipping_back() -> None:
    diff = changed([{"name": "a"}], [{"name": "a", **FLIPPED}])
    assert (diff.flipped_back, diff.since, "flipped_back" in diff.facts) == (None, None, False)
    none = changed([{"name": "a"}], [{"name": "a"}], before=("v1", curated({"name": "a", **FLIPPED})))
    assert (none.flipped_back, none.since) == (0, "v1")


def test_an_equal_answer_of_another_model_is_no_edited_judgement() -> None:
    """Two models gave one answer; both answers were edited, and a third model gave the old one."""
    prompt = {"prompt": "Why does it rain?", "chosen_model": "reference"}
    old = [{"name": n, **prompt, "rejected_model": n} for n in ("ada", "bert")]
    new = [{**row, "rejected": f"{PLAIN} {row['name']}!"} for row in old]
    diff = changed(old, [*new, {"name": "cleo", **prompt, "rejected_model": "cleo"}])
    assert fates(diff) == {"ada": "edited", "bert": "edited", "cleo": "added"}
    renamed = changed(old, [{**row, "rejected_model": f"{row['name']}-2"} for row in old])
    assert fates(renamed) == {"ada": "metadata_changed", "bert": "metadata_changed"}
