"""Overlap with a benchmark beside the usual script: a Python set of joined 13-grams."""

import random
import re
import tempfile
from pathlib import Path

import polars as pl

from bench import data
from bench.measure import Cost, call, prefq
from bench.page import section, table

N = 13

READ = """{prompts:,} texts (answers stand in for long prompts; {words:,} words) against {benchmark:,} others.
Planted are {each} of each kind: a whole benchmark text in other case and with other marks; one of up to 12 words,
in capitals; a run of 20 words of one inside another text; one with an `s` added to every eighth word or so, so that
hardly any 13 words in a row are shared. The script: lower case, `\\w+`, joined 13-grams in a set; it answers yes or
no, where prefq also says which benchmark text it is, how much of it and by which words. The CPU of each is beside
prefq's."""


def prefq_hits(prompts: list[str], benchmark: list[str]) -> set[int]:
    """The places of the prompts that overlap, by prefq."""
    from prefq.overlap import find_overlaps

    frame = pl.DataFrame({"row_id": list(map(str, range(len(prompts)))), "text": prompts})
    turn = pl.struct(role=pl.lit("user"), content=pl.col("text"))
    rows = frame.select("row_id", prompt=pl.concat_list(turn))
    names = list(map(str, range(len(benchmark))))
    tested = pl.DataFrame({"benchmark": ["b"] * len(names), "benchmark_id": names, "text": benchmark})
    return {int(row) for row in find_overlaps(rows, tested, n=N)["row_id"].unique()}


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
    prompts, benchmark = _texts(400 if quick else 10_000, 100 if quick else 2_000, quick)
    planted = plant(prompts, benchmark, 10 if quick else 100)
    for changed in planted.values():
        for place, text in changed.items():
            prompts[place] = text
    prefq_hits(prompts[:300], benchmark[:10])  # loads its compiled loops
    runs = {
        "prefq": call(lambda: prefq_hits(prompts, benchmark)),
        "set of 13-grams": call(lambda: script_hits(prompts, benchmark)),
    }
    unit = runs["prefq"][1].cpu
    lines = [_line(name, found, cost, unit, planted) for name, (found, cost) in runs.items()]
    words = sum(len(text.split()) for text in prompts)
    each = len(planted["short"])
    read = READ.format(prompts=len(prompts), words=words, benchmark=len(benchmark), each=each)
    header = ("", "CPU s", "wall s", "CPU", *planted, "others")
    return section(
        "Benchmark overlap: what does it cost and find beside a set of 13-grams?", read, table(header, lines)
    )


def _texts(prompts: int, benchmark: int, quick: bool) -> tuple[list[str], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        source = data.real(Path(folder) / "raw", quick)
        prefq("ingest", *source.files, "--workdir", Path(folder) / "work")
        texts = data.answers(Path(folder) / "work", prompts + benchmark, shortest=30)
    return texts[:-benchmark], texts[-benchmark:]


def _line(
    name: str, found: set[int], cost: Cost, unit: float, planted: dict[str, dict[int, str]]
) -> tuple[object, ...]:
    hits = [f"{len(found & set(changed))}/{len(changed)}" for changed in planted.values()]
    others = len(found - {place for changed in planted.values() for place in changed})
    return (name, cost.cpu, cost.wall, f"{cost.cpu / unit:.1f} ×", *hits, others)
