"""One record to be written, and what the truth says about it."""

from dataclasses import dataclass, field

from prefq.synthetic.draft import Draft, Turn

HH, TRL = "helpful", "assistant"
"""The two datasets: hh-rlhf transcripts, and conversational TRL records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A statement of the truth about one record: what a check should say, or why it cannot be read."""

    check: str | None
    kind: str
    side: str | None = None
    """`chosen`, `rejected`, `prompt` or `pair`."""
    partner: int | None = None
    """The other record of a group, as its place in the group."""
    benchmark: str | None = None
    look_alike: bool = False
    """Nothing is wrong: it only resembles what the check looks for."""
    also: tuple[str, ...] = ()
    """Checks for which this defect is a borderline case: whether they say yes is no error either way."""
    reject: str | None = None
    """The reason for which no pair can be formed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record before it is given a format."""

    task: str
    prompt: tuple[Turn, ...]
    chosen: str
    rejected: str
    margin: float | None = None
    other_prompt: tuple[Turn, ...] | None = None
    """Where the rejected transcript has another conversation before it."""
    broken: str | None = None
    """How the written record is broken: `null`, `number` or `missing` (in place of an answer)."""
    marks: tuple[Mark, ...] = field(default=())


def row(draft: Draft, chosen: str, rejected: str, *marks: Mark) -> Row:
    """A record of a draft with these two answers."""
    return Row(task=draft.task, prompt=draft.prompt, chosen=chosen, rejected=rejected, marks=marks)


def clean(draft: Draft) -> Row:
    """A record with nothing wrong: the good answer is the chosen one."""
    return row(draft, draft.good, draft.bad)
