import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from prefq.encoders import ENCODERS, batch_size, cache_home, minilm, open_encoder, static
from prefq.errors import EncoderError

TEXTS = ["How do I boil an egg?", "What is the best way to boil eggs?", "The court adjourned until Monday."]


@pytest.mark.parametrize("name", list(ENCODERS))
def test_every_packaged_encoder_gives_unit_vectors_and_finds_the_nearer_text(name: str) -> None:
    encoder = open_encoder(name)
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, encoder.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert encoder.encode([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize("name", list(ENCODERS))
def test_every_packaged_encoder_has_a_description_and_a_stable_fingerprint(name: str) -> None:
    fingerprint = open_encoder(name).fingerprint
    assert len(fingerprint) == 32
    assert open_encoder(name).fingerprint == fingerprint
    assert ENCODERS[name].__doc__


def test_encoders_of_prefq_differ_in_their_fingerprints() -> None:
    assert len({open_encoder(name).fingerprint for name in ENCODERS}) == len(ENCODERS)


def test_minilm_knows_which_texts_exceed_256_tokens() -> None:
    encoder = open_encoder("minilm")
    texts = ["word " * 254, "word " * 255, "a " * 5_000, "", "w" * 4_097]
    assert encoder.cut(texts).tolist() == [False, True, True, False, True]
    beyond = encoder.encode(["word " * 300, "word " * 254 + "other " * 46])
    assert np.allclose(beyond[0], beyond[1], atol=1e-5)


def test_static_knows_which_texts_exceed_4000_characters() -> None:
    encoder = open_encoder("static")
    assert encoder.cut(["é" * 4_000, "é" * 4_001]).tolist() == [False, True]
    beyond = encoder.encode(["egg " * 1_000 + "court", "egg " * 1_000])
    assert np.array_equal(beyond[0], beyond[1])


def test_static_gives_zeros_where_there_is_nothing_to_encode() -> None:
    assert not open_encoder("static").encode([""]).any()


def test_opening_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    open_encoder("minilm").encode(["silence"])
    assert capfd.readouterr() == ("", "")


def test_changed_weights_are_refused_before_they_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    with pytest.raises(EncoderError, match="is not the published all-MiniLM-L6-v2"):
        minilm.verify(tmp_path / "model.safetensors")
    with pytest.raises(EncoderError, match="cannot be read"):
        minilm.verify(tmp_path / "absent.safetensors")


def test_a_model_in_a_folder_opens_by_its_path() -> None:
    by_path = open_encoder(str(minilm.model_folder()))
    assert np.allclose(by_path.encode(TEXTS), open_encoder("minilm").encode(TEXTS), atol=1e-5)


@pytest.mark.parametrize("name", ["/no/such/folder", "./no-such-folder"])
def test_a_folder_that_is_not_there_is_said(name: str) -> None:
    with pytest.raises(EncoderError, match=r"There is no folder .*use 'minilm' or 'static'"):
        open_encoder(name)


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        open_encoder(str(tmp_path))


def test_a_hub_name_that_cannot_be_fetched_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    with pytest.raises(EncoderError, match=r"no encoder 'minlm' here.*no route to host.*use 'minilm'"):
        open_encoder("minlm")


def test_a_batch_size_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFQ_BATCH", "8")
    assert batch_size(32) == 8
    for wrong in ("0", "-1", "many", "1.5"):
        monkeypatch.setenv("PREFQ_BATCH", wrong)
        with pytest.raises(EncoderError, match="PREFQ_BATCH"):
            batch_size(32)


def test_built_models_go_to_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFQ_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_home() == tmp_path / "prefq"
    monkeypatch.setenv("PREFQ_CACHE", str(tmp_path / "mine"))
    assert cache_home() == tmp_path / "mine"


def fake_distil(folder: Path) -> None:
    for part in static.PARTS:
        (folder / part).write_text(f"{part} of a model", "utf-8")


def test_a_static_model_is_built_once_and_again_when_it_is_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built: list[Path] = []
    monkeypatch.setenv("PREFQ_CACHE", str(tmp_path))
    monkeypatch.setattr(static, "distil", lambda folder: (built.append(folder), fake_distil(folder)))
    first = static.static().fingerprint
    assert static.static().fingerprint == first
    assert len(built) == 1
    (tmp_path / "models" / static.RECIPE / "tokenizer.json").write_text("cut", "utf-8")
    assert static.static().fingerprint == first
    assert len(built) == 2
    assert [path.name for path in (tmp_path / "models").iterdir()] == [static.RECIPE]


def test_a_static_model_whose_making_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "config.json").write_text("{}", "utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(static, "distil", fail)
    with pytest.raises(KeyboardInterrupt):
        static.build(tmp_path / "models" / "m")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_static_models_fingerprint_is_of_its_weights_not_of_where_it_came_from(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        fake_distil(folder)
        (folder / "config.json").write_text(json.dumps({"tokenizer_name": str(folder)}), "utf-8")
        static._publish(folder, folder.with_name(folder.name + "-whole"))
    prints = [static.StaticEncoder(path).fingerprint for path in sorted(tmp_path.glob("*-whole"))]
    assert prints[0] == prints[1]
    shutil.rmtree(tmp_path / "here-whole")
    assert not static.whole(tmp_path / "here-whole")
