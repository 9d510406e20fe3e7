"""What people decide on pairs: a decision a line, as `data/labels/ANNOTATOR.jsonl` holds them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefq.errors import PrefqError
from prefq.registry import did_you_mean

HUMAN_LABELS = ("first", "second", "tie", "both_bad")
"""What an annotator can decide; `skip` takes a decision back."""

DECIDES = ("pair_id", "dimension", "label", "first_id", "second_id", "annotator")
"""What every decision says, as text."""

MARKS = ("<<<<<<<", ">>>>>>>", "=======")


@dataclass(frozen=True)
class Decision:
    """One line of a labels file, as it was written and read."""

    line: str
    row: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        """Whose decision on what it is: annotator, pair, dimension."""
        return self.row["annotator"], self.row["pair_id"], self.row["dimension"]

    @property
    def said(self) -> str:
        """What was decided, whichever way round the answers were shown."""
        label: str = self.row["label"]
        return str(self.row[f"{label}_id"]) if label in ("first", "second") else label


def is_labels(text: str) -> bool:
    """Whether a text begins like a file of decisions."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and row.get("format") == 1 and set(DECIDES) <= row.keys()


def decisions(text: str, shown: str) -> list[Decision]:
    """The decisions in a file's text, in their order. Raises PrefqError naming `shown` and the line that is none."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return [_decision(line, f"{shown}, line {i}") for i, line in enumerate(lines, start=1) if line.strip()]


def _decision(line: str, where: str) -> Decision:
    if line.startswith(MARKS):
        raise PrefqError(f"{where}: a mark of a merge conflict; take it out, and the lines that are not to count.")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise PrefqError(f"{where}: not valid JSON.") from None
    if not isinstance(row, dict) or row.get("format") != 1:
        raise PrefqError(f'{where}: not a decision (it needs "format": 1).')
    for name in DECIDES:
        if not isinstance(row.get(name), str):
            raise PrefqError(f"{where}: not a decision ({name} is {row.get(name)!r}; it must be a text).")
    if (label := row["label"]) not in (known := (*HUMAN_LABELS, "skip")):
        raise PrefqError(f"{where}: there is no label {label!r}{did_you_mean(label, known)}")
    return Decision(line, row)
