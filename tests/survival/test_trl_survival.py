"""What is foreseen of TRL's trainers is what their own preprocessing does, pair by pair."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from survival_tokenizers import CORPUS, TEMPLATE, save_tokenizer

from prefq.survival.outcomes import outcomes, read_asks
from prefq.tokens import open_tokenizer
from prefq.writers import WRITERS

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="trl is not installed"),
    pytest.mark.filterwarnings("ignore"),  # the trainer's own
]

LAYOUTS = {"template": ("conversational", True), "plain": ("string", True), "plain, merging": ("string", False)}
EDGES = [
    ("the prompt alone is long " * 9, "Yes.", "No."),
    ("Short?", "the answer is long " * 12, "Brief."),
    ("Short?", "the same beginning, then " * 9 + "good", "the same beginning, then " * 9 + "bad"),
    ("Equal?", "the very same", "the very same"),
    ("Empty?", "", "Not empty."),
    ("Merging? wh", "at", "ere to"),
]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> pl.DataFrame:
    """Planted pairs of one turn, and some made for the edges."""
    from prefq.cli.main import main

    folder = tmp_path_factory.mktemp("pairs")
    rows = [{"prompt": p, "chosen": c, "rejected": r} for p, c, r in EDGES]
    (folder / "edges.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(SystemExit):
        main(["-q", "ingest", str(folder / "edges.jsonl"), str(planted / "helpful.jsonl"), "--workdir", str(folder)])
    single = (pl.col("prompt").list.len() == 1) & pl.col("prompt_extra").is_null()
    read = pl.read_parquet(folder / "data/pairs.parquet").filter(single, label="chosen")
    return read.unique("pair_id", keep="first", maintain_order=True).head(120)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    folder = tmp_path_factory.mktemp("model")
    LlamaForCausalLM(LlamaConfig(vocab_size=420, pad_token_id=0, eos_token_id=2, **sizes)).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module", params=list(LAYOUTS))
def layout(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    style, byte_level = LAYOUTS[request.param]
    template = TEMPLATE if style == "conversational" else None
    return style, save_tokenizer(tmp_path_factory.mktemp("tokenizer"), template=template, byte_level=byte_level)


@pytest.fixture
def prepared(model: str, layout: tuple[str, Path], pairs: pl.DataFrame, tmp_path: Path) -> Callable[..., Any]:
    """The rows that TRL's trainer of that kind leaves, as tokens."""

    def prepare(kind: str, max_length: int) -> list[dict[str, Any]]:
        import datasets
        import trl
        from transformers import PreTrainedTokenizerFast

        style, folder = layout
        written = WRITERS["trl"].write(pairs, style=style).frame
        arguments = {"use_cpu": True, "bf16": False, "gradient_checkpointing": False, "disable_tqdm": True}
        config = getattr(trl, f"{kind}Config")(
            output_dir=str(tmp_path / "out"), report_to=[], max_length=max_length, **arguments
        )
        rows = datasets.Dataset.from_list(written.to_dicts())
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        trainer = getattr(trl, f"{kind}Trainer")(model, args=config, train_dataset=rows, processing_class=tokenizer)
        return list(trainer.train_dataset)

    return prepare


def foreseen(pairs: pl.DataFrame, folder: Path, trainer: str, max_length: int) -> pl.DataFrame:
    ask = {"trainer": trainer, "tokenizer": "mine", "max_length": max_length}
    found = outcomes(pairs, read_asks([ask]), {"mine": open_tokenizer(str(folder))})[trainer]
    return pairs.select("row_id", "pair_id").join(found, on="row_id", maintain_order="left")


@pytest.mark.parametrize("max_length", [60, 100, 250])
def test_the_reward_trainer_leaves_the_pairs_that_are_foreseen(
    max_length: int, pairs: pl.DataFrame, layout: tuple[str, Path], prepared: Callable
):
    left = prepared("Reward", max_length)
    told = foreseen(pairs, layout[1], "trl-reward", max_length)
    assert told.filter(~pl.col("dropped"))["pair_id"].to_list() == [row["pair_id"] for row in left]
    same = [row["pair_id"] for row in left if row["chosen_ids"] == row["rejected_ids"]]
    assert told.filter("identical")["pair_id"].to_list() == same
    assert not told["cut"].any()
    assert 0 < len(left) < pairs.height


@pytest.mark.parametrize("max_length", [30, 60, 120])
def test_the_dpo_trainer_drops_and_cuts_the_pairs_that_are_foreseen(
    max_length: int, pairs: pl.DataFrame, layout: tuple[str, Path], prepared: Callable
):
    left = prepared("DPO", max_length)
    told = foreseen(pairs, layout[1], "trl-dpo", max_length)
    assert told.filter(~pl.col("dropped"))["pair_id"].to_list() == [row["pair_id"] for row in left]
    for side in ("chosen", "rejected"):
        long = [row["pair_id"] for row in left if len(row["prompt_ids"]) + len(row[f"{side}_ids"]) > max_length]
        assert told.filter(f"{side}_cut")["pair_id"].to_list() == long
        assert long
    same = [row["pair_id"] for row in left if _seen(row, "chosen", max_length) == _seen(row, "rejected", max_length)]
    assert told.filter("identical")["pair_id"].to_list() == same
    assert same


def _seen(row: dict[str, Any], side: str, max_length: int) -> list[int]:
    return (row["prompt_ids"] + row[f"{side}_ids"])[:max_length]


def test_templates_are_rendered_and_counted_as_transformers_does(tmp_path: Path):
    from transformers import PreTrainedTokenizerFast

    folder = save_tokenizer(tmp_path, template=TEMPLATE)
    theirs, ours = PreTrainedTokenizerFast.from_pretrained(folder), open_tokenizer(str(folder))
    for text in CORPUS:
        talk = [{"role": "user", "content": text}, {"role": "assistant", "content": text[::-1]}]
        assert ours.rendered(talk) == theirs.apply_chat_template(talk, tokenize=False)
        asked = theirs.apply_chat_template(talk[:1], tokenize=False, add_generation_prompt=True)
        assert ours.rendered(talk[:1], answer_next=True) == asked
        assert ours.ids([text], special=True) == [theirs(text)["input_ids"]]
        assert ours.count([text]).tolist() == [len(theirs(text, add_special_tokens=False)["input_ids"])]
