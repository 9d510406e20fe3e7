"""The commands for people, on data of our own making."""

import gzip
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from prefq.cli.main import cli
from prefq.formats import FORMATS
from prefq.writers import WRITERS

GOOD = '{"prompt": "Name a colour.", "chosen": "Blue.", "rejected": "No."}\n'


def test_audit_leaves_tables_and_a_report(audited: Path) -> None:
    names = {p.name for p in (audited / "data").iterdir()}
    assert {"pairs.parquet", "flags.parquet", "ledger.parquet", "curated", "vectors", "map.parquet"} <= names
    assert (audited / "reports/audit.html").read_text().startswith("<!doctype html>")
    assert not (audited / "data/release").exists()


def test_every_record_is_in_the_ledger_or_in_the_rejects(audited: Path) -> None:
    pairs = pl.read_parquet(audited / "data/pairs.parquet")
    rejects = pl.read_parquet(audited / "data/rejects.parquet")
    ledger = pl.read_parquet(audited / "data/ledger.parquet")
    assert pairs.height + rejects.height == 200
    assert ledger["row_id"].sort().equals(pairs["row_id"].sort())


def test_audit_without_files_shows_what_is_there(audited: Path, prefq: Callable) -> None:
    ran = prefq("audit", "--workdir", audited)
    assert ran.code == 0
    assert "The gate says yes" in ran.out
    assert str(audited / "reports/audit.html") in ran.out
    *lines, _report = ran.out.splitlines()
    assert all(len(line) <= 80 for line in lines if not line.startswith("  prefq why"))
    assert any(line.endswith(f" --workdir {audited}") for line in lines)


def test_the_flag_stage_and_the_audit_count_the_same_rows(audited: Path, prefq: Callable) -> None:
    said = prefq("flag", "--workdir", audited)  # to the same end: nothing later is removed
    figures = json.loads(prefq("audit", "--workdir", audited, "--json").out)
    assert f"{figures['flagged']} of {figures['pairs']} rows have a flag" in said.err
    assert "more rows have flags that only inform" in said.err


