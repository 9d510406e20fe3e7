"""Records of CSV and TSV files: the first line names the fields."""

import csv
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from prefq.errors import SourceError
from prefq.formats import Record, Unreadable
from prefq.formats.fields import parsed
from prefq.ids import compact_json


class _Lines:
    """The decoded lines of a stream; those since the last look are kept, and whether one of them was not UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.damaged = stream, False
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            try:
                self.row.append(line.decode())
            except UnicodeDecodeError:
                self.damaged = True
                self.row.append(line.decode(errors="replace"))
            yield self.row[-1]

    def looked(self) -> tuple[bool, str]:
        """Whether the lines since the last look were damaged, and these lines."""
        looked = self.damaged, "".join(self.row)
        self.damaged, self.row = False, []
        return looked


def csv_records(stream: BinaryIO, name: str, tabs: bool) -> Iterator[Record | Unreadable]:
    """One record for each row under the header; every value is text, or messages where a cell holds them as JSON.

    A row with too few or too many cells, or with broken quotes, is Unreadable. Raises SourceError on the header.
    """
    csv.field_size_limit(sys.maxsize)
    lines = _Lines(stream)
    text = iter(lines)
    header_line = next(text, "").removeprefix("\ufeff")
    delimiter = "\t" if tabs else ";" if ";" in header_line and "," not in header_line else ","
    header = _header(header_line, delimiter, name)
    lines.looked()
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        first = rows.line_num + 2
        try:
            row = next(rows, None)
        except csv.Error as error:
            _, broken = lines.looked()
            yield Unreadable("broken_csv", _broken(first, rows.line_num + 1, error), broken)
            continue
        if row is None:
            return
        damaged, _ = lines.looked()
        if row:
            yield _record(row, header, rows.line_num + 1, damaged)


def _broken(first: int, last: int, error: csv.Error) -> str:
    """Where a row is broken; a quote that is not closed may take in many lines, and these are in no other record."""
    if first == last:
        return f"line {first}: {error}"
    return f"lines {first} to {last}: {error}; a quote that opens in line {first} takes in all of them, close it"


def _header(line: str, delimiter: str, name: str) -> list[str]:
    try:
        names = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise SourceError(f"{name} has a broken header line: {error}; the first line must name the columns.") from None
    twice = [n for n in names if names.count(n) > 1]
    if twice:
        raise SourceError(f"{name} has two columns called {twice[0]!r}; rename one of them.")
    return names


def _record(row: list[str], header: list[str], line: int, damaged: bool) -> Record | Unreadable:
    if damaged:
        return Unreadable("not_utf8", f"the row that ends on line {line} is not UTF-8", compact_json(row))
    if len(row) != len(header):
        detail = f"the row that ends on line {line} has {len(row)} cells, the header has {len(header)}"
        return Unreadable("broken_csv", detail, compact_json(row))
    return {name: _cell(cell) for name, cell in zip(header, row, strict=True)}


def _cell(cell: str) -> Any:
    """The cell's text, or its messages: a JSON list of objects that each have a role."""
    if not cell.startswith("[") or '"role"' not in cell:
        return cell
    try:
        value = parsed(cell)
    except ValueError:
        return cell
    messages = isinstance(value, list) and all(isinstance(m, dict) and "role" in m for m in value)
    return value if messages else cell
