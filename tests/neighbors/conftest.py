"""What the tests of neighbors share: pairs of a few texts, settings, and time for the compiler."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import settings as hypothesis_settings
from neighbor_rows import SETTINGS, table

hypothesis_settings.register_profile("compiled", deadline=None)  # the first example may wait for the compiler
hypothesis_settings.load_profile("compiled")


@pytest.fixture
def make_pairs() -> Callable[[Sequence[tuple[Any, ...]]], pl.DataFrame]:
    return table


@pytest.fixture
def settings() -> dict[str, Any]:
    return dict(SETTINGS)
