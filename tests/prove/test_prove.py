"""What curation is worth: training sets, their tests, and the truth about where it helps and where it does not."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from prefq.checks import CHECKS
from prefq.cli.console import Console
from prefq.cli.datasets import only_dataset
from prefq.cli.proofs import scorers
from prefq.cli.reading import in_memory
from prefq.features import pair_features
from prefq.params import defaults
from prefq.policy import read_settings
from prefq.prove import Given, Material, Outcome, Told, prove
from prefq.prove.arms import blind, judges_labels, make_arms
from prefq.prove.material import Scorer, learnt_checks, turn, turn_clusters
from prefq.prove.words import claim, document, label_sentence, labels_claim, sentences
from prefq.schema import CLUSTERS, SCORES
from prefq.stats import Interval

ALPACA = Path(__file__).parents[3] / "shared/data/alpaca_eval_annotations.parquet"


def settings_of(action: str = "drop") -> dict[str, object]:
    settings = defaults()
    settings["curate"]["policy"] = {"likely_mislabelled": action}
    return settings


def surface_scorers(rate: float | None) -> tuple[Scorer, Scorer]:
    """The score stage's work at a given noise rate and at the one that the pairs show, by surface features alone."""
    return scorers(None, {"score": {**defaults()["score"], "noise_rate": rate}, "seed": 7})


def by_prompt(pairs: pl.DataFrame) -> pl.DataFrame:
    """Clusters in which every prompt is its own group."""
    return pairs.select("row_id", prompt_group="prompt_id").match_to_schema(CLUSTERS, missing_columns="insert")


def material_of(pairs: pl.DataFrame, score: Scorer, estimated: Scorer | None = None) -> Material:
    settings = settings_of()
    policy = read_settings(settings["curate"], tuple(CHECKS))  # type: ignore[arg-type]
    features = pair_features(pairs)
    flags = pairs.select("row_id", *(pl.lit(None, pl.Boolean).alias(name) for name in CHECKS))
    return Material(pairs, features, flags, by_prompt(pairs), None, None, policy, {}, score, 7, estimated)


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
    told = [
        document(prove(material_of(pairs, *surface_scorers(0.1)), []), "drop", 5) for pairs in (planted_pairs, shuffled)
    ]
    assert told[0]["tests"][0]["models"]["network"]["differences"]["curation"] is not None
    assert json.dumps(told[0]) == json.dumps(told[1])


def difference(value: float, half: float = 0.005) -> Interval:
    return Interval(value, value - half, value + half, 1000)


@pytest.mark.parametrize(
    ("gain", "control", "trusted", "said"),
    [
        (0.001, 0.0, False, "no gain is shown, +0.1 ± 0.5 points; zero is in the interval, −0.4 to +0.6."),
        (-0.02, 0.0, False, "costs 2.0 ± 0.5 points."),
        (0.02, 0.018, False, "so the gain is not shown to be wrong labels removed: it may be distillation or"),
        (0.03, 0.01, False, "the control) +1.0 ± 0.5, so 2.0 ± 0.5 are wrong labels removed."),
        (0.03, -0.01, False, "the control) −1.0 ± 0.5, so it is wrong labels removed."),
        (0.03, 0.01, True, "2.0 ± 0.5 are wrong labels removed if score.noise_rate is right: there are too few"),
    ],
)
def test_what_is_said_of_labels(gain: float, control: float, trusted: bool, said: str) -> None:
    parts = {"": gain, "_control": control, "_noise_removed": gain - control}
    told = Told({}, {f"drop{name}": difference(value) for name, value in parts.items()})
    assert said in label_sentence(told, "drop", trusted)


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
    assert turn(frame, np.array([False, True])).rows() == [("a", "x", "u", 1, 3, 1), ("b", "v", "y", 4, 2, 1)]


def test_clusters_turn_with_their_pairs() -> None:
    clusters = pl.DataFrame({"row_id": ["b", "a"], "chosen_cluster": ["y", "x"], "rejected_cluster": ["v", "u"]})
    clusters = clusters.with_columns(contradiction=pl.lit("swapped"), prompt_group=pl.lit("g"))
    found = turn_clusters(clusters, pl.DataFrame({"row_id": ["a", "b"]}), np.array([False, True]))
    assert found.rows() == [("a", "x", "u", "swapped", "g"), ("b", "v", "y", None, "g")]


def test_too_few_pairs_are_said(few: pl.DataFrame) -> None:
    (found,) = prove(material_of(few.head(60), *surface_scorers(0.1)), [])
    assert found.learners == {}
    (said,) = sentences(found)
    assert said.startswith("Not decided: there are ") and said.endswith("pairs to train on, and it takes 200.")
    told = document([found], "drop", 5)["tests"][0]
    assert told["models"]["linear"]["curation"] == "undecided"
    assert set(told["models"]["network"]["differences"].values()) == {None}


