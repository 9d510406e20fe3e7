import numpy as np
import polars as pl
import pytest

from prefq import schema
from prefq.projection import map_frame, principal_plane, project
from prefq.vectors import Vectors


def two_clouds(rows: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    middle = np.zeros((rows, 8))
    middle[: rows // 2, 0], middle[rows // 2 :, 1] = 1, 1
    cloud = middle + rng.normal(scale=0.05, size=middle.shape)
    return (cloud / np.linalg.norm(cloud, axis=1, keepdims=True)).astype(np.float32)


def test_two_clouds_stay_apart_and_the_same_seed_gives_the_same_bytes() -> None:
    matrix = two_clouds(60)
    places = project(matrix, neighbors=10, min_dist=0.1, seed=7)
    assert places.shape == (60, 2)
    assert places.dtype == np.float32
    assert places.tobytes() == project(matrix, neighbors=10, min_dist=0.1, seed=7).tobytes()
    first, second = places[:30].mean(axis=0), places[30:].mean(axis=0)
    spread = max(np.linalg.norm(places[:30] - first, axis=1).max(), np.linalg.norm(places[30:] - second, axis=1).max())
    assert np.linalg.norm(first - second) > 2 * spread


@pytest.mark.parametrize("rows", [0, 1, 2, 14, 15, 16])
def test_any_number_of_points_has_places(rows: int) -> None:
    places = project(two_clouds(rows), neighbors=15, min_dist=0.1, seed=7)
    assert places.shape == (rows, 2)
    assert np.isfinite(places).all()


def test_equal_and_zero_vectors_have_places() -> None:
    matrix = two_clouds(40)
    matrix[:10], matrix[10:15] = matrix[0], 0
    assert np.isfinite(project(matrix, neighbors=15, min_dist=0.1, seed=7)).all()
    assert np.isfinite(project(np.repeat(matrix[:1], 30, axis=0), neighbors=15, min_dist=0.1, seed=7)).all()


def test_few_points_lie_along_their_main_directions() -> None:
    places = principal_plane(np.array([[-2, 0, 0], [2, 0, 0], [0, 1, 0], [0, -1, 0]], np.float32))
    assert np.allclose(places, [[-2, 0], [2, 0], [0, 1], [0, -1]], atol=1e-6)
    assert not principal_plane(np.ones((3, 4), np.float32)).any()


def test_the_map_has_each_prompt_once_with_its_rows() -> None:
    ids = [f"p{number:02d}" for number in range(20)]
    vectors = Vectors(pl.Series(ids), two_clouds(20), "test")
    pairs = pl.DataFrame({"prompt_id": [*reversed(ids), "p03", "p03"]})
    settings = {"neighbors": 5, "min_dist": 0.1, "points": 50}
    frame = map_frame(pairs, vectors, settings=settings, seed=7)
    assert frame.schema == schema.MAP
    assert frame["prompt_id"].to_list() == ids
    assert frame["rows"].to_list() == [3 if one == "p03" else 1 for one in ids]
    assert frame.equals(map_frame(pairs.reverse(), vectors, settings=settings, seed=7))


def test_beyond_the_limit_the_least_ids_are_laid_out() -> None:
    ids = [f"p{number:02d}" for number in range(20)]
    vectors = Vectors(pl.Series(ids), two_clouds(20), "test")
    settings = {"neighbors": 5, "min_dist": 0.1, "points": 4}
    frame = map_frame(pl.DataFrame({"prompt_id": ids[::-1]}), vectors, settings=settings, seed=7)
    assert frame["prompt_id"].to_list() == ids[:4]
