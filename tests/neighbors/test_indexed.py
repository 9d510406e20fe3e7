"""The search by an index against the product of all pairs."""

import numpy as np
import pytest

from prefq.errors import SettingsError
from prefq.neighbors import indexed
from prefq.neighbors.semantic import near_vectors

faiss = pytest.importorskip("faiss")


def crowd(rows: int = 12_000, width: int = 48) -> np.ndarray:
    """Unit vectors, many of them near one of some thousand centers."""
    draw = np.random.default_rng(5)
    centers = draw.normal(size=(rows // 4, width))
    vectors = centers[draw.integers(0, len(centers), rows)] + 0.3 * draw.normal(size=(rows, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nearly_all_near_pairs_are_found_and_no_other() -> None:
    matrix = crowd()
    rows = np.flatnonzero(np.arange(len(matrix)) % 5)
    exact, found = near_vectors(matrix, rows, 0.92), indexed.near_by_index(matrix, rows, 0.92, seed=7)
    wanted = set(zip(exact.left.tolist(), exact.right.tolist(), strict=True))
    got = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(wanted) > 1000
    assert len(wanted & got) >= 0.98 * len(wanted)
    assert got <= wanted


def test_the_number_of_threads_changes_nothing() -> None:
    matrix, threads = crowd(4000), faiss.omp_get_max_threads()
    whole = indexed.near_by_index(matrix, np.arange(4000), 0.9, seed=7)
    try:
        faiss.omp_set_num_threads(1)
        one = indexed.near_by_index(matrix, np.arange(4000), 0.9, seed=7)
    finally:
        faiss.omp_set_num_threads(threads)
    assert (one.left.tolist(), one.right.tolist()) == (whole.left.tolist(), whole.right.tolist())


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexed, "available", lambda: False)
    with pytest.raises(SettingsError, match=r"prefq\[index\]"):
        indexed.near_by_index(crowd(100), np.arange(100), 0.9, seed=7)
