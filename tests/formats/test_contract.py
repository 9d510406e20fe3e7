"""What every format promises, whoever adds it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prefq.formats import FORMATS, Format, Judgement, RejectRecord
from prefq.schema import LABELS

COLUMNS = (
    *("prompt", "chosen", "rejected", "margin", "tools", "images", "label", "dimension", "row_id", "pair_id", "extra"),
    *("prompt_extra", "chosen_messages", "rejected_messages", "instruction", "output_1", "output_2", "preference"),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", ""]), "content": st.text() | st.none()},
    optional={"tool_calls": st.lists(st.dictionaries(st.text(), SCALARS))},
)
VALUES = (
    st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
    | st.lists(MESSAGES)
    | st.sampled_from(["chosen", "\n\nHuman: a\n\nAssistant: b", "\n\nHuman: a", "[]", '{"parts": 1}', "1.5", "nan"])
)
GARBAGE = st.dictionaries(st.sampled_from(COLUMNS) | st.text(), VALUES)


@pytest.fixture(params=list(FORMATS))
def fmt(request: pytest.FixtureRequest) -> Format:
    return FORMATS[request.param]


def test_every_format_of_this_version_is_registered():
    assert {"trl", "hh-rlhf", "alpaca-eval", "prefq"} <= set(FORMATS)


def test_a_format_says_what_it_is(fmt: Format):
    assert fmt.description.endswith(".")
    assert all((fmt.direction, fmt.ties, fmt.margin))


def test_a_format_fits_no_empty_record(fmt: Format):
    assert not fmt.fits({})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(record=GARBAGE)
def test_garbage_becomes_judgements_or_rejects_and_nothing_else(fmt: Format, record: dict[str, object]):
    assert fmt.fits(record) in (True, False)
    try:
        items = list(fmt.read(record))
    except RejectRecord as reject:
        assert reject.reason.replace("_", "").isalpha()
        return
    for item in items:
        if isinstance(item, Judgement):
            assert item.label in LABELS
            assert isinstance(item.chosen.text, str)
            assert isinstance(item.rejected.text, str)
            assert item.margin is None or 0 <= item.margin <= 1
