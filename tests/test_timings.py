import json
from collections.abc import Callable
from pathlib import Path

from prefq import timings

GOOD = '{"prompt": "Name a colour.", "chosen": "Blue.", "rejected": "No."}\n'


def test_times_are_told_in_the_order_of_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / ".prefq").mkdir()
    assert timings.noted(tmp_path) == {}
    for stage, seconds in (("flag", 2.04), ("ingest", 1.26), ("flag", 3.0)):
        timings.note(tmp_path, stage, seconds)
    assert list(timings.noted(tmp_path).items()) == [("ingest", 1.3), ("flag", 3.0)]


def test_a_broken_note_is_none(tmp_path: Path) -> None:
    (tmp_path / ".prefq").mkdir()
    for text in ("{", "[]", '{"flag": "long", "tea": 3}'):
        (tmp_path / timings.FILE).write_text(text)
        assert timings.noted(tmp_path) == {}


def test_the_page_tells_them_but_not_where_dvc_keeps_it(prefq: Callable, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    home = ("--workdir", tmp_path)
    assert prefq("audit", tmp_path / "x.jsonl", *home, "--set", "embed.encoder=static").code == 0
    page = (tmp_path / "reports/audit.html").read_text()
    assert "How long the stages took</summary>" in page and '<th scope="row">embed</th>' in page
    assert "report" in json.loads((tmp_path / timings.FILE).read_text())
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    pages = set()
    for seconds in (1, 50):
        timings.note(tmp_path, "embed", seconds)
        assert prefq("report", *home).code == 0
        pages.add((tmp_path / "reports/audit.html").read_text())
    (kept,) = pages
    assert "How long the stages took</summary>" not in kept
    assert timings.FILE in kept
    assert '<th scope="row">polars</th>' in kept
