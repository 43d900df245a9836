"""A few threads that share a pile of work.

Upstream: ``flink_job.write_documents``. Nothing in here knows what the work is.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Workers:
    """Threads for calls that mostly wait.

    Args:
        count: How many calls at a time; 1 means the caller's own thread.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="documents")

    def each(self, do: Callable[[_In], _Out], values: Sequence[_In]) -> list[_Out]:
        """The results, in the order of the values.

        The first failure is raised once the calls under way have ended; no further ones
        are begun.
        """
        pile = deque(enumerate(values))
        results: dict[int, _Out] = {}
        if self._count == 1 or len(values) == 1:
            _work_off(pile, do, results)
        else:
            helping = range(min(self._count, len(values)))
            futures = [self._pool.submit(_work_off, pile, do, results) for _ in helping]
            wait(futures)
            for future in futures:
                future.result()
        return [results[index] for index in range(len(values))]

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()


def _work_off(
    pile: deque[tuple[int, _In]], do: Callable[[_In], _Out], results: dict[int, _Out]
) -> None:
    try:
        while (taken := _take(pile)) is not None:
            index, value = taken
            results[index] = do(value)
    except BaseException:
        pile.clear()
        raise


def _take(pile: deque[tuple[int, _In]]) -> tuple[int, _In] | None:
    """The next piece; another thread may have been faster."""
    try:
        return pile.popleft()
    except IndexError:
        return None
