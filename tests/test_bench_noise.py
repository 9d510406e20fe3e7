"""That the parts of the benchmark of wrong labels are right; never what it measures."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from check_pairs import clusters, pairs, scores

sys.path.insert(0, str(Path(__file__).parents[1]))  # bench is not installed

from bench import data, noise
from prefq.features import pair_features


def material(count: int = 60) -> noise.Material:
    rows = [
        {"name": f"d:{n:02}", "prompt": f"{n}?", "chosen": "long " * (1 + n % 7), "rejected": "long " * (1 + n % 5)}
        for n in range(count)
    ]
    frame = pairs(*rows)
    return noise.Material("made", frame, pair_features(frame), clusters(frame), None)


@pytest.mark.parametrize("kind", [noise.symmetric, *noise.KINDS.values()], ids=lambda k: k.__name__)
def test_flips_are_so_many_and_the_same_for_a_seed(kind: noise.Kind) -> None:
    rows = kind(material(), 0.1, 0)
    assert rows.sum() == 6
    assert np.array_equal(rows, kind(material(), 0.1, 0))
    assert not np.array_equal(rows, kind(material(), 0.1, 1))


def test_kinds_flip_only_where_they_say() -> None:
    made = material()
    lengths = made.pairs.select(one=pl.col("chosen").str.len_chars(), other=pl.col("rejected").str.len_chars())
    rows = noise.longer_loses(made, 0.1, 0)
    assert (lengths["one"] > lengths["other"]).to_numpy()[rows].all()
    near = noise.close_lengths(made, 0.1, 0)
    assert (lengths.max_horizontal() <= 1.5 * (lengths.min_horizontal() + 1)).to_numpy()[near].all()
    first = made.pairs["prompt_id"].str.slice(0, 1)
    rows = noise.one_annotator(made, 0.1, 0)
    assert first.is_in(noise.HASTY).to_numpy()[rows].all()
    assert set(noise.annotated(made).pairs["annotator"].filter(pl.Series(rows))) == {"hasty"}
    assert set(noise.annotated(made).pairs["annotator"]) == {"hasty", "careful"}


def test_flipped_material_is_turned_in_all_its_tables() -> None:
    made = material()
    rows = np.arange(60) == 6
    turned = made.flipped(rows)
    assert turned.pairs["chosen"][6] == made.pairs["rejected"][6] != made.pairs["chosen"][6]
    assert turned.features["rejected_chars"][6] == made.features["chosen_chars"][6]
    assert turned.pairs.filter(pl.Series(~rows)).equals(made.pairs.filter(pl.Series(~rows)))


def test_another_suspicion_ranks_the_same_rows() -> None:
    table = scores(pairs({}, {"prompt": "?"}), suspicion=[0.4, None])
    assert noise._as_suspicion(table, pl.Series([2.0, 3.0]))["suspicion"].to_list() == [2.0, None]


def test_a_mean_over_seeds_is_missing_where_one_is() -> None:
    assert noise._mean([{"rate": 0.1}, {"rate": 0.3}], "rate") == pytest.approx(0.2)
    assert noise._mean([{"rate": 0.1}, {"rate": None}], "rate") is None


@pytest.mark.skipif(not (data.ALPACA.exists() and data.HH.exists()), reason="the real data is not here")
def test_the_mix_has_pairs_of_models_and_conversations() -> None:
    rows = list(noise.mix(3_000))
    assert len(rows) == 3_000
    assert all(set(row) == {"prompt", "chosen", "rejected"} and row["chosen"] != row["rejected"] for row in rows[:693])
    longer = [len(row["chosen"][0]["content"]) > len(row["rejected"][0]["content"]) for row in rows[:693]]
    assert np.mean(longer) == pytest.approx(0.6, abs=0.01)
    assert rows[-1]["prompt"][0]["role"] == "user"
    assert rows[-1]["prompt"][-1]["role"] == "user"
