"""The map's data: packed columns, layers, and the pairs behind each point."""

import base64
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from report_tables import SETTINGS, make_tables

from prefq.report import packing
from prefq.report.layers import parts, score_layers
from prefq.report.points import point_map
from prefq.report.queueing import behind


def unpacked(text: str, kind: str = "u1") -> list[int]:
    return np.frombuffer(base64.b64decode(text), kind).tolist()


def test_scores_take_a_byte_each_and_zero_is_none() -> None:
    assert unpacked(packing.scaled(pl.Series([0.0, None, 1.0, 0.5, float("nan"), 7.0]), 0, 1)) == [
        1,
        0,
        255,
        128,
        0,
        255,
    ]


def test_values_are_told_by_frequency_and_the_rarest_together() -> None:
    values = pl.Series("v", ["a"] * 9 + ["b", "c", "d", "e", "f", "g", "h"] + [None])
    found = parts(values, "v", "none")
    assert found.values == (*((name, n) for name, n in zip("abcdef", (9, 1, 1, 1, 1, 1), strict=True)), ("2 others", 2))
    assert unpacked(found.codes) == [1] * 9 + [2, 3, 4, 5, 6, 7, 7] + [0]
    assert found.without == 1


def test_ids_that_are_no_digests_are_not_packed() -> None:
    assert packing.digests(pl.Series(["0a" * 16, "ff" * 16])) == base64.b64encode(b"\x0a" * 16 + b"\xff" * 16).decode()
    assert packing.digests(pl.Series(["0a" * 16, "pair-7"])) is None


PAIRS = pl.DataFrame(
    {
        "row_id": ["a:1", "a:0#1", "a:0#0", "b:c:5", "a:2", "a:9"],
        "prompt_id": ["p", "p", "p", "q", "q", "elsewhere"],
        "pair_id": ["1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32, "6" * 32],
        "dimension": ["safe", "helpful", "helpful", "helpful", "helpful", "helpful"],
    }
)


def test_the_pairs_behind_a_point_stand_together_and_can_be_named_again() -> None:
    found = behind(PAIRS, ["q", "nobody", "p"])
    assert unpacked(found.held, "<u2") == [2, 0, 3]
    names = [found.sources[k] for k in unpacked(found.source, "<u2")]
    assert [f"{s}:{r}" for s, r in zip(names, found.records, strict=True)] == ["a:2", "b:c:5", "a:0#0", "a:0#1", "a:1"]
    assert [found.dimensions[k] for k in unpacked(found.dimension, "<u2")] == ["helpful"] * 4 + ["safe"]
    assert (found.pairs, found.left_out) == (5, 0)


@pytest.mark.parametrize(("most", "taken"), [(5, 5), (4, 4), (3, 2), (1, 2)])
def test_points_with_many_pairs_take_their_first_along(most: int, taken: int) -> None:
    found = behind(PAIRS, ["p", "q"], most)
    assert (found.pairs, found.left_out) == (taken, 5 - taken)


def test_a_prompt_with_several_changes_shows_the_one_that_matters_most() -> None:
    tables = make_tables(4)
    assert tables.map is not None
    pairs = tables.pairs.with_columns(prompt_id=pl.lit("one"))
    tables = replace(tables, pairs=pairs, map=tables.map.head(1).with_columns(prompt_id=pl.lit("one")))
    ids = tables.pairs["row_id"]
    changes = pl.DataFrame({"row_id": [ids[0], ids[1], ids[2]], "change": ["added", "flipped", "margin_changed"]})
    found = point_map(tables, SETTINGS, [], changes, "v1")
    assert found is not None and found.change is not None
    assert (found.change.name, found.change.values) == ("change since v1", (("label flipped", 1),))
    assert point_map(tables, SETTINGS, []).change is None  # type: ignore[union-attr]


def test_a_score_that_no_point_has_is_no_layer() -> None:
    told = pl.DataFrame({"p_chosen": [0.25, 0.75, None], "p_correct": [None, None, None]})
    (found,) = score_layers(told.cast(pl.Float64))
    assert (found.name, found.low, found.high, found.scored) == ("p_chosen", 0.25, 0.75, 2)


def test_the_map_does_not_depend_on_the_order_of_rows() -> None:
    tables = make_tables(120)
    assert tables.map is not None
    turned = replace(tables, pairs=tables.pairs.reverse(), map=tables.map.reverse())
    assert point_map(tables, SETTINGS, ["pii"]) == point_map(turned, SETTINGS, ["pii"])


def test_texts_of_many_prompts_stay_small_and_mask_addresses() -> None:
    tables = make_tables(30)
    content = "Write to somebody@example.org about 漢字 " + "漢" * 400
    prompt = pl.lit([{"role": "user", "content": content}], tables.pairs.schema["prompt"])
    found = point_map(replace(tables, pairs=tables.pairs.with_columns(prompt=prompt)), SETTINGS, [])
    assert found is not None
    assert all(len(text) <= 120 and "somebody@" not in text for text in found.texts)
