"""How figures are written: a comma between thousands, and 0 % or 100 % only when exactly that."""

import math

NBSP = "\u00a0"


def count(n: float) -> str:
    """A whole number with a comma between thousands: `12,345`."""
    return f"{round(n):,}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """A counted noun: `1 pair`, `2,312 pairs`."""
    return f"{count(n)}{NBSP}{one if n == 1 else many or one + 's'}"


def share(part: float, whole: float) -> str:
    """A percentage with one decimal; `–` when there is nothing to take a share of.

    What rounds to zero or to a hundred without being it is written `< 0.1 %` or `> 99.9 %`.
    """
    return ratio(part / whole) if whole else "–"


def ratio(value: float | None) -> str:
    """A number from 0 to 1 as a percentage, by the rules of `share`; `not decided` when it is None."""
    if value is None or math.isnan(value):
        return "not decided"
    if value in (0, 1):
        return f"{int(value * 100)}{NBSP}%"
    if value * 100 < 0.05:
        return f"<{NBSP}0.1{NBSP}%"
    if 1 - value < 0.0005:
        return f">{NBSP}99.9{NBSP}%"
    return f"{value * 100:.1f}{NBSP}%"


def at_most(value: float) -> str:
    """The upper end of an interval of shares, to two digits where it is small: `≤ 0.012 %`."""
    return f"≤{NBSP}{value * 100:.2g}{NBSP}%" if value < 0.005 else f"≤{NBSP}{ratio(value)}"


def size(n: float) -> str:
    """A number of bytes in decimal units: `742.8 kB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n < 1000 or unit == "GB":
            return f"{n:.0f}{NBSP}{unit}" if unit == "bytes" else f"{n:.1f}{NBSP}{unit}"
        n /= 1000
    raise AssertionError("unreachable")


def decimal(value: float | None, digits: int = 3) -> str:
    """A plain number: whole ones with commas, others with that many decimals; `not decided` for None."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "not decided"
    return count(value) if float(value).is_integer() else f"{value:,.{digits}f}"


def interval(ends: tuple[float, float] | None) -> str:
    """An interval of shares: `7.7–10.0 %`; finer where it would otherwise read as a single point."""
    if ends is None:
        return "–"
    digits = 1 if ends[1] >= 0.005 else 2
    return f"{ends[0] * 100:.{digits}f}–{ends[1] * 100:.{digits}f}{NBSP}%"
