import json
import random
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefq.curation import Curation, curate
from prefq.errors import SettingsError
from prefq.ids import pair_id, text_id
from prefq.policy import (
    ACTIONS,
    CONTRADICTION_CHECKS,
    CONTRADICTIONS,
    DEFAULT_POLICY,
    CurateSettings,
    full_policy,
    read_settings,
)
from prefq.schema import CURATED, LEDGER, PAIRS, SPLITS

SHARED = Path(__file__).parents[2] / "shared" / "data"
CHECKS = [*DEFAULT_POLICY, "swapped_duplicate", "only_chosen_refuses"]
TRAIN_ONLY = {"train": 1.0}


def judgements(*rows: dict[str, Any]) -> pl.DataFrame:
    """A pairs table from what matters of each row; ids follow from the texts, row ids from the order."""
    filled = [
        {
            **dict.fromkeys(PAIRS),
            "row_id": f"d:{i}",
            "dataset": "d",
            "record": i,
            "k": 0,
            "chosen": "good",
            "rejected": "bad",
            "label": "chosen",
            "dimension": "preference",
            "question": "Why?",
            **row,
        }
        for i, row in enumerate(rows)
    ]
    for row in filled:
        row["prompt"] = [{"role": "user", "content": row["question"]}]
    frame = pl.DataFrame(filled, schema={**PAIRS, "question": pl.String})
    ids = {"prompt_id": "question", "chosen_id": "chosen", "rejected_id": "rejected"}
    frame = frame.with_columns(text_id(pl.col(text)).alias(name) for name, text in ids.items())
    pair = pair_id(pl.col("prompt_id"), pl.col("chosen_id"), pl.col("rejected_id"))
    return frame.with_columns(pair_id=pair).select(list(PAIRS))


def no_flags(pairs: pl.DataFrame, **flagged: set[int]) -> pl.DataFrame:
    """Flags in which only the named rows (by position) of the named checks are true."""
    return pairs.select(
        "row_id",
        **{
            name: pl.Series([i in flagged.get(name, ()) for i in range(pairs.height)], dtype=pl.Boolean)
            for name in CHECKS
        },
    )


def curated(
    pairs: pl.DataFrame,
    clusters: pl.DataFrame | None = None,
    labels: pl.DataFrame | None = None,
    section: dict[str, Any] | None = None,
    **flagged: set[int],
) -> Curation:
    chosen = read_settings({"split": TRAIN_ONLY, **(section or {})}, CHECKS)
    return curate(pairs, no_flags(pairs, **flagged), clusters, labels, settings=chosen, seed=7)


def decisions(curation: Curation) -> list[tuple[str, list[str]]]:
    return list(curation.ledger.select("decision", "reasons").iter_rows())


def evidence(curation: Curation, row: int) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(curation.ledger["evidence"][row])
    return loaded


def decided_by(*lines: tuple[str, dict[str, str]], pair: dict[str, Any]) -> pl.DataFrame:
    """Annotators' decisions on one pair, `first` being its chosen answer unless a line says otherwise."""
    return pl.DataFrame(
        [
            {
                "format": 1,
                "pair_id": pair["pair_id"],
                "dimension": pair["dimension"],
                "first_id": pair["chosen_id"],
                "second_id": pair["rejected_id"],
                "annotator": annotator,
                **line,
            }
            for annotator, line in lines
        ]
    )


