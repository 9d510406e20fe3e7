import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq import boosting, head, label_noise, pair_matrix, schema
from prefq.bradley_terry import Rewards, platt_slope
from prefq.errors import SettingsError
from prefq.head import Task, fit, mix_slopes, mixed
from prefq.judges import Rewarded
from prefq.score import Scores, score, scored_frame
from prefq.shortcuts.measure import figures_of, shortcut_frame
from prefq.stats import sigmoid
from prefq.vectors import Vectors

SETTINGS = {"judge": "head", "folds": 5, "noise_rate": None}
SURFACE = ("chars", "bold")
WORDS = ["the", "a", "cat", "dog", "sat", "ran", "far", "and", "so", "on"]


def world(rows: int = 300, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame, Vectors]:
    """Pairs whose better answer lies along the first axis of its vector; features that say a little."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(3 * rows, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    left, right = vectors[:rows, 0], vectors[rows : 2 * rows, 0]
    wins = rng.random(rows) < sigmoid(6 * (left - right))
    numbers = np.arange(rows)
    texts = [" ".join(rng.choice(WORDS, size=rng.integers(3, 30))) for _ in range(2 * rows)]
    chosen, rejected = np.where(wins, numbers, rows + numbers), np.where(wins, rows + numbers, numbers)
    pairs = pl.DataFrame(
        {
            "row_id": [f"d:{number:04d}" for number in numbers],
            "dataset": "d",
            "category": None,
            "label": "chosen",
            "dimension": "preference",
            "pair_id": [f"p{number:04d}" for number in numbers],
            "prompt_id": [f"{2 * rows + number // 2:05d}" for number in numbers],
            "chosen_id": [f"{number:05d}" for number in chosen],
            "rejected_id": [f"{number:05d}" for number in rejected],
            "chosen": [texts[number] for number in chosen],
            "rejected": [texts[number] for number in rejected],
        },
        schema_overrides={"category": pl.String},
    )
    return pairs, features_of(pairs), Vectors(pl.Series([f"{n:05d}" for n in range(3 * rows)]), vectors, "test")


def features_of(pairs: pl.DataFrame) -> pl.DataFrame:
    sides = ("chosen", "rejected")
    return pairs.select(
        "row_id",
        *(pl.col(side).str.len_chars().cast(pl.Float32).alias(f"{side}_chars") for side in sides),
        *(pl.col(side).str.count_matches("cat").cast(pl.Float32).alias(f"{side}_bold") for side in sides),
        answer_jaccard=pl.lit(0.2),
    )


def run(pairs: pl.DataFrame, vectors: Vectors | None, clusters: pl.DataFrame | None = None, **settings: Any) -> Scores:
    rewarded = settings.pop("rewarded", None)
    features, wanted = features_of(pairs), {**SETTINGS, **settings}
    return score(pairs, features, vectors, clusters, surface=SURFACE, settings=wanted, seed=7, rewarded=rewarded)


@pytest.fixture(scope="module")
def scored() -> tuple[pl.DataFrame, Vectors, Scores]:
    pairs, _, vectors = world()
    return pairs, vectors, run(pairs, vectors)


def test_the_table_is_the_contracts_with_the_surface_features_behind(
    scored: tuple[pl.DataFrame, Vectors, Scores],
) -> None:
    pairs, _, scores = scored
    assert list(scores.table.schema.items())[: len(schema.SCORES)] == list(schema.SCORES.items())
    assert scores.table.columns[len(schema.SCORES) :] == [
        *("chosen_chars", "chosen_bold", "rejected_chars", "rejected_bold"),
    ]
    assert scores.table["row_id"].equals(pairs["row_id"])
    assert (
        scores.table.select(schema.SCORES.names())
        .drop("p_correct")
        .null_count()
        .pipe(lambda f: f.sum_horizontal().item())
        == 0
    )


def test_it_learns_what_vectors_say_and_surface_does_not(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    scores = scored[2]
    assert (scores.table["reward_margin"] > 0).mean() > 0.7
    assert (scores.table["p_surface"] > 0.5).mean() < 0.6
    assert 0 < scores.calibration["ece"] < 0.15
    assert sum(each["rows"] for each in scores.calibration["reliability"]) == 2 * 300


def test_margins_are_the_difference_of_stored_rewards(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    table = scored[2].table
    assert (table["reward_chosen"] - table["reward_rejected"]).equals(table["reward_margin"], check_names=False)
    assert np.allclose(table["p_chosen"], sigmoid(table["reward_margin"].cast(pl.Float64).to_numpy()), atol=1e-6)
    assert np.allclose(table["suspicion"] + table["p_chosen"], 1, atol=1e-6)


def test_folds_go_by_prompt_or_by_prompt_group(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, scores = scored
    folds = pairs.select("prompt_id").with_columns(scores.table["fold"])
    assert folds.group_by("prompt_id").agg(pl.col("fold").n_unique())["fold"].max() == 1
    assert sorted(folds["fold"].unique().to_list()) == [0, 1, 2, 3, 4]
    clusters = pairs.select("row_id", prompt_group=pl.col("row_id").str.slice(-1))
    grouped = clusters.with_columns(run(pairs, vectors, clusters).table["fold"])
    assert grouped.group_by("prompt_group").agg(pl.col("fold").n_unique())["fold"].max() == 1


def test_the_order_of_rows_changes_nothing(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, scores = scored
    shuffled = run(pairs.sample(fraction=1, shuffle=True, seed=1), vectors)
    assert shuffled.table.sort("row_id").equals(scores.table.sort("row_id"))
    assert (shuffled.calibration, shuffled.noise) == (scores.calibration, scores.noise)


def test_where_rows_stood_in_a_file_changes_no_score(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, scores = scored
    elsewhere = pairs.with_columns(row_id=pl.Series(sorted(pairs["row_id"], reverse=True)))
    assert run(elsewhere, vectors).table.drop("row_id").equals(scores.table.drop("row_id"))


def test_identical_answers_have_margin_zero(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, _ = scored
    same = pl.col("row_id") == "d:0003"
    table = run(
        pairs.with_columns(
            rejected_id=pl.when(same).then("chosen_id").otherwise("rejected_id"),
            rejected=pl.when(same).then("chosen").otherwise("rejected"),
        ),
        vectors,
    ).table
    assert table.filter(same)["reward_margin"].item() == 0
    assert table.filter(same)["p_chosen"].item() == 0.5
    assert table.filter(same)["ambiguity"].item() > 0.5


def test_ties_have_a_margin_but_no_right_or_wrong_and_both_bad_is_left_out(
    scored: tuple[pl.DataFrame, Vectors, Scores],
) -> None:
    pairs, vectors, _ = scored
    label = {"d:0000": "tie", "d:0001": "both_bad"}
    scores = run(
        pairs.with_columns(label=pl.col("row_id").replace_strict(label, default="chosen")), vectors, noise_rate=0.1
    )
    tie, bad, other = scores.table[0], scores.table[1], scores.table[2]
    assert tie["reward_margin"].null_count() == 0
    assert (tie["p_correct"].item(), tie["suspicion"].item()) == (None, None)
    assert bad.select(schema.SCORES.names()).drop("row_id").null_count().row(0) == (1,) * 10
    assert other["p_correct"].item() is not None
    assert sum(each["rows"] for each in scores.calibration["reliability"]) == 2 * 298
    assert scores.notes == ("1 rows are not scored: both answers were called bad.",)


def test_without_vectors_it_goes_by_surface_alone_and_says_so(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    scores = run(scored[0], None)
    assert np.allclose(scores.table["p_chosen"], scores.table["p_surface"], atol=1e-6)
    assert scores.notes[0].startswith("There are no vectors")


def test_below_5000_pairs_p_correct_needs_a_given_rate(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, scores = scored
    assert scores.table["p_correct"].null_count() == 300
    assert scores.noise.value is None
    assert "not estimable (needs 5,000 labelled pairs, there are 300)" in scores.notes[0]
    given = run(pairs, vectors, noise_rate=0.2).table
    assert given["p_correct"].null_count() == 0
    order = np.argsort(given["suspicion"].to_numpy())
    assert (np.diff(given["p_correct"].to_numpy()[order]) <= 1e-6).all()


@pytest.mark.parametrize("rows", [0, 1, 199])
def test_few_pairs_give_null_scores_and_a_note(rows: int) -> None:
    pairs, _, vectors = world()
    scores = run(pairs.head(rows), vectors)
    assert scores.table.height == rows
    assert scores.table.schema == run(pairs, vectors).table.schema
    assert scores.table.select(schema.SCORES.names()).drop("row_id").null_count().sum_horizontal().item() == 10 * rows
    assert scores.notes[-1].startswith(f"Nothing is scored: {rows} decided pairs")
    assert json.dumps([scores.calibration, scores.noise.to_json()], allow_nan=False)


def test_one_prompt_group_gives_null_scores(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, _ = scored
    scores = run(pairs.with_columns(prompt_id=pl.lit("00600")), vectors)
    assert scores.table["p_chosen"].null_count() == 300
    assert "300 decided pairs of 1 prompt groups" in scores.notes[-1]


def test_a_crowded_prompt_group_is_said(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, _ = scored
    half = pl.col("row_id") < "d:0150"
    crowded = pairs.with_columns(prompt_id=pl.when(half).then(pl.lit("00600")).otherwise("prompt_id"))
    assert run(crowded, vectors, noise_rate=0.1).notes == (
        "One prompt group holds 50% of the pairs, so the folds are uneven.",
    )


def opposed(pairs: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The pairs, and the first `rows` of them judged the other way round in another dimension."""
    names = {"chosen": "rejected", "rejected": "chosen", "chosen_id": "rejected_id", "rejected_id": "chosen_id"}
    turned = pairs.head(rows).rename(names).select(pairs.columns)
    return pl.concat([pairs, turned.with_columns(row_id=pl.col("row_id") + "#1", dimension=pl.lit("brief"))])


