"""Where a row came from: the file of its dataset that holds it, the record in that file, and which version it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from prefq.report.text import brief


@dataclass(frozen=True)
class Origin:
    """A record of a source file."""

    path: str
    record: int
    """Its number in this file, from 0; that of the row counts on through all files of the dataset."""
    revision: str | None
    """What the place that the file came from calls this version."""
    sha256: str | None
    size: int | None
    """Bytes of the file when it was read."""
    plain: bool
    """Whether each record is one of the file, none put together from several."""
    line: int | None = None
    """The line of the file, from 1; None where that is not known."""

    def to_json(self) -> dict[str, Any]:
        """The origin as plain values."""
        names = ("path", "record", "line", "revision", "sha256")
        return {name: getattr(self, name) for name in names}

    @property
    def version(self) -> str | None:
        """The revision, or where there is none, the beginning of the file's hash."""
        return self.revision or (f"sha256:{self.sha256[:12]}" if self.sha256 else None)

    @property
    def sentence(self) -> str:
        """Record, line and file, in words."""
        line = f" (line {self.line})" if self.line else ""
        return f"record {self.record}{line} of {brief(self.path, 1_000)}"


def origin_of(row: Mapping[str, Any], sources: Iterable[Mapping[str, Any]]) -> Origin | None:
    """The origin of a row, by the entries of `sources.json`; None where they do not tell."""
    own = [source for source in sources if source.get("dataset") == row["dataset"]]
    ends = accumulate(source.get("records") or 0 for source in own)
    for source, end in zip(own, ends, strict=True):
        if row["record"] < end:
            record = row["record"] - end + source["records"]
            known = {name: source.get(name) for name in ("revision", "sha256")}
            return Origin(source["path"], record, **known, size=source.get("bytes"), plain="rows" not in source)
    return None
