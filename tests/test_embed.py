from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefq import embed as embed_module
from prefq import schema
from prefq.embed import distinct_texts, embed
from prefq.errors import EncoderError, MissingTableError
from prefq.vector_cache import ChunkCache, Embedded, load_info, load_vectors, save_vectors


class Counting:
    """An encoder whose vectors depend on the text and, in the last bits, on its batch, as real ones do."""

    name, fingerprint, dimensions = "counting", "f" * 32, 3

    def __init__(self, stop_after: int | None = None) -> None:
        self.batches: list[list[str]] = []
        self.stop_after = stop_after

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if self.stop_after is not None and len(self.batches) == self.stop_after:
            raise KeyboardInterrupt
        self.batches.append(list(texts))
        rows = [[len(text), sum(map(ord, text)) % 97, 1 + 1e-3 * len(texts)] for text in texts]
        return np.array(rows, np.float32) / np.linalg.norm(rows, axis=1, keepdims=True).astype(np.float32)

    def cut(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        return np.array([len(text) > 5 for text in texts])

    @property
    def encoded(self) -> int:
        return sum(map(len, self.batches))


def some_texts(count: int, prefix: str = "text") -> pl.DataFrame:
    ids = [f"{number:032x}" for number in range(count)]
    return pl.DataFrame({"text_id": ids, "text": [f"{prefix} {number}" for number in range(count)]})


def run(texts: pl.DataFrame, encoder: Counting, root: Path) -> Embedded:
    return embed(texts, encoder, ChunkCache(root, encoder.fingerprint), lambda _: None)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed_module, "CHUNK", 4)


def pairs(*rows: tuple[list[str], str, str]) -> pl.DataFrame:
    roles = ("user", "assistant")
    return pl.DataFrame(
        {
            "prompt_id": [f"p{number}" for number in range(len(rows))],
            "prompt": [[{"role": roles[i % 2], "content": turn} for i, turn in enumerate(row[0])] for row in rows],
            "chosen_id": [row[1][:1] for row in rows],
            "chosen": [row[1] for row in rows],
            "rejected_id": [row[2][:1] for row in rows],
            "rejected": [row[2] for row in rows],
        },
        schema_overrides={"prompt": schema.MESSAGES},
    )


def test_each_distinct_text_stands_once_sorted_by_id() -> None:
    texts = distinct_texts(pairs((["Hi"], "b yes", "a no"), (["Hi", "Ho", "Hu"], "a no", "c maybe")))
    assert texts.rows() == [
        ("a", "a no"),
        ("b", "b yes"),
        ("c", "c maybe"),
        ("p0", "Hi"),
        ("p1", "Hi\nHo\nHu"),
    ]


def test_a_conversation_keeps_its_end_and_a_single_turn_its_start() -> None:
    long = "x" * 1_500
    texts = distinct_texts(pairs(([long], "a", "b"), ([long, "and then?"], "a", "b"), ([], "a", "b")))
    by_id = dict(texts.rows())
    assert by_id["p0"] == long
    assert len(by_id["p1"]) == 1_000
    assert by_id["p1"].endswith("x\nand then?")
    assert by_id["p2"] == ""


def test_texts_of_one_id_count_once_whatever_their_line_ends() -> None:
    frame = pairs((["Hi"], "a\r\nb", "a\nb"))
    assert distinct_texts(frame).rows() == [("a", "a\nb"), ("p0", "Hi")]


@given(st.permutations(range(6)))
def test_distinct_texts_do_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    frame = pairs(*((["q"], f"{i % 3} {i}", f"{(i + 1) % 3} {i}") for i in range(6)))
    assert distinct_texts(frame[order]).equals(distinct_texts(frame))


def test_vectors_follow_their_ids(tmp_path: Path) -> None:
    done = run(some_texts(10), Counting(), tmp_path)
    assert done.vectors.ids.to_list() == some_texts(10)["text_id"].to_list()
    assert done.vectors.matrix.shape == (10, 3)
    assert done.encoded == 10
    assert (done.info.texts, done.info.cut, done.info.dimensions) == (10, 10, 3)


