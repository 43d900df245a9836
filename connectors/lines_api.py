"""The HTTP API as a sink: records go out as requests of up to 500 lines.

Upstream: ``connectors.record_sink.RecordSink``, the port this is an adapter of, for
records that hold good lines. Downstream: ``POST /invoice-lines`` (``docs/api.md``),
behind it the stream. A request sent again is the same lines, so one whose answer was
lost is simply sent again.
"""

import time
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Final

import orjson
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event
from tenacity.wait import wait_random_exponential

from connectors.kinesis import DEFAULT_RETRY, RetryPolicy
from connectors.lines_api_answers import (
    Answer,
    ApiAddress,
    WaitingError,
    explain,
    is_taken,
    refused_lines,
)
from connectors.record_sink import (
    BatchLimits,
    Delivery,
    Placement,
    Record,
    SinkError,
    UndeliveredError,
    refuse_oversize,
)
from invoices.contract import MAX_RECORD_LINES

API_LIMITS = BatchLimits(records=MAX_RECORD_LINES, total_bytes=4_000_000, record_bytes=2**20)
"""The API takes 4 MB; a little is left for brackets and commas."""

NOT_TOLD: Final = Placement("", "")
"""Where a record stands on the stream, which the API does not say."""

MAX_CONNECTIONS = 8
_TIMEOUT = urllib3.Timeout(connect=5, read=35)
"""API Gateway itself gives up after 29 s."""

_NO_LINES = b"[]"
_REFUSED_AS_EMPTY = 400


class ApiRecordSink:
    """Sends records of line items through the API.

    Delivery: at least once. ``put`` returns when the API has accepted every line; a line
    is on the stream twice when an answer was lost, which the job makes one of.
    """

    def __init__(self, address: ApiAddress, retry: RetryPolicy = DEFAULT_RETRY) -> None:
        self._address = address
        self._retry = retry
        self._closing = Event()
        self._pool = urllib3.PoolManager(
            maxsize=MAX_CONNECTIONS, block=True, timeout=_TIMEOUT, retries=False
        )

    @property
    def limits(self) -> BatchLimits:
        """Those of one request."""
        return API_LIMITS

    def check(self) -> None:
        """See that there is an API that knows the key.

        Raises:
            SinkError: There is not.
        """
        try:
            answer = self._post(_NO_LINES)
        except WaitingError as error:
            raise SinkError(f"the API at {self._address.url} cannot be used: {error}") from error
        if answer.status != _REFUSED_AS_EMPTY:
            raise SinkError(explain(answer, self._address))

    def put(self, records: Sequence[Record]) -> Delivery:
        """Send all records; see ``RecordSink.put``. Where they stand is not told.

        Raises:
            UndeliveredError: Some lines were not accepted within a bounded time, or are bad.
            SinkError: A record is larger than the API takes; nothing was sent.
        """
        refuse_oversize(records, self.limits)
        sending = _Sending(records)
        try:
            for places in split_requests(records):
                request = [records[place] for place in places]
                body = b"[" + b",".join(map(_elements, request)) + b"]"
                self._retrying(sending)(self._attempt, sending, places, body)
        except (WaitingError, SinkError) as error:
            delivery = sending.delivery
            raise UndeliveredError(self._problem(error, delivery), delivery) from error
        return sending.delivery

    def close(self) -> None:
        """See ``RecordSink.close``."""
        self._closing.set()

    def _attempt(self, sending: "_Sending", places: range, body: bytes) -> None:
        sending.begin(places)
        try:
            answer = self._post(body)
        except WaitingError as error:
            sending.wait(places, error)
            raise
        if not is_taken(answer):
            raise SinkError(explain(answer, self._address))
        refused = refused_lines(answer)
        if refused:
            raise SinkError(f"the API at {self._address.url} refuses {refused}")
        sending.take(places)

    def _post(self, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", "x-api-key": self._address.key}
        try:
            answer = self._pool.request("POST", self._address.lines_url, body=body, headers=headers)
        except urllib3.exceptions.LocationValueError as error:
            raise SinkError(f"{self._address.url} is not the address of an API") from error
        except urllib3.exceptions.HTTPError as error:
            raise WaitingError(f"no answer ({type(error).__name__})") from error
        return Answer.of(answer.status, answer.headers, answer.data)

    def _retrying(self, sending: "_Sending") -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(WaitingError),
            wait=self._wait,
            stop=lambda state: self._closing.is_set() or self._stalled(sending, state),
            sleep=sleep_using_event(self._closing),
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        """At least as long as the API asks for."""
        backoff = wait_random_exponential(self._retry.first_seconds, self._retry.longest_seconds)
        return max(_asked_seconds(state), backoff(state))

    def _stalled(self, sending: "_Sending", state: RetryCallState) -> bool:
        """Nothing taken for long, or nothing will be for long."""
        waited = time.monotonic() - sending.taken_at
        return max(waited, _asked_seconds(state)) >= self._retry.give_up_seconds

    def _problem(self, error: Exception, delivery: Delivery) -> str:
        unsent = f"{delivery.unsent} of {len(delivery.placements)} records are unsent"
        if not isinstance(error, WaitingError):
            return f"{error}; {unsent}"
        if self._closing.is_set():
            return f"stopped before the API took everything; {unsent}"
        return f"gave up on the API at {self._address.url}, which took nothing: {error}; {unsent}"


class _Sending:
    """The records of one ``put``, on the way."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._placements: list[Placement | None] = [None] * len(records)
        self._begun = self._retried = self._throttled = 0
        self.taken_at = time.monotonic()

    @property
    def delivery(self) -> Delivery:
        """What became of the records so far."""
        return Delivery(tuple(self._placements), self._retried, self._throttled)

    def begin(self, places: range) -> None:
        """Count what is sent again."""
        self._retried += len(places) if places.start < self._begun else 0
        self._begun = places.stop

    def wait(self, places: range, error: WaitingError) -> None:
        """Count what was refused for too high a rate."""
        self._throttled += len(places) if error.throttled else 0

    def take(self, places: range) -> None:
        """The API has these."""
        for place in places:
            self._placements[place] = NOT_TOLD
        self.taken_at = time.monotonic()


def split_requests(records: Sequence[Record]) -> Iterator[range]:
    """Places of the records of each request, in order, cut by lines and by bytes."""
    start = lines = total = 0
    for place, record in enumerate(records):
        count, size = line_count(record), len(record.data) + 1
        full = lines + count > MAX_RECORD_LINES or total + size > API_LIMITS.total_bytes
        if place > start and full:
            yield range(start, place)
            start, lines, total = place, 0, 0
        lines += count
        total += size
    if start < len(records):
        yield range(start, len(records))


def line_count(record: Record) -> int:
    """How many lines a record holds.

    Raises:
        SinkError: It is not one line item, nor several.
    """
    try:
        value = orjson.loads(record.data)
    except ValueError as error:
        raise SinkError(
            f"a record of {record.partition_key} is not JSON: damaged records go to the stream only"
        ) from error
    return len(value) if isinstance(value, list) else 1


def _elements(record: Record) -> bytes:
    """The lines of a record as they stand in an array."""
    data = record.data.strip()
    return data[1:-1] if data[:1] == b"[" else data


def _asked_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.retry_after if isinstance(error, WaitingError) else 0.0
