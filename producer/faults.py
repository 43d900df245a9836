"""Faults on purpose: lines sent twice, out of order, damaged.

Upstream: ``producer.outgoing``. Downstream: ``producer.parcels``. Each fault
draws from a generator of its own, so that the same seed gives the same fault
whatever the others are.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from producer.damage import damage_line
from producer.outgoing import Outgoing

MAX_DELAY_LINES = 1000
"""A copy comes at most so many lines after its original."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults to make.

    Attributes:
        duplicate: Share of the lines that are sent a second time, 0 to 1.
        shuffle: Lines change places within a window of so many; 0 keeps the order.
        corrupt: Share of the lines that are sent damaged instead of good, 0 to 1.
        seed: The same seed makes the same faults.
    """

    duplicate: float = 0.0
    shuffle: int = 0
    corrupt: float = 0.0
    seed: int = 0

    def apply(self, lines: Iterable[Outgoing]) -> Iterator[Outgoing]:
        """The lines with these faults; without any, as they are."""
        result = iter(lines)
        if self.corrupt:
            result = corrupted(result, self.corrupt, self._random("corrupt"))
        if self.duplicate:
            result = duplicated(result, self.duplicate, self._random("duplicate"))
        if self.shuffle > 1:
            result = shuffled(result, self.shuffle, self._random("shuffle"))
        return result

    def _random(self, fault: str) -> Random:
        return Random(f"{self.seed}/{fault}")


def corrupted(lines: Iterable[Outgoing], share: float, random: Random) -> Iterator[Outgoing]:
    """A share of the lines damaged, each certain to be set aside."""
    for line in lines:
        yield damage_line(line, random) if random.random() < share else line


def duplicated(
    lines: Iterable[Outgoing], share: float, random: Random, max_delay: int = MAX_DELAY_LINES
) -> Iterator[Outgoing]:
    """Every line, and a share of the good ones once more, up to ``max_delay`` lines later."""
    copies: list[tuple[int, int, Outgoing]] = []
    for position, line in enumerate(lines):
        yield line
        if line.damage is None and random.random() < share:
            due = position + random.randint(0, max_delay - 1)
            heapq.heappush(copies, (due, position, line._replace(copied=True)))
        while copies and copies[0][0] <= position:
            yield heapq.heappop(copies)[-1]
    while copies:
        yield heapq.heappop(copies)[-1]


def shuffled(lines: Iterable[Outgoing], window: int, random: Random) -> Iterator[Outgoing]:
    """The same lines in another order; each moves by less than ``window`` places.

    Every line gets a place up to ``window`` behind its own and they leave in the
    order of these; one that comes ``window`` later cannot overtake.
    """
    waiting: list[tuple[float, int, Outgoing]] = []
    for position, line in enumerate(lines):
        while waiting and waiting[0][0] < position:
            yield heapq.heappop(waiting)[-1]
        heapq.heappush(waiting, (position + random.random() * window, position, line))
    while waiting:
        yield heapq.heappop(waiting)[-1]
