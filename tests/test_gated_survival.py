"""Rules of the gate on what trainers lose."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest
from click.testing import CliRunner

from prefq import params
from prefq.cli.console import Console
from prefq.cli.main import cli
from prefq.cli.reporting import gated_survival
from prefq.figures import Figure
from prefq.gated_survival import known_survival, ruled, survival_figures
from prefq.store import Workdir
from prefq.survival.outcomes import read_asks


def test_a_rule_names_one_trainer_or_the_family() -> None:
    asks = read_asks(["trl-reward", "trl-dpo", "axolotl"])
    assert [ask.name for ask in ruled(asks, ["survival.trl-dpo.dropped"])] == ["trl-dpo"]
    assert [ask.name for ask in ruled(asks, ["survival.trl.dropped_share"])] == ["trl-reward", "trl-dpo"]
    assert ruled(asks, ["pii"]) == []
    assert {"survival.trl.dropped", "survival.openrlhf-dpo.cut"} <= set(known_survival([]))


@pytest.mark.parametrize(("limit", "code"), [("<= 10%", 3), ("<= 50%", 0)])
def test_the_gate_decides_what_a_trainer_may_drop(tmp_path: Path, limit: str, code: int) -> None:
    answers = ["word " * (900 if n < 3 else 5) + str(n) for n in range(10)]
    rows = [{"prompt": f"What is {n}?", "chosen": a, "rejected": f"No {n}"} for n, a in enumerate(answers)]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    off = ["answer_too_long", "kept", "likely_mislabelled"]
    sets = [f"gate.survival.trl.dropped={limit}", "report.survival=[{trainer: trl-reward, max_length: 512}]"]
    sets += ["embed.encoder=static", "neighbors.semantic=false", *(f"gate.{name}=off" for name in off)]
    words = [word for text in sets for word in ("--set", text)]
    run = CliRunner().invoke(cli, ["audit", str(tmp_path / "x.jsonl"), "--workdir", str(tmp_path / "w"), *words])
    rules = json.loads((tmp_path / "w/reports/gate.json").read_text())["rules"]
    (told,) = [rule for rule in rules if rule["name"] == "survival.trl.dropped"]
    assert (told["value"], told["passed"]) == (0.3, code == 0)
    assert told["examples"] == (["x:0", "x:1", "x:2"] if code else [])
    assert run.exit_code == code, run.output


def test_a_family_has_the_worst_of_its_own_and_is_open_while_one_is() -> None:
    asks = read_asks(["trl-reward", "trl-dpo"])
    marks = ("refused", "cut", "prompt_cut", "chosen_cut", "rejected_cut", "identical", "no_answer")
    rows = {**dict.fromkeys(marks, [False] * 4), "chosen_tokens": [1] * 4, "rejected_tokens": [1] * 4}
    left = {"chosen_left": [1] * 4, "rejected_left": [1] * 4}
    ids = {"row_id": list("abcd")}
    few, many = (pl.DataFrame({**ids, "dropped": [n < k for n in range(4)], **rows, **left}) for k in (1, 3))
    found = survival_figures(asks, {"trl-reward": many, "trl-dpo": few})
    assert (found["survival.trl.dropped"], found["survival.trl-dpo.dropped"]) == (Figure(3, 4), Figure(1, 4))
    assert survival_figures(asks, {"trl-reward": many})["survival.trl.dropped"].count is None
    assert found["survival.trl.dropped"].examples == ("a", "b", "c")
    assert found["survival.trl-dpo.lost"].examples == ("a",)


def test_without_its_tokenizer_a_rule_is_not_decided_and_says_why(tmp_path: Path) -> None:
    settings = params.load(tmp_path, ["report.survival=[{trainer: trl-dpo, tokenizer: ./gone}]"])
    settings["gate"] = {"survival.trl.dropped": "<= 1%"}
    said: list[str] = []
    console = cast("Console", SimpleNamespace(say=said.append))
    assert gated_survival(Workdir(tmp_path), settings, console)["survival.trl.dropped"].count is None
    assert len(said) == 1
    assert "survival.trl-dpo is not decided: " in said[0]
    assert "gone" in said[0]
