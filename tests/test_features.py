import math

import numpy as np
import polars as pl
import pytest
from check_pairs import pairs
from hypothesis import given, settings
from hypothesis import strategies as st

from prefq.features import (
    ANSWER,
    END,
    SURFACE,
    answer_features,
    distinct_prompts,
    pair_features,
    surface_matrix,
)

RICH = """# Rain

Sure, **rain** falls! Why?
1. I saw 12 drops.
- It's wet
| a | b |
```
x
```"""


def features(*texts: str) -> pl.DataFrame:
    return answer_features(
        pl.DataFrame({"text_id": [str(n) for n in range(len(texts))], "text": texts}), (*ANSWER, *END)
    )


def test_counts_of_a_formatted_answer() -> None:
    found = features(RICH).row(0, named=True)
    assert {name: found[name] for name in ("chars", "words", "sentences", "newlines", "bold", "list_items")} == {
        "chars": 84,
        "words": 15,
        "sentences": 4,
        "newlines": 8,
        "bold": 1,
        "list_items": 2,
    }
    assert {name: found[name] for name in ("headings", "code_fences", "table_bars", "questions", "exclamations")} == {
        "headings": 1,
        "code_fences": 2,
        "table_bars": 3,
        "questions": 1,
        "exclamations": 1,
    }
    assert found["first_person"] == 1


def test_shares_of_small_texts() -> None:
    sure, refusal, loop, chinese = features("Sure. 1234", "I can't help with that", "a b c " * 4, "下雨了下雨了").rows(
        named=True
    )
    assert (sure["sure_opener"], sure["digit_share"], sure["unfinished"]) == (1, pytest.approx(0.4), 1)
    assert (refusal["refusal"], refusal["sure_opener"], refusal["first_person"]) == (1, 0, 1)
    assert (loop["words"], loop["type_token_ratio"]) == (12, 0.25)
    assert loop["repeated_trigrams"] == pytest.approx(7 / 10)
    assert loop["end_variety"] == pytest.approx(0.25)
    assert (chinese["words"], chinese["word_length"], chinese["non_ascii_share"]) == (6, 1, 1)


def test_trigrams_do_not_run_from_one_text_into_the_next() -> None:
    assert features("a b", "c a b", "b c")["repeated_trigrams"].to_list() == [0, 0, 0]


def test_empty_text_has_zeros_and_is_unfinished() -> None:
    found = features("").row(0, named=True)
    assert {name for name, value in found.items() if value == 1} == {"unfinished"}
    assert {value for name, value in found.items() if name not in ("text_id", "unfinished")} == {0}


def test_only_the_named_features() -> None:
    texts = pl.DataFrame({"text_id": ["a"], "text": ["It rains."]})
    assert answer_features(texts, ("words", "chars")).columns == ["text_id", "words", "chars"]


def test_pair_features_side_by_side() -> None:
    found = pair_features(
        pairs({"prompt": "Does it rain?", "chosen": "It rains.", "rejected": "It does not rain."})
    ).row(0, named=True)
    assert found["row_id"] == "d:0"
    assert (found["chosen_chars"], found["rejected_chars"]) == (9, 17)
    assert found["chosen_prompt_coverage"] == pytest.approx(1 / 3)  # it
    assert found["rejected_prompt_coverage"] == 1
    assert found["rejected_prompt_jaccard"] == pytest.approx(3 / 4)
    assert found["answer_jaccard"] == pytest.approx(1 / 5)
    assert found["question_chars"] == 13
    assert found["length_ratio"] == pytest.approx(17 / 9)


def test_the_question_is_the_last_user_turn() -> None:
    turns = [("system", "Be brief."), ("user", "Rain?"), ("assistant", "Yes."), ("user", "Snow?"), ("tool", "none")]
    prompt = [{"role": role, "content": content} for role, content in turns]
    found = distinct_prompts(pairs({"prompt": prompt}, {"prompt": prompt}, {"prompt": []}))
    assert found["question"].to_list() == ["Snow?", ""]
    assert found["conversation"].to_list() == ["Be brief.\n\nRain?\n\nYes.\n\nSnow?\n\nnone", ""]


def test_empty_answers_have_no_length_ratio() -> None:
    found = pair_features(pairs({"rejected": ""}, {"chosen": "", "rejected": ""}))
    assert found["length_ratio"].to_list() == [None, None]
    assert found["answer_jaccard"].to_list() == [0, 0]


def test_no_pairs_no_features() -> None:
    found = pair_features(pairs())
    assert found.height == 0
    assert {f"{side}_{name}" for side in ("chosen", "rejected") for name in SURFACE} < set(found.columns)


def test_surface_has_the_22_of_the_study() -> None:
    assert len(SURFACE) == len(set(SURFACE)) == 22


def test_models_see_logarithms_of_counts_and_shares_as_they_are() -> None:
    found = surface_matrix(pair_features(pairs({"chosen": "one two three"})), "chosen", ("words", "digit_share"))
    assert found.tolist() == [[pytest.approx(math.log(4)), 0]]


texts = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=6))
def test_swapping_the_answers_swaps_what_models_see_of_them(rows: list[tuple[str, str, str]]) -> None:
    given_rows = [{"prompt": prompt, "chosen": one, "rejected": two} for prompt, one, two in rows]
    swapped = [{**row, "chosen": row["rejected"], "rejected": row["chosen"]} for row in given_rows]
    there, back = (pair_features(pairs(*side)) for side in (given_rows, swapped))
    seen = surface_matrix(there, "chosen")
    assert seen.shape == (len(rows), len(SURFACE))
    assert np.isfinite(seen).all()
    assert np.array_equal(seen, surface_matrix(back, "rejected"))


@settings(max_examples=50, deadline=None)
@given(st.lists(texts, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_features_do_not_depend_on_the_neighbours(some: list[str], random: object) -> None:
    together = features(*some).drop("text_id")
    alone = pl.concat([features(text).drop("text_id") for text in some])
    assert together.equals(alone)
    shares = together.select("digit_share", "non_ascii_share", "type_token_ratio", "repeated_trigrams", "end_variety")
    assert shares.select(pl.all_horizontal(pl.all().is_between(0, 1)).all()).item()
