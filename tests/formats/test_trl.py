from typing import Any

import pytest

from prefq.errors import SettingsError
from prefq.formats import FORMATS, Answer, Judgement, RejectRecord

TRL = FORMATS["trl"]
USER = {"role": "user", "content": "What is two plus two?"}
SYSTEM = {"role": "system", "content": "Be brief."}


def said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def only(record: dict[str, Any], **options: Any) -> Judgement:
    assert TRL.fits(record)
    (judgement,) = TRL.read(record, **options)
    assert isinstance(judgement, Judgement)
    return judgement


def rejected(record: dict[str, Any]) -> str:
    with pytest.raises(RejectRecord) as caught:
        list(TRL.read(record))
    return caught.value.reason


SHAPES = {
    "explicit string": {"prompt": "What is two plus two?", "chosen": "Four.", "rejected": "Five."},
    "explicit conversation": {"prompt": [USER], "chosen": [said("Four.")], "rejected": [said("Five.")]},
    "implicit conversation": {"chosen": [USER, said("Four.")], "rejected": [USER, said("Five.")]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_mean_the_same(shape: str):
    judgement = only(SHAPES[shape])
    assert judgement == Judgement(prompt=[USER], chosen=Answer("Four."), rejected=Answer("Five."))


def test_margin_has_no_declared_range():
    judgement = only(SHAPES["explicit string"] | {"margin": 3.5})
    assert (judgement.margin_raw, judgement.margin, judgement.extra) == (3.5, None, {})


def test_margin_with_a_range_that_the_user_declares():
    record = SHAPES["explicit string"]
    assert only(record | {"margin": 1}, margin_range=[-1, 3]).margin == 0.5
    assert only(record | {"margin": 4}, margin_range=[-1, 3]).margin is None
    with pytest.raises(SettingsError, match="lowest, highest"):
        only(record | {"margin": 4}, margin_range=5)


def test_other_columns_are_kept():
    record = SHAPES["explicit string"] | {"score": 4, "margin": "wide", "none": None}
    assert only(record).extra == {"score": 4, "margin": "wide"}


def test_tool_calls_tools_and_system_turns_survive():
    call = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"function": {"name": "add", "arguments": '{"a": 2}'}}],
    }
    result = {"role": "tool", "content": "4", "name": "add"}
    record = {
        "prompt": [SYSTEM, USER, call, result],
        "chosen": [call, result, said("Four.")],
        "rejected": [said("Five.")],
        "tools": '[{"type": "function", "function": {"name": "add"}}]',
    }
    judgement = only(record)
    held = {"tool_calls": [{"function": {"arguments": {"a": 2}, "name": "add"}}]}
    assert [m["role"] for m in judgement.prompt] == ["system", "user", "assistant", "tool"]
    assert judgement.prompt_parts == [None, None, held, {"name": "add"}]
    assert judgement.prompt_tools == [{"function": {"name": "add"}, "type": "function"}]
    assert judgement.chosen.text == "Four."
    assert judgement.chosen.messages == [
        {"role": "assistant", "content": "", **held},
        {"role": "tool", "content": "4", "name": "add"},
        said("Four."),
    ]
    assert judgement.rejected == Answer("Five.")


def test_nulls_that_tables_fill_in_change_nothing():
    filled = [{**m, "tool_calls": None, "name": None} for m in (USER, said("Four."))]
    assert only({"chosen": filled, "rejected": [USER, said("Five.")]}) == only(SHAPES["implicit conversation"])


def test_text_in_one_part_is_that_text():
    parted = [{"role": "assistant", "content": [{"type": "text", "text": "Four."}]}]
    assert only(SHAPES["explicit conversation"] | {"chosen": parted}).chosen == Answer("Four.")


def test_identical_conversations_are_a_pair_of_identical_answers():
    judgement = only({"chosen": [SYSTEM, USER, said("Four.")], "rejected": [SYSTEM, USER, said("Four.")]})
    assert judgement.prompt == [SYSTEM, USER]
    assert judgement.chosen == judgement.rejected == Answer("Four.")


def test_a_longer_conversation_is_a_longer_answer():
    again = {"role": "user", "content": "Sure?"}
    judgement = only({"chosen": [USER, said("Four.")], "rejected": [USER, said("Four."), again, said("Five.")]})
    assert judgement.prompt == [USER]
    assert judgement.chosen == Answer("Four.")
    assert judgement.rejected == Answer("Five.", [said("Four."), again, said("Five.")])


def test_empty_answers_are_pairs():
    assert only(SHAPES["explicit string"] | {"chosen": ""}).chosen == Answer("")
    assert only(SHAPES["explicit conversation"] | {"chosen": [said("")]}).chosen == Answer("")


OTHER = {"role": "user", "content": "And three?"}
PLAIN = {"prompt": "p", "chosen": "c", "rejected": "r"}
UNUSABLE = {
    "answer is null": (PLAIN | {"chosen": None}, "null_field"),
    "answer is missing": ({"prompt": "p", "chosen": "c"}, "missing_field"),
    "answer is a number": (PLAIN | {"chosen": 4}, "not_text"),
    "one string, one conversation": (PLAIN | {"chosen": [said("c")]}, "not_text"),
    "prompt is null": (PLAIN | {"prompt": None}, "null_field"),
    "prompt is a list beside strings": (PLAIN | {"prompt": [USER]}, "not_text"),
    "no prompt, and texts without markers": ({"chosen": "Hi. Four.", "rejected": "Hi. Five."}, "no_prompt"),
    "empty prompt list": ({"prompt": [], "chosen": [said("c")], "rejected": [said("r")]}, "no_prompt"),
    "answers only": ({"chosen": [said("c")], "rejected": [said("r")]}, "no_prompt"),
    "prompts differ": ({"chosen": [USER, said("c")], "rejected": [OTHER, said("r")]}, "context_mismatch"),
    "prompts differ after the system turn": (
        {"chosen": [SYSTEM, USER, said("c")], "rejected": [SYSTEM, OTHER, said("r")]},
        "context_mismatch",
    ),
    "no assistant": ({"prompt": [USER], "chosen": [OTHER], "rejected": [said("r")]}, "no_answer"),
    "no role": ({"prompt": [USER], "chosen": [{"content": "c"}], "rejected": [said("r")]}, "no_role"),
    "null content": (
        {"prompt": [USER], "chosen": [{"role": "assistant", "content": None}], "rejected": [said("r")]},
        "null_field",
    ),
    "an image column": (PLAIN | {"images": [{"bytes": b"x"}]}, "media"),
    "an image in a message": (
        {"prompt": [USER | {"content": [{"type": "image"}]}], "chosen": [said("c")], "rejected": [said("r")]},
        "media",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable(case: str):
    record, reason = UNUSABLE[case]
    assert rejected(record) == reason


def test_an_empty_image_column_is_no_media():
    assert only(PLAIN | {"images": []}).chosen == Answer("c")


def test_json_text_nested_too_deeply_stays_text():
    deep = "[" * 900 + "]" * 900
    call = {"role": "assistant", "content": "", "tool_calls": [{"function": {"arguments": f'{{"a": {deep}}}'}}]}
    judgement = only(SHAPES["explicit conversation"] | {"chosen": [call], "tools": deep})
    assert judgement.prompt_tools == deep
    assert judgement.chosen.messages == [call]
