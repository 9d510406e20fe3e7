"""Tables whose every text tries to break out of the page."""

import json
from dataclasses import replace

import polars as pl
from report_tables import make_tables

from prefq import schema
from prefq.report import Tables

OPENS = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '" onmouseover="window.hacked=1" x="',
    "<!--<script>",
    "{{ 7*7 }}{% raw %}",
    "<svg/onload=window.hacked=1><style>*{display:none}</style>",
    "</style></title></textarea><iframe src=https://example.com></iframe>",
)
CONTROLS = "a\x00b\x00\x00\x00c\x1b[31m \u202etxet desrever\u202c \u2066x\u2069 \u200b\ufeff\u2028\U000e0041 \r\n\tend"
ATTACK = "".join(OPENS) + CONTROLS
LONG = "word " * 200_000


def hostile_tables() -> Tables:
    """Sixty pairs on which every free text is an attack: names, prompts, answers, evidence, reasons, the verdict."""
    tables = make_tables(60)
    attack = pl.lit(ATTACK)
    named = {"category": attack + pl.col("category"), "subset": attack, "language": attack, "dataset": attack}
    ids = pl.concat_str(pl.lit(OPENS[3] + OPENS[1]), pl.col("row_id"))
    prompt = pl.lit([{"role": ATTACK, "content": ATTACK}], schema.MESSAGES)
    answers = {
        "chosen": attack + pl.col("chosen") + pl.lit(LONG),
        "rejected": attack + pl.col("rejected") + pl.lit("\x00" * 10**6),
    }
    pairs = tables.pairs.with_columns(row_id=ids, prompt=prompt, **named, **answers)
    own = {name: getattr(tables, name).with_columns(row_id=ids) for name in ("flags", "ledger", "scores", "clusters")}
    return replace(
        tables,
        pairs=pairs,
        **own,
        rejects=tables.rejects.with_columns(reason=attack, detail=attack, dataset=attack),
        overlaps=tables.overlaps.with_columns(row_id=ids, benchmark=attack, benchmark_id=attack, evidence=attack),
        evidence=tables.evidence.with_columns(row_id=ids, evidence=pl.lit(json.dumps({ATTACK: [ATTACK, "c\x1b"]}))),
        neighbors=tables.neighbors.with_columns(kind=attack),
        sources=[{"path": ATTACK, "format": ATTACK, "records": 65, "bytes": 1, "sha256": ATTACK, "revision": ATTACK}],
        shortcuts={ATTACK: 1.5, "surface": [{ATTACK: ATTACK}]},
        gate={"passed": False, "rules": [{"name": ATTACK, "rule": ATTACK, "passed": False, "sentence": ATTACK}]},
    )
