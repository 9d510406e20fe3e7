"""Records of Parquet files, a batch of rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import polars.selectors as cs

from prefq.errors import SourceError
from prefq.formats import Record

ROWS = 2_000
REMEDY = "fetch it again, or write it anew"


def _scan(path: Path) -> pl.LazyFrame:
    """The file's rows with plain values: dates and decimals as text, NaN as null."""
    rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    texts = cs.temporal() | cs.decimal() | cs.categorical() | cs.enum()
    return rows.with_columns(texts.cast(pl.String), cs.float().fill_nan(None))


def parquet_length(path: Path) -> int:
    """How many rows the file says it has. Raises SourceError when it is corrupted."""
    try:
        return int(pl.scan_parquet(path, glob=False, hive_partitioning=False).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise SourceError(f"{path} is no whole Parquet file ({_first_line(error)}); {REMEDY}.") from None


def parquet_records(path: Path) -> Iterator[Record]:
    """One record for each row. Raises SourceError when the file is corrupted, saying after how many records."""
    count = 0
    try:
        for batch in _scan(path).collect_batches(chunk_size=ROWS):
            for record in batch.iter_rows(named=True):
                yield record
                count += 1
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise SourceError(f"{path} is corrupted after {count} records ({_first_line(error)}); {REMEDY}.") from None


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
