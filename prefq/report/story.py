"""The story of one row, for `prefq why`: where it came from, what was found, what was decided."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from prefq.errors import PrefqError
from prefq.report.evidence import facts_in
from prefq.report.messages import told, tool_names
from prefq.report.origin import Origin, origin_of
from prefq.report.past import Past
from prefq.report.past import lines as past_lines
from prefq.report.tables import Tables
from prefq.report.text import brief, visible
from prefq.report.widths import wrapped

SHOWN = 600
"""Characters shown of a text in the terminal."""

EDGES = 10


class UnknownRowError(PrefqError):
    """No row or pair is called so."""


@dataclass(frozen=True)
class Story:
    """One row with all that the tables say of it; a part is empty when its stage has not run."""

    row: Mapping[str, Any]
    origin: Origin | None
    flags: Mapping[str, Mapping[str, Any]]
    """Each check that flags the row, with its evidence."""
    decision: Mapping[str, Any]
    scores: Mapping[str, Any]
    neighbors: tuple[Mapping[str, Any], ...]
    overlaps: tuple[Mapping[str, Any], ...]
    people: tuple[Mapping[str, Any], ...] = ()
    """What annotators decided, in the order written: `annotator`, `at`, `preferred` (`chosen`, `rejected`, `tie`,
    `both_bad`, `skip`), `counts` (their last word on the pair), `note`, `seconds`."""
    past: tuple[Past, ...] | None = None
    """The pair in earlier versions, the newest first; None when that was not asked for."""
    last: str | None = None
    """The last version that had the row; None where it is still there."""

    def to_json(self) -> dict[str, Any]:
        """The story as plain values."""
        return {
            "format": 1,
            "row": dict(self.row),
            "source": self.origin.path if self.origin else None,
            "origin": self.origin.to_json() if self.origin else None,
            "flags": {name: dict(found) for name, found in self.flags.items()},
            "decision": dict(self.decision),
            "scores": dict(self.scores),
            "neighbors": [dict(edge) for edge in self.neighbors],
            "overlaps": [dict(hit) for hit in self.overlaps],
            "people": [dict(said) for said in self.people],
            **({} if self.last is None else {"last": self.last}),
            **({} if self.past is None else {"history": [version.to_json() for version in self.past]}),
        }


def find_rows(pairs: pl.DataFrame, wanted: str) -> list[str]:
    """The row ids that `wanted` names: a row id, a pair id (all its rows), or a unique beginning of either.

    Raises UnknownRowError when there is none, and PrefqError when a beginning fits several rows or pairs.
    """
    for column in ("row_id", "pair_id"):
        exact = pairs.filter(pl.col(column) == wanted)
        if exact.height:
            return exact["row_id"].to_list()
    for column in ("pair_id", "row_id"):
        near = pairs.filter(pl.col(column).str.starts_with(wanted)) if wanted else pairs.clear()
        if near[column].n_unique() == 1:
            return near["row_id"].to_list()
        if near.height:
            some = ", ".join(near[column].unique(maintain_order=True).head(3))
            raise PrefqError(f"{wanted!r} is the beginning of several {column}s ({some}, …): give more of it.")
    raise UnknownRowError(f"no row or pair is called {wanted!r}: a row id is DATASET:RECORD, as the report shows it.")


def story(
    tables: Tables,
    row_id: str,
    labels: Sequence[Mapping[str, Any]] = (),
    past: Sequence[Past] | None = None,
) -> Story:
    """All that the tables say of one row, with annotators' decisions on its pair and what earlier versions say."""
    row = tables.pairs.row(by_predicate=pl.col("row_id") == row_id, named=True)
    return Story(
        row=row,
        origin=origin_of(row, tables.sources or []),
        flags=_flags(tables.evidence, row_id),
        decision=_only(tables.ledger, row_id),
        scores=_only(None if tables.scores is None else tables.scores.select(_SCORES), row_id),
        neighbors=_neighbors(tables.neighbors, row),
        overlaps=tuple(tables.overlaps.filter(pl.col("row_id") == row_id).to_dicts())
        if tables.overlaps is not None
        else (),
        people=tuple(_people(labels, row)),
        past=None if past is None else tuple(past),
    )


def gone(row: Mapping[str, Any], last: str, labels: Sequence[Mapping[str, Any]], past: Sequence[Past]) -> Story:
    """The story of a row that is no more, as the `last` version had it."""
    nothing: dict[str, Any] = {"flags": {}, "decision": {}, "scores": {}, "neighbors": (), "overlaps": ()}
    return Story(row=row, origin=None, **nothing, people=tuple(_people(labels, row)), past=tuple(past), last=last)


