"""`prefq prove` as a command."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prefq.cli.main import main
from prefq.synthetic import jsonl, synthesize


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory without vectors, flagged but not curated; data.jsonl lies beside its tables."""
    folder = tmp_path_factory.mktemp("flagged")
    (folder / "data.jsonl").write_text(jsonl(synthesize(800, 3).files["helpful.jsonl"]), "utf-8")
    for words in (("ingest", str(folder / "data.jsonl")), ("neighbors",), ("flag",)):
        with pytest.raises(SystemExit) as ended:
            main(["-q", *words, "--workdir", str(folder)])
        assert ended.value.code in (0, None)
    return folder


@pytest.fixture(scope="module")
def proof(flagged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other pairs of the same kind."""
    path = tmp_path_factory.mktemp("other") / "trusted.jsonl"
    path.write_text(jsonl(synthesize(600, 99).files["helpful.jsonl"]), "utf-8")
    return path


def test_it_tells_of_held_out_pairs_and_of_a_file(prefq: Callable, flagged: Path, proof: Path) -> None:
    asked = ("prove", "--workdir", flagged, "--against", proof, "--json", "--set", "score.noise_rate=0.1")
    ran = prefq(*asked)
    assert ran.code == 0
    assert "surface features alone" in ran.err
    told = json.loads(ran.out)
    assert (told["format"], told["policy"], told["seeds"]) == (1, "drop", 5)
    held, file = told["tests"]
    assert (held["test"], file["test"]) == ("held out", str(proof))
    for test in (held, file):
        curation = test["models"]["linear"]["differences"]["curation"]
        assert curation["low"] <= curation["value"] <= curation["high"]
        assert test["sentences"]
    assert file["training_pairs"]["raw"] > held["training_pairs"]["raw"]
    assert held["left_out"] == 0
    assert prefq(*asked).out == ran.out


def test_in_words_without_a_noise_rate(prefq: Callable, flagged: Path) -> None:
    ran = prefq("prove", "--workdir", flagged)
    assert ran.code == 0
    assert "Held-out pairs: " in ran.out
    assert "What judging labels is worth is not decided" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100
    assert "\x1b" not in ran.out


def test_a_file_of_the_same_prompts_leaves_nothing_to_train_on(prefq: Callable, flagged: Path) -> None:
    ran = prefq("prove", "--workdir", flagged, "--against", flagged / "data.jsonl", "--json")
    told = json.loads(ran.out)["tests"][1]
    assert told["why"] == "0 pairs to train on, and it takes 200"
    assert told["left_out"] > 300
    assert told["models"]["network"]["curation"] == "undecided"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workdir", "nowhere"), "there is no directory nowhere"),
        (("--workdir", "."), "data/pairs.parquet is not there: run `prefq ingest` first"),
        (("--seeds", "2"), "2 is not in the range 5<=x<=100"),
    ],
)
def test_mistakes_are_said(
    prefq: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = prefq("prove", *arguments)
    assert ran.code in (1, 2)
    assert said in ran.err


def test_another_judge_cannot_learn_anew(prefq: Callable, flagged: Path) -> None:
    ran = prefq("prove", "--workdir", flagged, "--set", "score.judge=scores.csv")
    assert ran.code == 2
    assert "--set score.judge=head" in ran.err
