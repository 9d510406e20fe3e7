"""Where the time of a near-duplicate search goes, and how far its steps are from what the processor can do."""

import contextlib
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from bench import corpus, data
from bench.measure import Cost, call
from bench.page import section, table
from bench.quality import found
from prefq.neighbors import clusters, lexical, links, normalize

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

ROWS = 50_000
AIMS = {"normalise": 100, "sign": 150}
BUFFER = 1 << 28
GUARD = "guard of meaning"

READ = """{texts:,} real answers as they are, {size:.0f} MB, nothing planted, one thread. Each step's own CPU time,
without that of the steps within it; *MB* is what it reads at least: the texts (normalise), their normal forms (sign,
equal forms), the sketches (bands), both normal forms or both texts of every pair that is compared (verify, guard). Aims
per core: normalise {normalise} MB/s, sign {sign} MB/s."""

GUARD_READ = """The guard looks at {pairs:,} pairs and adds {share:.0f} % to the rest of the search, {each:.0f} µs a
pair; on texts with more near duplicates it adds more, in proportion to them."""

LIMITS = """The limits of one core, on {buffer:.0f} MB in one piece unless said otherwise (the best of three): what the
memory gives, what hashes that read each byte once reach, and one 64-bit mix for each window of five bytes, which is
what shingling takes at least before anything is kept. The last columns are how many times as long the two steps over
all bytes take."""


@dataclass
class Step:
    """What a step took so far."""

    cpu: float = 0.0
    size: float = 0.0
    """Bytes that it read at least."""
    pairs: int = 0


def _text_bytes(_: object, sizes: Ints, *__: object) -> tuple[float, int]:
    return float(sizes.sum()), 0


def _form_bytes(forms: normalize.Packed, *_: object) -> tuple[float, int]:
    return float(forms.data.size), 0


def _sketch_bytes(sketch: lexical.Sketches, *_: object) -> tuple[float, int]:
    return float(sketch.matrix.nbytes), 0


def _pair_bytes(forms: normalize.Packed, pairs: lexical.Candidates, *_: object) -> tuple[float, int]:
    return float(forms.sizes[pairs.left].sum() + forms.sizes[pairs.right].sum()), pairs.left.size


def _guarded_bytes(texts: links.Texts, pairs: lexical.Candidates, *_: object) -> tuple[float, int]:
    sizes = texts.texts.sizes
    return float(sizes[pairs.left].sum() + sizes[pairs.right].sum()), pairs.left.size


def _nothing(*_: object) -> tuple[float, int]:
    return 0.0, 0


STEPS: dict[str, tuple[Callable[..., Any], Callable[..., tuple[float, int]]]] = {
    "normalise": (normalize.normalized_parts, _text_bytes),
    "equal forms": (normalize.same_form, _form_bytes),
    "sign": (lexical.sketches, _form_bytes),
    "bands": (lexical.candidates, _sketch_bytes),
    "verify: shingles": (lexical.overlap, _pair_bytes),
    "verify: thresholds": (links.verified, _nothing),
    GUARD: (links._reasons, _guarded_bytes),
    "cluster": (clusters.clustered, _nothing),
}


@dataclass
class Clock:
    """Time within steps; what a step within another takes counts for the inner one only."""

    steps: dict[str, Step] = field(default_factory=lambda: defaultdict(Step))
    inner: list[float] = field(default_factory=list)

    def around(self, name: str, function: Callable[..., Any], size: Callable[..., tuple[float, int]]) -> Any:
        """The function, timed."""

        @wraps(function)
        def timed(*arguments: Any, **options: Any) -> Any:
            entered, step = time.process_time(), self.steps[name]
            read, pairs = size(*arguments)
            step.size, step.pairs = step.size + read, step.pairs + pairs
            self.inner.append(0.0)
            started = time.process_time()
            result = function(*arguments, **options)
            ended = time.process_time()
            step.cpu += ended - started - self.inner.pop()
            if self.inner:
                self.inner[-1] += time.process_time() - entered
            return result

        return timed

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Time the STEPS wherever prefq's modules call them."""
        modules = [module for name, module in sys.modules.items() if name.startswith("prefq.neighbors")]
        places = [(module, key, value) for module in modules for key, value in list(vars(module).items())]
        for name, (function, size) in STEPS.items():
            for module, key, value in places:
                if value is function:
                    setattr(module, key, self.around(name, function, size))
        try:
            yield
        finally:
            for module, key, value in places:
                setattr(module, key, value)


