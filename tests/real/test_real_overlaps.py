"""Overlaps between public data sets, as they are; and what is no overlap though it shares words."""

from pathlib import Path

import polars as pl
import pytest

from prefq.cli.benchmarks import read_benchmarks
from prefq.overlap import find_overlaps, fingerprint

SHARED = Path(__file__).parents[3] / "shared/data"
ALPACA, ONE = SHARED / "alpaca_eval_annotations.parquet", SHARED / "alpaca_eval_one_model.json.gz"
HH, DEMOS = SHARED / "hh_rlhf_harmless_test.jsonl.gz", tuple(SHARED.glob("llamafactory_dpo_??_demo.json"))

pytestmark = pytest.mark.skipif(not (ALPACA.exists() and ONE.exists() and HH.exists()), reason="no real data here")


def asked(frame: pl.DataFrame) -> pl.DataFrame:
    turn = pl.struct(role=pl.lit("user"), content=pl.col("text"))
    rows = frame.with_row_index("row_id").with_columns(pl.col("row_id").cast(pl.String), prompt=pl.concat_list(turn))
    return rows.with_columns(chosen=pl.lit("Yes."), rejected=pl.lit("No."))


@pytest.fixture(scope="module")
def instructions() -> pl.DataFrame:
    texts = pl.read_parquet(ALPACA, columns=["instruction"])["instruction"].unique().sort()
    return asked(texts.alias("text").to_frame())


def read_texts(*files: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    read = read_benchmarks(SHARED, [{"path": str(file)} for file in files], 13)
    return read.prompts, read.answers


def test_every_instruction_stands_in_the_benchmark_that_it_is_from(instructions: pl.DataFrame) -> None:
    prompts, _ = read_texts(ONE)
    found = find_overlaps(instructions, prompts)
    exact = found.filter(pl.col("kind") == "exact")
    assert (prompts.height, exact["row_id"].n_unique(), exact["benchmark_id"].n_unique()) == (805, 805, 805)
    other = found.filter(pl.col("kind") != "exact")
    assert other["row_id"].n_unique() <= 15  # one template of recipes, with other nations and diets


def test_thirteen_words_alone_miss_a_third_of_the_instructions(instructions: pl.DataFrame) -> None:
    """Whole texts are compared, too: most of those are shorter than a run."""
    prompts, _ = read_texts(ONE)
    prints = fingerprint(prompts, 13)
    found = find_overlaps(
        instructions, prompts.clear(), prints.with_columns(whole=pl.int_range(pl.len(), dtype=pl.UInt64))
    )
    short = 805 - found["row_id"].n_unique()
    assert 0.25 < short / 805 < 0.40
    assert find_overlaps(instructions, prompts.clear(), prints).filter(pl.col("kind") == "exact").height == 805


def test_data_sets_of_other_origin_do_not_overlap(instructions: pl.DataFrame) -> None:
    prompts, _ = read_texts(HH, *DEMOS)
    assert prompts.height > 2000
    assert find_overlaps(instructions, prompts).height <= 3


def test_answers_to_other_questions_are_no_overlap() -> None:
    """Answers of forty models against those of one: only such to the same question share much."""
    pairs = pl.read_parquet(ALPACA).head(8000)
    pairs = asked(pairs.select(text="instruction", one="output_1", two="output_2")).with_columns(
        chosen=pl.col("one"), rejected=pl.col("two")
    )
    prompts, answers = read_texts(ONE)
    assert answers.height > 1500
    found = find_overlaps(pairs, prompts.head(0).vstack(prompts.head(1)), replies=answers)
    by_answer = found.filter(pl.col("evidence").str.json_path_match("$.benchmark_part") == "answer")
    own = prompts.select("benchmark_id", asked="text")
    strange = by_answer.join(own, on="benchmark_id").join(pairs.select("row_id", "text"), on="row_id")
    assert by_answer.filter(pl.col("kind") == "exact").height > 1000
    assert strange.filter(pl.col("text") != pl.col("asked"))["row_id"].n_unique() <= 20


def test_a_wrapper_that_real_prompts_share_is_boilerplate(instructions: pl.DataFrame) -> None:
    wrapper = "Try to explain your answer. Your explanation should take the reader through your reasoning step-by-step"
    question = f"Does it hail on a moon without any air around it? {wrapper}, and end with a yes or a no."
    benchmark = pl.DataFrame({"benchmark": ["b"], "benchmark_id": ["0"], "text": [question]})
    wrapped = instructions.filter(pl.col("text").str.contains("Your explanation should take the reader through"))
    assert wrapped.height == 10
    assert find_overlaps(wrapped, benchmark, common=10).height == 10
    assert find_overlaps(instructions, benchmark).is_empty()
