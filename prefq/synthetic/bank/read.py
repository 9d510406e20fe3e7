"""Banks are written as plain text, because they are read and extended by people; this turns them into values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject of a bank: its heading, sentences that are right, and sentences that are wrong."""

    heading: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def entries(text: str) -> tuple[Entry, ...]:
    """The entries of a bank: `= heading`, then a right sentence a line, a wrong one behind `!`."""
    blocks = [block.strip().splitlines() for block in text.split("\n= ")[1:]]
    return tuple(_entry(block[0], block[1:]) for block in blocks)


def _entry(heading: str, sentences: list[str]) -> Entry:
    right = tuple(s for s in sentences if s and not s.startswith("!"))
    return Entry(heading, right, tuple(s[1:].strip() for s in sentences if s.startswith("!")))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a bank that holds one phrase a line."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def cells(text: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a bank whose lines are cells between `|`."""
    return tuple(tuple(c.strip() for c in line.split("|")) for line in lines(text))


def records(text: str) -> tuple[tuple[str, ...], ...]:
    """The records of a bank: `= first cell`, then one cell a line."""
    return tuple(tuple(block.strip().splitlines()) for block in text.split("\n= ")[1:])