def answer(quick: bool = False, rows: int = ROWS) -> str:
    """The section."""
    os.environ["PREFQ_WORKERS"] = "1"
    texts, _ = corpus.real_texts(corpus.QUICK if quick else rows, quick, shortest=1)
    found(corpus.warm(texts), "answers")
    clock = Clock()
    with clock.watching():
        _, whole = call(lambda: found(texts, "answers"))
    steps, size = clock.steps, sum(len(text.encode()) for text in texts) / 1e6
    guard = steps[GUARD]
    pairs = max(guard.pairs, 1)
    added = 100 * guard.cpu / (whole.cpu - guard.cpu)
    return section(
        "Near duplicates: where does the time go, and how far is it from what the machine allows?",
        READ.format(texts=len(texts), size=size, **AIMS),
        table(("", "CPU s", "share", "MB", "MB per CPU s", "pairs"), _lines(steps, whole)),
        GUARD_READ.format(pairs=guard.pairs, share=added, each=1e6 * guard.cpu / pairs),
        LIMITS.format(buffer=(BUFFER >> 8 if quick else BUFFER) / 1e6),
        table(("", "MB per CPU s", *(f"{name} takes" for name in AIMS)), _limit_lines(texts, steps, quick)),
    )


def _lines(steps: dict[str, Step], whole: Cost) -> list[tuple[object, ...]]:
    rest = whole.cpu - sum(step.cpu for step in steps.values())
    rows = [(name, steps[name]) for name in STEPS]
    lines = [_line(name, step, whole.cpu) for name, step in rows]
    return [*lines, _line("the rest", Step(rest), whole.cpu), _line("**all**", Step(whole.cpu), whole.cpu)]


def _line(name: str, step: Step, whole: float) -> tuple[object, ...]:
    size = step.size / 1e6 or None
    return (name, step.cpu, f"{100 * step.cpu / whole:.0f} %", size, size and size / step.cpu, step.pairs or None)


def _limit_lines(texts: list[str], steps: dict[str, Step], quick: bool) -> list[tuple[object, ...]]:
    ours = [steps[name].size / 1e6 / steps[name].cpu for name in AIMS]
    rates = limits(texts, BUFFER >> 8 if quick else BUFFER)
    return [(name, rate, *(f"{rate / own:.1f} ×" for own in ours)) for name, rate in rates.items()]


def limits(texts: list[str], buffer: int) -> dict[str, float]:
    """What one core reads, in MB a CPU second."""
    import polars_hash
    import xxhash

    block = np.random.default_rng(data.SEED).integers(0, 256, buffer, np.uint8)
    column = pl.DataFrame({"text": texts})
    digest = polars_hash.col("text").chash.blake3()
    size, mixed = sum(len(text.encode()) for text in texts), _windows()
    mixed(block[:64])  # compiles it
    tasks: dict[str, tuple[int, Callable[[], object]]] = {
        "copying memory": (buffer, block.copy),
        "adding up memory": (buffer, lambda: block.view(np.uint64).sum()),
        "xxh3 (xxhash)": (buffer, lambda: xxhash.xxh3_64_intdigest(block)),
        "BLAKE3 (polars-hash), text by text": (size, lambda: column.select(digest)),
        "a 64-bit mix for each 5 bytes (numba)": (buffer >> 2, lambda: mixed(block[: buffer >> 2])),
    }
    return {name: size / 1e6 / max(call(task, 3)[1].cpu, 1e-6) for name, (size, task) in tasks.items()}


def _windows() -> Callable[[Bytes], int]:
    """A compiled loop that mixes each window of five bytes as in SplitMix64 and keeps the smallest value."""
    import numba

    one, two = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
    lead, byte, five = np.uint64(30), np.uint64(8), np.uint64((1 << 40) - 1)
    middle, last = np.uint64(27), np.uint64(31)

    @numba.njit
    def smallest(data: Bytes) -> int:
        window, least = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
        for i in range(data.size):
            window = ((window << byte) | np.uint64(data[i])) & five
            value = (window ^ (window >> lead)) * one
            value = (value ^ (value >> middle)) * two
            least = min(least, value ^ (value >> last))
        return least

    return smallest
