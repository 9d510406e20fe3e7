"""From records read to pairs released, as figures that add up, and a sentence wherever they do not."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from prefq.report.numbers import count, plural
from prefq.report.tables import Tables
from prefq.schema import SPLITS

DECISIONS = ("keep", "flip", "merge", "review", "drop")
KEY = ["dataset", "record"]


@dataclass(frozen=True)
class Source:
    """One source file as ingest saw it."""

    path: str
    name: str
    format: str
    records: int
    bytes: int | None
    sha256: str
    revision: str | None


@dataclass(frozen=True)
class Reject:
    """One reason for which records were rejected: how often, and where it was first met."""

    reason: str
    count: int
    where: str
    detail: str


@dataclass(frozen=True)
class Flow:
    """Records → pairs → decisions → splits. None stands for a stage that has not run."""

    records: int | None
    records_with_pairs: int
    records_rejected: int
    rejects: tuple[Reject, ...]
    pairs: int
    ties: int
    decisions: Mapping[str, int] | None
    released: Mapping[str, int] | None
    sampled_from: int | None = None
    """Records of the sources, when `records` are a sample of them."""

    @property
    def rejected(self) -> int:
        """Judgements that could not be formed, over all reasons."""
        return sum(r.count for r in self.rejects)

    @property
    def kept(self) -> int | None:
        """Pairs decided to stay, as given or flipped."""
        return self.decisions["keep"] + self.decisions["flip"] if self.decisions is not None else None

    @property
    def released_total(self) -> int | None:
        """Rows of the curated tables."""
        return sum(self.released.values()) if self.released is not None else None

    @property
    def gaps(self) -> list[str]:
        """One sentence for each place where the figures do not add up; empty when every row is accounted for."""
        out = []
        met = self.records_with_pairs + self.records_rejected
        if self.records is not None and met != self.records:
            out += [f"{count(self.records)} records were read, but {count(met)} are in pairs or rejects."]
        if self.decisions is not None and (decided := sum(self.decisions.values())) != self.pairs:
            out += [f"There are {plural(self.pairs, 'pair')}, but {plural(decided, 'decision')} in the ledger."]
        if self.kept is not None and self.released_total is not None and self.kept != self.released_total:
            out += [f"{count(self.kept)} pairs were kept or flipped, but {count(self.released_total)} are released."]
        return out


def flow(tables: Tables) -> Flow:
    """How many rows went where."""
    met = tables.pairs.select(KEY).unique()
    lost = tables.rejects.select(KEY).unique().join(met, on=KEY, how="anti").height if tables.rejects is not None else 0
    read = sum(s.get("records") or 0 for s in tables.sources) if tables.sources else None
    return Flow(
        records=tables.sampled or read,
        records_with_pairs=met.height,
        records_rejected=lost,
        rejects=_rejects(tables.rejects),
        pairs=tables.pairs.height,
        ties=int((tables.pairs["label"] != "chosen").sum()),
        decisions=_counted(tables.ledger, "decision", DECISIONS),
        released=_counted(tables.curated, "split", SPLITS),
        sampled_from=read if tables.sampled else None,
    )


def sources(tables: Tables) -> tuple[Source, ...]:
    """The source files, in the order they were read."""
    return tuple(
        Source(
            path=str(s.get("path", "")),
            name=str(s.get("name") or s.get("dataset") or s.get("path", "")),
            format=str(s.get("format", "")),
            records=int(s.get("records") or 0),
            bytes=s.get("bytes"),
            sha256=str(s.get("sha256") or ""),
            revision=s.get("revision"),
        )
        for s in tables.sources or []
    )


def _counted(frame: pl.DataFrame | None, column: str, known: tuple[str, ...]) -> dict[str, int] | None:
    if frame is None:
        return None
    found = dict(frame.group_by(column).len().sort(column).iter_rows())
    return {name: found.get(name, 0) for name in known} | {str(k): n for k, n in found.items() if k not in known}


def _rejects(rejects: pl.DataFrame | None) -> tuple[Reject, ...]:
    if rejects is None:
        return ()
    first = rejects.sort("dataset", "record", "k").group_by("reason", maintain_order=True)
    table = first.agg(pl.len(), pl.col("dataset", "record", "detail").first()).sort(
        ["len", "reason"], descending=[True, False]
    )
    return tuple(
        Reject(r["reason"], r["len"], f"{r['dataset']}:{r['record']}", r["detail"] or "") for r in table.to_dicts()
    )
