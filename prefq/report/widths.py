"""Texts by the columns that they take on a terminal: Chinese, Japanese and Korean characters and emoji take two."""

import textwrap
import unicodedata


def columns(text: str) -> int:
    """How many columns a text takes on a terminal. It has no control characters (`prefq.report.text.visible`)."""
    return len(text) if text.isascii() else sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 2
    return 0 if unicodedata.combining(character) else 1


def clipped(text: str, width: int) -> str:
    """The text in at most `width` columns, `…` for what was left out."""
    if columns(text) <= width:
        return text
    taken = ""
    for character in text:
        if columns(taken) + _column(character) > max(0, width - 1):
            break
        taken += character
    return f"{taken}…"


def ending(text: str, width: int) -> str:
    """The text in at most `width` columns, `…` for what was left out at its beginning, as of a path."""
    return clipped(text[::-1], width)[::-1]


def left(text: str, width: int) -> str:
    """The text with spaces after it, up to `width` columns."""
    return text + " " * (width - columns(text))


def centered(text: str, width: int) -> str:
    """The text between spaces, `width` columns in all."""
    return text.center(width - columns(text) + len(text))


def wrapped(text: str, width: int, indent: str = "", more: str = "") -> list[str]:
    """The text in lines of at most `width` columns, the first after `indent`, the others after `more`."""
    if columns(text) == len(text):
        return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=more)
    lines: list[str] = []
    line = indent
    for word in text.split():
        start = more if lines else indent
        gap = " " if line != start else ""
        if columns(line + gap + word) > width and line != start:
            lines.append(line)
            line, gap = more, ""
        *full, rest = _pieces(word, width - columns(line + gap), width - columns(more))
        lines += [line + gap + full[0], *(more + piece for piece in full[1:])] if full else []
        line = more + rest if full else line + gap + rest
    return [*lines, line]


def _pieces(word: str, room: int, later: int) -> list[str]:
    """A word cut into a piece of at most `room` columns and others of at most `later`; the last is what is left."""
    pieces: list[str] = []
    piece = ""
    for character in word:
        if piece and columns(piece) + _column(character) > (later if pieces else room):
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]
