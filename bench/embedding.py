"""What of `embed` is the encoder itself."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import data
from bench.measure import Cost, call, prefq
from bench.page import section, table

if TYPE_CHECKING:
    from prefq.encoders import Encoder

READ = """`prefq embed` as a command on {texts:,} texts (prompts and answers, {characters:,} characters on average,
{cut} of them longer than MiniLM's window of 256 tokens), with nothing in the cache and with everything in it. Below
it its parts, in one process: importing PyTorch and loading the model (a fixed cost), the encoder's own `encode`,
and counting what is cut. The share is of the stage's CPU time (of another run, so they need not add up); it rises
with the number of texts. The static encoder's row is on {many:,} answers."""


def answer(quick: bool = False) -> str:
    """The section."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        texts, many = _sample(home, 40 if quick else 400, 200 if quick else 20_000, quick)
        cache = {"PREFQ_CACHE": str(home / "cache")}
        fresh, cached = (prefq("embed", "--workdir", home / "sample", environment=cache) for _ in range(2))
    parts, cut = _parts(texts)
    costs = {"`prefq embed`, nothing cached": fresh, **parts, "`prefq embed`, all cached": cached}
    lines = [_line(name, cost, len(texts), fresh if name in parts else None) for name, cost in costs.items()]
    lines.append(_line("static: `encode`", _static(many), len(many), None))
    read = READ.format(texts=len(texts), characters=sum(map(len, texts)) // len(texts), cut=cut, many=len(many))
    header = ("", "wall s", "CPU s", "texts/s (wall)", "texts per CPU s", "share of the stage")
    return section("How much of `embed` is the encoder?", read, table(header, lines))


def _sample(home: Path, few: int, many: int, quick: bool) -> tuple[list[str], list[str]]:
    """Makes a directory whose pairs have some `few` distinct texts; returns these texts, and many more answers."""
    from prefq.embed import distinct_texts
    from prefq.store import write_table

    source = data.real(home / "raw", quick)
    prefq("ingest", *source.files, "--workdir", home / "work")
    rows = data.pairs(home / "work").sample(fraction=1, shuffle=True, seed=data.SEED)
    enough = next(n for n in range(10, rows.height, 10) if distinct_texts(rows.head(n)).height >= few)
    write_table(rows.head(enough), home / "sample/data/pairs.parquet")
    return distinct_texts(rows.head(enough))["text"].to_list(), data.answers(home / "work", many, shortest=1)


def _parts(texts: list[str]) -> tuple[dict[str, Cost], int]:
    """What the parts of the stage cost, and how many texts are longer than the window."""
    encoder, loading = call(_minilm)
    _, encoding = call(lambda: encoder.encode(texts))
    cut, counting = call(lambda: encoder.cut(texts))
    names = ("MiniLM: import and load", "MiniLM: `encode`", "MiniLM: which are cut")
    return dict(zip(names, (loading, encoding, counting), strict=True)), int(cut.sum())


def _minilm() -> "Encoder":
    from prefq.encoders import open_encoder

    encoder = open_encoder("minilm")
    encoder.encode(["a first text, for which the model is loaded"])
    return encoder


def _static(texts: list[str]) -> Cost:
    from prefq.encoders import open_encoder

    encoder = open_encoder("static")
    encoder.encode(texts[:8])
    return call(lambda: encoder.encode(texts))[1]


def _line(name: str, cost: Cost, texts: int, stage: Cost | None) -> tuple[object, ...]:
    share = f"{100 * cost.cpu / stage.cpu:.0f} %" if stage else None
    speeds = (None, None) if "load" in name else (round(texts / cost.wall), round(texts / cost.cpu))
    return (name, cost.wall, cost.cpu, *speeds, share)
