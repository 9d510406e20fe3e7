"""What the checks say of real rows, beside what a reader said of them (see the README here)."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from prefq.cli.main import cli

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared/data"
ROLES = {"system": "system", "human": "user", "gpt": "assistant"}

FLOORS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "verdicts_alpaca": {
        "answer_both_ways": (0.83, 0.5),
        "answer_too_long": (1.0, 1.0),
        "answer_too_short": (1.0, 0.73),
        "chosen_refuses": (0.94, 0.88),
        "contrast_pair": (0.73, 0.89),
        "control_characters": (1.0, 1.0),
        "html_leftover": (1.0, 0.91),
        "identical_answers": (1.0, 1.0),
        "language_mismatch": (1.0, 0.83),
        "length_ratio": (1.0, 0.68),
        "mojibake": (1.0, 0.83),
        "near_duplicate": (1.0, 0.62),
        "near_identical_answers": (1.0, 0.84),
        "only_chosen_refuses": (0.93, 0.93),
        "pii": (1.0, 0.66),
        "preference_cycle": (1.0, 1.0),
        "rejected_refuses": (0.86, 0.92),
        "repetition": (0.9, 0.9),
        "role_marker": (1.0, 0.33),
        "special_tokens": (None, None),
        "swapped_duplicate": (1.0, 0.81),
        "truncated_answer": (0.78, 0.91),
        "whitespace_only_difference": (1.0, 1.0),
    },
    "verdicts_hh": {
        "answer_both_ways": (None, None),
        "answer_too_short": (0.92, 0.8),
        "chosen_refuses": (0.94, 0.94),
        "contrast_pair": (0.66, 1.0),
        "control_characters": (1.0, 1.0),
        "empty_answer": (1.0, 1.0),
        "exact_duplicate": (1.0, 1.0),
        "html_leftover": (1.0, 0.6),
        "language_mismatch": (None, 0.0),
        "length_ratio": (1.0, 0.72),
        "mojibake": (1.0, 1.0),
        "near_duplicate": (None, None),
        "near_identical_answers": (1.0, 0.8),
        "only_chosen_refuses": (0.77, 0.87),
        "pii": (1.0, 1.0),
        "rejected_refuses": (0.83, 0.9),
        "repetition": (1.0, 0.57),
        "role_marker": (1.0, 1.0),
        "special_tokens": (None, None),
        "swapped_duplicate": (None, None),
        "truncated_answer": (0.83, 0.65),
    },
}
"""Precision and recall, by file of verdicts and check; None where nothing is flagged, or nothing is there to find."""


@dataclass(frozen=True)
class Tally:
    """How a check did on the rows that were read: `missed` and `wrong` name them."""

    found: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    other: int

    @property
    def precision(self) -> float | None:
        """The share of flagged rows that are hits; None without any flagged."""
        flagged = self.found + len(self.wrong)
        return self.found / flagged if flagged else None

    @property
    def recall(self) -> float | None:
        """The share of hits that are flagged; None without any hit."""
        hits = self.found + len(self.missed)
        return self.found / hits if hits else None


def _verdicts(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


VERDICTS = {path.stem: _verdicts(path) for path in sorted(HERE.glob("verdicts_*.csv"))}


def _conversations(source: Path, target: Path) -> Path:
    """The ranking layout of LLaMA-Factory as conversations, record for record."""

    def turn(message: dict[str, str]) -> dict[str, str]:
        return {"role": ROLES[message["from"]], "content": message["value"]}

    with target.open("w") as out:
        for record in json.loads(source.read_text()):
            prompt = [turn(message) for message in record["conversations"]]
            pair = {side: [turn(record[side])] for side in ("chosen", "rejected")}
            out.write(json.dumps({"prompt": prompt, **pair}) + "\n")
    return target


def _flags(source: Path, workdir: Path) -> dict[int, dict[str, bool | None]]:
    """The flags of each record."""
    source = _conversations(source, workdir / f"{source.stem}.jsonl") if "llamafactory" in source.name else source
    steps = ("ingest", str(source)), ("embed", "--set", "embed.encoder=static"), ("neighbors",), ("flag",)
    for step in steps:
        cli.main([*step, "--workdir", str(workdir)], standalone_mode=False)
    pairs, flags = (pl.read_parquet(workdir / f"data/{name}.parquet") for name in ("pairs", "flags"))
    joined = flags.join(pairs.select("row_id", "record"), on="row_id").drop("row_id")
    return {row["record"]: row for row in joined.to_dicts()}


@pytest.fixture(scope="session")
def flags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, dict[str, bool | None]]]:
    names = sorted({line["file"] for lines in VERDICTS.values() for line in lines})
    if not all((DATA / name).exists() for name in names):
        pytest.skip("the real data is not here")
    return {name: _flags(DATA / name, tmp_path_factory.mktemp("real")) for name in names}


def _tallies(
    lines: list[dict[str, str]], flags: dict[str, dict[int, dict[str, bool | None]]]
) -> Iterator[tuple[str, Tally]]:
    for check in sorted({line["check"] for line in lines}):
        sorts: dict[tuple[bool, bool], list[str]] = {}
        for line in lines:
            if line["check"] == check:
                flagged = flags[line["file"]][int(line["record"])][check]
                assert flagged is not None, f"{check} is not decided"
                row = f"{line['file'].split('_')[0]}:{line['record']}"
                sorts.setdefault((line["verdict"] == "yes", flagged), []).append(row)
        missed, wrong = (tuple(sorts.get(kind, ())) for kind in ((True, False), (False, True)))
        yield check, Tally(len(sorts.get((True, True), ())), missed, wrong, len(sorts.get((False, False), ())))


def _shown(share: float | None) -> str:
    return "   –" if share is None else f"{share:.2f}"


def _table(tallies: dict[str, Tally]) -> str:
    lines = [f"{'check':28} yes  no  precision  recall"]
    for check, t in tallies.items():
        counts = f"{t.found + len(t.missed):3} {t.other + len(t.wrong):3}"
        lines.append(f"{check:28} {counts}       {_shown(t.precision)}    {_shown(t.recall)}")
        lines += [f"    {word}: {' '.join(rows)}" for word, rows in (("missed", t.missed), ("wrong", t.wrong)) if rows]
    return "\n".join(lines)


def _holds(share: float | None, floor: float | None) -> bool:
    return share is None if floor is None else share is not None and share >= floor


def _reaches(tally: Tally, precision: float | None, recall: float | None) -> bool:
    return _holds(tally.precision, precision) and _holds(tally.recall, recall)


@pytest.mark.parametrize("name", VERDICTS)
def test_checks_agree_with_a_reader(name: str, flags: dict[str, dict[int, dict[str, bool | None]]]) -> None:
    tallies = dict(_tallies(VERDICTS[name], flags))
    assert set(tallies) == set(FLOORS[name])
    short = [check for check, tally in tallies.items() if not _reaches(tally, *FLOORS[name][check])]
    assert not short, f"{', '.join(short)} below the floor\n{_table(tallies)}"


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts_are_said_once(name: str) -> None:
    lines = VERDICTS[name]
    assert {line["verdict"] for line in lines} == {"yes", "no"}
    keys = [(line["file"], line["record"], line["check"], line["reader"]) for line in lines]
    assert len(keys) == len(set(keys))
