from dataclasses import replace

import polars as pl
from report_tables import SETTINGS, make_pairs

from prefq.report import Tables, audit, render
from prefq.report.suspects import MOST, suspects

PAIRS = make_pairs(40)


def tables(**changes: object) -> Tables:
    pairs = PAIRS.with_columns(
        label=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("tie")).otherwise(pl.lit("chosen"))
    )
    at = pl.int_range(pl.len())
    scores = pairs.select("row_id", suspicion=at / 40, p_chosen=1 - at / 40, p_surface=pl.lit(0.3), p_correct=None)
    return replace(Tables(pairs=pairs, scores=scores), **changes)


def test_the_most_doubtful_come_first_and_ties_are_no_labels() -> None:
    found = suspects(tables(), SETTINGS)
    ids = PAIRS["row_id"].to_list()
    assert [one.row_id for one in found] == ids[: -MOST - 1 : -1]
    assert (found[0].p_surface, found[0].p_correct) == (0.3, None)
    few = tables(pairs=tables().pairs.head(9))
    assert [one.row_id for one in suspects(few, SETTINGS)] == [ids[8], *ids[6::-1]]


def test_personal_data_in_their_prompts_are_masked() -> None:
    prompt = [{"role": "user", "content": "Write to jane.doe@example.org about it."}]
    pairs = tables().pairs.with_columns(prompt=pl.Series([prompt] * 40, dtype=PAIRS.schema["prompt"]))
    (first, *_) = suspects(tables(pairs=pairs), SETTINGS)
    assert "jane.doe" not in first.prompt and first.prompt.startswith("Write to ")


def test_the_page_ranks_them_also_where_the_noise_is_not_estimable() -> None:
    page = render(audit(tables(), SETTINGS))
    assert "The labels most in doubt" in page
    assert "How many of them are wrong is not estimable here." in page
    assert "The labels most in doubt" not in render(audit(tables(scores=None), SETTINGS))


def test_without_scores_there_are_none() -> None:
    assert suspects(tables(scores=None), SETTINGS) == ()
    assert suspects(tables(scores=tables().scores.drop("suspicion")), SETTINGS) == ()
