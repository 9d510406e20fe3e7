"""Settings: what a project may say, and how a mistake is answered."""

from pathlib import Path

import pytest

from prefq import params
from prefq.errors import SettingsError


def test_params_file_overrides_defaults_and_set_overrides_both(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("embed:\n  encoder: static\nmap: {points: 10}\n")
    settings = params.load(tmp_path, ["map.points=20"])
    assert settings["embed"]["encoder"] == "static"
    assert settings["map"]["points"] == 20
    assert settings["map"]["neighbors"] == params.defaults()["map"]["neighbors"]


def test_a_bare_path_is_a_source(tmp_path: Path) -> None:
    settings = params.load(tmp_path, ["ingest.sources=[a.jsonl, {path: b.csv, format: trl}]"])
    assert settings["ingest"]["sources"] == [
        {"path": "a.jsonl", "format": None, "name": None, "options": None},
        {"path": "b.csv", "format": "trl", "name": None, "options": None},
    ]


def test_set_splits_at_the_first_equals_sign() -> None:
    assert params.parse_override("report.title=a=b") == ("report.title", "a=b")
    assert params.parse_override("gate.empty_answer=<= 2%") == ("gate.empty_answer", "<= 2%")
    assert params.parse_override("neighbors.semantic=false") == ("neighbors.semantic", False)


def test_open_sections_take_names_that_other_modules_know(tmp_path: Path) -> None:
    settings = params.load(tmp_path, ["flag.html_leftover=false", "curate.policy.pii=drop", "gate.pii=< 3"])
    assert settings["flag"]["html_leftover"] is False
    assert settings["curate"]["policy"]["pii"] == "drop"
    assert settings["gate"]["pii"] == "< 3"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("flag.length_ratio=false", False),
        ("flag.length_ratio=true", True),
        ("flag.length_ratio.ratio=10.5", {"ratio": 10.5}),
        ("flag.length_ratio.min_chars=9", {"ratio": 20, "min_chars": 9}),
        ("flag.length_ratio=", {"ratio": 20}),
    ],
)
def test_set_can_switch_off_or_change_a_check_that_has_parameters(
    tmp_path: Path, override: str, expected: object
) -> None:
    (tmp_path / "params.yaml").write_text("flag:\n  length_ratio: {ratio: 20}\n  pii: false\n")
    assert params.load(tmp_path, [override])["flag"] == {"length_ratio": expected, "pii": False}
    assert params.load(tmp_path, ["flag.pii.email=x@y"])["flag"]["pii"] == {"email": "x@y"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "embed:\n  encoderr: static\n",
            r"params.yaml, line 2: there is no setting embed.encoderr; did you mean 'encoder'",
        ),
        ("embeds: {}\n", r"line 1: there is no setting embeds; did you mean 'embed'"),
        ("seed: 1\nmap:\n  points: many\n", r"line 3: map.points must be a whole number, not 'many'"),
        ("map:\n  points: true\n", r"map.points must be a whole number, not True"),
        ("neighbors: {semantic: 1}\n", r"neighbors.semantic must be true or false, not 1"),
        ("score: {noise_rate: 0.9}\n", r"score.noise_rate must be between 0 and 0.49, not 0.9"),
        ("curate: {ties: maybe}\n", r"curate.ties must be one of drop, keep, not 'maybe'"),
        ("curate: {split: {train: 0.5}}\n", r"must add up to 1, but train 0.5, validation 0.05, test 0.05 make 0.6"),
        ("ingest: {sources: x.jsonl}\n", r"ingest.sources must be a list"),
        ("ingest: {sources: [{file: x}]}\n", r"needs a `path`"),
        ("ingest: {sources: [{path: x, fromat: trl}]}\n", r"no key 'fromat'; did you mean 'format'"),
        ("embed: static\n", r"embed is a section, not 'static'"),
        ("- a\n- b\n", r"expected sections"),
        ("embed: {encoder: [}\n", r"line 1: not valid YAML"),
        ("seed: 1\nseed: 2\n", r"line 2: seed is there twice \(first in line 1\)"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        params.load(tmp_path)


@pytest.mark.parametrize("text", ["seed", "=3", "seed=[", "sed=3"])
def test_a_wrong_override_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="--set"):
        params.load(tmp_path, [text])


def test_defaults_are_valid_themselves(tmp_path: Path) -> None:
    assert params.load(tmp_path) == params.defaults()


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not a YAML text file"):
        params.load(tmp_path)


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").mkdir()
    with pytest.raises(SettingsError, match=r"params\.yaml is a directory"):
        params.load(tmp_path)


def test_a_rule_on_a_dotted_figure_is_one_rule_however_it_is_written(tmp_path: Path) -> None:
    for text in ('gate:\n  shortcut.surface: "<= 75%"\n', 'gate:\n  shortcut:\n    surface: "<= 75%"\n'):
        (tmp_path / "params.yaml").write_text(text)
        assert params.load(tmp_path)["gate"]["shortcut.surface"] == "<= 75%"
        assert params.load(tmp_path, ["gate.shortcut.surface=<= 60%"])["gate"]["shortcut.surface"] == "<= 60%"
