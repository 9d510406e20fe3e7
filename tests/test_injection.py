"""Flips of our own in a dataset's labels, and what is told of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from check_pairs import clusters, pairs, scores

from prefq.cli.main import cli, main
from prefq.cli.scoring import share
from prefq.errors import UsageError
from prefq.injection import by_budget, flips, found, ranking, turned


def some(count: int) -> pl.DataFrame:
    return pairs(
        *({"name": f"d:{n:03}", "prompt": f"{n}?", "chosen": f"good {n}", "rejected": "bad"} for n in range(count))
    )


def test_flips_are_so_many_of_the_decided_labels_whatever_the_order_of_rows() -> None:
    frame = some(100).with_columns(label=pl.when(pl.col("row_id") < "d:040").then(pl.lit("tie")).otherwise("label"))
    rows = flips(frame, 0.1, seed=3)
    assert rows.sum() == 6
    assert not rows[:40].any()
    shuffled = frame.sample(fraction=1, shuffle=True, seed=1)
    again = flips(shuffled, 0.1, seed=3)
    assert set(shuffled["row_id"].filter(pl.Series(again))) == set(frame["row_id"].filter(pl.Series(rows)))
    assert not np.array_equal(flips(frame, 0.1, seed=4), rows)


def test_a_turned_row_has_everything_of_its_two_answers_exchanged() -> None:
    frame = some(3).with_columns(
        chosen_model=pl.lit("a"), rejected_model=pl.lit("b"), chosen_position=pl.lit(1, pl.Int8)
    )
    again = turned(frame, pl.Series(["d:001"]))
    assert again["chosen"].to_list() == ["good 0", "bad", "good 2"]
    assert again["rejected_id"].to_list() == [frame["rejected_id"][0], frame["chosen_id"][1], frame["rejected_id"][2]]
    assert again["chosen_model"].to_list() == ["a", "b", "a"]
    assert again["chosen_position"].to_list() == [1, 2, 1]
    assert turned(again, pl.Series(["d:001"])).equals(frame)


def test_scores_and_clusters_are_turned_by_their_columns_of_answers() -> None:
    groups = clusters(some(2), chosen_cluster=["x", "y"], rejected_cluster=["u", "v"])
    assert turned(groups, pl.Series(["d:000"]))["chosen_cluster"].to_list() == ["u", "y"]
    assert (
        turned(groups, pl.Series(["d:000"]))
        .drop("chosen_cluster", "rejected_cluster")
        .equals(groups.drop("chosen_cluster", "rejected_cluster"))
    )
    rewards = pl.DataFrame({"row_id": ["r"], "reward_chosen": [1.0], "reward_rejected": [2.0]})
    assert turned(rewards, pl.Series(["r"])).row(0) == ("r", 2.0, 1.0)


def test_precision_and_recall_by_hand() -> None:
    flipped = np.array([True, True, False, False, True])
    told = found(pl.Series([True, None, True, False, True]), flipped)
    assert (told.flagged, told.flips) == (3, 2)
    assert told.precision is not None
    assert told.recall is not None
    assert (told.precision.value, told.recall.value) == pytest.approx((2 / 3, 2 / 3))
    assert found(pl.Series([False] * 5), flipped).to_json()["precision"] is None


def test_the_ranking_by_hand() -> None:
    table = scores(some(5), suspicion=[0.9, 0.8, 0.7, 0.6, None], p_correct=[0.1, 0.2, 0.3, 0.4, None])
    told = ranking(table, np.array([True, False, True, False, False]))
    assert (told.pairs, told.flips) == (4, 2)
    assert told.auroc == pytest.approx(3 / 4)
    assert told.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert told.precision_at_rate == 0.5
    assert told.ece == pytest.approx((0.1 + 0.8 + 0.3 + 0.6) / 4)  # wrong, right, wrong, right in bins of their own
    assert ranking(scores(some(5)), np.ones(5, bool)).auroc is None


def test_budgets_take_the_most_suspicious() -> None:
    table = scores(some(100), suspicion=[n / 100 for n in range(100)])
    flipped = np.arange(100) >= 90
    assert {share: (told.flagged, told.flips) for share, told in by_budget(table, flipped)} == {
        0.01: (1, 1),
        0.02: (2, 2),
        0.05: (5, 5),
        0.1: (10, 10),
        0.2: (20, 10),
    }
    assert by_budget(scores(some(3)), np.ones(3, bool)) == []


@pytest.mark.parametrize(("text", "value"), [("10%", 0.1), ("0.05", 0.05), (" 2.5 % ", 0.025), (".2", 0.2)])
def test_shares_are_read(text: str, value: float) -> None:
    assert share(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["0", "50%", "0.6", "ten", "-5%", "10", ""])
def test_other_shares_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give a share of the labels between 0% and 50%"):
        share(text)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 records of prefq's own making, read in."""
    home = tmp_path_factory.mktemp("inject")
    for step in (
        ("synth", home / "raw", "--rows", "500", "--seed", "3"),
        ("ingest", home / "raw/helpful.jsonl", home / "raw/assistant.jsonl", "--workdir", home / "work"),
    ):
        cli.main([str(word) for word in step], standalone_mode=False)
    return home / "work"


