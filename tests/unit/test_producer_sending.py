"""Batches leave at their pace, a few at a time, and each is accounted for."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.record_sink import (
    BatchLimits,
    Delivery,
    MemoryRecordSink,
    Record,
    SinkError,
    record_bytes,
    split_calls,
)
from producer import sending
from producer.pace import AtOnce, LinesPerSecond
from producer.parcels import Parcel, packed_parcels
from producer.sending import CALLS_UNDER_WAY, send_parcels
from producer.stopping import StopRequest
from tests.producer_cases import Told, give_up, outgoing, parcels


@dataclass
class Gate(MemoryRecordSink):
    """A sink whose calls wait at a gate; the ``fails_at``-th gives up, as all do once closed."""

    open: threading.Event = field(default_factory=threading.Event)
    fails_at: int = 0
    calls: int = 0
    under_way: int = 0
    most_under_way: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        super().__init__(limits=BatchLimits(10, 100_000, 10_000))

    def put(self, records: Sequence[Record]) -> Delivery:
        with self.lock:
            self.calls += 1
            call = self.calls
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        while not self.open.wait(0.01) and not self.closed.is_set():
            pass
        with self.lock:
            self.under_way -= 1
        if call == self.fails_at or not self.open.is_set():
            raise give_up(records)
        return super().put(records)

    def close(self) -> None:
        self.closed.set()


class Background(threading.Thread):
    """Sends in another thread; ``error`` is what the sink gave up with."""

    def __init__(self, sink: Gate, told: Told, stop: StopRequest) -> None:
        super().__init__()
        self._arguments = (parcels(100), sink, told, AtOnce(), stop)
        self.error: SinkError | None = None
        self.start()

    def run(self) -> None:
        try:
            send_parcels(*self._arguments)
        except SinkError as error:
            self.error = error


def wait_for_calls(sink: Gate) -> None:
    """Until as many calls are under way as may be, and a little longer."""
    deadline = time.monotonic() + 30
    while sink.under_way < CALLS_UNDER_WAY and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)


def test_every_record_is_sent_and_told_in_the_order_it_left() -> None:
    sink, told = MemoryRecordSink(shards=2), Told()
    send_parcels(parcels(2345), sink, told, AtOnce(), StopRequest())
    assert told.rows == list(range(1, 2346))
    assert [len(batch) for batch, _ in told.batches] == [500, 500, 500, 500, 345]
    assert len(sink.records) == 2345


def test_no_more_calls_are_under_way_than_help() -> None:
    sink, told = Gate(), Told()
    thread = Background(sink, told, StopRequest())
    wait_for_calls(sink)
    assert sink.under_way == CALLS_UNDER_WAY
    sink.open.set()
    thread.join(30)
    assert sink.most_under_way == CALLS_UNDER_WAY
    assert told.rows == list(range(1, 101))


def test_when_the_sink_gives_up_nothing_more_is_begun_and_all_is_told() -> None:
    sink, told = Gate(fails_at=2), Told()
    sink.open.set()
    with pytest.raises(SinkError, match="gave up"):
        send_parcels(parcels(1000), sink, told, AtOnce(), StopRequest())
    assert sink.calls <= 2 + 2 * CALLS_UNDER_WAY
    assert sum(len(batch) for batch, _ in told.batches) == 10 * sink.calls
    assert sum(delivery.unsent for _, delivery in told.batches) == 10


def test_a_record_too_large_for_the_stream_is_an_error() -> None:
    huge = Parcel("700001", b"x" * 2**20, (outgoing(1),))
    with pytest.raises(SinkError, match="a stream takes at most 1,048,576"):
        send_parcels([huge], MemoryRecordSink(), Told(), AtOnce(), StopRequest())


def test_a_stop_lets_calls_under_way_end_and_begins_none() -> None:
    sink, told, stop = Gate(), Told(), StopRequest()
    thread = Background(sink, told, stop)
    wait_for_calls(sink)
    stop.signal_number = 2
    sink.open.set()
    thread.join(30)
    assert told.rows == list(range(1, 10 * CALLS_UNDER_WAY + 1))
    assert sum(delivery.unsent for _, delivery in told.batches) == 0


def test_a_stop_gives_calls_up_that_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "STOP_SECONDS", 0.2)
    sink, told, stop = Gate(), Told(), StopRequest()
    thread = Background(sink, told, stop)
    wait_for_calls(sink)
    stop.signal_number = 2
    thread.join(30)
    assert not thread.is_alive()
    assert thread.error is not None
    assert sum(delivery.unsent for _, delivery in told.batches) == 10 * CALLS_UNDER_WAY


def test_an_error_in_the_source_closes_the_sink() -> None:
    def broken() -> "list[Parcel]":
        raise RuntimeError("broken")

    sink = Gate()
    sink.open.set()
    with pytest.raises(RuntimeError, match="broken"):
        send_parcels((p for _ in [0] for p in broken()), sink, Told(), AtOnce(), StopRequest())
    assert sink.closed.is_set()


def test_a_rate_is_kept() -> None:
    start = time.monotonic()
    send_parcels(parcels(101), MemoryRecordSink(), Told(), LinesPerSecond(200), StopRequest())
    assert 0.5 <= time.monotonic() - start < 5


def test_a_rate_counts_lines_not_records() -> None:
    pace = LinesPerSecond(10)
    packed = list(packed_parcels([outgoing(1), outgoing(2), outgoing(3, "700002"), outgoing(4)]))
    assert [pace.due_seconds(parcel) for parcel in packed] == [0.0, 0.2, 0.3]


def test_at_a_slow_rate_a_line_does_not_wait_for_others() -> None:
    told = Told()
    send_parcels(parcels(4), MemoryRecordSink(), told, LinesPerSecond(8), StopRequest())
    assert [len(batch) for batch, _ in told.batches] == [1, 1, 1, 1]


def test_a_stop_ends_a_wait_for_the_next_line() -> None:
    stop, told = StopRequest(), Told()
    threading.Timer(0.2, lambda: setattr(stop, "signal_number", 2)).start()
    start = time.monotonic()
    send_parcels(parcels(4), MemoryRecordSink(), told, LinesPerSecond(0.01), stop)
    assert time.monotonic() - start < 5
    assert told.rows == [1]


@given(st.lists(st.integers(0, 100), max_size=60), st.integers(1, 10), st.integers(120, 400))
def test_calls_are_cut_where_they_are_full(
    sizes: list[int], records: int, total_bytes: int
) -> None:
    given_parcels = [Parcel("k", b"x" * size, (outgoing(1),)) for size in sizes]
    limits = BatchLimits(records, total_bytes, 120)
    calls = list(split_calls(given_parcels, limits))
    assert [parcel for call in calls for parcel in call] == given_parcels
    for call in calls:
        assert 1 <= len(call) <= records
        assert sum(map(record_bytes, call)) <= total_bytes
    for call, following in pairwise(calls):
        one_more = sum(map(record_bytes, [*call, following[0]]))
        assert len(call) == records or one_more > total_bytes
