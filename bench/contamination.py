"""Overlap with a benchmark beside the usual scripts: a Python set of joined 13-grams, a Polars semi-join of hashes."""

import random
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from bench import data
from bench.measure import Cost, call, prefq
from bench.page import section, table

N, COMMON, TIMES = 13, 5, 3
PIECES = (60, 400)
"""The shortest and the longest text, in characters."""

READ = """{prompts:,} texts (pieces of answers stand in for prompts; {words:,} words) against {benchmark:,} others.
Planted are {each} of each kind: a whole benchmark text in other case and with other marks; one of up to 12 words,
in capitals; a run of 20 words of one inside another text; one with an `s` added to every eighth word or so, so that
hardly any 13 words in a row are shared. The set: lower case, `\\w+`, joined 13-grams of Python. The semi-join: the same
words in Polars, their hashes shifted and added up 13 times, without and with NFKC (as in prefq). They answer yes or
no, where prefq also says which benchmark text it is, how much of it and by which words, and leaves out runs that more
than 5 texts of a side share. The first row is the part that does what the scripts do, and the CPU of the others is
beside it; the second is all of prefq, with whole and near matches. All run in one process, in turn; the least CPU of
{times} times counts."""


def prefq_hits(prompts: list[str], benchmark: list[str]) -> set[int]:
    """The places of the prompts that overlap, by prefq."""
    from prefq.overlap import find_overlaps

    frame = pl.DataFrame({"row_id": list(map(str, range(len(prompts)))), "text": prompts})
    turn = pl.struct(role=pl.lit("user"), content=pl.col("text"))
    rows = frame.select("row_id", prompt=pl.concat_list(turn))
    names = list(map(str, range(len(benchmark))))
    tested = pl.DataFrame({"benchmark": ["b"] * len(names), "benchmark_id": names, "text": benchmark})
    return {int(row) for row in find_overlaps(rows, tested, n=N, answers=False)["row_id"].unique()}


def run_hits(prompts: list[str], benchmark: list[str]) -> set[int]:
    """The places of the prompts that share a run of 13 words with the benchmark, by that part of prefq alone."""
    from prefq.overlap.fingerprints import index
    from prefq.overlap.near import Tested
    from prefq.overlap.runs import links, look_up

    tested = pl.DataFrame({"benchmark": "b", "benchmark_id": "0", "text": benchmark})
    known = index(tested, None, N, COMMON)
    looked = look_up(pl.Series("text", prompts), 0, known, Tested.of(pl.Series("text", [], pl.String)), 1)
    places = looked.texts.select("text", prompt="text")
    return set(links(looked, known, places, COMMON, 1)["text"])


def join_hits(prompts: list[str], benchmark: list[str], nfkc: bool = False) -> set[int]:
    """The places of the prompts that share a 13-gram with the benchmark, by a semi-join of hashes."""
    tested = _hashed(benchmark, nfkc).select("gram").unique()
    return set(_hashed(prompts, nfkc).join(tested, on="gram", how="semi")["text"].unique())


def _hashed(texts: list[str], nfkc: bool) -> pl.DataFrame:
    """The hash of every 13-gram: the hashes of its words, each times another odd number, added up."""
    text = pl.col("word").str.normalize("NFKC") if nfkc else pl.col("word")
    words = text.str.to_lowercase().str.extract_all(r"\w+")
    frame = pl.DataFrame({"word": texts}).with_row_index("text").with_columns(words)
    hashed = frame.explode("word", empty_as_null=False).with_columns(pl.col("word").hash(data.SEED))
    factors = [pl.lit((2 * k + 1) * 0x9E3779B97F4A7C15 % 2**64, pl.UInt64) for k in range(N)]
    parts = [pl.col("word").shift(-k) * factor for k, factor in enumerate(factors)]
    gram = parts[0]
    for part in parts[1:]:
        gram += part
    return hashed.select("text", gram=gram, last=pl.col("text").shift(1 - N)).filter(pl.col("last") == pl.col("text"))


def script_hits(prompts: list[str], benchmark: list[str]) -> set[int]:
    """The places of the prompts that share a 13-gram with the benchmark, by a set of joined words."""
    tested = {gram for text in benchmark for gram in grams(text)}
    return {place for place, text in enumerate(prompts) if not tested.isdisjoint(grams(text))}


def grams(text: str) -> list[str]:
    """Every run of 13 words, joined; none where there are fewer."""
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i : i + N]) for i in range(len(words) - N + 1)]


