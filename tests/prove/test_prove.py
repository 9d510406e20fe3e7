"""What curation is worth: training sets, their tests, and the truth about where it helps and where it does not."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from prefq.checks import CHECKS
from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.reading import in_memory
from prefq.features import SURFACE, pair_features
from prefq.params import defaults
from prefq.policy import read_settings
from prefq.prove import Given, Material, Outcome, prove
from prefq.prove.arms import blind, judges_labels, make_arms
from prefq.prove.material import learnt_checks, turn
from prefq.prove.words import claim, document, labels_claim, sentences
from prefq.schema import CLUSTERS, SCORES
from prefq.score import score

ALPACA = Path(__file__).parents[3] / "shared/data/alpaca_eval_annotations.parquet"


def settings_of(action: str = "drop") -> dict[str, object]:
    settings = defaults()
    settings["curate"]["policy"] = {"likely_mislabelled": action}
    return settings


def scorer(rate: float | None) -> Callable[..., pl.DataFrame]:
    """The score stage's own work at a given noise rate, by surface features alone."""
    asked = {**defaults()["score"], "noise_rate": rate}

    def scores(pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
        return score(pairs, features, None, clusters, surface=SURFACE, settings=asked, seed=7).table

    return scores


def by_prompt(pairs: pl.DataFrame) -> pl.DataFrame:
    """Clusters in which every prompt is its own group."""
    return pairs.select("row_id", prompt_group="prompt_id").match_to_schema(CLUSTERS, missing_columns="insert")


def material_of(pairs: pl.DataFrame, score: Callable[..., pl.DataFrame], action: str = "drop") -> Material:
    settings = settings_of(action)
    policy = read_settings(settings["curate"], tuple(CHECKS))  # type: ignore[arg-type]
    features = pair_features(pairs)
    flags = pairs.select("row_id", *(pl.lit(None, pl.Boolean).alias(name) for name in CHECKS))
    return Material(pairs, features, flags, by_prompt(pairs), None, None, policy, {}, score, 7)


@pytest.fixture
def few(planted_pairs: pl.DataFrame) -> pl.DataFrame:
    told = planted_pairs.filter(pl.col("label") == "chosen", pl.col("chosen_id") != pl.col("rejected_id"))
    return told.unique("pair_id", keep="none").sort("row_id")


class Oracle:
    """Scores that call some rows wrong, and remember what they were asked about."""

    def __init__(self, wrong: set[str], right: float = 1.0) -> None:
        self.wrong, self.right = wrong, right
        self.asked: list[set[str]] = []
        self.turned: list[pl.DataFrame] = []

    def __call__(self, pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
        assert features["row_id"].equals(pairs["row_id"])
        self.asked.append(set(pairs["row_id"]))
        self.turned.append(pairs.select("row_id", "chosen_id"))
        wrong = pl.col("row_id").is_in(sorted(self.wrong))
        return (
            pairs.select(
                "row_id",
                p_correct=pl.when(wrong).then(0.1).otherwise(self.right),
                suspicion=pl.when(wrong).then(0.9).otherwise(0.1),
            )
            .with_columns(pl.col("p_correct", "suspicion").cast(pl.Float32))
            .match_to_schema(SCORES, missing_columns="insert")
        )


def row_ids(material: Material, rows: np.ndarray) -> set[str]:
    return set(material.pairs["row_id"].gather(rows))


def test_suspected_labels_are_dropped_or_turned_and_nothing_else(few: pl.DataFrame) -> None:
    wrong = set(few["row_id"][:9])
    material = material_of(few, Oracle(wrong))
    arms = make_arms(material, np.arange(few.height), seeds=5, draws=2, seed=1)
    sets = arms.sets
    kept, dropped, flipped = (sets[name][0] for name in ("labels_kept", "dropped", "flipped"))
    suspected = wrong & row_ids(material, kept.rows)
    assert arms.suspected == len(suspected) > 3
    assert row_ids(material, kept.rows) - row_ids(material, dropped.rows) == suspected
    assert row_ids(material, flipped.rows[flipped.targets == 0]) == suspected
    assert sets["curated"][0].key == dropped.key
    assert {len(one) for one in sets["random"]} == {len(sets["curated"][0])}
    assert len({one.key for one in sets["random"]}) == 5


def test_the_control_drops_as_many_of_labels_drawn_from_the_posterior(few: pl.DataFrame) -> None:
    wrong = set(few["row_id"][:9])
    oracle = Oracle(wrong)
    material = material_of(few, oracle)
    arms = make_arms(material, np.arange(few.height), seeds=5, draws=3, seed=1)
    assert arms.suspected is not None
    for clean, dropped, flipped in zip(
        *(arms.sets[f"control_{name}"] for name in ("kept", "dropped", "flipped")), strict=True
    ):
        assert row_ids(material, clean.rows[clean.targets == 0]) <= wrong
        assert len(clean) - len(dropped) == arms.suspected
        assert int((flipped.targets != clean.targets).sum()) == arms.suspected
    assert sum(len(one.rows[one.targets == 0]) for one in arms.sets["control_kept"]) > 12
    # The labels that the control scores anew are the drawn ones.
    last, clean = oracle.turned[-1], arms.sets["control_kept"][-1]
    came = material.pairs.select("row_id", was="chosen_id")
    turned = last.join(came, on="row_id").filter(pl.col("chosen_id") != pl.col("was"))
    assert set(turned["row_id"]) == row_ids(material, clean.rows[clean.targets == 0])


def test_where_every_label_is_right_the_control_is_the_policy_itself(few: pl.DataFrame) -> None:
    """No gain can then be noise removed."""

    def sure(pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
        return Oracle(set(), right=1.0)(pairs, features, clusters).with_columns(
            suspicion=pl.col("row_id").hash(1).rank().cast(pl.Float32) / pairs.height
        )

    arms = make_arms(material_of(few, sure), np.arange(few.height), seeds=5, draws=1, seed=1)
    assert arms.sets["control_kept"][0].key == arms.sets["labels_kept"][0].key


def test_without_a_noise_rate_nothing_is_suspected(few: pl.DataFrame) -> None:
    def blank(pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
        return Oracle(set())(pairs, features, clusters).with_columns(p_correct=pl.lit(None, pl.Float32))

    arms = make_arms(material_of(few, blank), np.arange(few.height), seeds=5, draws=1, seed=1)
    assert arms.suspected is None
    assert arms.why is not None and "noise rate" in arms.why
    assert set(arms.sets) == {"raw", "curated", "random", "labels_kept"}


def test_no_prompt_group_of_a_test_is_in_its_training(planted_pairs: pl.DataFrame) -> None:
    oracle = Oracle(set(planted_pairs["row_id"][:20]))
    material = material_of(planted_pairs, oracle)
    (found,) = prove(material, [], folds=3)
    assert found.pairs > 200
    groups = dict(zip(planted_pairs["row_id"], material.groups, strict=True))
    everything = set(groups.values())
    for asked in oracle.asked:
        assert everything - {groups[row] for row in asked}, "no group was held out"
    folds = material.folds(3)
    trained = [row_ids(material, np.flatnonzero(folds != number)) for number in range(3)]
    assert all(any(asked <= rows for rows in trained) for asked in oracle.asked)
    assert all(not {groups[row] for row in rows} & {groups[row] for row in set(groups) - rows} for rows in trained)


@pytest.fixture(scope="module")
def planted_pairs(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    from prefq.synthetic import jsonl, synthesize

    folder = tmp_path_factory.mktemp("more")
    (folder / "more.jsonl").write_text(jsonl(synthesize(700, 3).files["helpful.jsonl"]), "utf-8")
    pairs, _ = in_memory(only_dataset(str(folder / "more.jsonl"), None, {}), Console(-1))
    return pairs.sort("row_id")


def test_the_order_of_rows_changes_nothing(planted_pairs: pl.DataFrame) -> None:
    shuffled = planted_pairs.sample(fraction=1, shuffle=True, seed=1).sort("row_id")
    told = [document(prove(material_of(pairs, scorer(0.1)), []), "drop", 5) for pairs in (planted_pairs, shuffled)]
    assert told[0]["tests"][0]["models"]["network"]["differences"]["curation"] is not None
    assert json.dumps(told[0]) == json.dumps(told[1])


def test_a_blind_policy_keeps_what_learnt_checks_flag() -> None:
    policy = read_settings(settings_of("flip")["curate"], tuple(CHECKS))  # type: ignore[arg-type]
    assert {"likely_mislabelled", "ambiguous", "model_unsure", "off_pattern"} <= set(learnt_checks())
    assert learnt_checks().index("off_pattern") > learnt_checks().index("likely_mislabelled")
    assert judges_labels(policy) == "flip"
    assert judges_labels(blind(policy)) == "keep"
    assert blind(policy).policy["empty_answer"] == policy.policy["empty_answer"] == "drop"


def test_turning_exchanges_all_of_both_answers() -> None:
    frame = pl.DataFrame(
        {"row_id": ["a", "b"], "chosen": ["x", "y"], "rejected": ["u", "v"], "chosen_chars": [1, 2]}
        | {"rejected_chars": [3, 4], "chosen_position": [1, 2]}
    )
    assert turn(frame, np.array([False, True])).rows() == [("a", "x", "u", 1, 3, 1), ("b", "v", "y", 4, 2, 2)]


def test_too_few_pairs_are_said(few: pl.DataFrame) -> None:
    (found,) = prove(material_of(few.head(60), scorer(0.1)), [])
    assert found.learners == {}
    (said,) = sentences(found)
    assert said.startswith("Not decided: there are ") and said.endswith("pairs to train on, and it takes 200.")
    told = document([found], "drop", 5)["tests"][0]
    assert told["models"]["linear"]["curation"] == "undecided"
    assert set(told["models"]["network"]["differences"].values()) == {None}


@cache
def alpaca() -> pl.DataFrame:
    if not ALPACA.exists():
        pytest.skip("no real data here")
    pairs, _ = in_memory(only_dataset(str(ALPACA), None, {}), Console(-1))
    decided = pairs.filter(pl.col("label") == "chosen", pl.col("chosen_id") != pl.col("rejected_id")).sort("row_id")
    return decided.sample(9000, seed=1).sort("row_id")


def on_real_pairs(flips: float, rate: float) -> Outcome:
    """Trained on 2,500 pairs with flipped labels, tested on some 5,000 clean ones of other prompts."""
    pairs = alpaca()
    prompts = pairs["prompt_id"].unique().sort()
    train = pairs.filter(pl.col("prompt_id").is_in(prompts[::2].implode())).head(2500)
    test = pairs.filter(~pl.col("prompt_id").is_in(prompts[::2].implode()))
    noisy = turn(train, np.random.default_rng(5).random(train.height) < flips)
    given = Given("clean", test, pair_features(test), None, test["prompt_id"], frozenset())
    return prove(material_of(noisy, scorer(rate)), [given], folds=2)[1]


def test_on_real_pairs_with_flipped_labels_a_network_gains() -> None:
    found = on_real_pairs(0.25, 0.25)
    told = found.learners["network"]
    assert claim(told.differences["curation"]) == "gain"
    assert told.differences["curation"].value > 0.01
    assert labels_claim(told, "flip") == "noise removed"
    assert any("gains" in line and "wrong labels removed" in line for line in sentences(found))


def test_on_real_pairs_with_their_own_labels_no_gain_is_claimed() -> None:
    found = on_real_pairs(0.0, 0.02)
    assert {claim(told.differences["curation"]) for told in found.learners.values()} == {"none shown"}
    assert sum("no gain of curation is shown" in line for line in sentences(found)) == 2
    assert not any("removed." in line for line in sentences(found))