def test_dimensions_that_disagree_have_heads_of_their_own(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, alone = scored
    both = run(opposed(pairs, 300), vectors, noise_rate=0.1)
    assert both.table.head(300)["reward_margin"].equals(alone.table["reward_margin"])
    # What is better in the one is worse in the other: each head is as sure as if it were the only one.
    assert both.table["reward_margin"][300:].to_list() == pytest.approx(both.table["reward_margin"][:300].to_list())
    assert both.notes == ("2 dimensions are scored, each by a head of its own: brief, preference.",)


def test_a_dimension_with_few_pairs_is_not_scored_and_leaves_the_other_alone(
    scored: tuple[pl.DataFrame, Vectors, Scores],
) -> None:
    pairs, vectors, alone = scored
    both = run(opposed(pairs, 199), vectors)
    assert both.table.head(300)["reward_margin"].equals(alone.table["reward_margin"])
    assert both.table["p_chosen"][300:].null_count() == 199
    assert both.notes[0] == (
        "Nothing of the dimension brief is scored: 199 decided pairs of 100 prompt groups; it takes 200 pairs of 2."
    )


def judged_again(pairs: pl.DataFrame, row_id: str, times: int, turned: bool) -> pl.DataFrame:
    """The pairs, and so many more judgements of one of them, the same or the other way round."""
    again = pairs.filter(pl.col("row_id") == row_id)
    if turned:
        names = {"chosen": "rejected", "rejected": "chosen", "chosen_id": "rejected_id", "rejected_id": "chosen_id"}
        again = again.rename(names).select(pairs.columns)
    more = [again.with_columns(row_id=pl.lit(f"{row_id}#{n}")) for n in range(1, times + 1)]
    return pl.concat([pairs, *more])


@pytest.mark.parametrize(("turned", "doubted"), [(True, True), (False, False)])
def test_other_judgements_of_a_pair_make_its_label_more_or_less_doubtful(
    turned: bool, doubted: bool, scored: tuple[pl.DataFrame, Vectors, Scores]
) -> None:
    pairs, _, vectors = world(400)
    for number in range(0, 100, 2):  # so many agree that other judgements count
        pairs = judged_again(pairs, f"d:{number:04d}", 2, turned=False)
    alone = run(pairs, vectors, noise_rate=0.1).table.filter(pl.col("row_id") == "d:0200")
    table = run(judged_again(pairs, "d:0200", 3, turned), vectors, noise_rate=0.1).table
    among = table.filter(pl.col("row_id") == "d:0200")
    assert (among["suspicion"].item() > alone["suspicion"].item() + 0.1) is doubted
    assert (among["suspicion"].item() < alone["suspicion"].item()) is not doubted
    assert (among["p_correct"].item() < alone["p_correct"].item()) is doubted


def test_only_ties_give_null_scores_and_a_note(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, _ = scored
    scores = run(pairs.with_columns(label=pl.lit("tie")), vectors)
    assert scores.table["p_chosen"].null_count() == 300
    assert scores.notes == (
        "Nothing is scored: 0 decided pairs (300 more are ties) of 150 prompt groups; it takes 200 pairs of 2.",
    )


def test_constant_vectors_and_features_give_margins_of_zero_and_a_note() -> None:
    pairs, _, vectors = world()
    same = Vectors(vectors.ids, np.full_like(vectors.matrix, 0.5), "test")
    scores = run(pairs.with_columns(chosen=pl.lit("a cat"), rejected=pl.lit("a cat")), same)
    assert scores.table["reward_margin"].unique().to_list() == [0]
    assert scores.table["p_correct"].null_count() == 300
    assert "every margin is 0" in scores.notes[-1]
    assert json.dumps([scores.calibration, scores.noise.to_json()], allow_nan=False)


def test_when_the_longer_answer_always_wins_no_rate_is_told_and_a_note_says_what_scores_are_worth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs, _, vectors = world()
    longer = pl.col("chosen").str.len_chars() > pl.col("rejected").str.len_chars()
    sides = [
        pl.when(longer).then(one).otherwise(other).alias(one)
        for one, other in (("chosen", "rejected"), ("rejected", "chosen"))
    ]
    always = pairs.with_columns(sides).filter(pl.col("chosen") != pl.col("rejected"))
    scores = run(always, vectors)
    assert any(note.startswith("Nearly always the longer answer is chosen") for note in scores.notes)
    monkeypatch.setattr(label_noise, "ENOUGH", 200)
    scores = run(always, vectors)
    assert scores.noise.value is None
    assert scores.noise.why is not None
    assert scores.noise.why.startswith("nearly always the longer answer is chosen")
    assert scores.table["p_correct"].null_count() == always.height
    assert run(always, vectors, noise_rate=0.1).noise.value == 0.1


def test_scores_of_a_judge_that_are_not_finite_are_left_out(scored: tuple[pl.DataFrame, Vectors, Scores]) -> None:
    pairs, vectors, _ = scored
    rewards = pl.Series([float("nan"), float("inf"), *np.linspace(0, 1, 298)])
    rewarded = Rewarded(pairs.select("row_id", reward_chosen=rewards, reward_rejected=pl.lit(0.3)), "rm")
    scores = run(pairs, vectors, rewarded=rewarded)
    assert scores.table["p_chosen"].null_count() == 2
    assert scores.notes[0] == "The judge rm gave 2 pairs no finite score: they are not scored."


def test_a_model_negates_margins_of_swapped_answers_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, features, vectors = world(400)
    task = Task(scored_frame(pairs, features, None), vectors, SURFACE, 5, 7)
    ones = np.ones(400)
    for enough in (5_000, 400):
        monkeypatch.setattr(boosting, "ENOUGH", enough)
        model = fit(task.pairs(), ones, ones, task.folds, 7)
        assert (model.boosted is None) is (enough == 5_000)
        out_of_fold, turned = (model.rewards(some, task.folds) for some in (task.pairs(), task.pairs().turned()))
        assert np.array_equal(turned.margin, -out_of_fold.margin)
        assert np.array_equal(model.margins(task.pairs().turned()), -model.margins(task.pairs()))


def test_of_many_pairs_a_sample_is_learnt_from_and_all_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, features, vectors = world(600)
    task = Task(scored_frame(pairs, features, None), vectors, SURFACE, 5, 7)
    ones = np.ones(600)
    whole = fit(task.pairs(), ones, ones, task.folds, 7).rewards(task.pairs(), task.folds)
    monkeypatch.setattr(head, "SAMPLE", 400)
    monkeypatch.setattr(pair_matrix, "BATCH", 70)
    part = fit(task.pairs(), ones, ones, task.folds, 7).rewards(task.pairs(), task.folds)
    assert np.isfinite(part.margin).all()
    assert np.corrcoef(part.margin, whole.margin)[0, 1] > 0.9
    assert not np.array_equal(part.margin, whole.margin)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"folds": 1}, "score.folds must be between 2 and 50, not 1"),
        ({"noise_rate": 0.5}, "score.noise_rate must be between 0 and 0.49, not 0.5"),
        ({"noise_rate": -0.1}, "score.noise_rate must be between 0 and 0.49, not -0.1"),
    ],
)
def test_settings_out_of_range_are_said(settings: dict[str, Any], message: str) -> None:
    pairs, _, vectors = world(60)
    with pytest.raises(SettingsError, match=message):
        run(pairs, vectors, **settings)


def test_with_many_pairs_boosting_joins_and_identical_answers_stay_at_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, _, vectors = world(400)
    same = pl.col("row_id") == "d:0003"
    pairs = pairs.with_columns(
        rejected_id=pl.when(same).then("chosen_id").otherwise("rejected_id"),
        rejected=pl.when(same).then("chosen").otherwise("rejected"),
    )
    alone = run(pairs, vectors).table
    monkeypatch.setattr(boosting, "ENOUGH", 400)
    joined = run(pairs, vectors)
    assert joined.table["reward_margin"].to_list() != alone["reward_margin"].to_list()
    assert joined.table.filter(same)["reward_margin"].item() == 0
    assert (joined.table["reward_margin"] > 0).mean() > 0.65


def test_a_mix_is_the_mean_of_both_margins_and_turns_with_the_pair() -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(size=2_000) + 0.5
    boosted, one = size + rng.normal(size=2_000), np.ones(2_000)
    linear = Rewards(size / 2, -size / 2, one, 10.0, 1.0)
    slopes = mix_slopes(linear, boosted, one, one)
    both = mixed(linear, boosted, slopes)
    parts, rest, *_ = np.linalg.lstsq(np.column_stack([size, boosted]), both.margin)
    assert rest[0] < 1e-9
    assert parts[1] / parts[0] == pytest.approx(platt_slope(boosted, one, one))
    assert mix_slopes(Rewards(-size / 2, size / 2, one, 10.0, 1.0), -boosted, 1 - one, one) == slopes
    turned = mixed(Rewards(-size / 2, size / 2, one, 10.0, 1.0), -boosted, slopes)
    assert np.array_equal(turned.margin, -both.margin)


