"""A stage that is killed leaves nothing half-written, and run again it gives the same bytes."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from prefq import schema

SETTINGS = (
    *("--set", "embed.encoder=static", "--set", "score.noise_rate=0.03"),
    *("--set", "gate.kept=>= 10%", "--set", "release.name=demo"),
)


def digests(home: Path, stage: schema.Stage) -> dict[str, str]:
    paths = [
        p for name in stage.writes for p in ([home / name] if (home / name).is_file() else (home / name).rglob("*"))
    ]
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths if p.is_file()}


def command(home: Path, stage: str, planted: Path) -> list[str]:
    files = [str(planted / "helpful.jsonl"), str(planted / "assistant.jsonl")] if stage == "ingest" else []
    against = f"decontaminate.against=[{{path: {planted / 'benchmark.jsonl'}, name: demo}}]"
    return [sys.executable, "-m", "prefq", stage, *files, "--workdir", str(home), *SETTINGS, "--set", against]


def kill_midway(started: list[str], scratch: Path) -> None:
    process = subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not scratch.exists():
        time.sleep(0.002)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("name", [stage.name for stage in schema.STAGES])
def test_a_killed_stage_run_again_gives_the_same_bytes(name: str, audited: Path, planted: Path, tmp_path: Path) -> None:
    stage, home = schema.stage(name), tmp_path / "home"
    shutil.copytree(audited, home)
    if name in ("report", "release"):  # an audit makes no release, and its report shows the audit's own settings
        subprocess.run(command(audited, name, planted), check=True, capture_output=True)
    expected = digests(audited, stage)
    assert expected
    for path in stage.writes:
        shutil.rmtree(home / path, ignore_errors=True)
        (home / path).unlink(missing_ok=True)
    kill_midway(command(home, name, planted), home / ".prefq/tmp" / name)
    assert set(digests(home, stage)) in (set(), set(expected))
    done = subprocess.run(command(home, name, planted), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert digests(home, stage) == expected
    assert not (home / ".prefq/tmp").exists()


def test_an_interrupted_embedding_goes_on_from_the_chunks_it_kept(audited: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(audited, home)
    chunks = sorted((home / ".prefq/cache").rglob("*.npz"))
    assert len(chunks) > 1
    kept = chunks[0].read_bytes()
    for path in chunks[1:]:
        path.unlink()
    shutil.rmtree(home / "data/vectors")
    again = [sys.executable, "-m", "prefq", "embed", "--workdir", str(home), *SETTINGS]
    done = subprocess.run(again, capture_output=True, text=True, check=True)
    assert "512" not in done.stderr.split("newly")[0].split(",")[-1]
    assert chunks[0].read_bytes() == kept
    assert digests(home, schema.stage("embed")) == digests(audited, schema.stage("embed"))


def test_ctrl_c_is_one_sentence(audited: Path, planted: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(audited, home)
    process = subprocess.Popen(command(home, "map", planted), stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (home / ".prefq/tmp/map").exists():
        time.sleep(0.005)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.strip().startswith("prefq: interrupted")
    assert "Traceback" not in said
    assert digests(home, schema.stage("map")) == digests(audited, schema.stage("map"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("cache", ["on it", "elsewhere"])
def test_a_full_disk_is_one_sentence(
    cache: str, audited: Path, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFQ_CACHE", raising=False)
    if cache == "elsewhere":  # so that it is the matrix itself for which there is no room
        monkeypatch.setenv("PREFQ_CACHE", str(tmp_path / "cache"))
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        (disk / "data").mkdir()
        shutil.copy(audited / "data/pairs.parquet", disk / "data/pairs.parquet")
        done = subprocess.run(command(disk, "embed", planted), capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "full" in done.stderr or "No space" in done.stderr
        assert not (disk / "data/vectors").exists()
        with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)
        again = subprocess.run(command(disk, "ingest", planted), capture_output=True, text=True, check=False)
        assert (again.returncode, "Traceback" in again.stderr) == (1, False)
        assert "full" in again.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)
