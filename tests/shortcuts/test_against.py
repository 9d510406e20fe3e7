"""Shortcuts of a dataset and of evaluation sets, as the score stage writes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefq.features import SURFACE
from prefq.shortcuts.rules import RULES
from prefq.synthetic import jsonl, synthesize


def listed(name: str, rows: int, *, lists_win: bool) -> list[dict[str, Any]]:
    """Pairs that differ in one thing: one answer is a list, and it wins, or loses."""
    asked = [f"Please name things that are {name} and start with number {number}." for number in range(rows)]
    answers = ("- a pear\n- an apple", "a pear, then an apple")
    chosen, rejected = answers if lists_win else answers[::-1]
    sides = ({"chosen": f"{chosen} {n % 7}", "rejected": f"{rejected} {n % 5}"} for n in range(rows))
    return [{"prompt": prompt, **side} for prompt, side in zip(asked, sides, strict=True)]


def scored(prefq: Callable, folder: Path, *settings: str) -> dict[str, Any]:
    (folder / "data.jsonl").write_text(jsonl(listed("green", 250, lists_win=True)), "utf-8")
    assert prefq("ingest", folder / "data.jsonl", "--workdir", folder).code == 0
    ran = prefq("score", "--workdir", folder, *(word for setting in settings for word in ("--set", setting)))
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads((folder / "data/shortcuts.json").read_text("utf-8"))
    return found


def test_the_stage_tells_every_rule_and_feature(prefq: Callable, tmp_path: Path) -> None:
    found = scored(prefq, tmp_path)
    assert set(RULES) < set(found["overall"])
    assert set(found["features"]) == set(SURFACE)
    assert found["overall"]["lists_win"]["value"] == 1.0
    assert found["overall"]["first_wins"] is None
    assert found["overall"]["surface_accuracy"]["value"] == 1.0
    assert found["against"] == []
    assert {"sees", "limits", "ece", "reliability", "noise_rate"} <= set(found)


def test_an_evaluation_set_has_its_own_figures_and_the_datas_head(prefq: Callable, tmp_path: Path) -> None:
    for name, wins in (("agrees", True), ("disagrees", False)):
        (tmp_path / f"{name}.jsonl").write_text(jsonl(listed(name, 220, lists_win=wins)), "utf-8")
    found = scored(prefq, tmp_path, "score.against=[agrees.jsonl, {path: disagrees.jsonl, name: other}]")["against"]
    assert [(each["name"], each["pairs"]) for each in found] == [("agrees", 220), ("other", 220)]
    assert [each["lists_win"]["value"] for each in found] == [1.0, 0.0]
    assert [each["surface_accuracy"]["value"] for each in found] == [1.0, 1.0]
    assert [each["label_accuracy"]["value"] for each in found] == [1.0, 0.0]


def test_prompts_of_the_evaluation_set_are_not_learnt_from(prefq: Callable, tmp_path: Path) -> None:
    found = scored(prefq, tmp_path, "score.against=[data.jsonl]")["against"][0]
    assert found["lists_win"]["value"] == 1.0
    assert found["label_accuracy"] is None


def test_a_small_evaluation_set_has_rules_but_no_surface_model(prefq: Callable, tmp_path: Path) -> None:
    (tmp_path / "few.jsonl").write_text(jsonl(listed("blue", 30, lists_win=True)), "utf-8")
    (found,) = scored(prefq, tmp_path, "score.against=[few.jsonl]")["against"]
    assert found["lists_win"]["n"] == 30
    assert found["surface_accuracy"] is None
    assert found["label_accuracy"]["value"] == 1.0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("score.against=[nowhere.jsonl]", "nowhere.jsonl"),
        ("score.against=[{path: a, column: b}]", "column"),
        ("score.against=some", "must be a list"),
    ],
)
def test_mistakes_are_said(prefq: Callable, tmp_path: Path, setting: str, said: str) -> None:
    (tmp_path / "data.jsonl").write_text(jsonl(synthesize(60, 1).files["helpful.jsonl"]), "utf-8")
    assert prefq("ingest", tmp_path / "data.jsonl", "--workdir", tmp_path).code == 0
    ran = prefq("score", "--workdir", tmp_path, "--set", setting)
    assert ran.code in (1, 2)
    assert said in ran.err
    assert not (tmp_path / "data/shortcuts.json").exists()
