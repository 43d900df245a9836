"""Work is shared among threads, and a failure ends it."""

import threading
from collections.abc import Iterator

import pytest

from flink_job.workers import Workers


@pytest.fixture(params=[1, 4])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    made = Workers(request.param)
    yield made
    made.close()


def test_results_come_in_the_order_of_the_values(workers: Workers) -> None:
    assert workers.each(lambda value: value * 2, range(100)) == list(range(0, 200, 2))


def test_no_work_has_no_results(workers: Workers) -> None:
    assert workers.each(str, []) == []


def test_a_failure_begins_no_further_work(workers: Workers) -> None:
    begun = []

    def fail_early(value: int) -> None:
        begun.append(value)
        if value == 2:
            raise KeyError(value)

    with pytest.raises(KeyError, match="2"):
        workers.each(fail_early, range(10_000))
    assert 3 <= len(begun) < 10_000


def test_calls_under_way_end_before_a_failure_is_raised() -> None:
    workers, ended = Workers(2), []
    other_begun, failed = threading.Event(), threading.Event()

    def do(value: int) -> None:
        if value == 0:
            other_begun.wait(10)
            failed.set()
            raise KeyError(value)
        other_begun.set()
        failed.wait(10)
        ended.append(value)

    with pytest.raises(KeyError):
        workers.each(do, [0, 1])
    assert ended == [1]
    workers.close()


def test_so_many_calls_are_under_way_at_a_time() -> None:
    workers, together = Workers(4), threading.Barrier(4, timeout=10)
    workers.each(lambda _: together.wait(), range(4))
    workers.close()
