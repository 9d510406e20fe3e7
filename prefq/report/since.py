"""What changed since an earlier audit: its key figures and every check, then and now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefq.report.numbers import count, ratio

FIGURES = {
    "records": "Records read",
    "pairs": "Pairs",
    "kept": "Kept",
    "released_total": "In the splits",
    "flagged_share": "Flagged",
    "distinct_prompts": "Distinct prompts",
    "chosen_longer_share": "Chosen is longer",
    "label_accuracy": "Judge agrees",
    "noise_rate": "Wrong labels",
}
"""Keys of audit.json, and what they are called."""
SHARES = ("flagged_share", "chosen_longer_share", "label_accuracy", "noise_rate")
MOST = 6
GATE = {1: "yes", 0: "no", None: "not asked"}


@dataclass(frozen=True)
class Move:
    """One figure then and now, None where it was not decided; `share`: from 0 to 1, else a count."""

    name: str
    before: float | None
    after: float | None
    share: bool

    @property
    def moved(self) -> bool:
        """Whether it reads otherwise than before."""
        return self.words[0] != self.words[1]

    @property
    def words(self) -> tuple[str, str]:
        """Both as they are printed."""
        return _words(self.before, self.share), _words(self.after, self.share)

    @property
    def points(self) -> float:
        """How far a share moved, in percentage points; 0 where one of the two is not decided."""
        known = self.before is not None and self.after is not None
        return (self.after - self.before) * 100 if known and self.share else 0.0  # type: ignore[operator]

    @property
    def step(self) -> str:
        """How far it moved, with its sign: `+0.4 points`, `−15`; empty where that cannot be said."""
        if self.before is None or self.after is None or not self.moved:
            return ""
        by = self.after - self.before
        told = f"{abs(by) * 100:.1f} points" if self.share else count(abs(by))
        return f"{'+' if by > 0 else '−'}{told}"


def _words(value: float | None, share: bool) -> str:
    return "not decided" if value is None else ratio(value) if share else count(value)


@dataclass(frozen=True)
class Since:
    """The moves since the audit of that name: the gate's verdicts, the key figures, and the shares of all checks."""

    name: str
    gate: tuple[str, str]
    figures: tuple[Move, ...]
    checks: Mapping[str, Move]

    @property
    def strongest(self) -> list[Move]:
        """The checks whose share moved most, at most six."""
        moved = [move for move in self.checks.values() if move.moved and move.points]
        return sorted(moved, key=lambda move: (-abs(move.points), move.name))[:MOST]


def since(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> Since:
    """The moves between two contents of audit.json; what the older one does not have is not decided there."""
    before, after = _checks(old), _checks(new)
    return Since(
        name=name,
        gate=(GATE.get(old.get("gate_passed"), "not asked"), GATE.get(new.get("gate_passed"), "not asked")),
        figures=tuple(
            Move(words, _number(old.get(key)), _number(new.get(key)), key in SHARES) for key, words in FIGURES.items()
        ),
        checks={check: Move(check, before.get(check), share, True) for check, share in after.items()},
    )


def _checks(figures: Mapping[str, Any]) -> dict[str, float | None]:
    told = figures.get("checks")
    rows = told.items() if isinstance(told, Mapping) else ()
    return {str(name): _number(row.get("share")) for name, row in rows if isinstance(row, Mapping)}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
