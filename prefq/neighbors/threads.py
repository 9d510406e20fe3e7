"""Work on parts of the data in threads: compiled loops and Polars let go of the interpreter's lock."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from prefq.errors import SettingsError

Part = TypeVar("Part")
Result = TypeVar("Result")


def workers() -> int:
    """`PREFQ_WORKERS`, else as many threads as there are cores for this process. Raises SettingsError."""
    given = os.environ.get("PREFQ_WORKERS", "").strip()
    if given and not (given.isdecimal() and int(given)):
        raise SettingsError(f"PREFQ_WORKERS is {given!r}; give a whole number from 1, or unset it.")
    return int(given) if given else len(os.sched_getaffinity(0))


def spread(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """The results in the order of the parts, whatever the number of threads.

    Few parts are worked on ahead of the one that is waited for, so results do not pile up. One part, or one worker:
    no thread is started.
    """
    rest, threads = iter(parts), workers()
    some = list(islice(rest, 2))
    if threads == 1 or len(some) < 2:
        yield from map(work, some)
        yield from map(work, rest)
        return
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Future[Result]] = deque(pool.submit(work, part) for part in (*some, *islice(rest, threads)))
        while ahead:
            result = ahead.popleft().result()
            ahead.extend(pool.submit(work, part) for part in islice(rest, 1))
            yield result


def portions(weights: npt.NDArray[np.int64], most: int) -> Iterator[slice]:
    """Stretches of a row of things, one after the other, each of about so much weight and of one thing at least."""
    ends = np.cumsum(weights, dtype=np.int64)
    begin = 0
    while begin < ends.size:
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + most)))
        yield slice(begin, end)
        begin = end
