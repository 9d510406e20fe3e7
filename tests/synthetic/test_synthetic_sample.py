"""The embedded sample is what the generator makes, and small enough for Git."""

from pathlib import Path

import pytest

from prefq.synthetic import jsonl, synthesize

DATA = Path(__file__).parents[2] / "data"
SAMPLE = {
    "helpful.jsonl": DATA / "raw/helpful.jsonl",
    "assistant.jsonl": DATA / "raw/assistant.jsonl",
    "benchmark.jsonl": DATA / "benchmarks/demo.jsonl",
    "truth.jsonl": DATA / "truth.jsonl",
}
ROWS, SEED = 1500, 7


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: jsonl(records).encode() for name, records in synthesize(ROWS, SEED).files.items()}


@pytest.mark.parametrize("name", SAMPLE)
def test_sample_is_generated_byte_for_byte(made: dict[str, bytes], name: str) -> None:
    assert SAMPLE[name].read_bytes() == made[name]


def test_sample_fits_into_git(made: dict[str, bytes]) -> None:
    assert sum(map(len, made.values())) < 1_000_000
    assert {name: text.count(b"\n") for name, text in made.items() if name != "truth.jsonl"} == {
        "helpful.jsonl": 705,
        "assistant.jsonl": 795,
        "benchmark.jsonl": 60,
    }
