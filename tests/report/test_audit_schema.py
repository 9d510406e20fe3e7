"""`audit.schema.json` says what every figure of audit.json is: nothing is undocumented, whatever data were audited."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from report_tables import SETTINGS, make_pairs, make_tables

import prefq.report
from prefq.cli.console import Console
from prefq.cli.reporting import foresee
from prefq.report import Tables, audit, audit_json
from prefq.report.annotators import people
from prefq.report.data import SCHEMA_FORMAT

SCHEMA: dict[str, Any] = json.loads((Path(prefq.report.__file__).parent / "audit.schema.json").read_text("utf-8"))
VALID = Draft202012Validator(SCHEMA)
REAL = Path(__file__).parents[3] / "shared/data"


def places(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside this one, with where it stands."""
    yield path, schema
    for keyword in ("properties", "$defs"):
        for name, part in schema.get(keyword, {}).items():
            yield from places(part, f"{path}/{name}")
    for part in [schema[k] for k in ("additionalProperties", "propertyNames") if isinstance(schema.get(k), dict)]:
        yield from places(part, f"{path}/*")
    for part in schema.get("oneOf", ()):
        yield from places(part, path)


def full() -> dict[str, Any]:
    """The figures of tables in which every part of the report has something to say."""
    tables, at = make_tables(300), pl.int_range(pl.len())
    pairs = tables.pairs.with_columns(
        annotator=pl.when(at % 2 == 0).then(pl.lit("ann")).otherwise(pl.lit("bob")),
        chosen_model=pl.when(at % 3 == 0).then(pl.lit("one")).otherwise(pl.lit("two")),
        rejected_model=pl.when(at % 3 == 0).then(pl.lit("two")).otherwise(pl.lit("one")),
    )
    again = pairs.with_columns(annotator=pl.lit("cid"), row_id=pl.col("row_id") + "#2")
    told = {"value": 0.61, "low": 0.55, "high": 0.67, "n": 290}
    part = {"pairs": 300, "longer_wins": told, "lists_win": None}
    shortcuts = {"noise_rate": 0.087, "overall": part, "features": {"chars": told, "bold": None}}
    shortcuts |= {"slices": [{"by": "dataset", "name": "help_desk", **part}], "against": [{"name": "bench", **part}]}
    tables = replace(tables, pairs=pairs, shortcuts=shortcuts)
    survival = foresee(tables, ["trl-dpo", {"trainer": "axolotl", "max_length": 60}], Path(), Console(-1))
    return audit_json(audit(tables, SETTINGS, survival, people(pl.concat([pairs, again]), seed=7)))


def empty() -> dict[str, Any]:
    """The figures of a dataset without a pair on which nothing but ingest has run."""
    return audit_json(audit(Tables(pairs=make_pairs(1).clear()), {}))


def ingested() -> dict[str, Any]:
    """The same with ten pairs."""
    return audit_json(audit(Tables(pairs=make_pairs(10)), {}))


def test_the_schema_is_one_and_names_the_format() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == SCHEMA_FORMAT
    assert SCHEMA["$id"].endswith(f":{SCHEMA_FORMAT}")


def test_every_figure_is_described_and_no_object_is_open() -> None:
    found = list(places(SCHEMA))
    assert len(found) > 150
    assert [path for path, schema in found if not schema.get("description", "").endswith(".")] == []
    objects = [(path, s) for path, s in found if "object" in s.get("type", ())]
    assert [path for path, s in objects if s.get("additionalProperties", True) is True] == []


@pytest.mark.parametrize("figures", [full, empty, ingested], ids=lambda f: f.__name__)
def test_made_up_audits_are_valid(figures: Any) -> None:
    found = figures()
    VALID.validate(json.loads(json.dumps(found)))
    assert list(found) == list(SCHEMA["properties"]), "the schema lists the figures in their order"


def test_every_part_of_the_full_audit_has_figures() -> None:
    figures = full()
    assert all(figures[name] for name in ("survival", "annotators", "models", "shortcuts", "benchmarks", "checks"))
    assert figures["annotators"]["by_pair"] and figures["models"]["by_model"] and figures["models"]["duels"]
    assert figures["shortcuts"]["slices"] == {"dataset=help_desk": {"pairs": 300, "longer_wins": 0.61}}
    assert figures["shortcuts"]["against"] == {"bench": {"pairs": 300, "longer_wins": 0.61}}
    assert figures["shortcuts"]["features"] == {"chars": {"value": 0.61, "low": 0.55, "high": 0.67, "n": 290}}
    assert figures["gate_rules"]["raw"] == {
        "empty_answer": {"value": 0.004, "passed": 1},
    }
    assert figures["gate_rules"]["curated"]["benchmark_overlap"] == {"value": 2, "passed": 0}
    assert figures["near_edges"] == {"prompt": {"lexical": 2, "normalized": 1, "semantic": 1}}


def test_the_audit_of_planted_data_is_valid(audited: Path) -> None:
    figures = json.loads((audited / "reports/audit.json").read_text())
    VALID.validate(figures)
    assert figures["benchmarks"]["demo"]
    hit = [c for c in figures["checks"].values() if c["count"]]
    assert len(hit) > 20
    assert all(c["low"] < c["share"] == round(c["count"] / c["decided"], 6) < c["high"] for c in hit)


def test_the_audit_of_real_transcripts_is_valid(tmp_path: Path, prefq: Any) -> None:
    source = REAL / "hh_rlhf_harmless_test.jsonl.gz"
    if not source.exists():
        pytest.skip("the real data are not on this machine")
    assert prefq("-q", "ingest", source, "--workdir", tmp_path).code == 0
    for stage in ("neighbors", "flag", "report"):
        assert prefq("-q", stage, "--workdir", tmp_path).code == 0
    figures = json.loads((tmp_path / "reports/audit.json").read_text())
    VALID.validate(figures)
    assert figures["pairs"] > 2000


@pytest.mark.parametrize(
    ("path", "value"),
    [(("kept",), 3.5), (("checks", "pii", "share"), 1.2), (("checks", "pii", "odd"), 1), (("odd",), 1)],
)
def test_what_is_not_in_the_schema_is_refused(path: tuple[str, ...], value: Any) -> None:
    figures = full()
    place = figures
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(ValidationError):
        VALID.validate(figures)
