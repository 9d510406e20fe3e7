"""What holds for every check, whoever adds it."""

import json
from typing import Any

import polars as pl
import pytest
from check_pairs import clusters, flags, pairs, scores

from prefq import schema
from prefq.checks import CHECKS, SUBJECTS, Check
from prefq.flagging import flag_frame
from prefq.schema import NEIGHBORS, OVERLAPS

EVERY = CHECKS.values()


def full_frame(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {
        "clusters": clusters(frame),
        "scores": scores(frame),
        "overlaps": pl.DataFrame(schema=OVERLAPS),
        "neighbors": pl.DataFrame(schema=NEIGHBORS),
    }


def table(check: Check, frame: pl.DataFrame) -> pl.DataFrame:
    whole = flag_frame(frame, **full_frame(frame)).table(check.subject)
    others = [name for name in check.needs if name in CHECKS]
    return whole.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in others)


def test_architecture_names_these_checks() -> None:
    promised = """
    empty_answer identical_answers near_identical_answers whitespace_only_difference answer_too_short
    answer_too_long prompt_too_long length_ratio role_marker truncated_answer chosen_refuses rejected_refuses
    only_chosen_refuses prompt_not_user_last language_mismatch repetition mojibake control_characters special_tokens
    html_leftover pii exact_duplicate near_duplicate repeated_judgement swapped_duplicate preference_cycle
    answer_both_ways contrast_pair benchmark_overlap ambiguous model_unsure likely_mislabelled off_pattern
    """
    assert set(promised.split()) <= set(CHECKS)


@pytest.mark.parametrize("check", EVERY, ids=lambda c: c.name)
class TestEveryCheck:
    def test_description_is_one_sentence_on_one_line(self, check: Check) -> None:
        assert check.description.endswith(".")
        assert "\n" not in check.description
        assert 20 < len(check.description) < 130

    def test_needs_are_columns_of_its_table(self, check: Check) -> None:
        assert check.subject in SUBJECTS
        assert set(check.needs) <= set(table(check, pairs({})).columns)

    @pytest.mark.parametrize("rows", [[], [{}]], ids=["no rows", "one row"])
    def test_gives_booleans_of_the_tables_height(self, check: Check, rows: list[dict[str, Any]]) -> None:
        asked = table(check, pairs(*rows))
        found = asked.select(check.expression())
        assert found.dtypes == [pl.Boolean]
        assert found.height == asked.height

    def test_evidence_is_a_struct(self, check: Check) -> None:
        found = table(check, pairs({})).select(check.evidence(**check.defaults))
        assert isinstance(found.dtypes[0], pl.Struct)

    def test_decides_rows_with_empty_texts(self, check: Check) -> None:
        if check.needs[0] in {*schema.SCORES, *CHECKS}:
            pytest.skip("reads scores")
        blank = {"prompt": [], "chosen": "", "rejected": ""}
        assert table(check, pairs(blank)).select(check.expression()).to_series().null_count() == 0


def test_every_flag_has_evidence_that_is_an_object() -> None:
    wrong = {"chosen": "Human: \x00 <|im_end|> <div>x</div> â€™ bob@gmail.org " * 9, "rejected": ""}
    found = flags(pairs(wrong, wrong))
    count = found.table.select(pl.exclude("row_id").sum()).sum_horizontal().item()
    assert found.evidence.height == count > 10
    assert all(isinstance(json.loads(text), dict) for text in found.evidence["evidence"])
