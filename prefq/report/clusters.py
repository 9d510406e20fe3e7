"""The largest clusters of near prompts, answers and pairs, text by text, and siblings that only look alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.report.examples import Shown, compared
from prefq.report.masking import masked, personal
from prefq.report.messages import told
from prefq.report.tables import Tables
from prefq.report.text import brief

MOST, MEMBERS, LIMIT = 5, 4, 400
"""Clusters shown of a level, members shown beside the representative, characters shown of a text."""
LEVELS = ("prompt", "answer", "pair")
Texts = Mapping[tuple[str, str], str]
"""(row id, `prompt`, `chosen` or `rejected`) → what it says, personal data masked."""


@dataclass(frozen=True)
class Member:
    """One text of a cluster; words that the representative lacks are marked. `row_id`: the first pair that has it."""

    row_id: str
    text: Shown


@dataclass(frozen=True)
class Cluster:
    """Near texts: how many different ones, in how many pairs, the representative and the first of the others.

    `title` is the beginning of what the representative says.
    """

    level: str
    title: str
    texts: int
    pairs: int
    representative: Member
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Sibling:
    """Texts alike in form and different in meaning, by what differs; `one` and `other` are the most similar two."""

    level: str
    reason: str
    edges: int
    one: Member
    other: Member


@dataclass(frozen=True)
class Alike:
    """What is near in the dataset: the largest clusters of each level, and siblings by level and reason."""

    clusters: tuple[Cluster, ...]
    siblings: tuple[Sibling, ...]


def alike_texts(tables: Tables, settings: Mapping[str, Any]) -> Alike | None:
    """The MOST largest clusters of each level and one example of every kind of sibling; None without clusters."""
    if tables.clusters is None:
        return None
    named = {level: _named(tables, level) for level in LEVELS}
    ranked = {level: _ranked(named[level], tables.neighbors, level) for level in LEVELS}
    pairs = _siblings(tables.neighbors, named)
    wanted = [r for groups in ranked.values() for g in groups for r in g["rows"]]
    texts = texts_of(tables, [*wanted, *(p[k] for p in pairs for k in ("left_row", "right_row"))], settings)
    return Alike(
        tuple(_cluster(level, group, texts) for level, groups in ranked.items() for group in groups),
        tuple(_sibling(pair, texts) for pair in pairs),
    )


def texts_of(tables: Tables, row_ids: Sequence[str], settings: Mapping[str, Any]) -> Texts:
    """What these rows say, tool calls told as text and personal data masked."""
    ids = pl.Series(sorted(set(row_ids)), dtype=pl.String)
    sides = ("chosen", "rejected")
    columns = ("row_id", "prompt", "prompt_extra", *sides, *(f"{side}_messages" for side in sides))
    rows = [told(r) for r in tables.pairs.filter(pl.col("row_id").is_in(ids.implode())).select(columns).to_dicts()]
    said = {(r["row_id"], side): r[side] or "" for r in rows for side in sides}
    said |= {(r["row_id"], "prompt"): "\n".join(m["content"] or "" for m in r["prompt"]) for r in rows}
    parts = personal(pl.Series("text", list(said.values()), pl.String), settings, numbers=False)
    return {key: masked(text, parts) for key, text in said.items()}


def _named(tables: Tables, level: str) -> pl.DataFrame:
    """`id`, `cluster`, `row_id`, `side` of every text of a level, as often as it is there."""
    assert tables.clusters is not None
    rows = tables.pairs.select("row_id", "prompt_id", "chosen_id", "rejected_id", "pair_id")
    rows = rows.join(tables.clusters, on="row_id", how="inner")
    sides = ("chosen", "rejected") if level == "answer" else (level,)
    each = [rows.select("row_id", id=f"{s}_id", cluster=f"{s}_cluster", side=pl.lit(s)) for s in sides]
    return pl.concat(each).drop_nulls()


def _ranked(named: pl.DataFrame, near: pl.DataFrame | None, level: str) -> list[dict[str, Any]]:
    """The clusters of most different texts: their sizes, and rows and sides of the texts shown.

    The text with the most verified edges comes first, then that in the most pairs, then the smallest id.
    """
    texts = named.sort("row_id", "side").group_by("id", "cluster").agg(pl.col("row_id", "side").first(), uses=pl.len())
    several = texts.filter(pl.len().over("cluster") > 1).join(_degrees(near, level), on="id", how="left")
    several = several.sort(["edges", "uses", "id"], descending=[True, True, False], nulls_last=True)
    pairs = named.group_by("cluster").agg(pairs=pl.col("row_id").n_unique())
    shown = [pl.col("row_id").head(MEMBERS + 1).alias("rows"), pl.col("side").head(MEMBERS + 1).alias("sides")]
    found = several.group_by("cluster", maintain_order=True).agg(*shown, texts=pl.len()).join(pairs, on="cluster")
    return found.sort(["texts", "pairs", "cluster"], descending=[True, True, False]).head(MOST).to_dicts()


def _degrees(near: pl.DataFrame | None, level: str) -> pl.DataFrame:
    if near is None:
        return pl.DataFrame(schema={"id": pl.String, "edges": pl.UInt32})
    edges = near.filter(pl.col("level") == level, pl.col("kind") != "contrast")
    return pl.concat([edges.select(id=end) for end in ("left_id", "right_id")]).group_by("id").agg(edges=pl.len())


def _siblings(near: pl.DataFrame | None, named: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Contrast edges by level and reason: how many, and rows and sides of the two most similar texts."""
    if near is None:
        return []
    edges = near.filter(pl.col("kind") == "contrast", pl.col("level").is_in(["prompt", "answer"]))
    every = pl.concat([named[level].with_columns(level=pl.lit(level)) for level in ("prompt", "answer")])
    first = every.sort("row_id", "side").group_by("level", "id").agg(pl.col("row_id", "side").first())
    for end in ("left", "right"):
        place = first.select("level", "id", pl.col("row_id").alias(f"{end}_row"), pl.col("side").alias(f"{end}_side"))
        edges = edges.join(place, left_on=["level", f"{end}_id"], right_on=["level", "id"])
    order = edges.sort(["similarity", "left_id", "right_id"], descending=[True, False, False])
    found = order.group_by("level", "reason").agg(pl.len().alias("edges"), pl.col("^(left|right)_(row|side)$").first())
    return found.sort(["level", "edges", "reason"], descending=[True, True, False]).to_dicts()


def _cluster(level: str, group: Mapping[str, Any], texts: Texts) -> Cluster:
    rows = list(zip(group["rows"], group["sides"], strict=True))
    said = [_said(texts, *row) for row in rows]
    members = [Member(i, compared(said[0], text, LIMIT)[1]) for (i, _), text in zip(rows, said, strict=True)]
    title = brief(texts[rows[0][0], "prompt" if level == "pair" else rows[0][1]]) or "(empty)"
    return Cluster(level, title, group["texts"], group["pairs"], members[0], tuple(members[1:]))


def _sibling(pair: Mapping[str, Any], texts: Texts) -> Sibling:
    left, right = (_said(texts, pair[f"{end}_row"], pair[f"{end}_side"]) for end in ("left", "right"))
    one, other = compared(left, right, LIMIT)
    members = Member(pair["left_row"], one), Member(pair["right_row"], other)
    return Sibling(pair["level"], pair["reason"] or "unnamed", pair["edges"], *members)


def _said(texts: Texts, row_id: str, side: str) -> str:
    if side != "pair":
        return texts[row_id, side]
    return "\n".join(f"{part.capitalize()}: {texts[row_id, part]}" for part in ("prompt", "chosen", "rejected"))
