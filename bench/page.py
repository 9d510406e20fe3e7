"""Sections, tables and numbers in Markdown, and the machine that they were measured on."""

import os
import platform
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

LIBRARIES = ("prefq", "polars", "numba", "numpy", "polars-hash", "torch", "sentence-transformers")
PEERS = ("cleanlab", "datasets", "datasketch", "rensa", "semhash", "xxhash")


def section(question: str, *parts: str) -> str:
    """A section headed by its question; prose is filled, tables stay."""
    filled = (part if part.startswith("|") else textwrap.fill(part, 120, break_on_hyphens=False) for part in parts)
    return "\n\n".join([f"## {question}", *filled]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, first column to the left, the others to the right; floats are shortened."""
    rule = [":--", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(map(shown, row))} |" for row in (header, rule, *rows))


def shown(value: object) -> str:
    """A cell: three digits of a float, thousands separated; `–` where there is nothing."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def machine(load: float) -> str:
    """A list of what the figures depend on: processor, cores, memory, load (as it was at the start), versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    libraries = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES + PEERS)
    return "\n".join(
        [
            f"- Processor: {_processor()}, {os.cpu_count()} cores; memory: {memory:.0f} GB",
            f"- Load average before: {load:.1f}, after: {os.getloadavg()[0]:.1f} (prefq alone is 1 to 2; "
            "what is above it is other work, which lengthens wall time)",
            f"- {platform.system()}, Python {platform.python_version()}, {libraries}",
            f"- {datetime.now(UTC):%Y-%m-%d}",
        ]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed)"
