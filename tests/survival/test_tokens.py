"""Tokenizers from files: what is read of them, and what is said when they are not there."""

import json
from pathlib import Path
from typing import Any

import pytest
from survival_tokenizers import plain_tokenizer_files

from prefq.errors import TokenizerError
from prefq.tokens import PACKAGED, open_tokenizer

TALK = [{"role": "user", "content": "a b"}]


def test_the_packaged_tokenizer_counts_long_texts_whole():
    packaged = open_tokenizer(PACKAGED)
    assert packaged.count(["hello world", "", "word " * 1000]).tolist() == [2, 0, 1000]
    assert packaged.count(["hello world"], special=True).tolist() == [4]
    assert (packaged.eos, packaged.template) == ("", None)


def test_counts_keep_the_order_of_texts_over_batches(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("prefq.tokens.CHARACTERS", 30)
    packaged = open_tokenizer(PACKAGED)
    assert packaged.count(["word " * n for n in (9, 1, 0, 3, 2, 20)]).tolist() == [9, 1, 0, 3, 2, 20]
    assert [len(ids) for ids in packaged.ids(["word"] * 12)] == [1] * 12


@pytest.mark.parametrize("given", ["folder", "file", "relative"])
def test_a_tokenizer_is_named_by_its_folder_or_its_file(given: str, tmp_path: Path):
    folder = plain_tokenizer_files(tmp_path / "mine", {"eos_token": {"content": "</s>"}})
    name = {"folder": str(folder), "file": str(folder / "tokenizer.json"), "relative": "mine"}[given]
    found = open_tokenizer(name, tmp_path)
    assert found.count(["a b c"]).tolist() == [3]
    assert found.eos == "</s>"


@pytest.mark.parametrize(
    "config",
    [
        {"chat_template": "{{ messages[0].content }}{{ eos_token }}", "eos_token": "!"},
        {
            "chat_template": [
                {"name": "tool_use", "template": "no"},
                {"name": "default", "template": "{{ messages[0].content }}!"},
            ]
        },
    ],
    ids=["one", "several"],
)
def test_the_default_chat_template_is_read(config: dict[str, Any], tmp_path: Path):
    assert open_tokenizer(str(plain_tokenizer_files(tmp_path, config))).rendered(TALK) == "a b!"


def test_a_template_file_takes_the_place_of_the_configurations(tmp_path: Path):
    plain_tokenizer_files(tmp_path, {"chat_template": "old"})
    (tmp_path / "chat_template.jinja").write_text("{% generation %}new{% endgeneration %}{{ tools | tojson }}")
    assert open_tokenizer(str(tmp_path)).rendered(TALK, tools=[{"a": "<é>"}]) == 'new[{"a": "<é>"}]'


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('roles must alternate') }}",
        "{{ messages[0].content.upper(1) }}",
        "{{ messages.__class__.mro() }}",
    ],
    ids=["refuses", "fails", "reaches out"],
)
def test_a_conversation_that_the_template_refuses_has_no_text(template: str, tmp_path: Path):
    assert open_tokenizer(str(plain_tokenizer_files(tmp_path, {"chat_template": template}))).rendered(TALK) is None


def test_a_template_that_prints_the_date_prints_the_same_every_day(tmp_path: Path):
    made = open_tokenizer(str(plain_tokenizer_files(tmp_path, {"chat_template": "{{ strftime_now('%d %b %Y') }}"})))
    assert made.rendered(TALK) == "26 Jul 2024"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "has no tokenizer.json"),
        ({"tokenizer.json": "{"}, "is no tokenizer"),
        ({"tokenizer_config.json": "{"}, "cannot be read"),
        ({"tokenizer_config.json": json.dumps({"chat_template": "{% if %}"})}, "The chat template of"),
    ],
    ids=["empty folder", "broken tokenizer", "broken configuration", "broken template"],
)
def test_what_cannot_be_read_is_said(files: dict[str, str], said: str, tmp_path: Path):
    if files and "tokenizer.json" not in files:
        plain_tokenizer_files(tmp_path, {})
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(TokenizerError, match=said):
        open_tokenizer(str(tmp_path))


@pytest.mark.parametrize("name", ["./nowhere", "/no/where", "no.json"])
def test_a_path_that_is_not_there_is_not_looked_for_on_the_hub(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("prefq.tokens._from_hub", lambda _name: pytest.fail("asked the hub"))
    with pytest.raises(TokenizerError, match="There is no tokenizer"):
        open_tokenizer(name, tmp_path)


def test_a_name_that_the_hub_does_not_give_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    def unreachable(*_args: Any, **_kwargs: Any) -> None:
        raise ConnectionError("no network\nat all")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    with pytest.raises(TokenizerError, match=r"the hub did not give it \(no network\); name minilm"):
        open_tokenizer("somebody/something@v1")
