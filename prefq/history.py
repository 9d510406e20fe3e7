"""What one version of a dataset says of itself, and which settings and stages changed between two."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

AUDIT, GATE, CURATED = "reports/audit.json", "reports/gate.json", "data/curated"


@dataclass(frozen=True)
class Commit:
    """A commit as `git log` tells it. `time`: seconds since 1970, when it was committed."""

    id: str
    time: int
    author: str
    subject: str


@dataclass(frozen=True)
class Records:
    """What a project records of one version: DVC's lock file and the settings, as plain values."""

    lock: Mapping[str, Any]
    params: Mapping[str, Any]

    @property
    def stages(self) -> dict[str, Mapping[str, Any]]:
        """Each stage's record in the lock file."""
        stages = self.lock.get("stages")
        named = stages.items() if isinstance(stages, Mapping) else ()
        return {str(name): stage for name, stage in named if isinstance(stage, Mapping)}

    def outputs(self) -> dict[str, str]:
        """The md5 of everything that a stage writes, by its path."""
        outs = [out for stage in self.stages.values() for out in entries(stage, "outs")]
        return {str(out["path"]): out["md5"] for out in outs if isinstance(out.get("md5"), str)}


def entries(record: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The mappings with a path in a list of DVC's; none where there is no such list."""
    listed = record.get(key)
    found = listed if isinstance(listed, list) else []
    return [entry for entry in found if isinstance(entry, Mapping) and "path" in entry]


@dataclass(frozen=True)
class Version:
    """A commit that changed the dataset, with its figures; one that is not known there is None."""

    commit: Commit
    tags: tuple[str, ...] = ()
    rows: int | None = None
    kept: int | None = None
    flipped: int | None = None
    flags_per_thousand: float | None = None
    """Flags of all checks per thousand pairs; a pair can have several."""
    flagged_per_thousand: float | None = None
    """Pairs with at least one flag, per thousand."""
    gate: bool | None = None
    failed_rules: int | None = None
    curated: str | None = None
    """What DVC calls the content of the curated tables: equal where they are equal."""
    figures_current: bool | None = None
    """Whether the figures are those of the recorded run; None when that is not recorded."""

    @property
    def name(self) -> str:
        """What it is called: its tags, or the beginning of its commit's id."""
        return ", ".join(self.tags) or self.commit.id[:8]

    @property
    def date(self) -> datetime:
        """When it was committed, in UTC."""
        return datetime.fromtimestamp(self.commit.time, UTC)

    def to_json(self) -> dict[str, Any]:
        """The version as plain values; `date` is UTC."""
        told = {k: v for k, v in asdict(self).items() if k not in ("commit", "tags")}
        head = {"name": self.name, "commit": self.commit.id, "tags": list(self.tags)}
        about = {"date": f"{self.date:%Y-%m-%dT%H:%M:%SZ}", "author": self.commit.author}
        return {**head, **about, "subject": self.commit.subject, **told}


def version(
    commit: Commit, tags: tuple[str, ...], lock: Mapping[str, Any], audit: bytes | None, gate: bytes | None
) -> Version:
    """A version from what stands at its commit: DVC's lock file and the bytes of audit.json and gate.json."""
    recorded = Records(lock, {}).outputs()
    figures, verdict = _json(audit), _json(gate)
    pairs, passed = _count(figures, "pairs"), verdict.get("passed")
    return Version(
        commit,
        tags,
        rows=pairs,
        kept=_count(figures, "kept"),
        flipped=_count(_mapping(figures.get("decisions")), "flip"),
        flags_per_thousand=_per_thousand(_flags(figures), pairs),
        flagged_per_thousand=_per_thousand(_count(figures, "flagged"), pairs),
        gate=passed if isinstance(passed, bool) else None,
        failed_rules=_count(figures, "gate_failed_rules"),
        curated=recorded.get(CURATED),
        figures_current=_current(recorded, {AUDIT: audit, GATE: gate}),
    )


def _current(recorded: Mapping[str, str], found: Mapping[str, bytes | None]) -> bool | None:
    known = {path: recorded[path] for path in found if path in recorded}
    if not known:
        return None
    return all(_md5(found[path]) == md5 for path, md5 in known.items())


def _md5(text: bytes | None) -> str | None:
    return None if text is None else hashlib.md5(text, usedforsecurity=False).hexdigest()


def _json(text: bytes | None) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text or b"{}"))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(figures: Mapping[str, Any], name: str) -> int | None:
    value = figures.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flags(figures: Mapping[str, Any]) -> int | None:
    counts = [_count(_mapping(check), "count") for check in _mapping(figures.get("checks")).values()]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _per_thousand(count: int | None, pairs: int | None) -> float | None:
    return round(1000 * count / pairs, 3) if count is not None and pairs else None


