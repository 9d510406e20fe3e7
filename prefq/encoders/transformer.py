"""Any sentence-transformers model as an encoder. Opened without a word on the terminal, and offline where it can be."""

import hashlib
import importlib
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prefq.encoders import Mask, batch_size, fingerprint_of
from prefq.errors import EncoderError
from prefq.vectors import Matrix

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHARACTERS_PER_TOKEN = 16
"""More than any real text has: what lies beyond window x this many characters need not be tokenised to be cut."""

ADVICE = (
    "use 'minilm' or 'static', which need no network, or the path of a sentence-transformers model, "
    "or fetch it where there is a network: hf download NAME"
)

RECIPE = "sentence-transformers 1"
"""Part of every fingerprint: a new one whenever texts are prepared in another way."""


class TransformerEncoder:
    """A sentence-transformers model. `source` is a folder or a hub name; the model is loaded when first needed."""

    def __init__(self, name: str, source: str, fingerprint: str | None = None, local: bool = False) -> None:
        self.name = name
        self._source, self._fingerprint, self._local = source, fingerprint, local

    @cached_property
    def fingerprint(self) -> str:
        """The one given, else one of the loaded model's weights, tokeniser and modules."""
        return self._fingerprint or model_fingerprint(self._model)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        return load_model(self.name, self._source, self._local)

    @cached_property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self.encode([""]).shape[1])

    @property
    def window(self) -> int:
        """The most tokens of a text that count, special tokens included."""
        return int(self._model.max_seq_length or 512)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), dimensions), of length 1; batches hold texts of like length."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        limit = self.window * CHARACTERS_PER_TOKEN
        vectors = self._model.encode(
            [text[:limit] for text in texts],
            batch_size=batch_size(32),
            show_progress_bar=False,
            normalize_embeddings=True,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)

    def cut(self, texts: Sequence[str]) -> Mask:
        """Which texts have more tokens than the window, shape (len(texts),)."""
        limit = self.window * CHARACTERS_PER_TOKEN
        result = np.fromiter((len(text) > limit for text in texts), bool, len(texts))
        # A token stands for at least one byte, so a text of few bytes fits without being tokenised.
        unclear = [i for i, text in enumerate(texts) if not result[i] and len(text.encode()) > self.window - 2]
        if unclear:
            result[unclear] = self._longer_than_window([texts[i] for i in unclear])
        return result

    def _longer_than_window(self, texts: list[str]) -> Mask:
        tokens = self._model.tokenizer(texts, truncation=True, max_length=self.window + 1, padding=False)["input_ids"]
        return np.fromiter((len(ids) > self.window for ids in tokens), bool, len(texts))


def open_model(name: str) -> TransformerEncoder:
    """The sentence-transformers model of that path or hub name, loaded. Raises EncoderError when it cannot be."""
    path = Path(name).expanduser()
    if not path.is_dir() and (path.is_absolute() or name.startswith(".")):
        raise EncoderError(f"There is no folder {path} to load an encoder from; {ADVICE}")
    source, local = (str(path), True) if path.is_dir() else _hub_source(name)
    model = TransformerEncoder(name, source, local=local)
    _ = model.fingerprint
    return model


def _hub_source(name: str) -> tuple[str, bool]:
    """The repository of a hub name, and whether all of it is on this machine. Asks the hub only when it must."""
    repository = name if "/" in name else f"sentence-transformers/{name}"
    with quiet():
        import huggingface_hub

        try:
            huggingface_hub.hf_hub_download(repository, "config.json", local_files_only=True)
            return repository, True
        except Exception:  # not on this machine, or not a name at all: the hub decides
            return repository, not _hub_has(huggingface_hub.HfApi(), name, repository)


def _hub_has(hub: Any, name: str, repository: str) -> bool:
    """True; EncoderError when the hub does not know the repository or cannot be reached. One request, no retries."""
    try:
        hub.model_info(repository, timeout=10)
    except Exception as error:  # from "no network" to "no such model", of several libraries
        raise EncoderError(
            f"There is no encoder {name!r} here, and the hub did not give it ({_first_line(error)}); {ADVICE}"
        ) from error
    return True


def load_model(name: str, source: str, local: bool) -> "SentenceTransformer":
    """The loaded model, on `PREFQ_DEVICE` (default: the best there is). Raises EncoderError with what to do."""
    device = os.environ.get("PREFQ_DEVICE") or None
    with quiet():
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(source, device=device, local_files_only=local)
        except Exception as error:  # the libraries below raise a dozen kinds for a model that is not there
            where = f" on the device {device!r} (PREFQ_DEVICE)" if device else ""
            raise EncoderError(
                f"The encoder {name!r} cannot be loaded{where} ({_first_line(error)}); {ADVICE}"
            ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:120].rstrip(". ")


def model_fingerprint(model: "SentenceTransformer") -> str:
    """32 hex digits of a model's weights, tokeniser, modules and window: where it was loaded from plays no part."""
    import torch

    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(f"{key} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    rules = tokenizer.to_str() if hasattr(tokenizer, "to_str") else repr(tokenizer)
    return fingerprint_of(RECIPE, digest.hexdigest(), rules, repr(model), str(model.max_seq_length))


@contextmanager
def quiet() -> Iterator[None]:
    """Load models without progress bars, load reports, telemetry or third-party deprecation warnings."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")  # unset, it warns at every later fork
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Typed loosely: their functions have no types.
        logging: Any = importlib.import_module("transformers.utils.logging")
        hub_logging: Any = importlib.import_module("huggingface_hub.utils.logging")
        hub_logging.set_verbosity_error()
        level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(level)
            if bar:
                logging.enable_progress_bar()