def asked(work: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["score", "--workdir", str(work), *options])
    assert ended.value.code == 0
    return capsys.readouterr().out


def injected(work: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(asked(work, capsys, "--inject", "10%", "--json", *options))
    return said


def test_the_command_tells_what_would_be_found_and_writes_nothing(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = injected(work, capsys, "--set", "score.noise_rate=0.1")
    decided = pl.read_parquet(work / "data/pairs.parquet").filter(pl.col("label") == "chosen").height
    assert said["format"] == 1
    assert said["injected"]["flips"] == round(0.1 * decided)
    assert said["policy"]["parameters"] == {"threshold": 0.5, "budget": ""}
    assert said["policy"]["found"]["flagged"] >= said["policy"]["found"]["flips"] > 0
    assert said["ranking"]["auroc"] > 0.6
    assert [top["share"] for top in said["budgets"]] == [0.01, 0.02, 0.05, 0.1, 0.2]
    assert said["noise_rate"]["after"]["source"] == "given"
    assert not (work / "data/scores.parquet").exists()
    assert injected(work, capsys, "--set", "score.noise_rate=0.1") == said


def test_the_policys_budget_is_heeded(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = injected(work, capsys, "--set", "flag.likely_mislabelled.budget=7 pairs")["policy"]["found"]
    assert found["flagged"] == 7


def test_without_a_rate_it_says_what_would_decide(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = asked(work, capsys, "--inject", "10%").splitlines()
    assert lines[0].endswith("turned round (10% of the decided)")
    assert lines[1].startswith("likely_mislabelled decides nothing: the share of wrong labels is not known")
    assert any(line.startswith("the 5% most suspicious: ") for line in lines)
    assert any("not estimable (needs 5,000" in line for line in lines)


def read_in(home: Path, rows: list[dict[str, str]]) -> Path:
    home.joinpath("rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    cli.main(["ingest", str(home / "rows.jsonl"), "--workdir", str(home / "work")], standalone_mode=False)
    return home / "work"


def by_length(rows: int) -> list[dict[str, str]]:
    """Pairs of which the longer answer is always the chosen one."""
    return [
        {"prompt": f"Question {at}?", "chosen": "word " * (30 + at % 20), "rejected": "word " * (3 + at % 20)}
        for at in range(rows)
    ]


def test_flips_among_labels_that_all_went_by_length_are_said_to_be_easy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = injected(read_in(tmp_path, by_length(300)), capsys)
    assert said["ranking"]["auroc"] > 0.95
    assert said["notes"][-1].startswith("Before the injection nearly always the longer answer was chosen")


def test_labels_that_do_not_go_by_length_get_no_such_note(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not any("Before the injection" in note for note in injected(work, capsys)["notes"])


def test_with_too_few_pairs_no_rate_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = asked(read_in(tmp_path, by_length(50)), capsys, "--inject", "10%").splitlines()
    assert lines[1] == "likely_mislabelled decides nothing: nothing is scored"


def test_json_alone_is_a_mistake(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["score", "--workdir", str(work), "--json"])
    assert ended.value.code == 2
    assert "--json goes with --inject" in capsys.readouterr().err