def test_a_second_run_encodes_nothing_and_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again = Counting(), Counting()
    one, two = run(some_texts(10), first, tmp_path), run(some_texts(10), again, tmp_path)
    assert (first.encoded, again.encoded, two.encoded) == (10, 0, 0)
    assert one.vectors.matrix.tobytes() == two.vectors.matrix.tobytes()
    assert one.info == two.info


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(tmp_path: Path, stop_after: int) -> None:
    whole = run(some_texts(10), Counting(), tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(some_texts(10), Counting(stop_after), tmp_path / "killed")
    encoder = Counting()
    resumed = run(some_texts(10), encoder, tmp_path / "killed")
    assert encoder.encoded == 10 - 4 * stop_after
    assert resumed.vectors.matrix.tobytes() == whole.vectors.matrix.tobytes()


def test_new_texts_cost_only_themselves(tmp_path: Path) -> None:
    run(some_texts(10), Counting(), tmp_path)
    encoder = Counting()
    done = run(some_texts(12), encoder, tmp_path)
    assert encoder.batches == [["text 10", "text 11"]]
    assert done.encoded == 2
    fewer = run(some_texts(12)[3:5], encoder, tmp_path)
    assert fewer.encoded == 0
    assert np.array_equal(fewer.vectors.matrix, done.vectors.matrix[3:5])


@pytest.mark.parametrize("damage", ["truncated", "flipped byte", "other file", "empty"])
def test_a_damaged_chunk_is_found_and_encoded_again(tmp_path: Path, damage: str) -> None:
    whole = run(some_texts(10), Counting(), tmp_path)
    path = sorted((tmp_path / Counting.fingerprint).glob("*.npz"))[0]
    content = bytearray(path.read_bytes())
    middle = content.rindex(b"matrix.npy", 0, len(content) // 2) + 160
    content[middle] ^= 0xFF
    path.write_bytes(
        {"truncated": path.read_bytes()[:-40], "flipped byte": bytes(content), "other file": b"text", "empty": b""}[
            damage
        ]
    )
    encoder = Counting()
    again = run(some_texts(10), encoder, tmp_path)
    assert encoder.encoded in (2, 4)
    assert again.vectors.matrix.tobytes() == whole.vectors.matrix.tobytes()
    assert run(some_texts(10), Counting(), tmp_path).encoded == 0


def test_progress_adds_up_to_all_texts_cached_ones_first(tmp_path: Path) -> None:
    run(some_texts(5), Counting(), tmp_path)
    steps: list[int] = []
    embed(some_texts(10), Counting(), ChunkCache(tmp_path, Counting.fingerprint), steps.append)
    assert steps == [5, 4, 1]


def test_no_texts_give_an_empty_matrix(tmp_path: Path) -> None:
    assert run(some_texts(0), Counting(), tmp_path).vectors.matrix.shape == (0, 3)


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EncoderError, match=r"cannot be kept in .*PREFQ_CACHE"):
        run(some_texts(1), Counting(), tmp_path / "file")


def test_the_cache_is_the_projects_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFQ_CACHE", raising=False)
    assert ChunkCache.of(tmp_path, "abc").folder == tmp_path / ".prefq" / "cache" / "abc"
    monkeypatch.setenv("PREFQ_CACHE", str(tmp_path / "c"))
    assert ChunkCache.of(tmp_path, "abc").folder == tmp_path / "c" / "abc"


def test_saved_vectors_are_read_back(tmp_path: Path) -> None:
    done = run(some_texts(6), Counting(), tmp_path / "cache")
    folder = tmp_path / "vectors"
    folder.mkdir()
    save_vectors(folder, done)
    loaded = load_vectors(folder)
    assert loaded.ids.equals(done.vectors.ids)
    assert np.array_equal(loaded.matrix, done.vectors.matrix)
    assert loaded.encoder == "counting"
    assert load_info(folder) == done.info
    assert sorted(path.name for path in folder.iterdir()) == ["encoder.json", "ids.parquet", "matrix.npy"]


@pytest.mark.parametrize("name", ["encoder.json", "ids.parquet", "matrix.npy"])
def test_vectors_that_are_not_whole_are_said(tmp_path: Path, name: str) -> None:
    save_vectors(tmp_path, run(some_texts(2), Counting(), tmp_path / "cache"))
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(MissingTableError, match="prefq embed"):
        load_vectors(tmp_path)


def test_what_was_done_is_said_in_one_line(tmp_path: Path) -> None:
    done = run(some_texts(3, "t"), Counting(), tmp_path)
    assert done.sentence == "3 distinct texts, 3 newly encoded (counting)"
    assert run(some_texts(3), Counting(), tmp_path / "other").sentence.endswith("(counting, 3 cut at its window)")