def plant(prompts: list[str], benchmark: list[str], each: int) -> dict[str, dict[int, str]]:
    """For each kind of overlap, what to put in the place of which prompts."""
    draw = random.Random(data.SEED)
    places = draw.sample(range(len(prompts)), 4 * each)
    short = [text for text in benchmark if len(text.split()) >= 4 and not grams(text)]
    long = [text for text in benchmark if len(text.split()) >= 3 * N]
    made = {
        "other form": [data.other_form(text, draw) for text in draw.choices(long, k=each)],
        "short": [text.upper() for text in draw.choices(short, k=each)],
        "20-word run": [" ".join(text.split()[5:25]) for text in draw.choices(long, k=each)],
        "endings": [_other_endings(text) for text in draw.choices(long, k=each)],
    }
    at = {kind: places[number * each : (number + 1) * each] for number, kind in enumerate(made)}
    made["20-word run"] = [
        f"{prompts[p]} {run}, and so on" for p, run in zip(at["20-word run"], made["20-word run"], strict=True)
    ]
    return {kind: dict(zip(at[kind], texts, strict=True)) for kind, texts in made.items()}


def _other_endings(text: str) -> str:
    """An ending on a plain word as soon as seven words have none, so that runs of words stay short."""
    parts, since = re.split(r"(\w+)", text), 0
    for at in range(1, len(parts), 2):
        since += 1
        if since > 7 and re.fullmatch("[A-Za-z]{3,}", parts[at]):
            parts[at], since = f"{parts[at]}s", 0
    return "".join(parts)


def answer(quick: bool = False) -> str:
    """The section."""
    prompts, benchmark = _texts(400 if quick else 100_000, 100 if quick else 20_000, quick)
    planted = plant(prompts, benchmark, 10 if quick else 100)
    for changed in planted.values():
        for place, text in changed.items():
            prompts[place] = text
    prefq_hits(prompts[:300], benchmark[:10])  # loads its compiled loops
    join_hits(prompts[:300], benchmark[:10])
    run_hits(prompts[:300], benchmark[:10])
    runs = in_turn(
        {
            "prefq, 13-grams alone": lambda: run_hits(prompts, benchmark),
            "prefq": lambda: prefq_hits(prompts, benchmark),
            "Polars semi-join": lambda: join_hits(prompts, benchmark),
            "Polars semi-join, NFKC": lambda: join_hits(prompts, benchmark, nfkc=True),
            "set of 13-grams": lambda: script_hits(prompts, benchmark),
        }
    )
    unit = runs["prefq, 13-grams alone"][1].cpu
    lines = [_line(name, found, cost, unit, planted) for name, (found, cost) in runs.items()]
    words = sum(len(text.split()) for text in prompts)
    each = len(planted["short"])
    read = READ.format(prompts=len(prompts), words=words, benchmark=len(benchmark), each=each, times=TIMES)
    header = ("", "CPU s", "wall s", "CPU", *planted, "others")
    return section(
        "Benchmark overlap: what does it cost and find beside scripts of 13-grams?", read, table(header, lines)
    )


def in_turn(ways: dict[str, Callable[[], set[int]]]) -> dict[str, tuple[set[int], Cost]]:
    """What each way finds, and its least cost of TIMES runs: a round of all of them each time, for machines change."""
    found: dict[str, tuple[set[int], Cost]] = {}
    for _ in range(TIMES):
        for name, way in ways.items():
            hits, cost = call(way)
            found[name] = (hits, cost if name not in found else min(cost, found[name][1], key=lambda one: one.cpu))
    return found


def _texts(prompts: int, benchmark: int, quick: bool) -> tuple[list[str], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        source = data.real(Path(folder) / "raw", quick)
        prefq("ingest", *source.files, "--workdir", Path(folder) / "work")
        texts = _pieces(data.answers(Path(folder) / "work", prompts + benchmark, shortest=30))
    random.Random(data.SEED).shuffle(texts)
    benchmark = min(benchmark, len(texts) // 6)
    return texts[benchmark:][:prompts], texts[:benchmark]


def _pieces(texts: list[str]) -> list[str]:
    """The texts cut into pieces of a prompt's length, each once."""
    draw, (shortest, longest) = random.Random(data.SEED), PIECES
    found: dict[str, None] = {}
    for text in texts:
        at = 0
        while at < len(text):
            size = draw.randint(shortest, longest)
            found[text[at : at + size]] = None
            at += size
    return [piece for piece in found if len(piece) >= shortest // 2]


def _line(
    name: str, found: set[int], cost: Cost, unit: float, planted: dict[str, dict[int, str]]
) -> tuple[object, ...]:
    hits = [f"{len(found & set(changed))}/{len(changed)}" for changed in planted.values()]
    others = len(found - {place for changed in planted.values() for place in changed})
    return (name, cost.cpu, cost.wall, f"{cost.cpu / unit:.1f} ×", *hits, others)