class TestPolicy:
    def test_each_action_decides(self) -> None:
        pairs = judgements(*({"question": q} for q in ("keep", "drop", "review", "flip")))
        curation = curated(
            pairs,
            section={"policy": {"only_chosen_refuses": "flip"}},
            empty_answer={1},
            role_marker={2},
            only_chosen_refuses={3},
        )
        assert decisions(curation) == [
            ("keep", []),
            ("drop", ["empty_answer"]),
            ("review", ["role_marker"]),
            ("flip", ["only_chosen_refuses"]),
        ]
        assert curation.curated["row_id"].to_list() == ["d:0", "d:3"]
        assert curation.decisions == {"drop": 1, "flip": 1, "keep": 1, "review": 1}

    def test_the_strongest_action_wins_and_every_reason_is_told(self) -> None:
        policy = {"policy": {"pii": "flip"}}
        curation = curated(
            judgements({}, {"question": "other"}), section=policy, pii={0, 1}, mojibake={0, 1}, benchmark_overlap={0}
        )
        assert decisions(curation) == [
            ("drop", ["benchmark_overlap", "mojibake", "pii"]),
            ("review", ["mojibake", "pii"]),
        ]

    def test_a_check_that_informs_changes_nothing(self) -> None:
        assert decisions(curated(judgements({}), only_chosen_refuses={0})) == [("keep", [])]

    def test_an_undecided_check_does_not_flag(self) -> None:
        pairs = judgements({})
        flags = no_flags(pairs).with_columns(empty_answer=pl.lit(None, pl.Boolean))
        done = curate(pairs, flags, None, None, settings=CurateSettings(), seed=7)
        assert decisions(done) == [("keep", [])]

    def test_the_default_table(self) -> None:
        assert set(DEFAULT_POLICY.values()) <= set(ACTIONS)
        assert DEFAULT_POLICY["likely_mislabelled"] == "review"
        for kind in ("cycle", "both_ways"):
            assert DEFAULT_POLICY[CONTRADICTION_CHECKS[kind]] == CONTRADICTIONS[kind]
        assert full_policy({"pii": "keep"}, ["pii", "new_check", "empty_answer"]) == {
            "pii": "keep",
            "new_check": "keep",
            "empty_answer": "drop",
        }

    @pytest.mark.parametrize(
        ("section", "sentence"),
        [
            ({"policy": {"emty_answer": "drop"}}, "no check 'emty_answer'; did you mean 'empty_answer'"),
            ({"policy": {"pii": "dropp"}}, "curate.policy.pii: there is no action 'dropp'; did you mean 'drop'"),
            ({"policy": {"pii": False}}, "curate.policy.pii: there is no action False"),
            ({"policy": {"pii": "merge"}}, "merge is for exact_duplicate"),
            (
                {"contradictions": {"swapped": "most"}},
                "curate.contradictions.swapped must be one of keep_majority, drop_all, review, not 'most'",
            ),
            ({"contradictions": {"circle": "review"}}, "curate.contradictions has no kind 'circle'"),
            ({"tie": "drop"}, "no setting curate.tie; did you mean 'ties'"),
        ],
    )
    def test_wrong_settings(self, section: dict[str, Any], sentence: str) -> None:
        with pytest.raises(SettingsError, match=sentence):
            read_settings(section, CHECKS)


