"""What the tests of the report share: a browser, and a page to open in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_tables import SETTINGS, make_tables
from visits import CHROMIUM, FLAGS

from prefq.report import audit, render


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for the tests of one file; they skip where Playwright is not installed."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on 300 pairs, to be read and not written; a file of tests that needs another one has its own."""
    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(render(audit(make_tables(300), SETTINGS)), encoding="utf-8")
    return path
