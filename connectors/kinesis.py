"""Kinesis Data Streams: records go out by PutRecords, only what failed is sent again.

Upstream: ``connectors.record_sink.RecordSink``, the port this is an adapter of.
Downstream: the stream the Flink job reads. Limits and partial failures:
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_exception_type, sleep_using_event
from tenacity.wait import wait_random_exponential

from connectors.kinesis_connection import StreamAddress
from connectors.kinesis_errors import (
    KINESIS_ERRORS,
    THROTTLED_CODES,
    error_code,
    explain,
    is_passing,
)
from connectors.record_sink import (
    BatchLimits,
    Delivery,
    Placement,
    Record,
    UndeliveredError,
    refuse_oversize,
    split_calls,
)

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsResultEntryTypeDef

PUT_RECORDS_LIMITS = BatchLimits(records=500, total_bytes=5 * 2**20, record_bytes=2**20)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to go on with what was not accepted.

    Attributes:
        first_seconds: Longest wait before the second try; it doubles from try to
            try, and the wait is drawn from nought to it, so that senders spread.
        longest_seconds: The wait never grows beyond.
        give_up_seconds: After so long without one record accepted it is over.
    """

    first_seconds: float = 0.1
    longest_seconds: float = 5.0
    give_up_seconds: float = 60.0


DEFAULT_RETRY = RetryPolicy()


class KinesisRecordSink:
    """Sends records to one stream.

    Delivery: at least once. ``put`` returns when Kinesis has acknowledged every
    record; a record is there twice when an answer was lost. Order within a
    partition key is that given, but for records that had to be sent again.
    """

    def __init__(
        self, client: "KinesisClient", address: StreamAddress, retry: RetryPolicy = DEFAULT_RETRY
    ) -> None:
        self._client = client
        self._address = address
        self._retry = retry
        self._closing = Event()

    @property
    def limits(self) -> BatchLimits:
        """PutRecords' own."""
        return PUT_RECORDS_LIMITS

    def put(self, records: Sequence[Record]) -> Delivery:
        """Send all records; see ``RecordSink.put``."""
        refuse_oversize(records, self.limits)
        calls = [
            _PutCall(self._client, self._address, call)
            for call in split_calls(records, self.limits)
        ]
        try:
            for call in calls:
                self._retrying(call)(call.attempt)
        except (_WaitingError, *KINESIS_ERRORS) as error:
            delivery = _sum_of(calls)
            raise UndeliveredError(self._problem(error, delivery), delivery) from error
        return _sum_of(calls)

    def close(self) -> None:
        """See ``RecordSink.close``."""
        self._closing.set()

    def _retrying(self, call: "_PutCall") -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(_WaitingError),
            wait=wait_random_exponential(self._retry.first_seconds, self._retry.longest_seconds),
            stop=lambda _: self._closing.is_set() or self._stalled(call),
            sleep=sleep_using_event(self._closing),
            reraise=True,
        )

    def _stalled(self, call: "_PutCall") -> bool:
        return time.monotonic() - call.accepted_at >= self._retry.give_up_seconds

    def _problem(self, error: Exception, delivery: Delivery) -> str:
        unsent = f"{delivery.unsent} of {len(delivery.placements)} records are unsent"
        if not isinstance(error, _WaitingError):
            return f"{explain(error, self._address.stream, self._address.place)}; {unsent}"
        if self._closing.is_set():
            return f"stopped before Kinesis took everything; {unsent}"
        return (
            f"gave up after {self._retry.give_up_seconds:g} s in which Kinesis at"
            f" {self._address.place} took nothing ({error}); {unsent}"
        )


class _WaitingError(Exception):
    """Some records of a call are not accepted yet; says why."""


class _PutCall:
    """One call's records, on the way until each is accepted."""

    def __init__(
        self, client: "KinesisClient", address: StreamAddress, records: Sequence[Record]
    ) -> None:
        self._client = client
        self._address = address
        self._records = records
        self._waiting = list(range(len(records)))
        self._tried = False
        self._retried = self._throttled = 0
        self._placements: list[Placement | None] = [None] * len(records)
        self.accepted_at = time.monotonic()

    @property
    def delivery(self) -> Delivery:
        """What became of the records so far."""
        return Delivery(tuple(self._placements), self._retried, self._throttled)

    def attempt(self) -> None:
        """Send what is not accepted yet, once.

        Raises:
            _WaitingError: Some of it was not accepted, and another try may help.
        """
        if self._tried:
            self._retried += len(self._waiting)
        else:
            self.accepted_at = time.monotonic()
        self._tried = True
        problem = self._send()
        if problem is not None:
            raise _WaitingError(problem)

    def _send(self) -> str | None:
        try:
            answer = self._client.put_records(
                StreamName=self._address.stream,
                Records=[
                    {"Data": record.data, "PartitionKey": record.partition_key}
                    for record in map(self._records.__getitem__, self._waiting)
                ],
            )
        except KINESIS_ERRORS as error:
            if not is_passing(error):
                raise
            self._count_throttled(error_code(error), len(self._waiting))
            return error_code(error)
        return self._take(answer["Records"])

    def _take(self, entries: "list[PutRecordsResultEntryTypeDef]") -> str | None:
        """Keep the places of what was accepted; says why the rest was not."""
        failed = []
        problem = None
        for index, entry in zip(self._waiting, entries, strict=True):
            code = entry.get("ErrorCode")
            if code:
                failed.append(index)
                self._count_throttled(code, 1)
                problem = f"{code}: {entry.get('ErrorMessage', 'no message')}"
            else:
                self._placements[index] = Placement(entry["ShardId"], entry["SequenceNumber"])
        if len(failed) < len(self._waiting):
            self.accepted_at = time.monotonic()
        self._waiting = failed
        return problem

    def _count_throttled(self, code: str, records: int) -> None:
        if code in THROTTLED_CODES:
            self._throttled += records


def _sum_of(calls: Sequence[_PutCall]) -> Delivery:
    deliveries = [call.delivery for call in calls]
    return Delivery(
        tuple(placement for delivery in deliveries for placement in delivery.placements),
        sum(delivery.retried for delivery in deliveries),
        sum(delivery.throttled for delivery in deliveries),
    )
