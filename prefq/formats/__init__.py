"""Dataset formats: each reader turns one record into judgements. The folder is the registry.

A record is what a source holds at one line, row or array element, as plain Python values. A reader never guesses: what
it cannot read exactly it rejects with a reason.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prefq.registry import Family, keyword_defaults

Record = Mapping[str, Any]
Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands where a record should be: a slug for the reason, a sentence naming the line, the text as it is."""

    reason: str
    detail: str
    raw: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One side of a pair: the final assistant text, and its messages when it is more than one plain text."""

    text: str
    messages: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One comparison of two answers to one prompt. Field for field the columns of `pairs` that a reader decides."""

    prompt: list[Message]
    chosen: Answer
    rejected: Answer
    label: str = "chosen"
    prompt_parts: list[Any] | None = None
    """Message by message, what of the prompt is not text (tool calls, …) or None; None when all is plain."""
    prompt_tools: Any = None
    """What applies to the whole conversation (tool definitions), or None."""
    dimension: str = "preference"
    chosen_position: int | None = None
    margin_raw: float | None = None
    margin: float | None = None
    annotator: str | None = None
    chosen_model: str | None = None
    rejected_model: str | None = None
    language: str | None = None
    category: str | None = None
    subset: str | None = None
    group_id: str | None = None
    split: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class RejectRecord(Exception):  # noqa: N818 - it speaks of a record, not of a failure
    """A record from which no judgement can be formed: a slug for the reason, and what exactly was found."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


Read = Callable[..., Iterable[Judgement | RejectRecord]]


@dataclass(frozen=True)
class Format:
    """A reader and what it declares about itself."""

    name: str
    description: str
    fits: Callable[[Record], bool]
    """Whether a record looks like this format, from its columns and the types of their values."""
    read: Read
    """The judgements of one record; a RejectRecord, yielded for one of them or raised for the record."""
    direction: str
    """Which field or value says that an answer was preferred."""
    ties: str
    """How the format says that neither answer was, and what becomes of that."""
    margin: str
    """Where the strength of a preference stands and its declared range, or that there is none."""
    options: Mapping[str, Any]
    """Keyword options of `read` with their defaults: `ingest.sources[].options`."""


FORMATS: Family[Format] = Family("prefq.formats", "format")


def reader(
    name: str, *, fits: Callable[[Record], bool], direction: str, ties: str, margin: str
) -> Callable[[Read], Read]:
    """Register a format by its reading function.

    The function's docstring is the format's description, its keyword defaults are its options.
    """

    def register(read: Read) -> Read:
        description = (read.__doc__ or "").strip()
        FORMATS.add(name, Format(name, description, fits, read, direction, ties, margin, keyword_defaults(read)))
        return read

    return register
