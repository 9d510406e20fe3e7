"""Vectors to a map: one point per distinct prompt, near ones close together."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq import schema
from prefq.vectors import Matrix, Vectors

FEWEST = 15
"""Points below which neighbours mean little: they are laid out along their two main directions instead."""


def map_frame(pairs: pl.DataFrame, vectors: Vectors, *, settings: Mapping[str, Any], seed: int) -> pl.DataFrame:
    """The map: `prompt_id` ascending, `x`, `y`, `rows` (how many pairs have the prompt).

    With more distinct prompts than `settings["points"]` those with the least ids are laid out: ids are hashes, so this
    is a sample, and it stays the same one when other rows come in.
    """
    prompts = pairs.group_by("prompt_id").len("rows").sort("prompt_id").head(settings["points"])
    places = project(
        vectors.of(prompts["prompt_id"]), neighbors=settings["neighbors"], min_dist=settings["min_dist"], seed=seed
    )
    return prompts.with_columns(x=places[:, 0], y=places[:, 1]).select(*schema.MAP).cast(schema.MAP)


def project(matrix: Matrix, *, neighbors: int, min_dist: float, seed: int) -> npt.NDArray[np.float32]:
    """Places in the plane, shape (n, 2), by UMAP: equal input and seed give equal bytes.

    Source: McInnes, Healy & Melville (2018). Lengths on a UMAP map mean little; who is near whom means something.
    """
    if len(matrix) < FEWEST:
        return principal_plane(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # that there is no TensorFlow
        from umap import UMAP

    model = UMAP(
        n_neighbors=max(2, min(neighbors, len(matrix) - 1)),
        min_dist=min_dist,
        metric="euclidean",  # of unit vectors: the order of cosines, and zeros are no trouble
        init=_start(matrix, seed),
        n_epochs=200,
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(model.fit_transform(np.ascontiguousarray(matrix)), dtype=np.float32)


def principal_plane(matrix: Matrix) -> npt.NDArray[np.float32]:
    """The coordinates along the two directions of greatest variance, shape (n, 2); 0 where there are fewer."""
    places = np.zeros((len(matrix), 2), np.float32)
    if len(matrix) > 1:
        centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
        left, sizes, right = np.linalg.svd(centred, full_matrices=False)
        # A direction's sign is free: its largest component counts as positive.
        signs = np.sign(np.take_along_axis(right, np.abs(right).argmax(axis=1)[:, None], axis=1))[:, 0]
        found = (left * sizes * signs)[:, :2]
        places[:, : found.shape[1]] = found
    return places


def _start(matrix: Matrix, seed: int) -> npt.NDArray[np.float32]:
    """Where points begin: their main plane, scaled to 10, shaken a little so that equal vectors can part."""
    plane = principal_plane(matrix)
    extent = float(np.abs(plane).max()) or 1.0
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=plane.shape)
    return (plane * (10 / extent) + noise).astype(np.float32)