def test_the_rate_that_the_pairs_show_goes_before_a_given_one(few: pl.DataFrame) -> None:
    """A given rate that is too high must not make a gain into noise removed."""
    wrong, rows = set(few["row_id"][:9]), np.arange(few.height)
    given, clean = Oracle(wrong), Oracle(set())
    arms = make_arms(material_of(few, given, clean), rows, seeds=5, draws=2, seed=1)
    assert arms.suspected and not arms.trusted
    assert {one.key for one in arms.sets["control_kept"]} == {arms.sets["labels_kept"][0].key}

    def unknown(pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
        return clean(pairs, features, clusters).with_columns(p_correct=pl.lit(None, pl.Float32))

    trusting = make_arms(material_of(few, given, unknown), rows, seeds=5, draws=2, seed=1)
    assert trusting.trusted
    assert arms.sets["labels_kept"][0].key not in {one.key for one in trusting.sets["control_kept"]}


@cache
def alpaca() -> pl.DataFrame:
    if not ALPACA.exists():
        pytest.skip("no real data here")
    pairs, _ = in_memory(only_dataset(str(ALPACA), None, {}), Console(-1))
    decided = pairs.filter(pl.col("label") == "chosen", pl.col("chosen_id") != pl.col("rejected_id")).sort("row_id")
    return decided.sample(14000, seed=1).sort("row_id")


def on_real_pairs(flips: float, rate: float, rows: int) -> Outcome:
    """Trained on pairs with flipped labels, at a given rate, tested on some 6,000 clean ones of other prompts."""
    pairs = alpaca()
    prompts = pairs["prompt_id"].unique().sort()
    train = pairs.filter(pl.col("prompt_id").is_in(prompts[::2].implode())).sample(rows, seed=2).sort("row_id")
    test = pairs.filter(~pl.col("prompt_id").is_in(prompts[::2].implode()))
    noisy = turn(train, np.random.default_rng(5).random(train.height) < flips)
    given = Given("clean", test, pair_features(test), None, test["prompt_id"], frozenset())
    return prove(material_of(noisy, *surface_scorers(rate)), [given], folds=0)[0]


def test_on_few_real_pairs_with_flipped_labels_a_network_gains_on_trust() -> None:
    found = on_real_pairs(0.3, 0.3, 4500)
    told = found.learners["network"]
    assert claim(told.differences["curation"]) == "gain"
    assert told.differences["curation"].value > 0.01
    assert found.trusted
    assert labels_claim(told, "flip", found.trusted) == "noise removed, if the given rate is right"
    assert any("wrong labels removed if score.noise_rate is right" in line for line in sentences(found))


def test_on_real_pairs_with_flipped_labels_noise_is_removed() -> None:
    found = on_real_pairs(0.2, 0.2, 6000)
    told = found.learners["network"]
    assert claim(told.differences["curation"]) == "gain"
    assert not found.trusted
    assert labels_claim(told, "drop", found.trusted) == "noise removed"
    assert any("gains" in line and line.endswith("wrong labels removed.") for line in sentences(found))


def test_on_real_pairs_with_their_own_labels_no_gain_is_claimed() -> None:
    found = on_real_pairs(0.0, 0.02, 1500)
    assert {claim(told.differences["curation"]) for told in found.learners.values()} == {"none shown"}
    assert sum("no gain of curation is shown" in line for line in sentences(found)) == 2
    assert not any("removed" in line for line in sentences(found))


def test_a_rate_that_is_far_too_high_does_not_make_a_gain_noise_removed() -> None:
    found = on_real_pairs(0.0, 0.2, 6000)
    assert found.suspected is not None and found.suspected > 100
    for told in found.learners.values():
        assert not any(labels_claim(told, action, found.trusted).startswith("noise") for action in ("drop", "flip"))
    assert not any("wrong labels removed." in line and "not shown" not in line for line in sentences(found))


@pytest.mark.parametrize(("action", "target", "weight"), [("soft", 0.1, 1.0), ("weight", 1.0, 0.1)])
def test_a_policy_without_a_threshold_is_learnt_from_as_targets_or_weights(
    few: pl.DataFrame, action: str, target: float, weight: float
) -> None:
    doubted = few["row_id"][0]
    material, rows = material_of(few, Oracle({doubted})), np.arange(few.height)
    policy = read_settings(settings_of(action)["curate"], tuple(CHECKS))  # type: ignore[arg-type]
    examples = material.curated(rows, material.scores(rows), policy)
    assert (examples.targets[0], examples.weights[0]) == pytest.approx((target, weight))
    assert set(examples.targets[1:]) == {1.0}
    assert set(examples.weights[1:]) == {1.0}
    kept = material.curated(rows, material.scores(rows), blind(policy))
    assert set(zip(kept.targets, kept.weights, strict=True)) == {(1.0, 1.0)}
