"""When each record is due: at once, or so many lines a second.

Upstream: ``producer.parcels``. Downstream: ``producer.sending``, which waits.
"""

from typing import Protocol

from producer.parcels import Parcel


class Pace(Protocol):
    """Says of each record, in the order they leave in, when its turn is."""

    def due_seconds(self, parcel: Parcel) -> float:
        """Seconds after the start at which this record, asked for once, may leave."""


class AtOnce:
    """No record waits."""

    def due_seconds(self, parcel: Parcel) -> float:  # noqa: ARG002 - all are due
        """Always 0."""
        return 0.0


class LinesPerSecond:
    """A steady rate of lines; a record is due when all lines before it have had their time."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lines = 0

    def due_seconds(self, parcel: Parcel) -> float:
        """As the lines before it take at this rate."""
        due = self._lines / self._rate
        self._lines += len(parcel.lines)
        return due
