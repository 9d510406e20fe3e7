import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from prefq.formats import FORMATS
from prefq.ingest import batches
from prefq.sampling import Sample

RECORDS = [{"prompt": f"q{n}", "chosen": f"good {n}", "rejected": f"bad {n}"} for n in range(1_000)]


def drawn(size: int, records: list[dict[str, Any]], batch: int = 100) -> list[int]:
    sample = Sample(size)
    for found in batches("d", FORMATS["trl"], enumerate(records), size=batch):
        sample.add(found)
    assert sample.read == len(records)
    kept = [n for b in sample.batches() for t in (b.pairs, b.rejects) for n in t["record"].to_list()]
    assert sample.records == len(kept)
    return kept


def test_so_many_records_are_drawn_and_always_the_same() -> None:
    kept = drawn(100, RECORDS)
    assert len(kept) == 100
    assert kept == sorted(kept)
    assert kept == drawn(100, RECORDS, batch=7)
    assert set(drawn(10, RECORDS)) < set(kept)


def test_the_records_are_drawn_from_everywhere() -> None:
    tenths = pl.Series(drawn(500, RECORDS)) // 100
    assert sorted(tenths.unique()) == list(range(10))
    assert tenths.value_counts()["count"].max() < 75


def test_a_sample_larger_than_the_data_is_all_of_it() -> None:
    assert drawn(5_000, RECORDS) == list(range(1_000))


def test_broken_records_are_drawn_like_others() -> None:
    broken = [{**record, "chosen": None} if n % 2 else record for n, record in enumerate(RECORDS)]
    assert sorted(drawn(100, broken)) == sorted(drawn(100, RECORDS))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return path


def test_a_sample_says_everywhere_that_it_is_one(prefq: Callable, source: Path, tmp_path: Path) -> None:
    files = ("--junit", tmp_path / "j.xml", "--markdown", tmp_path / "m.md")
    asked = ("--workdir", tmp_path / "w", "--set", "embed.encoder=static", "--set", "report.survival=[]")
    ran = prefq("audit", source, *asked, "--sample", 40, *files)
    assert ran.code == 0
    assert "a sample of 40 of 1,000 records" in " ".join(ran.out.split())
    assert "ingest        a sample of 40 of 1,000 records → 40 pairs" in ran.err
    figures = json.loads((tmp_path / "w/reports/audit.json").read_text())
    assert (figures["records"], figures["sampled_from"], figures["pairs"]) == (40, 1_000, 40)
    assert "a sample of 40 of 1,000\u00a0records" in (tmp_path / "w/reports/audit.html").read_text()
    assert "a sample of 40 of 1,000 records" in (tmp_path / "m.md").read_text()
    assert "a sample of 40 of 1000 records" in (tmp_path / "j.xml").read_text()


def test_all_records_are_no_sample(prefq: Callable, source: Path, tmp_path: Path) -> None:
    assert prefq("ingest", source, "--workdir", tmp_path, "--set", "ingest.sample=1000").code == 0
    assert "sampled" not in json.loads((tmp_path / "data/sources.json").read_text())


def test_a_sample_without_a_pair_is_an_error(prefq: Callable, tmp_path: Path) -> None:
    records = [{"prompt": "q", "chosen": "good", "rejected": None if n else "bad"} for n in range(200)]
    (tmp_path / "poor.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    ran = prefq("ingest", tmp_path / "poor.jsonl", "--format", "trl", "--workdir", tmp_path, "--set", "ingest.sample=2")
    assert (ran.code, ran.err) == (
        1,
        "prefq: a sample of so few records (2) yields not one usable pair: ask for more.\n",
    )


def test_a_project_is_not_sampled_by_an_option(prefq: Callable, tmp_path: Path) -> None:
    ran = prefq("audit", "--sample", 3, "--workdir", tmp_path)
    assert ran.code == 2
    assert "--sample" in ran.err


def test_a_samples_pairs_are_not_compared(prefq: Callable, source: Path, tmp_path: Path) -> None:
    asked = ("--workdir", tmp_path / "w", "--set", "embed.encoder=static", "--set", "report.survival=[]")
    ran = prefq("audit", source, *asked, "--sample", 40, "--against", source)
    assert ran.code == 0
    assert "a sample's pairs are not compared with it" in ran.err
    assert json.loads((tmp_path / "w/reports/audit.json").read_text())["changed"] is None
