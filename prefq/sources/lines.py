"""The lines of a file of JSON lines."""

import gzip
from pathlib import Path

SUFFIXES = (".jsonl", ".ndjson")


def line_of(path: Path, record: int) -> int | None:
    """The line, from 1, that holds a record, from 0; None when the file is not there, or no file of JSON lines.

    Lines that are blank hold none.
    """
    packed = path.suffix == ".gz"
    if (path.with_suffix("") if packed else path).suffix not in SUFFIXES or not path.is_file():
        return None
    with gzip.open(path) if packed else path.open("rb") as file:
        filled = (number for number, line in enumerate(file, 1) if line and not line.isspace())
        return next((number for at, number in enumerate(filled) if at == record), None)