@dataclass(frozen=True)
class ParamChange:
    """A setting by its dotted name, as params.yaml gives it before and after; None where the default holds."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class StageChange:
    """A stage that ran anew: what it was given that differed, and what it wrote that differs."""

    name: str
    causes: tuple[str, ...]
    """`command`, settings (`neighbors.semantic`) and paths that it reads; empty where the code alone changed."""
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What changed in a project between two versions, beside the data."""

    params: tuple[ParamChange, ...]
    inputs: tuple[str, ...]
    """Paths that changed and that no stage writes: raw files, benchmarks, labels."""
    stages: tuple[StageChange, ...]

    def to_json(self) -> dict[str, Any]:
        """The changes as plain values."""
        return asdict(self)


def changes(old: Records, new: Records) -> Changes:
    """Which settings, inputs and stages differ between two versions, each in order of its name or of the pipeline."""
    before, after = flat(old.params), flat(new.params)
    names = sorted({*before, *after})
    params = [ParamChange(n, before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)]
    made = {*old.outputs(), *new.outputs()}
    read_before, read_after = _inputs(old), _inputs(new)
    both = sorted({*read_before, *read_after} - made)
    inputs = [path for path in both if read_before.get(path) != read_after.get(path)]
    return Changes(tuple(params), tuple(inputs), tuple(_stages(old.stages, new.stages)))


def outdated(records: Records) -> list[str]:
    """The settings that differ from those a project's tables were made with, sorted: `dvc repro` has not run since."""
    now = flat(records.params)
    used = {name: value for stage in records.stages.values() for name, value in _settings(stage).items()}
    sections = {str(part) for stage in records.stages.values() for part in _given(stage)}
    watched = {name: value for name, value in now.items() if name.split(".")[0] in sections}
    return sorted(name for name in {*used, *watched} if used.get(name) != watched.get(name))


def strayed(records: Records, size: Callable[[str], int | None]) -> list[str]:
    """The outputs whose size is not the recorded one, by their paths, sorted; `size` gives bytes, None for absent.

    Absent ones are left out: they may just not be checked out. Equal sizes prove nothing, other ones do.
    """
    outs = [out for stage in records.stages.values() for out in entries(stage, "outs")]
    found = [(str(out["path"]), out.get("size"), size(str(out["path"]))) for out in outs]
    return sorted(path for path, recorded, here in found if None not in (recorded, here) and recorded != here)


def changed_inputs(records: Records, md5: Callable[[str], str | None]) -> list[str]:
    """The inputs that no stage writes and that are not as recorded, by their paths, sorted.

    `md5` gives what DVC would record of a path now; None where that is not known, which says nothing.
    """
    made = records.outputs()
    found = ((path, recorded, md5(path)) for path, recorded in _inputs(records).items() if path not in made)
    return sorted(path for path, recorded, here in found if None not in (recorded, here) and recorded != here)


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted names and values; lists are values."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        inner = flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
        found.update(inner)
    return found


def _stages(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[StageChange]:
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name, {}), after.get(name, {})
        causes = (*(["command"] if old.get("cmd") != new.get("cmd") else []), *_changed_settings(old, new))
        reads, writes = _differing(old, new, "deps"), _differing(old, new, "outs")
        if causes or reads or writes:
            yield StageChange(name, (*causes, *reads), writes)


def _changed_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, after = _settings(old), _settings(new)
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _given(stage: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_mapping(stage.get("params")).get("params.yaml"))


def _settings(stage: Mapping[str, Any]) -> dict[str, Any]:
    return flat(_given(stage))


def _differing(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> tuple[str, ...]:
    before = {str(entry["path"]): entry.get("md5") for entry in entries(old, key)}
    after = {str(entry["path"]): entry.get("md5") for entry in entries(new, key)}
    return tuple(path for path in sorted({*before, *after}) if before.get(path) != after.get(path))


def _inputs(records: Records) -> dict[str, Any]:
    return {
        str(entry["path"]): entry.get("md5") for stage in records.stages.values() for entry in entries(stage, "deps")
    }
