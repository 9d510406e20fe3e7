"""Conflicts in the form of the review queue: one JSON line for each pair, with its texts and both opinions."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from prefq.errors import PrefqError

Favor = Literal["ours", "theirs"]
TEXTS = ("prompt", "first", "second")


@dataclass(frozen=True)
class Conflict:
    """Two different decisions about one pair.

    `first` and `second` are the answers by their ids, the lower one first, so that the order favors nobody. An opinion
    says `decision` (`keep` | `drop`), `label` (`first` | `second` | `tie` | `both_bad`, in labels also `skip`), what
    else was decided (`split`, `status`), who and when where that is known, and those of the texts that it edited.
    """

    pair_id: str
    dimension: str
    about: tuple[str, ...]
    """What was decided differently: `decision`, `label`, `first`, `second`, `prompt`, `split`, `status`."""
    first_id: str
    second_id: str
    base: Mapping[str, Any] | None
    """What was decided before both; None when nothing was."""
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    texts: Mapping[str, Any]
    """`prompt` (messages), `first`, `second`; null where they are not known."""

    def to_json(self) -> dict[str, Any]:
        """The conflict as an entry of the review queue, format 1."""
        ids = {"pair_id": self.pair_id, "dimension": self.dimension}
        answers = {"first_id": self.first_id, "second_id": self.second_id}
        opinions = [{"by": "ours", **self.ours}, {"by": "theirs", **self.theirs}]
        texts = {name: self.texts.get(name) for name in TEXTS}
        said = {"base": dict(self.base) if self.base is not None else None, "opinions": opinions}
        return {"format": 1, "reason": "merge", **ids, "about": list(self.about), **answers, **texts, **said}


def queue_lines(held: str, found: Iterable[Mapping[str, Any]], shown: str = "the queue") -> str:
    """A review queue with these entries put in: one line for each pair, dimension and reason, sorted by them.

    An entry takes the place of an older one about the same. Raises PrefqError when `held` is no review queue.
    """
    entries = {}
    for number, line in enumerate(held.splitlines(), start=1):
        if line.strip():
            entry = _entry(line, f"{shown}, line {number}")
            entries[_key(entry)] = entry
    entries |= {_key(entry): entry for entry in found}
    return "".join(json.dumps(entries[key], ensure_ascii=False) + "\n" for key in sorted(entries))


def _key(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(entry["pair_id"]), str(entry.get("dimension")), str(entry.get("reason"))


def _entry(line: str, shown: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or entry.get("format") != 1 or not isinstance(entry.get("opinions"), list):
        raise PrefqError(f"{shown}: not an entry of a review queue; name another file with --review.")
    if not isinstance(entry.get("pair_id"), str):
        raise PrefqError(f"{shown}: an entry of a review queue without a pair_id.")
    return entry