def _people(labels: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    pair = (row["pair_id"], row["dimension"])
    own = [said for said in labels if (said["pair_id"], said["dimension"]) == pair]
    last = {said["annotator"]: place for place, said in enumerate(own)}
    for place, said in enumerate(own):
        about = {name: said.get(name) for name in ("annotator", "at", "note", "seconds")}
        yield {**about, "preferred": _decided(said, row), "counts": last[said["annotator"]] == place}


def _decided(said: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Which answer of the row a decision prefers, whichever way round they were shown."""
    label = str(said["label"])
    if label not in ("first", "second"):
        return label
    sides = {row["rejected_id"]: "rejected", row["chosen_id"]: "chosen"}
    return sides.get(said[f"{label}_id"], "other")


_SCORES = ("row_id", "reward_chosen", "reward_rejected", "p_chosen", "p_correct", "p_surface", "suspicion", "ambiguity")


def _only(table: pl.DataFrame | None, row_id: str) -> dict[str, Any]:
    found = table.filter(pl.col("row_id") == row_id).to_dicts() if table is not None else []
    return {key: value for key, value in found[0].items() if key not in ("row_id", "pair_id")} if found else {}


def _flags(evidence: pl.DataFrame | None, row_id: str) -> dict[str, dict[str, Any]]:
    if evidence is None:
        return {}
    found = evidence.filter(pl.col("row_id") == row_id)
    return {check: json.loads(text or "{}") for check, text in found.select("check", "evidence").iter_rows()}


def _neighbors(edges: pl.DataFrame | None, row: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if edges is None:
        return ()
    own = [row[name] for name in ("prompt_id", "chosen_id", "rejected_id", "pair_id")]
    touching = edges.filter(pl.col("left_id").is_in(own) | pl.col("right_id").is_in(own))
    return tuple(touching.sort("similarity", "left_id", "right_id", descending=[True, False, False]).to_dicts())


def tell(found: Story, width: int = 80) -> str:
    """The story as text of at most `width` columns; whatever a dataset holds is shown harmlessly."""
    row = found.row
    where = found.origin.sentence if found.origin else f"record {row['record']} of {brief(row['dataset'], 1_000)}"
    version = found.origin.version if found.origin else None
    lines = [brief(row["row_id"], 1_000), f"  pair {row['pair_id']}, {where}, label {row['label']}"]
    lines += [f"  source revision {brief(version, 100)}"] if version else []
    lines.append("")
    if names := tool_names(row["prompt_extra"]):
        lines += _text("tools", ", ".join(names), width)
    texts = told(row)
    for message in texts["prompt"]:
        lines += _text(message["role"], message["content"], width)
    lines += _text("chosen", texts["chosen"], width) + _text("rejected", texts["rejected"], width)
    if found.last is not None:
        lines += ["", f"No more in the dataset: {brief(found.last, 60)} is the last version that has it."]
    else:
        lines += ["", "Flags" if found.flags else "No flag."]
    for check, evidence in found.flags.items():
        lines.append(f"  {check}")
        lines += _told(evidence, width)
    lines += _decision(found, width) + _said(found) + _facts("Scores", found.scores, width)
    lines += _edges(found) + _hits(found, width)
    if found.past is not None:
        lines += past_lines(found.past, width) or ["", "No earlier version."]
    return "\n".join(lines)


def _said(found: Story) -> list[str]:
    """What people decided, a line each; a word that was taken back or changed later is told as such."""
    lines = []
    for said in found.people:
        when = f", {brief(str(said['at']), 30)}" if said["at"] else ""
        late = "" if said["counts"] else " (changed later)"
        lines.append(f"    {brief(said['annotator'], 30)}{when}: {said['preferred'].replace('_', ' ')}{late}")
        lines += [f"      {brief(str(said['note']), 66)}"] if said["note"] else []
    return ["", "People", *lines] if lines else []


def _text(name: str, text: str, width: int) -> list[str]:
    shown = visible(text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text) - SHOWN:,} more characters)")
    parts = [part for line in shown.split("\n") for part in wrapped(line, width - 12) or [""]]
    return [f"  {visible(name)[:9]:<9} {parts[0]}", *(f"            {part}" for part in parts[1:])]


def _told(facts: Mapping[str, Any], width: int) -> list[str]:
    """Facts in words, one a line; those of one name (a list's) after each other on one."""
    values: dict[str, list[str]] = {}
    for name, value in facts_in(facts):
        values.setdefault(brief(name), []).append(value)
    return [f"    {name}: {brief(', '.join(some), max(width - len(name) - 30, 20))}" for name, some in values.items()]


def _facts(title: str, facts: Mapping[str, Any], width: int) -> list[str]:
    lines = _told(facts, width)
    return ["", title, *lines] if lines else []


def _decision(found: Story, width: int) -> list[str]:
    if not found.decision:
        return []
    reasons = ", ".join(found.decision["reasons"]) or "nothing against it"
    lines = ["", f"Decision: {found.decision['decision']} ({reasons})"]
    if found.decision["split"]:
        lines.append(f"    split: {found.decision['split']}")
    evidence = json.loads(found.decision["evidence"] or "{}")
    return [*lines, *_told(evidence, width)]


def _edges(found: Story) -> list[str]:
    own = {found.row[name]: name.removesuffix("_id") for name in ("pair_id", "rejected_id", "chosen_id", "prompt_id")}
    lines = []
    for edge in found.neighbors[:EDGES]:
        mine, other = ("left_id", "right_id") if edge["left_id"] in own else ("right_id", "left_id")
        reason = f" ({edge['reason']})" if edge["reason"] else ""
        lines.append(f"    {own[edge[mine]]:<9}{edge['kind']}{reason} {edge['similarity']:.2f}  {edge[other]}")
    more = len(found.neighbors) - EDGES
    return ["", "Neighbors", *lines, *([f"    and {more:,} more"] if more > 0 else [])] if lines else []


def _hits(found: Story, width: int) -> list[str]:
    return [
        line
        for hit in found.overlaps
        for line in _facts(f"Overlap with {visible(hit['benchmark'])}", {k: hit[k] for k in _HIT}, width)
    ]


_HIT = ("benchmark_id", "kind", "coverage", "evidence")
