"""Vectors on disk: a content-addressed cache of encoded chunks, and the folder that the embed stage writes."""

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.errors import EncoderError, MissingTableError
from prefq.vectors import Matrix, Vectors

Ids = npt.NDArray[np.bytes_]
Mask = npt.NDArray[np.bool_]

UNREADABLE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile)
"""What NumPy raises on a chunk that was cut short or changed: its members carry checksums."""


def cache_root(workdir: Path) -> Path:
    """Where a project keeps what would be slow to make again: `PREFQ_CACHE` if set, else its `.prefq/cache`."""
    chosen = os.environ.get("PREFQ_CACHE")
    return Path(chosen).expanduser() if chosen else workdir / ".prefq" / "cache"


@dataclass(frozen=True)
class Chunk:
    """Texts encoded together: `ids` ascending, `matrix` of shape (len(ids), dimensions), `cut` per text."""

    ids: Ids
    matrix: Matrix
    cut: Mask


@dataclass(frozen=True)
class ChunkCache:
    """The encoded texts of one encoder, in `root/<fingerprint>/`, one file a chunk. Safe to delete at any time."""

    root: Path
    fingerprint: str

    @classmethod
    def of(cls, workdir: Path, fingerprint: str) -> "ChunkCache":
        """The cache of a project: `PREFQ_CACHE` if set, else its `.prefq/cache`."""
        return cls(cache_root(workdir), fingerprint)

    @property
    def folder(self) -> Path:
        """Where this encoder's chunks are."""
        return self.root / self.fingerprint

    def chunks(self, wanted: Ids) -> Iterator[Chunk]:
        """Every whole chunk with a text among `wanted` (ascending), in order of file names; broken ones are removed."""
        for path in sorted(self.folder.glob("*.npz")):
            chunk = _read_chunk(path, wanted)
            if chunk is not None:
                yield chunk

    def put(self, chunk: Chunk) -> None:
        """Keep a chunk: its file is whole or absent. Raises EncoderError when it cannot be written."""
        name = hashlib.sha256(b"\n".join(chunk.ids.tolist())).hexdigest()[:32]
        buffer = io.BytesIO()
        np.savez(buffer, ids=chunk.ids, matrix=chunk.matrix, cut=chunk.cut)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self.folder / f"{name}.npz", buffer.getvalue())
        except OSError as error:
            raise EncoderError(
                f"Vectors cannot be kept in {self.folder} ({error.strerror}); make room there or set PREFQ_CACHE."
            ) from error


def _read_chunk(path: Path, wanted: Ids) -> Chunk | None:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            ids = file["ids"]
            if not np.isin(ids, wanted).any():
                return None
            chunk = Chunk(ids, file["matrix"], file["cut"])
            if chunk.matrix.ndim != 2 or not len(ids) == len(chunk.matrix) == len(chunk.cut):
                raise ValueError("its parts differ in length")
            return chunk
    except UNREADABLE:
        path.unlink(missing_ok=True)
        return None


def _write_whole(path: Path, content: bytes) -> None:
    handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class VectorsInfo:
    """What `encoder.json` says: the encoder, the number of texts, and how many were cut at its window."""

    name: str
    fingerprint: str
    dimensions: int
    texts: int
    cut: int


@dataclass(frozen=True)
class Embedded:
    """The vectors of all texts, what is told of them, and how many of them were not in the cache."""

    vectors: Vectors
    info: VectorsInfo
    encoded: int

    @property
    def sentence(self) -> str:
        """What was done, in one line."""
        cut = f", {self.info.cut:,} cut at its window" if self.info.cut else ""
        return f"{self.info.texts:,} distinct texts, {self.encoded:,} newly encoded ({self.info.name}{cut})"


def save_vectors(folder: Path, embedded: Embedded) -> None:
    """Write `ids.parquet`, `matrix.npy` and `encoder.json` into an existing folder."""
    pl.DataFrame({"text_id": embedded.vectors.ids}).write_parquet(folder / "ids.parquet", compression="zstd")
    np.save(folder / "matrix.npy", embedded.vectors.matrix)
    told = {"format": 1, **asdict(embedded.info)}
    (folder / "encoder.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def load_vectors(folder: Path) -> Vectors:
    """The vectors in a folder; the matrix is mapped, not read. Raises MissingTableError when they are not whole."""
    try:
        ids = pl.read_parquet(folder / "ids.parquet")["text_id"]
        matrix = np.load(folder / "matrix.npy", mmap_mode="r")
        info = load_info(folder)
    except (*UNREADABLE, pl.exceptions.PolarsError) as error:
        raise MissingTableError(f"{folder} holds no whole vectors; run `prefq embed` to make them.") from error
    if len(ids) != len(matrix):
        raise MissingTableError(f"{folder} holds {len(matrix)} vectors for {len(ids)} ids; run `prefq embed` again.")
    return Vectors(ids, matrix, info.name)


def load_info(folder: Path) -> VectorsInfo:
    """What a folder of vectors says of itself. Raises OSError or ValueError when it says nothing."""
    told = json.loads((folder / "encoder.json").read_text("utf-8"))
    told.pop("format", None)
    try:
        return VectorsInfo(**told)
    except TypeError as error:
        raise ValueError(f"{folder / 'encoder.json'} has other keys than expected") from error