class TestVotes:
    def test_the_same_judgement_again_merges_into_the_first(self) -> None:
        curation = curated(judgements({"record": 5}, {"record": 2}, {"record": 9}))
        assert decisions(curation) == [("merge", ["exact_duplicate"]), ("keep", []), ("merge", ["exact_duplicate"])]
        assert evidence(curation, 0) == {"kept": "d:1"}
        assert curation.curated.select("weight", "agreement", "votes").row(0) == (1.0, 1.0, 1)

    def test_unknown_annotators_of_one_record_are_different_people(self) -> None:
        swapped = {"chosen": "bad", "rejected": "good"}
        one_record = [{"record": 4, "k": k, **row} for k, row in enumerate([swapped, {}, swapped])]
        copies = [row | {"record": 7} for row in one_record]
        for rows in (one_record, one_record + copies):
            curation = curated(judgements(*rows))
            (pair,) = curation.curated.iter_rows(named=True)
            assert (pair["chosen"], pair["votes"], round(pair["agreement"], 3)) == ("bad", 3, 0.667)
            assert decisions(curation)[:3] == [("keep", []), ("merge", ["vote"]), ("merge", ["vote"])]

    def test_the_majority_of_annotators_decides(self) -> None:
        swapped = {"chosen": "bad", "rejected": "good"}
        pairs = judgements({"annotator": "a", **swapped}, {"annotator": "b"}, {"annotator": "c"})
        curation = curated(pairs)
        assert decisions(curation) == [("merge", ["vote"]), ("keep", []), ("merge", ["vote"])]
        row = curation.curated.row(0, named=True)
        assert (row["chosen"], row["votes"], row["status"]) == ("good", 3, "raw")
        assert row["agreement"] == pytest.approx(2 / 3)
        assert row["weight"] == pytest.approx(1 / 3)
        assert evidence(curation, 0) == {"kept": "d:1", "for_chosen": 1, "for_rejected": 2, "for_neither": 0}

    def test_one_annotator_saying_it_twice_has_one_vote(self) -> None:
        swapped = {"chosen": "bad", "rejected": "good", "annotator": "b"}
        curation = curated(judgements({"annotator": "a"}, {"annotator": "a"}, swapped))
        assert decisions(curation) == [("review", ["disagreement"])] * 3
        assert evidence(curation, 2) == {"for_chosen": 1, "for_rejected": 1, "for_neither": 0}

    @pytest.mark.parametrize(("rule", "choice"), [("drop_all", "drop"), ("review", "review")])
    def test_disagreement_can_be_settled_otherwise(self, rule: str, choice: str) -> None:
        swapped = {"chosen": "bad", "rejected": "good"}
        pairs = judgements({"annotator": "a"}, {"annotator": "b"}, {"annotator": "c", **swapped})
        curation = curated(pairs, section={"contradictions": {"swapped": rule}})
        assert decisions(curation) == [(choice, ["disagreement"])] * 3

    def test_rows_out_by_their_flags_do_not_vote(self) -> None:
        swapped = {"chosen": "bad", "rejected": "good"}
        curation = curated(judgements({}, swapped), empty_answer={1})
        assert decisions(curation) == [("keep", []), ("drop", ["empty_answer"])]

    def test_dimensions_are_decided_apart(self) -> None:
        pairs = judgements({"dimension": "helpful"}, {"dimension": "safe", "chosen": "bad", "rejected": "good"})
        assert [d for d, _ in decisions(curated(pairs))] == ["keep", "keep"]

    def test_ties_leave_a_pairwise_set(self) -> None:
        pairs = judgements({"label": "tie"}, {"label": "both_bad", "question": "other"})
        assert decisions(curated(pairs)) == [("drop", ["tie"])] * 2
        kept = curated(pairs, section={"ties": "keep"})
        assert decisions(kept) == [("keep", [])] * 2
        assert kept.curated["label"].to_list() == ["tie", "both_bad"]

    def test_a_tie_is_outvoted(self) -> None:
        pairs = judgements({"label": "tie", "annotator": "a"}, {"annotator": "b"}, {"annotator": "c"})
        assert [d for d, _ in decisions(curated(pairs))] == ["merge", "keep", "merge"]


class TestNearDuplicates:
    pairs = judgements(
        {"chosen": "Four", "rejected": "Five", "annotator": "a"},
        {"chosen": "four", "rejected": "five", "annotator": "b"},
        {"chosen": "five.", "rejected": "four.", "annotator": "c"},
    )
    clusters = pl.DataFrame(
        {
            "row_id": ["d:0", "d:1", "d:2"],
            "prompt_group": ["g"] * 3,
            "chosen_cluster": ["4", "4", "5"],
            "rejected_cluster": ["5", "5", "4"],
            "pair_cluster": ["p"] * 3,
        }
    )

    def test_one_of_a_group_stays_with_the_majority_direction(self) -> None:
        curation = curated(self.pairs, self.clusters)
        assert decisions(curation) == [("keep", []), ("merge", ["near_duplicate"]), ("merge", ["near_duplicate"])]
        assert curation.curated["votes"].to_list() == [3]
        assert evidence(curation, 2)["kept"] == "d:0"

    def test_they_can_be_left_alone(self) -> None:
        curation = curated(self.pairs, self.clusters, section={"policy": {"near_duplicate": "keep"}})
        assert [d for d, _ in decisions(curation)] == ["keep"] * 3

    def test_answers_of_one_cluster_have_no_common_direction(self) -> None:
        one = self.clusters.with_columns(rejected_cluster="chosen_cluster")
        assert [d for d, _ in decisions(curated(self.pairs, one))] == ["keep"] * 3


