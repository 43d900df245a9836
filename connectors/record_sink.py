"""The port records leave through, and the adapter that keeps them in memory.

Upstream: whoever has records to send: ``producer.sending``, a replay of the
lake. Downstream: ``connectors.kinesis``, or ``MemoryRecordSink`` for dry runs
and tests. Every adapter keeps the same promises, which
``tests/contract/test_kinesis_record_sinks.py`` holds all of them to.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, TypeVar


class Record(Protocol):
    """What is sent: bytes under a partition key. Anything with these two attributes is one."""

    @property
    def partition_key(self) -> str:
        """Records of one key meet on one shard; at most 256 Unicode characters."""

    @property
    def data(self) -> bytes:
        """The record's bytes."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an accepted record stands on the stream."""

    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the records of one ``put``.

    Attributes:
        placements: One entry a record, in the order given; None for a record that
            was not accepted, which is only seen in an ``UndeliveredError``.
        retried: How many times a record was sent again.
        throttled: How many of the refusals were for too high a rate.
    """

    placements: tuple[Placement | None, ...]
    retried: int = 0
    throttled: int = 0

    @property
    def unsent(self) -> int:
        """How many records were not accepted."""
        return self.placements.count(None)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one call takes; a record's size is that of its data and its key in UTF-8."""

    records: int
    total_bytes: int
    record_bytes: int


class SinkError(Exception):
    """Nothing can be sent there; the message is one line that says what to do."""


class UndeliveredError(SinkError):
    """Records were left unsent; ``delivery`` says which."""

    def __init__(self, message: str, delivery: Delivery) -> None:
        super().__init__(message)
        self.delivery = delivery


class RecordSink(Protocol):
    """Takes records; may be used by several threads at once."""

    @property
    def limits(self) -> BatchLimits:
        """What one call takes; a ``put`` of more is cut into several calls."""

    def put(self, records: Sequence[Record]) -> Delivery:
        """Send all records and return when each is accepted.

        Delivery: at least once. Every record is on the stream when this returns;
        after a lost answer one may be there twice.

        Raises:
            UndeliveredError: Some were not accepted within a bounded time.
            SinkError: A record is larger than a call takes; nothing was sent.
        """

    def close(self) -> None:
        """Let a ``put`` that waits for its next try give up now; further ones still try once."""


def record_bytes(record: Record) -> int:
    """Size of a record as the limits count it."""
    return len(record.data) + len(record.partition_key.encode())


AnyRecord = TypeVar("AnyRecord", bound=Record)


def split_calls(records: Iterable[AnyRecord], limits: BatchLimits) -> Iterator[list[AnyRecord]]:
    """Cut records into lists that one call takes, in order, each as long as possible."""
    call: list[AnyRecord] = []
    total = 0
    for record in records:
        size = record_bytes(record)
        if call and (len(call) == limits.records or total + size > limits.total_bytes):
            yield call
            call, total = [], 0
        call.append(record)
        total += size
    if call:
        yield call


def refuse_oversize(records: Iterable[Record], limits: BatchLimits) -> None:
    """Check sizes before anything is sent.

    Raises:
        SinkError: A record is larger than ``limits.record_bytes``.
    """
    for record in records:
        size = record_bytes(record)
        if size > limits.record_bytes:
            raise SinkError(
                f"the record of {record.partition_key} has {size:,} bytes,"
                f" a stream takes at most {limits.record_bytes:,}"
            )


MEMORY_LIMITS = BatchLimits(records=500, total_bytes=5 * 2**20, record_bytes=2**20)


class MemoryRecordSink:
    """Keeps records in memory, placed on shards by their key as Kinesis does.

    Delivery: exactly once, for as long as the process lives.
    """

    def __init__(self, shards: int = 1, limits: BatchLimits = MEMORY_LIMITS) -> None:
        self._limits = limits
        self._shards: list[list[tuple[Placement, Record]]] = [[] for _ in range(shards)]
        self._numbers = itertools.count(1)
        self._lock = Lock()

    @property
    def limits(self) -> BatchLimits:
        """What one call takes."""
        return self._limits

    @property
    def records(self) -> list[tuple[Placement, Record]]:
        """Everything accepted so far, shard after shard, in order of arrival."""
        with self._lock:
            return [entry for shard in self._shards for entry in shard]

    def put(self, records: Sequence[Record]) -> Delivery:
        """Keep the records; see ``RecordSink.put``."""
        refuse_oversize(records, self._limits)
        with self._lock:
            return Delivery(tuple(self._place(record) for record in records))

    def close(self) -> None:
        """Nothing here ever waits."""

    def _place(self, record: Record) -> Placement:
        hashed = hashlib.md5(record.partition_key.encode(), usedforsecurity=False).digest()
        index = int.from_bytes(hashed) * len(self._shards) >> 128
        placement = Placement(f"shardId-{index:012d}", f"{next(self._numbers):056d}")
        self._shards[index].append((placement, record))
        return placement
