"""`report.survival` as people write it, and what is said of mistakes before any work is done."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from survival_tokenizers import plain_tokenizer_files

from prefq import params
from prefq.errors import SettingsError
from prefq.survival.outcomes import read_asks


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Three pairs, of which one is longer than ten words."""
    pairs = [("Q?", "yes", "no"), ("Q?", "the same again", "another"), ("Long " * 20, "yes", "no")]
    rows = [{"prompt": p, "chosen": c, "rejected": r} for p, c, r in pairs]
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_defaults_name_every_trainer() -> None:
    assert [ask.name for ask in read_asks(params.defaults()["report"]["survival"])] == [
        *("trl-reward", "trl-dpo", "openrlhf-reward", "openrlhf-dpo", "llamafactory", "axolotl"),
    ]


def test_names_and_entries_are_read(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("report: {survival: [trl-dpo, {trainer: axolotl, max_length: 99}]}\n")
    plain, entry = params.load(tmp_path)["report"]["survival"]
    assert plain == {"trainer": "trl-dpo", "tokenizer": None, "max_length": None, "name": None}
    assert entry["max_length"] == 99


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("trl-dpo", "must be a list of {trainer, tokenizer, max_length, name}"),
        ([{"tokenizer": "minilm"}], "needs a `trainer`"),
        ([{"trainer": "trl-dpo", "max_length": "long"}], "`max_length` in report.survival must be a whole number"),
        ([{"trainer": "trl-dpo", "max_length": True}], "must be a whole number, not True"),
        ([{"trainer": "trl-dpo", "length": 3}], "has no key 'length'"),
    ],
)
def test_a_mistake_names_the_setting(given: Any, said: str, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(json.dumps({"report": {"survival": given}}))
    with pytest.raises(SettingsError) as error:
        params.load(tmp_path)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        ("[trl-dop]", 2, "there is no trainer 'trl-dop'; did you mean 'trl-dpo'?"),
        ("[{trainer: trl-dpo, tokenizer: ./nowhere}]", 1, "w/nowhere; name minilm, or a folder with tokenizer.json"),
    ],
)
def test_it_is_said_before_the_work(
    entry: str, code: int, said: str, answers: Path, tmp_path: Path, prefq: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = prefq("audit", answers, "--workdir", tmp_path / "w", "--set", f"report.survival={entry}")
    assert (ran.code, said in ran.err) == (code, True)
    assert not (tmp_path / "w/data").exists()


def test_a_tokenizer_of_ones_own_counts(answers: Path, tmp_path: Path, prefq: Callable) -> None:
    folder = plain_tokenizer_files(tmp_path / "mine", {"eos_token": "</s>"})
    assert prefq("ingest", answers, "--workdir", tmp_path / "w").code == 0
    entry = f"[{{trainer: axolotl, tokenizer: {folder}, max_length: 10}}]"
    assert prefq("report", "--workdir", tmp_path / "w", "--set", f"report.survival={entry}").code == 0
    told = json.loads((tmp_path / "w/reports/audit.json").read_text())["survival"]["axolotl"]
    assert (told["pairs"], told["dropped"], told["max_length"]) == (3, 1, 10)
    assert told["kept"] is None
