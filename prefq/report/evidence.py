"""Evidence as the checks write it (JSON), turned into short facts and into what to highlight on each side."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from prefq.report.text import Span, brief

Fact = tuple[str, str]
QUOTES = ("match", "matches", "found", "ending", "opening", "evidence", "ngram")
"""Last words of the names of facts that quote the text they speak of."""
SIDES = {"chosen": "chosen", "rejected": "rejected", "prompt": "prompt", "question": "prompt", "overlap": "prompt"}
"""First words of facts' names, and the text such facts speak of; the others speak of every text."""
MOST_FACTS = 24
ID = re.compile(r"[0-9a-f]{32}")
MEMBER = re.compile(r'"(\w+)":("(?:[^"\\]|\\.)*)("|$)')
"""A text in a JSON object, also where the object was cut off in the middle of it."""
NAMES = {"overlap evidence ngram": "shared words", "overlap evidence benchmark text": "benchmark item"}
"""What some facts are called beside an example."""


def facts_of(evidence: str | None) -> list[Fact]:
    """The evidence JSON as flat (name, value) texts; nulls are left out, lists give one entry a value."""
    if not evidence:
        return []
    try:
        value = json.loads(evidence)
    except json.JSONDecodeError:
        return [("evidence", evidence)]
    return facts_in(value)


def facts_in(value: Any) -> list[Fact]:
    """Evidence that is read already, as `facts_of` tells it."""
    return _flat("", value)[:MOST_FACTS]


def _flat(name: str, value: Any) -> list[Fact]:
    if isinstance(value, dict):
        return [f for k, v in value.items() for f in _flat(f"{name} {k}".strip().replace("_", " "), v)]
    if isinstance(value, list):
        return [f for v in value[:8] for f in _flat(name, v)]
    if value is None:
        return []
    if isinstance(value, float):
        return [(name, f"{value:,.4g}")]
    if isinstance(value, str) and value.startswith('{"') and (parts := _members(value)):
        return _flat(name, parts)
    return [(name or "evidence", ("yes" if value else "no") if isinstance(value, bool) else str(value))]


def _members(text: str) -> dict[str, str]:
    """The texts of a JSON object within a text, as far as it goes."""
    out = {}
    for name, value, end in MEMBER.findall(text):
        try:
            out[name] = str(json.loads(value + '"')) + ("" if end else "…")
        except json.JSONDecodeError:
            continue
    return out


def quotes(facts: Sequence[Fact], side: str) -> list[str]:
    """What to highlight in a text: `side` is `chosen`, `rejected` or `prompt`."""
    said = [(name.split(" "), value.removesuffix("…")) for name, value in facts]
    return [v for words, v in said if words[-1] in QUOTES and SIDES.get(words[0], side) == side and v.strip("\n\t ")]


def occurrences(text: str, needles: Iterable[str], most: int = 40) -> list[Span]:
    """Where any of the needles stands in the text, as (start, end, "found") spans, at most `most` of each.

    Letter case does not matter, nor what stands between the words: an n-gram is quoted without its punctuation.
    """
    spans: list[Span] = []
    for needle in dict.fromkeys(n for n in needles if n):
        words = needle.split()
        exact = text.find(needle)
        if exact < 0 and len(words) < 3:
            continue
        pattern = re.escape(needle) if exact >= 0 else r"\W+".join(map(re.escape, words))
        found = re.finditer(pattern, text, re.IGNORECASE if exact < 0 else 0)
        spans += [(m.start(), m.end(), "found") for m, _ in zip(found, range(most), strict=False)]
    return spans


def chips(facts: Sequence[Fact], texts: Sequence[str]) -> tuple[Fact, ...]:
    """The facts worth saying beside the texts: no bare ids, and nothing long that is a quotation of a text."""
    told = [(name, value) for name, value in facts if not ID.fullmatch(value)]
    new = [f for f in told if f[0].split(" ")[-1] == "match" or not _quoted(f[1], texts)]
    return tuple((brief(NAMES.get(name, name)), brief(value, 160)) for name, value in new)


def _quoted(value: str, texts: Sequence[str]) -> bool:
    return len(value) > 12 and any(value in text for text in texts)
