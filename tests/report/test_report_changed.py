"""What changed in the pairs since an earlier version: in words, in audit.json, on the map."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.report import audit, audit_json
from prefq.report.changed import WORDS, changed, trend_json


def turned(pairs: pl.DataFrame, row_id: str) -> pl.DataFrame:
    """The table with the label of one row flipped."""
    here = pl.col("row_id") == row_id
    sides = {"chosen": "rejected", "rejected": "chosen", "chosen_id": "rejected_id", "rejected_id": "chosen_id"}
    return pairs.with_columns(pl.when(here).then(pl.col(b)).otherwise(pl.col(a)).alias(a) for a, b in sides.items())


def test_flipped_new_and_gone_pairs_are_counted_and_named() -> None:
    pairs = make_pairs(40)
    now, old = turned(pairs, pairs["row_id"][7]).slice(1), pairs.head(39)
    found = changed(old.lazy(), now, "v1")
    assert {name: n for name, n in found.counts.items() if n} == {
        **{"flipped": 1, "added": 1, "removed": 1, "unchanged": 37},
    }
    assert set(found.rows.iter_rows()) == {(pairs["row_id"][7], "flipped"), (pairs["row_id"][39], "added")}
    assert found.sentence == "Of the pairs as they came in: 1 with the label flipped, 1 new, 1 gone, 37 unchanged."


def test_every_class_of_change_has_its_words() -> None:
    from prefq.diff import CLASSES

    assert set(WORDS) == set(CLASSES)


def test_the_json_and_the_map_tell_of_it() -> None:
    tables = make_tables(60)
    found = changed(turned(tables.pairs, tables.pairs["row_id"][7]).lazy(), tables.pairs, "v1")
    page = audit(tables, SETTINGS, changed=found)
    assert audit_json(page)["changed"]["flipped"] == 1
    assert page.map is not None and page.map.change is not None
    assert page.map.change.values == (("label flipped", 1),)
    assert page.map.change.without == 59


def test_without_an_earlier_version_both_are_null() -> None:
    found = audit_json(audit(make_tables(20), SETTINGS))
    assert found["changed"] is found["trend"] is None


def test_the_trend_has_the_same_keys_whatever_the_earlier_audit_lacks() -> None:
    now = audit_json(audit(make_tables(60), SETTINGS))
    same, nothing = trend_json(now, now), trend_json({}, now)
    assert list(same) == list(nothing)
    assert list(same["checks"]) == list(nothing["checks"]) == sorted(now["checks"])
    assert (same["pairs"], nothing["pairs"]) == (0, None)
    assert trend_json({"pairs": 50, "checks": {"pii": {"share": 1.0}}}, now)["pairs"] == 10
    assert trend_json({"checks": {"pii": {"share": 1.0}}}, now)["checks"]["pii"] < -0.5


def test_a_project_reads_no_baseline_that_it_has_not_declared(audited: Path, tmp_path: Path, prefq: Callable) -> None:
    home = tmp_path / "home"
    shutil.copytree(audited, home)
    shutil.copytree(audited / "reports", home / "old/reports")
    options = ("report", "--workdir", home, "--set", "report.survival=[]", "--set", "report.baseline=old")
    (home / "dvc.yaml").write_text("stages: {report: {cmd: prefq report, deps: [data/pairs.parquet]}}")
    ran = prefq(*options)
    assert ran.code == 1
    assert "add it to the deps of the stage report" in ran.err
    (home / "dvc.yaml").write_text("stages: {report: {cmd: prefq report, deps: [data/pairs.parquet, old]}}")
    assert prefq(*options).code == 0


@pytest.mark.parametrize("form", ["folder", "figures"])
def test_the_report_stage_compares_the_pairs_too(audited: Path, tmp_path: Path, prefq: Callable, form: str) -> None:
    home, old = tmp_path / "home", tmp_path / "old"
    shutil.copytree(audited, home)
    shutil.copytree(audited, old)
    pairs = pl.read_parquet(old / "data/pairs.parquet")
    decided = pairs.filter((pl.col("label") == "chosen") & pl.col("pair_id").is_unique())["row_id"][0]
    turned(pairs, decided).write_parquet(old / "data/pairs.parquet")
    named = old if form == "folder" else old / "reports/audit.json"
    options = ("--set", "report.survival=[]", "--set", f"report.baseline={named}")
    assert prefq("report", "--workdir", home, *options).code == 0
    figures = json.loads((home / "reports/audit.json").read_text())
    assert figures["trend"]["pairs"] == 0
    html = (home / "reports/audit.html").read_text()
    if form == "folder":
        assert (figures["changed"]["flipped"], figures["changed"]["unchanged"]) == (1, pairs.height - 1)
        assert "Versions" in html.split('id="layer"')[1].split("</select>")[0]
    else:
        assert figures["changed"] is None