def test_a_split_that_stays_empty_is_said(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    for stage in ("ingest", "flag"):
        prefq(stage, *([tmp_path / "x.jsonl"] if stage == "ingest" else []), "--workdir", tmp_path)
    split = "curate.split={train: 0.9, validation: 0.1, test: 0}"
    assert "no pair is in validation: there are too few" in prefq("curate", "--workdir", tmp_path, "--set", split).err
    all_in_one = "curate.split={train: 1, validation: 0, test: 0}"
    assert "no pair is in" not in prefq("curate", "--workdir", tmp_path, "--set", all_in_one).err


def test_audit_json_is_versioned(audited: Path, prefq: Callable) -> None:
    figures = json.loads(prefq("audit", "--workdir", audited, "--json").out)
    assert (figures["format"], figures["records"], figures["gate_passed"]) == (1, 200, 1)


def test_a_gate_that_says_no_is_exit_code_3_and_no_release(audited: Path, prefq: Callable) -> None:
    yes = prefq("release", "--workdir", audited)
    assert (yes.code, (audited / "data/release/SHA256SUMS").exists()) == (0, True)
    (audited / "reports/data_docs/old.html").write_text("old")
    prefq("gate", "--workdir", audited, "--set", "gate.kept=>= 99%")
    assert (audited / "reports/data_docs/index.html").exists()
    assert not (audited / "reports/data_docs/old.html").exists()
    assert not (audited / "data/release").exists()
    assert prefq("release", "--workdir", audited).code == 3
    prefq("report", "--workdir", audited)
    no = prefq("release", "--workdir", audited)
    shown = prefq("audit", "--workdir", audited)
    assert (no.code, shown.code) == (3, 3)
    assert "the gate said no" in no.err
    assert not (audited / "data/release").exists()
    prefq("gate", "--workdir", audited, "--set", "gate.kept=>= 10%")
    assert prefq("report", "--workdir", audited).code == 0


def test_without_a_benchmark_overlap_is_not_decided(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    prefq("ingest", tmp_path / "x.jsonl", "--workdir", tmp_path)
    for stage in ("neighbors", "decontaminate", "flag"):
        assert prefq(stage, "--workdir", tmp_path).code == 0
    flags = pl.read_parquet(tmp_path / "data/flags.parquet")
    assert flags["benchmark_overlap"].to_list() == [None]
    assert flags["empty_answer"].to_list() == [False]


def test_a_prompt_in_several_files_of_one_benchmark_is_named_once(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "bench").mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "bench" / name).write_text('{"prompt": "Name a fruit."}\n{"prompt": "Name a colour."}\n')
    prefq("ingest", tmp_path / "x.jsonl", "--workdir", tmp_path)
    prefq("decontaminate", "--workdir", tmp_path, "--set", "decontaminate.against=[{path: bench, name: demo}]")
    overlaps = pl.read_parquet(tmp_path / "data/overlaps.parquet")
    assert overlaps["benchmark_id"].to_list() == ["1"]


def test_the_summary_and_the_report_go_by_the_same_settings(
    tmp_path: Path, prefq: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "bench.jsonl").write_text('{"prompt": "Name a colour."}\n')
    monkeypatch.chdir(tmp_path)
    here = ("--set", "decontaminate.against=[bench.jsonl]", "--set", "embed.encoder=static")
    ran = prefq("audit", "x.jsonl", "--workdir", "w", *here)
    figures = json.loads((tmp_path / "w/reports/audit.json").read_text())
    found = figures["checks"]["benchmark_overlap"]
    assert (found["count"], found["share"]) == (1, 1.0)
    assert "Dealt with by the policy: benchmark_overlap 1." in ran.out


def test_a_report_made_by_hand_tells_the_settings_of_what_ran(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "bench.jsonl").write_text('{"prompt": "Name a colour."}\n')
    against = f"decontaminate.against=[{tmp_path / 'bench.jsonl'}]"
    policy = ("--set", "curate.policy.benchmark_overlap=keep")
    quick = ("--set", "embed.encoder=static", "--set", against, *policy, "--set", "flag.pii=false")
    assert prefq("audit", tmp_path / "x.jsonl", "--workdir", tmp_path, *quick).code in (0, 3)
    page = (tmp_path / "reports/audit.html").read_text()
    assert prefq("report", "--workdir", tmp_path).code == 0
    assert (tmp_path / "reports/audit.html").read_text() == page
    assert "switched off by flag.pii: false" in page
    assert prefq("report", "--workdir", tmp_path, "--set", "report.title=Mine").code == 0
    assert "Mine" in (tmp_path / "reports/audit.html").read_text()


def test_audit_finds_the_benchmarks_of_the_workdirs_settings_there(
    tmp_path: Path, prefq: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "w").mkdir()
    (tmp_path / "w/bench.jsonl").write_text('{"prompt": "Name a colour."}\n')
    (tmp_path / "w/params.yaml").write_text("decontaminate: {against: [bench.jsonl]}\nembed: {encoder: static}\n")
    monkeypatch.chdir(tmp_path)
    assert prefq("audit", "x.jsonl", "--workdir", "w").code == 3  # its only prompt is a benchmark's
    assert pl.read_parquet("w/data/overlaps.parquet")["kind"].to_list() == ["exact"]


def test_why_tells_where_a_row_came_from_and_what_was_found(audited: Path, prefq: Callable) -> None:
    evidence = pl.read_parquet(audited / "data/evidence.parquet")
    row_id = evidence.filter(pl.col("check") == "role_marker")["row_id"][0]
    ran = prefq("why", row_id, "--workdir", audited)
    assert ran.code == 0
    assert ran.out.startswith(row_id)
    assert "role_marker" in ran.out
    assert "    chosen match: " in ran.out or "    rejected match: " in ran.out
    assert "Decision: review" in ran.out
    told = json.loads(prefq("why", row_id, "--workdir", audited, "--json").out)[0]
    assert told["row"]["row_id"] == row_id
    assert "role_marker" in told["flags"]


def test_why_tells_file_line_and_revision(tmp_path: Path, prefq: Callable) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.jsonl").write_text(f"\n{GOOD}{GOOD}")
    (raw / "b.jsonl.gz").write_bytes(gzip.compress(f"{{broken\n\n{GOOD}".encode()))
    assert prefq("ingest", f"both={raw}", "--workdir", tmp_path).code == 0
    told = {n: json.loads(prefq("why", f"both:{n}", "--workdir", tmp_path, "--json").out)[0] for n in (0, 1, 3)}
    found = {n: story["origin"] for n, story in told.items()}
    assert [(Path(o["path"]).name, o["record"], o["line"]) for o in found.values()] == [
        ("a.jsonl", 0, 2),
        ("a.jsonl", 1, 3),
        ("b.jsonl.gz", 1, 3),
    ]
    lines = prefq("why", "both:3", "--workdir", tmp_path).out.splitlines()
    assert lines[1].endswith("raw/b.jsonl.gz, label chosen")
    assert lines[2] == f"  source revision sha256:{found[3]['sha256'][:12]}"
    (raw / "a.jsonl").write_text(f"{GOOD}changed since\n")
    assert json.loads(prefq("why", "both:0", "--workdir", tmp_path, "--json").out)[0]["origin"]["line"] is None


def test_why_tells_of_a_record_that_is_no_pair(tmp_path: Path, prefq: Callable) -> None:
    bad = '{"prompt": "\\u202eWhy?", "chosen": "So."}\n'
    (tmp_path / "x.jsonl").write_text(GOOD * 2 + bad + GOOD * 20)
    assert prefq("ingest", tmp_path / "x.jsonl", "--workdir", tmp_path).code == 0
    for wanted in ("x:2", "x:2#0"):
        ran = prefq("why", wanted, "--workdir", tmp_path)
        assert (ran.code, ran.out.splitlines()[0]) == (0, "x:2")
        assert "Rejected: missing_field (there is no field 'rejected')" in ran.out
        assert "[U+202E]Why?" in ran.out
    (told,) = json.loads(prefq("why", "x:2", "--workdir", tmp_path, "--json").out)
    assert (told["reject"]["record"], told["reject"]["raw"]["chosen"]) == (2, "So.")
    assert prefq("why", "x:22", "--workdir", tmp_path).out.startswith("x:22\n  pair ")


def test_a_release_that_is_refused_names_the_command_that_shows_examples(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD + GOOD.replace("Blue.", ""))
    home = ("--workdir", tmp_path)
    asked = ("--set", "embed.encoder=static", "--set", "report.survival=[]", "--set", "gate.kept=>= 100%")
    ran = prefq("audit", tmp_path / "x.jsonl", *home, *asked, "--set", "gate.records=>= 9")
    assert ran.code == 3
    assert f"      for example x:1\n      prefq why x:1 --workdir {tmp_path}\n" in ran.out
    refused = prefq("release", *home)
    assert refused.code == 3
    assert refused.err.endswith(f"`prefq audit --workdir {tmp_path}` shows examples.\n")


def test_why_tells_names_and_evidence_on_lines_of_their_own(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD + GOOD)
    source = 'ingest.sources=[{path: x.jsonl, name: "two\\nlines\\e[31m"}]'
    for stage in ("ingest", "neighbors", "flag"):
        assert prefq(stage, "--workdir", tmp_path, *(["--set", source] if stage == "ingest" else [])).code == 0
    ran = prefq("why", "two\nlines\x1b[31m:1", "--workdir", tmp_path)
    assert ran.out.splitlines()[0] == "two lines[ESC][31m:1"
    assert "{" not in ran.out


def test_why_takes_a_pair_id_or_its_beginning(audited: Path, prefq: Callable) -> None:
    pair = pl.read_parquet(audited / "data/pairs.parquet").row(0, named=True)
    for wanted in (pair["pair_id"], pair["pair_id"][:16]):
        assert pair["row_id"] in prefq("why", wanted, "--workdir", audited).out
    assert prefq("why", "assistant:", "--workdir", audited).code == 1
    unknown = prefq("why", "zzz", "--workdir", audited)
    assert (unknown.code, "no row or pair is called" in unknown.err) == (1, True)


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_convert_keeps_the_pairs(ending: str, tmp_path: Path, planted: Path, prefq: Callable) -> None:
    out = tmp_path / f"out.{ending}"
    ran = prefq("convert", planted / "helpful.jsonl", "-o", out)
    assert ran.code == 0, ran.err
    again = prefq("ingest", out, "--workdir", tmp_path)
    assert again.code == 0, again.err
    prefq("ingest", planted / "helpful.jsonl", "--workdir", tmp_path / "direct")
    ids = [pl.read_parquet(f / "data/pairs.parquet")["pair_id"].to_list() for f in (tmp_path, tmp_path / "direct")]
    assert ids[0] == ids[1]


def test_convert_says_what_is_lost_and_writes_nothing_it_cannot(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(
        GOOD + '{"prompt": "Name a colour.", "chosen": null, "rejected": "b"}\n', encoding="utf-8"
    )
    ran = prefq("convert", tmp_path / "x.jsonl", "-o", tmp_path / "y.jsonl")
    assert ran.code == 0
    assert "not read: 1 × null_field" in ran.err
    wrong = prefq("convert", tmp_path / "x.jsonl", "-o", tmp_path / "y.docx")
    assert wrong.code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.jsonl", "y.jsonl"]


def test_formats_and_checks_list_every_member(prefq: Callable) -> None:
    listed = prefq("formats").out
    assert all(f"  {name}\n" in listed for name in [*FORMATS, *WRITERS])
    assert listed.count("direction: ") == len(FORMATS)
    whole = prefq("formats", "columns", "trl").out
    assert "options: prompt, chosen, rejected, first, second" in whole
    assert "Write trl" in whole
    wrong = prefq("formats", "trll")
    assert (wrong.code, "did you mean 'trl'" in wrong.err) == (2, True)
    from prefq.checks import CHECKS

    listed = prefq("checks").out
    assert all(f"  {name}\n" in listed for name in CHECKS)
    assert "  user_turn_last\n    the prompt ends with a user turn.\n" in listed
    assert "pairs, records, prompts, rejected, ties" in listed


def test_synth_gives_the_same_bytes_for_the_same_seed(tmp_path: Path, prefq: Callable) -> None:
    for name in ("a", "b"):
        assert prefq("synth", tmp_path / name, "--rows", 60, "--seed", 3).code == 0
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert prefq("synth", tmp_path / "a", "--rows", 60).code == 1


def test_init_makes_a_project_for_the_users_files(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "mine.jsonl").write_text(GOOD)
    ran = prefq("init", tmp_path / "project", tmp_path / "mine.jsonl")
    assert ran.code == 0, ran.err
    made = {str(p.relative_to(tmp_path / "project")) for p in (tmp_path / "project").rglob("*") if p.is_file()}
    assert {"dvc.yaml", "params.yaml", "data/raw/mine.jsonl", "data/labels/.gitkeep", ".dvc/config"} <= made
    again = prefq("init", tmp_path / "project")
    assert (again.code, "not empty" in again.err) == (1, True)
    assert prefq("ingest", "--workdir", tmp_path / "project").code == 0


def test_init_takes_folders_and_globs(tmp_path: Path, prefq: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("raw/en/a.jsonl", "raw/de/a.jsonl", "more/b1.jsonl", "more/b2.jsonl", "more/b3.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(GOOD)
    ran = prefq("init", "project", "raw", "more/*.jsonl")
    assert ran.code == 0, ran.err
    inside = Path("project/data/raw")
    copied = {p.relative_to(inside).as_posix() for p in inside.rglob("*.*") if p.is_file() and p.name != ".gitkeep"}
    assert copied == {"raw/en/a.jsonl", "raw/de/a.jsonl", "b1.jsonl", "b2.jsonl"}
    assert prefq("ingest", "--workdir", "project").code == 0
    for wrong, sentence in (("nowhere.jsonl", "There is no file"), ("more/*.csv", "No file matches")):
        refused = prefq("init", "other", wrong)
        assert (refused.code, sentence in refused.err) == (1, True)
        assert not Path("other").exists()


def example(name: str, prefq: Callable) -> list[str]:
    ran = prefq(name, "--help")
    assert ran.code == 0
    *_, heading, line = ran.out.rstrip().splitlines()
    assert heading.strip() == "Example:"
    command = shlex.split(line)
    assert command[:2] == ["prefq", name]
    return command[1:]


def test_the_example_that_ends_every_help_runs(
    tmp_path: Path, planted: Path, prefq: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(planted / "assistant.jsonl", "answers.jsonl")
    shutil.copy(planted / "benchmark.jsonl", "benchmark.jsonl")
    Path("work").mkdir()
    Path("work/params.yaml").write_text("gate: {prompt_not_user_last: off, kept: off}\n")
    Path("dvc.lock").write_text("stages: {}\n")
    for command in (["init", "--quiet"], ["add", "dvc.lock"], ["commit", "--quiet", "-m", "A version"]):
        subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *command], check=True)
    for name in cli.commands:
        ran = prefq(*example(name, prefq))
        assert ran.code == 0, f"{name}: {ran.err}"


def test_help_does_not_wait_for_heavy_libraries() -> None:
    code = "import sys; from prefq.cli.main import cli; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'click'" in done.stdout
    for heavy in ("polars", "pandas", "torch", "numpy", "great_expectations", "yaml", "vl_convert"):
        assert f"'{heavy}'" not in done.stdout


def test_no_color_when_piped_and_quiet_says_the_verdict_alone(audited: Path, prefq: Callable) -> None:
    assert "\x1b[" not in prefq("audit", "--workdir", audited).out
    before, after = prefq("-q", "audit", "--workdir", audited), prefq("audit", "--workdir", audited, "-q")
    assert (before.out.startswith("The gate says yes: "), before.out.count("\n"), before.err) == (True, 1, "")
    assert after == before


def test_quiet_and_verbose_may_stand_after_the_command(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    prefq("ingest", tmp_path / "x.jsonl", "--workdir", tmp_path)
    said = {flag: prefq("flag", "--workdir", tmp_path, *flag.split()).err for flag in ("", "-q", "-v")}
    assert said["-q"] == ""
    assert len(said[""].splitlines()) == 1
    assert "benchmark_overlap: not decided" in said["-v"]


def test_data_docs_go_when_the_pairs_they_tell_of_do(tmp_path: Path, prefq: Callable) -> None:
    (tmp_path / "x.jsonl").write_text(GOOD)
    for stage in ("ingest", "flag", "curate", "gate"):
        assert prefq(stage, *([tmp_path / "x.jsonl"] if stage == "ingest" else []), "--workdir", tmp_path).code == 0
    assert (tmp_path / "reports/data_docs/index.html").exists()
    prefq("flag", "--workdir", tmp_path, "--set", "flag.empty_answer=false")
    assert not (tmp_path / "reports/gate.json").exists()
    assert not (tmp_path / "reports/data_docs").exists()
