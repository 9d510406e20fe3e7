import re

import pytest

from prefq.errors import FormatError, UsageError
from prefq.formats import FORMATS
from prefq.formats.detection import detect

HH = {"chosen": "\n\nHuman: Hi\n\nAssistant: a", "rejected": "\n\nHuman: Hi\n\nAssistant: b"}
TRL = {"prompt": "p", "chosen": "c", "rejected": "r"}
ALPACA = {"instruction": "i", "output_1": "a", "output_2": "b", "preference": 1.2}
PREFQ = {"row_id": "", "pair_id": "", "prompt": [], "chosen": "", "rejected": "", "label": "", "dimension": ""}


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (HH, "hh-rlhf"),
        (HH | {"margin": 1.0}, "hh-rlhf"),
        ({"prompt": "\n\nHuman: Hi\n\nAssistant:", "chosen": "a", "rejected": "b"}, "hh-rlhf"),
        (HH | {"prompt": ""}, "hh-rlhf"),
        (TRL, "trl"),
        (TRL | {"prompt": ""}, "trl"),
        ({"chosen": "a text", "rejected": "another"}, "trl"),
        (ALPACA, "alpaca-eval"),
        (ALPACA | {"preference": None}, "alpaca-eval"),
        (PREFQ, "prefq"),
    ],
)
def test_told_from_columns_and_values(record: dict[str, object], name: str):
    assert detect([record], "x.jsonl").name == name


def test_broken_records_do_no_harm():
    assert detect([TRL | {"chosen": None}, {}, HH, *[TRL] * 3], "x.jsonl").name == "trl"


def test_no_format_fits():
    with pytest.raises(FormatError, match=re.escape("x.jsonl has no known format: its columns are question, answer")):
        detect([{"question": "q", "answer": "a"}], "x.jsonl")
    with pytest.raises(FormatError, match="hh-rlhf"):
        detect([{"question": "q"}], "x.jsonl")


def test_two_formats_fit():
    with pytest.raises(FormatError, match=r"x\.jsonl fits the formats alpaca-eval and trl; say which with --format"):
        detect([TRL | ALPACA], "x.jsonl")


def test_an_unknown_name_is_a_usage_error():
    with pytest.raises(UsageError, match="did you mean 'trl'"):
        FORMATS["trll"]
