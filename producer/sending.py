"""Records go out in batches, several calls under way at once, at the pace asked for.

Upstream: ``producer.parcels``, ``producer.pace``. Downstream: a
``connectors.record_sink.RecordSink``; what became of each batch goes to a
``Receiver``, in the order the batches left in.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol

from connectors.record_sink import (
    BatchLimits,
    Delivery,
    RecordSink,
    SinkError,
    UndeliveredError,
    record_bytes,
)
from producer.pace import Pace
from producer.parcels import Parcel
from producer.stopping import StopRequest

CALLS_UNDER_WAY = 3
"""Enough to make records while others are on the wire; more only queue up at one shard."""

LINGER_SECONDS = 0.1
"""Records due within so long of each other share a call."""

STOP_SECONDS = 5.0
"""How long calls under way may go on after Ctrl-C before what is left of them is given up."""

_LOOK_SECONDS = 0.1
"""How often a wait for a call looks whether somebody wants it to stop."""


class Receiver(Protocol):
    """Learns what became of the records."""

    def settled(self, batch: Sequence[Parcel], delivery: Delivery) -> None:
        """A batch has been dealt with; a record without a placement is unsent."""


def send_parcels(
    parcels: Iterable[Parcel],
    sink: RecordSink,
    receiver: Receiver,
    pace: Pace,
    stop: StopRequest,
) -> None:
    """Send all records, or those until somebody wants it to stop.

    Every call that was begun is waited for and told to the receiver, whatever happens.

    Raises:
        SinkError: The sink gave up; nothing was begun after that.
    """
    flight = _Flight(sink, receiver, stop)
    start = time.monotonic()
    try:
        for due, batch in _batches(parcels, pace, sink.limits):
            stop.sleep_until(start + due)
            flight.make_room()
            if stop.made or flight.error is not None:
                break
            flight.begin(batch)
        flight.land()
    except BaseException:
        flight.abandon()
        raise
    if flight.error is not None:
        raise flight.error


def _batches(
    parcels: Iterable[Parcel], pace: Pace, limits: BatchLimits
) -> Iterator[tuple[float, list[Parcel]]]:
    """What leaves in one call, and when the last of it is due."""
    batch: list[Parcel] = []
    total, first_due, last_due = 0, 0.0, 0.0
    for parcel in parcels:
        size, due = record_bytes(parcel), pace.due_seconds(parcel)
        full = len(batch) == limits.records or total + size > limits.total_bytes
        if batch and (full or due > first_due + LINGER_SECONDS):
            yield last_due, batch
            batch, total = [], 0
        if not batch:
            first_due = due
        batch.append(parcel)
        total += size
        last_due = due
    if batch:
        yield last_due, batch


class _Flight:
    """The calls under way.

    Attributes:
        error: Why the sink gave up; None while it has not.
    """

    def __init__(self, sink: RecordSink, receiver: Receiver, stop: StopRequest) -> None:
        self._sink = sink
        self._receiver = receiver
        self._stop = stop
        self._pool = ThreadPoolExecutor(CALLS_UNDER_WAY, thread_name_prefix="put-records")
        self._calls: deque[tuple[list[Parcel], Future[Delivery]]] = deque()
        self.error: SinkError | None = None

    def begin(self, batch: list[Parcel]) -> None:
        """Begin a call."""
        self._calls.append((batch, self._pool.submit(self._sink.put, batch)))

    def make_room(self) -> None:
        """Wait until one more call may begin, or the work should end."""
        while self._calls and not self._stop.made:
            if len(self._calls) < CALLS_UNDER_WAY and not self._calls[0][1].done():
                return
            if self._oldest_done_within(_LOOK_SECONDS):
                self._settle_oldest()

    def land(self) -> None:
        """Wait for all calls; after a failure, or some time after Ctrl-C, the sink gives up."""
        stopped_at = None
        while self._calls:
            if self._stop.made and stopped_at is None:
                stopped_at = time.monotonic()
            if self.error or (stopped_at and time.monotonic() > stopped_at + STOP_SECONDS):
                self._sink.close()
            if self._oldest_done_within(_LOOK_SECONDS):
                self._settle_oldest()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Wait for nothing; what has not begun does not begin."""
        self._sink.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _oldest_done_within(self, seconds: float) -> bool:
        done, _ = wait([self._calls[0][1]], seconds)
        return bool(done)

    def _settle_oldest(self) -> None:
        batch, call = self._calls.popleft()
        try:
            self._receiver.settled(batch, call.result())
        except UndeliveredError as error:
            self._receiver.settled(batch, error.delivery)
            self.error = self.error or error
        except SinkError as error:
            self.error = self.error or error
