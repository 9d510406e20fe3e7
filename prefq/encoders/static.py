"""A static model (one vector a token, averaged) distilled from the packaged MiniLM: thousands of texts a second.

Built once into the user's cache by a pinned recipe, without a network. Source: Tulkens & van Dongen, Model2Vec (2024).
"""

import contextlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prefq.encoders import Encoder, Mask, batch_size, cache_home, encoder, file_digest, fingerprint_of
from prefq.encoders.minilm import model_folder
from prefq.encoders.transformer import quiet
from prefq.errors import EncoderError
from prefq.vectors import Matrix

if TYPE_CHECKING:
    from model2vec import StaticModel

DIMENSIONS = 256
CHARACTERS = 4_000
"""The window: a static model has none of its own, but the mean over a whole book says little about an answer."""

RECIPE = "minilm-static-1"
"""Names the folder in the cache: a new one whenever the recipe changes."""

PARTS = ("model.safetensors", "tokenizer.json", "config.json")
SUMS = "sha256.json"


class StaticEncoder:
    """A model2vec model in a folder, its texts cut at `CHARACTERS` characters. Loaded when first needed."""

    name = "static"
    dimensions = DIMENSIONS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        sums = json.loads((folder / SUMS).read_text("utf-8"))
        # Not of config.json: it names the folder that the model was distilled from.
        self.fingerprint = fingerprint_of(RECIPE, sums["model.safetensors"], sums["tokenizer.json"], str(CHARACTERS))

    @cached_property
    def _model(self) -> "StaticModel":
        from model2vec import StaticModel

        return StaticModel.from_pretrained(self._folder)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), 256), of length 1; zeros where a text has no known token."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        starts = [text[:CHARACTERS] for text in texts]
        return np.asarray(
            self._model.encode(starts, batch_size=batch_size(1024), use_multiprocessing=False), dtype=np.float32
        )

    def cut(self, texts: Sequence[str]) -> Mask:
        """Which texts are longer than `CHARACTERS` characters, shape (len(texts),)."""
        return np.fromiter((len(text) > CHARACTERS for text in texts), bool, len(texts))


@encoder("static")
def static() -> Encoder:
    """A static model distilled from all-MiniLM-L6-v2 (256 dimensions): thousands of texts a second, coarser."""
    folder = cache_home() / "models" / RECIPE
    if not whole(folder):
        shutil.rmtree(folder, ignore_errors=True)
        build(folder)
    return StaticEncoder(folder)


def whole(folder: Path) -> bool:
    """Whether the folder holds a model whose files are those that were built."""
    try:
        sums = json.loads((folder / SUMS).read_text("utf-8"))
        return all(sums[part] == file_digest(folder / part) for part in PARTS)
    except (OSError, ValueError, KeyError, TypeError, EncoderError):
        return False


def build(folder: Path) -> None:
    """Distil the model into the folder: it appears whole or not at all. Takes about 20 s on two cores."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{RECIPE}-", dir=folder.parent))
    except OSError as error:
        raise EncoderError(
            f"The static encoder cannot be built in {folder.parent} ({error.strerror}); "
            "set PREFQ_CACHE to a folder you can write to."
        ) from error
    try:
        distil(part)
        _publish(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _publish(part: Path, folder: Path) -> None:
    sums = {name: file_digest(part / name) for name in PARTS}
    (part / SUMS).write_text(json.dumps(sums, indent=1) + "\n", "utf-8")
    part.chmod(0o755)
    try:
        os.replace(part, folder)  # noqa: PTH105 - a rename, said as what it is
    except OSError:
        if not whole(folder):  # another process may have built it meanwhile: then its model stands
            raise


def distil(folder: Path) -> None:
    """Write the model that the pinned recipe makes of the packaged MiniLM into an existing folder."""
    source = str(model_folder())
    with quiet(), contextlib.redirect_stderr(io.StringIO()):  # its progress bar cannot be turned off
        from model2vec.distill import distill

        model = distill(source, device="cpu", pca_dims=DIMENSIONS, sif_coefficient=1e-4, quantize_to="float32")
        model.max_length = None
        model.save_pretrained(folder)