class TestContradictions:
    """Rows 0 to 2 run in a circle; rows 3 and 4 decide near answers both ways."""

    pairs = judgements(
        *({"chosen": a, "rejected": b} for a, b in (("a", "b"), ("b", "c"), ("c", "a"))),
        {"chosen": "long", "rejected": "d", "annotator": "x"},
        {"chosen": "d", "rejected": "longer"},
    )
    clusters = pairs.select(
        "row_id",
        prompt_group="prompt_id",
        chosen_cluster="chosen_id",
        rejected_cluster="rejected_id",
        pair_cluster="pair_id",
        contradiction=pl.Series(["cycle"] * 3 + ["both_ways"] * 2),
        contradiction_id=pl.Series(["1"] * 3 + ["2"] * 2),
        contradiction_side=pl.Series(["majority", "removed", "majority", "majority", "minority"]),
        contradiction_for=pl.Series([2.0, 1.0, 2.0, 2.0, 1.0]),
        contradiction_against=pl.Series([0.0, 0.0, 0.0, 1.0, 2.0]),
    )

    def run(self, clusters: pl.DataFrame, labels: pl.DataFrame | None = None, **rules: str) -> Curation:
        flagged: dict[str, set[int]] = {"preference_cycle": {0, 1, 2}, "answer_both_ways": {3, 4}}
        return curated(self.pairs, clusters, labels, section={"contradictions": rules}, **flagged)

    def test_by_default_they_wait_for_a_person(self) -> None:
        done = self.run(self.clusters)
        assert decisions(done) == [("review", ["preference_cycle"])] * 3 + [("review", ["answer_both_ways"])] * 2
        votes = {"kind": "cycle", "id": "1", "side": "removed", "votes_for": 1.0, "votes_against": 0.0}
        assert evidence(done, 1) == {"contradiction": votes}

    def test_the_majority_is_kept_and_of_a_cycle_all_but_the_lightest_set(self) -> None:
        done = self.run(self.clusters, cycle="keep_majority", both_ways="keep_majority")
        assert [d for d, _ in decisions(done)] == ["keep", "drop", "keep", "keep", "drop"]
        assert done.ledger["reasons"][4].to_list() == ["answer_both_ways"]
        assert evidence(done, 4)["contradiction"]["votes_against"] == 2.0

    def test_even_votes_wait_for_a_person(self) -> None:
        even = self.clusters.with_columns(
            contradiction_side=pl.when(pl.col("contradiction") == "both_ways")
            .then(pl.lit("even"))
            .otherwise("contradiction_side")
        )
        done = self.run(even, both_ways="keep_majority", cycle="drop_all")
        assert [d for d, _ in decisions(done)] == ["drop"] * 3 + ["review"] * 2

    def test_a_decision_of_a_person_overrules_a_review(self) -> None:
        labels = decided_by(("ann", {"label": "first"}), pair=self.pairs.row(1, named=True))
        assert [d for d, _ in decisions(self.run(self.clusters, labels))][:3] == ["review", "keep", "review"]

    def test_what_the_policy_says_of_the_check_goes_first(self) -> None:
        section = {"policy": {"preference_cycle": "drop"}, "contradictions": {"cycle": "keep_majority"}}
        done = curated(self.pairs, self.clusters, section=section, preference_cycle={0, 1, 2})
        assert [d for d, _ in decisions(done)] == ["drop"] * 3 + ["keep"] * 2

    @pytest.mark.parametrize(("rule", "decision"), [("keep_majority", "keep"), ("drop_all", "drop")])
    def test_copies_that_are_not_merged_contradict_across_pairs(self, rule: str, decision: str) -> None:
        pairs = judgements(
            {"chosen": "Four", "rejected": "Five"}, {"chosen": "five", "rejected": "four"}, {"question": "else?"}
        )
        clusters = self.clusters.head(3).with_columns(
            pairs["row_id", "pair_id"].rename({"pair_id": "pair_cluster"}),
            contradiction=pl.Series(["swapped", "swapped", None]),
            contradiction_side=pl.Series(["majority", "minority", None]),
        )
        section = {"policy": {"near_duplicate": "keep"}, "contradictions": {"swapped": rule}}
        done = curated(pairs, clusters, section=section, swapped_duplicate={0, 1})
        assert [d for d, _ in decisions(done)] == [decision, "drop", "keep"]

    def test_ties_against_labels_have_a_rule_of_their_own(self) -> None:
        pairs = judgements({"label": "tie", "annotator": "a"}, {"annotator": "b"}, {"annotator": "c"})
        curation = curated(pairs, section={"contradictions": {"tie": "drop_all", "swapped": "keep_majority"}})
        assert decisions(curation) == [("drop", ["disagreement"])] * 3

    def test_margins_decide_between_as_many_votes(self) -> None:
        weak = {"chosen": "bad", "rejected": "good", "annotator": "b", "margin": 0.1}
        curation = curated(judgements({"annotator": "a", "margin": 1.0}, weak))
        assert decisions(curation) == [("keep", []), ("merge", ["vote"])]
        row = curation.curated.row(0, named=True)
        assert (row["votes"], row["agreement"]) == (2, 0.5)
        assert row["weight"] == pytest.approx(0.45 / 1.55)
        close = weak | {"margin": 0.9}
        assert decisions(curated(judgements({"annotator": "a", "margin": 1.0}, close)))[0][0] == "review"


class TestFlips:
    def test_sides_are_exchanged_and_the_margin_goes(self) -> None:
        pairs = judgements(
            {
                "chosen_model": "m1",
                "rejected_model": "m2",
                "chosen_position": 1,
                "margin": 0.5,
                "margin_raw": 2.0,
                "chosen_messages": "[1]",
            }
        )
        curation = curated(pairs, section={"policy": {"likely_mislabelled": "flip"}}, likely_mislabelled={0})
        row, was = curation.curated.row(0, named=True), pairs.row(0, named=True)
        assert (row["chosen"], row["rejected"]) == ("bad", "good")
        assert (row["chosen_id"], row["rejected_id"]) == (was["rejected_id"], was["chosen_id"])
        assert (row["chosen_model"], row["rejected_model"], row["chosen_position"]) == ("m2", "m1", 2)
        assert (row["chosen_messages"], row["rejected_messages"]) == (None, "[1]")
        assert (row["margin"], row["margin_raw"]) == (None, None)
        assert row["pair_id"] == was["pair_id"]

    def test_a_row_that_says_it_unflipped_is_preferred(self) -> None:
        pairs = judgements({}, {"chosen": "bad", "rejected": "good"})
        curation = curated(pairs, section={"policy": {"likely_mislabelled": "flip"}}, likely_mislabelled={0})
        assert decisions(curation) == [("merge", ["vote"]), ("keep", [])]


class TestHumans:
    pairs = judgements({})
    pair = pairs.row(0, named=True)

    def test_decisions_that_decide_nothing_are_counted(self) -> None:
        other = {"pair_id": "nobody", "label": "first"}
        lines = [("ann", {"label": "tie"}), ("ann", {"label": "first"}), ("bob", other), ("eve", {"label": "skip"})]
        curation = curated(judgements({}), labels=decided_by(*lines, pair=self.pair))
        assert (curation.people_said, curation.people_decided) == (2, 1)

    def test_a_decision_overrules_a_review(self) -> None:
        labels = decided_by(("ann", {"label": "first"}), pair=self.pair)
        curation = curated(self.pairs, labels=labels, likely_mislabelled={0})
        assert decisions(curation) == [("keep", ["human_label"])]
        assert curation.curated["status"].to_list() == ["gold"]

    def test_a_decision_can_flip(self) -> None:
        labels = decided_by(("ann", {"label": "second"}), pair=self.pair)
        curation = curated(self.pairs, labels=labels)
        assert decisions(curation) == [("flip", ["human_label"])]
        assert curation.curated["chosen"].to_list() == ["bad"]

    def test_a_decision_does_not_bring_back_what_was_dropped(self) -> None:
        labels = decided_by(("ann", {"label": "first"}), pair=self.pair)
        assert decisions(curated(self.pairs, labels=labels, benchmark_overlap={0})) == [("drop", ["benchmark_overlap"])]

    def test_the_sides_may_have_been_shown_the_other_way_round(self) -> None:
        shown = {"first_id": self.pair["rejected_id"], "second_id": self.pair["chosen_id"]}
        labels = decided_by(("ann", {"label": "first", **shown}), pair=self.pair)
        assert decisions(curated(self.pairs, labels=labels)) == [("flip", ["human_label"])]

    def test_the_last_line_of_an_annotator_counts(self) -> None:
        lines = [("ann", {"label": "second"}), ("bo", {"label": "second"}), ("ann", {"label": "first"})]
        labels = decided_by(*lines, ("bo", {"label": "skip"}), pair=self.pair)
        curation = curated(self.pairs, labels=labels)
        assert decisions(curation) == [("keep", ["human_label"])]
        assert curation.curated["votes"].to_list() == [1]

    def test_annotators_who_disagree_leave_it_in_review(self) -> None:
        labels = decided_by(("ann", {"label": "second"}), ("bo", {"label": "first"}), pair=self.pair)
        assert decisions(curated(self.pairs, labels=labels)) == [("review", ["human_disagreement"])]

    def test_a_tie_decided_by_hand_is_a_tie(self) -> None:
        labels = decided_by(("ann", {"label": "tie"}), pair=self.pair)
        assert decisions(curated(self.pairs, labels=labels)) == [("drop", ["tie"])]

    def test_only_annotators_vote_on_a_near_duplicate_group_they_decided(self) -> None:
        pairs, clusters = TestNearDuplicates.pairs, TestNearDuplicates.clusters
        labels = decided_by(("ann", {"label": "first"}), pair=pairs.row(2, named=True))
        curation = curated(pairs, clusters, labels)
        assert [d for d, _ in decisions(curation)] == ["merge", "merge", "keep"]
        assert curation.curated.select("chosen", "status").row(0) == ("five.", "gold")

    def test_decisions_about_other_answers_are_not_this_pairs(self) -> None:
        labels = decided_by(("ann", {"label": "second", "first_id": "x"}), pair=self.pair)
        assert decisions(curated(self.pairs, labels=labels)) == [("keep", [])]


class TestSplits:
    def test_a_conflict_of_given_splits_is_told(self) -> None:
        pairs = judgements({"split": "train"}, {"split": "test", "chosen": "better"})
        curation = curated(pairs)
        assert curation.curated["split"].to_list() == ["test", "test"]
        assert evidence(curation, 0) == {"split": "given_conflict"}

    def test_prompts_that_their_group_took_along_are_counted(self) -> None:
        pairs = judgements(*({"question": f"q{i}"} for i in range(30)))
        clusters = pairs.select("row_id", prompt_group=pl.col("prompt_id").min())
        halves = {"split": {"train": 0.5, "test": 0.5}}
        alone, grouped = (curated(pairs, some, section=halves) for some in (None, clusters))
        assert alone.prompts_moved == 0
        away = alone.curated.filter(pl.col("split") != grouped.curated["split"][0])
        assert grouped.prompts_moved == away.height > 0

    def test_a_row_that_does_not_stay_is_in_no_split(self) -> None:
        curation = curated(judgements({}, {"question": "other"}), empty_answer={1})
        assert curation.ledger["split"].to_list() == ["train", None]


def test_no_rows() -> None:
    curation = curated(judgements())
    assert (curation.curated.height, curation.ledger.height) == (0, 0)
    assert dict(curation.curated.schema) == dict(CURATED)
    assert dict(curation.ledger.schema) == dict(LEDGER)


