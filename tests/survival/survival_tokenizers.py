"""Tokenizers of our own making, in folders as `save_pretrained` writes them."""

import json
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
CORPUS = (
    "How do I bake bread? Mix flour, water and yeast, and let the dough rise for an hour before you bake it.",
    "What is two plus two? It is four, for two and two make four, and there is nothing more to say about it.",
    "I cannot help with that. Please ask a doctor, a lawyer or somebody who knows more about it than I do.",
)


def save_tokenizer(folder: Path, *, template: str | None = None, byte_level: bool = True) -> Path:
    """A byte-pair tokenizer; without `byte_level`, its tokens may run across spaces, so prompts and answers merge."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE(unk_token="<unk>"))
    if byte_level:
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet() if byte_level else [chr(n) for n in range(32, 127)]
    kinds: Any = {"special_tokens": ["<pad>", "<s>", "</s>", "<unk>"], "show_progress": False}
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=420, initial_alphabet=alphabet, **kinds))
    made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    fast.chat_template = template
    fast.save_pretrained(folder)
    return folder


def plain_tokenizer_files(folder: Path, config: dict[str, Any]) -> Path:
    """A `tokenizer.json` that splits at spaces, and this configuration beside it."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder
