"""Costs: of a command in a process of its own, and of a call in this one. The one place that looks at clocks."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
GATE_SAID_NO = 3
PREFQ = Path(sys.executable).with_name("prefq")


@dataclass(frozen=True)
class Cost:
    """What a piece of work took: `wall` and `cpu` (user and system, all threads) in seconds, `peak` memory in MB."""

    wall: float
    cpu: float
    peak: float = 0.0
    added: float = 0.0
    """How much of the peak was not there before."""

    def __add__(self, other: "Cost") -> "Cost":
        peak, added = max(self.peak, other.peak), max(self.added, other.added)
        return Cost(self.wall + other.wall, self.cpu + other.cpu, peak, added)


class FailedError(Exception):
    """A measured command ended with an error; the message is its last line, or the signal that ended it."""


def prefq(*arguments: object, environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of one `prefq` command, start-up included. Raises FailedError when it fails; a gate may say no."""
    return command(PREFQ, *arguments, environment=environment)


def command(*words: object, environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of a command in a process of its own. Raises FailedError when it fails.

    A child's peak memory is never below its parent's at the fork: whoever measures memory holds no data itself.
    """
    with tempfile.TemporaryFile() as said:
        command = [str(word) for word in words]
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, GATE_SAID_NO):
            said.seek(0)
            ended = signal.Signals(-process.returncode).name if process.returncode < 0 else None
            raise FailedError(f"{' '.join(command[1:3])}: {ended or last_line(said.read().decode())}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no message")


def call(function: Callable[[], T], times: int = 1) -> tuple[T, Cost]:
    """A call's result and its cost in this process; of several times, the one with the least CPU."""
    best: Cost | None = None
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        result = function()
        cost = Cost(time.perf_counter() - wall, time.process_time() - cpu)
        best = cost if best is None or cost.cpu < best.cpu else best
    assert best is not None, "times is at least 1"
    return result, best


def measured(function: Callable[[], T]) -> tuple[T, Cost]:
    """A call's result and its cost, processes that it starts and waits for included; memory is this process's own."""
    before, cpu = _memory("VmRSS"), _cpu()
    _forget_peak()
    wall = time.perf_counter()
    result = function()
    wall = time.perf_counter() - wall
    peak = _memory("VmHWM")
    return result, Cost(wall, _cpu() - cpu, peak, max(peak - before, 0.0))


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _memory(name: str) -> float:
    """A line of Linux's account of this process, in MB; elsewhere the peak since its start."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def _forget_peak() -> None:
    with contextlib.suppress(OSError):  # elsewhere, and where it is not allowed, the peak is that of the process
        Path("/proc/self/clear_refs").write_text("5")