answers = st.sampled_from(["a", "b", "c", "A", "B"])
row = st.fixed_dictionaries(
    {
        "question": st.sampled_from(["q1", "q2"]),
        "chosen": answers,
        "rejected": answers,
        "annotator": st.sampled_from([None, "x", "y", "z"]),
        "label": st.sampled_from(["chosen", "chosen", "chosen", "tie", "both_bad"]),
        "split": st.sampled_from([None, None, "train", "test"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(row, max_size=12),
    st.dictionaries(st.sampled_from(CHECKS), st.sets(st.integers(0, 11), max_size=3), max_size=3),
    st.sampled_from(["keep_majority", "drop_all", "review"]),
    st.sampled_from(["drop", "keep"]),
    st.integers(0, 100),
)
def test_every_row_is_accounted_for_whatever_the_order(
    rows: list[dict[str, Any]], flagged: dict[str, set[int]], labels: str, ties: str, order: int
) -> None:
    pairs, flags = judgements(*rows), no_flags(judgements(*rows), **flagged)
    cluster = {f"{side}_cluster": pl.col(side).str.to_lowercase() for side in ("chosen", "rejected")}
    clusters = pairs.with_columns(prompt_group=pl.col("prompt_id"), **cluster).with_columns(
        pair_cluster=pair_id(*(pl.col(c) for c in ("prompt_id", "chosen_cluster", "rejected_cluster")))
    )
    policy = {"likely_mislabelled": "flip"}
    section = {"contradictions": {"swapped": labels, "tie": labels}, "ties": ties, "policy": policy}
    chosen = read_settings(section, CHECKS)
    done = curate(pairs, flags, clusters, None, settings=chosen, seed=order)

    assert done.ledger["row_id"].to_list() == pairs["row_id"].to_list()
    stays = done.ledger.filter(pl.col("decision").is_in(["keep", "flip"]))
    assert done.curated["row_id"].to_list() == stays["row_id"].to_list()
    assert done.curated["split"].to_list() == stays["split"].to_list()
    assert not done.curated.select("pair_id", "dimension").is_duplicated().any()
    assert done.curated.group_by("prompt_id").agg(pl.col("split").n_unique())["split"].to_list() in ([], [1], [1, 1])
    merged = done.ledger.filter(decision="merge")["evidence"].to_list()
    assert {json.loads(e)["kept"] for e in merged} <= set(stays["row_id"])

    shuffled = pairs.sample(fraction=1, shuffle=True, seed=order)
    again = curate(shuffled, flags.reverse(), clusters, None, settings=chosen, seed=order)
    assert again.ledger.sort("row_id").equals(done.ledger.sort("row_id"))
    assert again.curated.sort("row_id").equals(done.curated.sort("row_id"))


def alpaca(path: Path) -> pl.DataFrame:
    """AlpacaEval's annotations as pairs, as far as curation cares."""
    raw = pl.read_parquet(path).with_row_index("i").filter(pl.col("preference").is_not_null())
    first = pl.col("preference") < 1.5
    side = {
        "chosen": pl.when(first).then("output_1").otherwise("output_2"),
        "rejected": pl.when(first).then("output_2").otherwise("output_1"),
    }
    base = raw.with_columns(**side).with_columns(prompt_id=text_id(pl.col("instruction")))
    base = base.with_columns(chosen_id=text_id(pl.col("chosen")), rejected_id=text_id(pl.col("rejected")))
    base = base.with_columns(
        row_id=pl.format("a:{}", "i"),
        dataset=pl.lit("a"),
        record=pl.col("i").cast(pl.Int64),
        k=pl.lit(0, pl.Int32),
        pair_id=pair_id(pl.col("prompt_id"), pl.col("chosen_id"), pl.col("rejected_id")),
        prompt=pl.concat_list(pl.struct(role=pl.lit("user"), content="instruction")),
        label=pl.when(pl.col("preference") == 1.5).then(pl.lit("tie")).otherwise(pl.lit("chosen")),
        dimension=pl.lit("preference"),
    )
    return base.select(
        (pl.col(c) if c in base.columns else pl.lit(None)).cast(t).alias(c) for c, t in PAIRS.items() if c != "extra"
    ).with_columns(extra=pl.lit(None, pl.String))


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real data here")
def test_thirty_thousand_real_judgements_take_about_a_second() -> None:
    pairs = alpaca(SHARED / "alpaca_eval_annotations.parquet")
    chosen = random.Random(0)
    flags = no_flags(pairs, pii={chosen.randrange(pairs.height) for _ in range(500)})
    start = time.perf_counter()
    done = curate(pairs, flags, None, None, settings=CurateSettings(), seed=7)
    assert time.perf_counter() - start < 5
    assert done.ledger.height == pairs.height
    assert set(done.curated["split"]) == set(SPLITS)


@pytest.mark.parametrize("action", ["drop", "flip"])
def test_no_policy_makes_an_end_of_every_copy(action: str) -> None:
    with pytest.raises(SettingsError, match="merge keeps one of them"):
        full_policy({"near_duplicate": action}, ("near_duplicate",))


def scores_of(pairs: pl.DataFrame, *right: float | None) -> pl.DataFrame:
    return pairs.select("row_id", p_correct=pl.Series(right, dtype=pl.Float32))


def test_labels_count_by_how_likely_they_are_right_and_none_is_dropped() -> None:
    pairs = judgements({"question": "sure"}, {"question": "doubtful"}, {"question": "not known"})
    scores, sections = scores_of(pairs, 0.9, 0.2, None), ("keep", "weight", "soft")
    found = {
        action: curate(
            pairs,
            no_flags(pairs, likely_mislabelled=set() if action == "keep" else {1}),
            None,
            None,
            settings=read_settings({"split": TRAIN_ONLY, "policy": {"likely_mislabelled": action}}, CHECKS),
            seed=7,
            scores=scores,
        )
        for action in sections
    }
    assert {action: one.curated["weight"].to_list() for action, one in found.items()} == {
        **{"keep": [1, 1, 1], "weight": pytest.approx([0.9, 0.2, 1]), "soft": [1, 1, 1]},
    }
    assert {action: one.curated["agreement"].to_list() for action, one in found.items()} == {
        **{"keep": [1, 1, 1], "weight": [1, 1, 1], "soft": pytest.approx([0.9, 0.2, 1])},
    }
    assert {one.ledger["decision"].unique().item() for one in found.values()} == {"keep"}
    assert evidence(found["weight"], 1) == {"label_right": 0.2}
    assert found["keep"].ledger["evidence"].null_count() == 3
    assert found["keep"].right is None
    assert found["soft"].right is not None
    assert found["soft"].right.to_list() == pytest.approx([0.9, 0.2, None])


def test_votes_and_people_go_before_what_a_model_believes() -> None:
    twice = [{"question": "voted", "annotator": name} for name in "abc"]
    pairs = judgements(*twice[:2], {**twice[2], "chosen": "bad", "rejected": "good"}, {"question": "asked"})
    people = decided_by(("me", {"label": "second"}), pair=pairs.row(3, named=True))
    chosen = {"split": TRAIN_ONLY, "policy": {"likely_mislabelled": "soft"}}
    settings = read_settings(chosen, CHECKS)
    found = curate(pairs, no_flags(pairs), None, people, settings=settings, seed=7, scores=scores_of(pairs, *[0.3] * 4))
    assert found.curated["agreement"].to_list() == pytest.approx([2 / 3, 1])
    assert found.curated["status"].to_list() == ["raw", "gold"]


@pytest.mark.parametrize("action", ["soft", "weight"])
def test_only_suspected_labels_count_by_how_likely_they_are_right(action: str) -> None:
    with pytest.raises(SettingsError, match=f"curate.policy.pii: {action} is for likely_mislabelled"):
        read_settings({"policy": {"pii": action}}, CHECKS)
