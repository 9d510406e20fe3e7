import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from prefq.formats import FORMATS, RejectRecord
from prefq.ingest import batches

RECORDS = [
    {"prompt": "p", "chosen": "c", "rejected": "r", "margin": 2.0, "note": "kept"},
    {
        "prompt": [{"role": "user", "content": "p", "name": "Ann"}],
        "chosen": [{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f"}}]}],
        "rejected": [{"role": "assistant", "content": "r"}],
        "tools": [{"type": "function"}],
    },
]


def table(name: str, records: list[dict[str, object]]) -> pl.DataFrame:
    (batch,) = batches("d", FORMATS[name], enumerate(records))
    assert batch.rejects.is_empty()
    return batch.pairs


def test_a_table_of_pairs_comes_back_as_it_was():
    pairs = table("trl", RECORDS)
    again = table("prefq", pairs.to_dicts())
    assert all(FORMATS["prefq"].fits(row) for row in pairs.to_dicts())
    assert_frame_equal(again.drop("extra"), pairs.drop("extra"))
    assert [json.loads(extra) for extra in again["extra"]] == [
        {"source_row_id": "d:0", "note": "kept"},
        {"source_row_id": "d:1"},
    ]
    assert_frame_equal(table("prefq", again.to_dicts()), again)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"label": "first"}, "invalid_label"),
        ({"extra": "{"}, "broken_json"),
        ({"extra": "[]"}, "broken_json"),
        ({"prompt_extra": '{"parts": []}'}, "not_messages"),
        ({"prompt_extra": '{"parts": [null, null]}'}, "not_messages"),
        ({"chosen_messages": "4"}, "not_messages"),
        ({"prompt": []}, "no_prompt"),
        ({"chosen": None}, "null_field"),
    ],
)
def test_rows_that_somebody_edited(changes: dict[str, object], reason: str):
    row = table("trl", RECORDS[:1]).to_dicts()[0] | changes
    with pytest.raises(RejectRecord) as caught:
        list(FORMATS["prefq"].read(row))
    assert caught.value.reason == reason
