import csv
import io
import json

import polars as pl
from report_tables import SETTINGS, make_pairs, make_tables

from prefq.report import Tables, audit, audit_json, plots


def numbers_in(value: object) -> list[object]:
    if isinstance(value, dict):
        return [n for v in value.values() for n in numbers_in(v)]
    return [value]


def test_the_json_is_figures_only_and_adds_up() -> None:
    out = audit_json(audit(make_tables(300), SETTINGS))
    assert out["format"] == 1
    assert (out["records"], out["pairs"], out["rejected"], out["gate_passed"]) == (305, 300, 5, 0)
    assert out["rejects_by_reason"] == {"broken_json": 1, "context_mismatch": 3, "missing_field": 1}
    assert out["kept"] == out["released_total"] == sum(out["released"].values())
    assert sum(out["decisions"].values()) == out["pairs"]
    assert out["noise_rate"] == 0.087
    assert all(n is None or isinstance(n, int | float) for n in numbers_in(out))


def test_an_undecided_check_is_null() -> None:
    checks = audit_json(audit(make_tables(50), SETTINGS))["checks"]
    assert checks["off_pattern"] == {"count": None, "decided": 0, "share": None, "low": None, "high": None}
    assert checks["mojibake"] == {"count": 0, "decided": 50, "share": 0.0, "low": 0.0, "high": 0.071348}


def test_stages_that_have_not_run_are_null() -> None:
    out = audit_json(audit(Tables(pairs=make_pairs(10)), {}))
    keys = ("gate_passed", "kept", "released", "decisions", "label_accuracy", "ece", "noise_rate", "records")
    assert all(out[key] is None for key in keys)


def test_the_same_tables_in_another_order_give_the_same_json() -> None:
    tables = make_tables(200)
    turned = {k: v.reverse() if isinstance(v, pl.DataFrame) else v for k, v in tables.__dict__.items()}
    once, again = (json.dumps(audit_json(audit(t, SETTINGS))) for t in (tables, Tables(**turned)))
    assert once == again


def test_plots_are_tables_with_a_header() -> None:
    found = plots(audit(make_tables(200), SETTINGS))
    headers = {name: next(csv.reader(io.StringIO(text))) for name, text in found.items()}
    assert headers == {
        "flags.csv": ["check", "count", "share"],
        "lengths.csv": ["characters", "chosen", "rejected"],
        "reliability.csv": ["predicted", "agreed", "rows"],
        "ledger.csv": ["decision", "pairs"],
        "splits.csv": ["split", "pairs"],
    }
    ledger = dict(list(csv.reader(io.StringIO(found["ledger.csv"])))[1:])
    assert sum(map(int, ledger.values())) == 200


def test_plots_of_stages_that_have_not_run_hold_only_the_header() -> None:
    found = plots(audit(Tables(pairs=make_pairs(10)), {}))
    assert found["ledger.csv"] == "decision,pairs\n"
    assert found["reliability.csv"] == "predicted,agreed,rows\n"
