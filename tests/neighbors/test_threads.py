"""Parts are worked on in threads; the results come in their order, whatever the number of threads."""

import threading
import time

import pytest

from prefq.errors import SettingsError
from prefq.neighbors.threads import spread, workers


@pytest.mark.parametrize("count", ["1", "2", "7"])
@pytest.mark.parametrize("parts", [0, 1, 2, 50])
def test_results_come_in_the_order_of_the_parts(monkeypatch: pytest.MonkeyPatch, count: str, parts: int) -> None:
    monkeypatch.setenv("PREFQ_WORKERS", count)

    def work(part: int) -> int:
        time.sleep(0.001 if part % 3 == 0 else 0)
        return part * part

    assert list(spread(work, range(parts))) == [part * part for part in range(parts)]


def test_one_worker_or_one_part_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFQ_WORKERS", "1")
    assert set(spread(lambda _: threading.get_ident(), range(5))) == {threading.get_ident()}
    monkeypatch.setenv("PREFQ_WORKERS", "4")
    assert list(spread(lambda _: threading.get_ident(), [0])) == [threading.get_ident()]


def test_few_parts_are_taken_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFQ_WORKERS", "2")
    taken: list[int] = []

    def parts(count: int):  # type: ignore[no-untyped-def]
        for part in range(count):
            taken.append(part)
            yield part

    results = spread(lambda part: part, parts(100))
    next(results)
    assert len(taken) <= 6


def test_an_error_in_a_thread_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFQ_WORKERS", "3")
    with pytest.raises(ZeroDivisionError):
        list(spread(lambda part: 1 // part, [2, 1, 0, 1, 2]))


@pytest.mark.parametrize("given", ["0", "-1", "many", "2.5"])
def test_a_number_of_workers_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PREFQ_WORKERS", given)
    with pytest.raises(SettingsError, match=f"PREFQ_WORKERS is '{given}'"):
        workers()


def test_without_a_number_there_is_a_worker_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFQ_WORKERS", raising=False)
    assert workers() >= 1
