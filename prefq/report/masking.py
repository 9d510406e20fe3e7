"""Personal data in the examples: enough left to find it, not to use it. A report travels further than its data."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from prefq.checks import CHECKS

SHOWN = 6


def patterns(settings: Mapping[str, Any], numbers: bool = False) -> list[str]:
    """The regular expressions of e-mail addresses and keys, and of telephone numbers if `numbers`."""
    given = (settings.get("flag") or {}).get("pii")
    known = {**(CHECKS["pii"].defaults if "pii" in CHECKS else {}), **(given if isinstance(given, dict) else {})}
    return [f"(?m){known[k]}" for k in ("email", "key", *(("phone",) if numbers else ())) if known.get(k)]


def personal(texts: pl.Series, settings: Mapping[str, Any], numbers: bool) -> list[str]:
    """Every e-mail address and key in the texts, telephone numbers too if `numbers`, by the patterns of check `pii`."""
    found = [texts.str.extract_all(p).explode(empty_as_null=False) for p in patterns(settings, numbers)]
    return sorted({m.strip() for s in found for m in s.drop_nulls()} - {""}, key=lambda m: (-len(m), m))


def masked(text: str, parts: Iterable[str]) -> str:
    """The text with all but the first six characters of each part replaced by dots, as many."""
    for part in parts:
        if part in text and len(part) > SHOWN:
            text = text.replace(part, part[:SHOWN] + "•" * (len(part) - SHOWN))
    return text
