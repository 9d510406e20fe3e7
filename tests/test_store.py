"""The table store: whole or absent, never stale, one process at a time."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from prefq.errors import LockedError, MissingTableError, PrefqError
from prefq.schema import SCHEMA_VERSION
from prefq.store import TableStream, Workdir, read_labels, written_whole


def ingest_like(home: Workdir, value: int) -> None:
    with home.outputs("ingest") as out:
        out.table("data/pairs.parquet", pl.DataFrame({"row_id": [value]}))
        out.table("data/rejects.parquet", pl.DataFrame({"record": [value]}))
        out.json("data/sources.json", {"format": 1})


def overlaps_like(home: Workdir) -> None:
    with home.outputs("decontaminate") as out:
        out.table("data/overlaps.parquet", pl.DataFrame({"row_id": ["a"]}))


def test_outputs_take_their_places_together(tmp_path: Path) -> None:
    home = Workdir(tmp_path)
    ingest_like(home, 1)
    assert home.table("data/pairs.parquet")["row_id"].to_list() == [1]
    assert not (tmp_path / ".prefq/tmp").exists()


def test_a_stage_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    home = Workdir(tmp_path)
    ingest_like(home, 1)
    with pytest.raises(RuntimeError, match="midway"), home.outputs("ingest") as out:
        out.table("data/pairs.parquet", pl.DataFrame({"row_id": [2]}))
        raise RuntimeError("midway")
    assert home.table("data/pairs.parquet")["row_id"].to_list() == [1]
    assert not (tmp_path / ".prefq/tmp").exists()


def test_other_input_removes_the_tables_made_from_the_older_one(tmp_path: Path) -> None:
    home = Workdir(tmp_path)
    ingest_like(home, 1)
    overlaps_like(home)
    ingest_like(home, 2)
    assert not home.has("data/overlaps.parquet")


def test_the_same_input_leaves_later_tables_alone(tmp_path: Path) -> None:
    home = Workdir(tmp_path)
    ingest_like(home, 1)
    overlaps_like(home)
    ingest_like(home, 1)
    assert home.has("data/overlaps.parquet")


def test_leftovers_of_a_killed_stage_are_cleared(tmp_path: Path) -> None:
    leftover = tmp_path / ".prefq/tmp/ingest/data/pairs.parquet"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    ingest_like(Workdir(tmp_path), 1)
    assert not leftover.exists()


def test_a_stream_keeps_the_order_and_the_types_of_its_batches(tmp_path: Path) -> None:
    home = Workdir(tmp_path)
    with home.outputs("ingest") as out:
        with (
            out.stream("data/pairs.parquet", pl.Schema({"row_id": pl.Int64})) as pairs,
            out.stream("data/rejects.parquet", pl.Schema({"reason": pl.String})),
        ):
            for start in range(0, 20, 2):
                pairs.add(pl.DataFrame({"row_id": [start, start + 1]}))
        out.json("data/sources.json", {})
    assert home.table("data/pairs.parquet")["row_id"].to_list() == list(range(20))
    assert home.table("data/rejects.parquet").schema == {"reason": pl.String}


def test_a_failing_stream_says_so_and_does_not_hang(tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.PolarsError), TableStream(tmp_path / "x", pl.Schema({"n": pl.Int64})) as stream:
        for _ in range(10):
            stream.add(pl.DataFrame({"n": ["no number"]}))


def test_an_error_beside_a_stream_ends_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), TableStream(tmp_path / "x", pl.Schema({"n": pl.Int64})) as stream:
        stream.add(pl.DataFrame({"n": [1]}))
        raise ZeroDivisionError
    assert not stream._writer.is_alive()


def test_tables_say_their_schema_version(tmp_path: Path) -> None:
    ingest_like(Workdir(tmp_path), 1)
    assert pl.read_parquet_metadata(tmp_path / "data/pairs.parquet")["prefq.schema"] == str(SCHEMA_VERSION)


def test_a_missing_table_names_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(MissingTableError, match="run `prefq neighbors` first"):
        Workdir(tmp_path).table("data/clusters.parquet")


def test_a_broken_table_names_the_stage_to_run_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/pairs.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(PrefqError, match="run `prefq ingest` again"):
        Workdir(tmp_path).table("data/pairs.parquet")


def test_of_outputs_that_were_cut_short_while_taking_their_places_none_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, replace = Workdir(tmp_path), Path.replace

    def killed(path: Path, target: Path) -> Path:
        if path.name == "rejects.parquet":
            raise KeyboardInterrupt
        return replace(path, target)

    ingest_like(home, 1)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "replace", killed)
        ingest_like(home, 2)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["pairs.parquet"]
    with pytest.raises(MissingTableError), home.outputs("embed"):
        home.table("data/pairs.parquet")
    ingest_like(home, 2)
    with home.outputs("embed") as out:
        assert home.table("data/rejects.parquet")["record"].to_list() == [2]
        out.folder("data/vectors")


def test_a_second_process_is_turned_away(tmp_path: Path) -> None:
    code = (
        f"from prefq.store import Workdir; from pathlib import Path\nwith Workdir(Path({str(tmp_path)!r})).lock(): pass"
    )
    with Workdir(tmp_path).lock():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LockedError" in done.stderr
    assert "is in use by process" in done.stderr
    with Workdir(tmp_path).lock():
        assert (tmp_path / ".prefq/lock").exists()


def test_locked_error_is_one_a_user_can_act_on() -> None:
    assert LockedError.exit_code == 1


DECISION = {
    **{"format": 1, "pair_id": "p", "dimension": "preference", "label": "first"},
    **{"first_id": "a", "second_id": "b", "annotator": "ann"},
}


def test_labels_are_read_in_order_file_by_file(tmp_path: Path) -> None:
    ann = [json.dumps(DECISION), "", json.dumps(DECISION | {"label": "skip", "note": "?"})]
    (tmp_path / "bob.jsonl").write_text(json.dumps(DECISION | {"label": "tie"}) + "\n")
    (tmp_path / "ann.jsonl").write_text("\n".join(ann))
    assert [row["label"] for row in read_labels(tmp_path)] == ["first", "skip", "tie"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"pair', "line 2: not valid JSON."),
        ("[1]", 'line 2: not a decision (it needs "format": 1).'),
        ("<<<<<<< HEAD", "line 2: a mark of a merge conflict; take it out, and the lines that are not to count."),
        (json.dumps(DECISION | {"format": 2}), 'line 2: not a decision (it needs "format": 1).'),
        (json.dumps(DECISION | {"dimension": None}), "line 2: not a decision (dimension is None; it must be a text)."),
        (json.dumps(DECISION | {"label": 1}), "line 2: not a decision (label is 1; it must be a text)."),
        (json.dumps(DECISION | {"label": "frist"}), "line 2: there is no label 'frist'; did you mean 'first'?"),
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    (tmp_path / "bob.jsonl").write_text(f"{json.dumps(DECISION)}\n{line}\n")
    with pytest.raises(PrefqError) as raised:
        read_labels(tmp_path)
    assert str(raised.value) == f"{tmp_path / 'bob.jsonl'}, {sentence}"


def test_labels_that_are_not_utf8_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "bob.jsonl").write_bytes(b'{"note": "\xe4"}\n')
    with pytest.raises(PrefqError, match=r"bob.jsonl is not UTF-8"):
        read_labels(tmp_path)


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "told.txt"
    with written_whole(path) as part:
        part.write_text("old")
    with pytest.raises(KeyError), written_whole(path) as part:
        part.write_text("ne")
        raise KeyError
    assert (path.read_text(), [each.name for each in tmp_path.iterdir()]) == ("old", ["told.txt"])