HH = Path(__file__).parents[2] / "shared/data/hh_rlhf_harmless_test.jsonl.gz"


@pytest.mark.skipif(not HH.exists(), reason="the real HH-RLHF file is not here")
def test_on_real_pairs_surface_alone_reaches_what_it_should() -> None:
    from prefq.features import SURFACE as REAL
    from prefq.features import pair_features

    with gzip.open(HH, "rt", encoding="utf-8") as file:
        turns = [json.loads(line) for line in file]
    split = [[row[side].rpartition("\n\nAssistant:") for side in ("chosen", "rejected")] for row in turns]
    rows = [(number, *pair) for number, pair in enumerate(split) if pair[0][0] == pair[1][0]]
    assert len(rows) == 2_307
    pairs = pl.DataFrame(
        {
            "row_id": [f"hh:{number}" for number, *_ in rows],
            "dataset": "hh",
            "category": None,
            "label": "chosen",
            "dimension": "preference",
            "pair_id": [f"p{number}" for number, *_ in rows],
            "prompt_id": [left[0] for _, left, _ in rows],
            "prompt": [[{"role": "user", "content": left[0]}] for _, left, _ in rows],
            "chosen_id": [f"c{number}" for number, *_ in rows],
            "rejected_id": [f"r{number}" for number, *_ in rows],
            "chosen": [left[2].strip() for _, left, _ in rows],
            "rejected": [right[2].strip() for *_, right in rows],
            "chosen_messages": None,
            "rejected_messages": None,
            "chosen_position": None,
        },
        schema_overrides={"category": pl.String, "chosen_messages": pl.String, "rejected_messages": pl.String}
        | {"chosen_position": pl.Int32},
    )
    features = pair_features(pairs)
    scores = score(pairs, features, None, None, surface=REAL, settings=SETTINGS, seed=7)
    overall = figures_of(shortcut_frame(pairs, features, scores.table, None))
    assert overall["chosen_longer"]["value"] == pytest.approx(0.443, abs=0.002)
    assert overall["surface_accuracy"]["value"] == pytest.approx(0.635, abs=0.02)
    assert overall["surface_auc"] == pytest.approx(0.690, abs=0.02)


def test_the_number_of_threads_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    from threadpoolctl import threadpool_limits

    monkeypatch.setattr(boosting, "ENOUGH", 400)
    pairs, _, vectors = world(400)
    for number in range(0, 100, 2):
        pairs = judged_again(pairs, f"d:{number:04d}", 2, turned=number % 4 == 0)
    with threadpool_limits(1):
        one = run(pairs, vectors, noise_rate=0.1)
    with threadpool_limits(4):
        four = run(pairs, vectors, noise_rate=0.1)
    assert one.table.equals(four.table)
    assert (one.calibration, one.noise) == (four.calibration, four.noise)
