"""What several tests share: the command line in this process, and data of our own making."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from prefq.cli.main import main
from prefq.synthetic import jsonl, synthesize


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def prefq(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command line as a user's shell would."""

    def run(*arguments: object) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        said = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0 if code is None else 1, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 200 records of our own making: helpful.jsonl, assistant.jsonl, benchmark.jsonl, truth.jsonl."""
    folder = tmp_path_factory.mktemp("planted")
    for name, records in synthesize(200, 7).files.items():
        (folder / name).write_bytes(jsonl(records).encode())
    return folder


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Path:
    """A working directory in which `prefq audit` has run on the planted data."""
    folder = tmp_path_factory.mktemp("audited")
    with pytest.raises(SystemExit) as ended:
        main(
            [
                *("-q", "audit", str(planted / "helpful.jsonl"), str(planted / "assistant.jsonl")),
                *("--workdir", str(folder), "--set", "embed.encoder=static", "--set", "score.noise_rate=0.03"),
                *("--set", f"decontaminate.against=[{{path: {planted / 'benchmark.jsonl'}, name: demo}}]"),
                *("--set", "gate.kept=>= 10%"),
            ]
        )
    assert ended.value.code in (0, None)
    return folder
