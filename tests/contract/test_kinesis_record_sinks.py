"""Every sink of records keeps the same promises: Kinesis, and the one in memory."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeAlias

import pytest

from connectors.kinesis import KinesisRecordSink
from connectors.kinesis_connection import StreamAddress, connect
from connectors.record_sink import MemoryRecordSink, Placement, RecordSink, SinkError
from connectors.settings import Settings


@dataclass(frozen=True, slots=True)
class Sent:
    """A record to send."""

    partition_key: str
    data: bytes


Stored: TypeAlias = dict[Placement, Sent]


@dataclass(frozen=True, slots=True)
class Subject:
    """A sink over two shards, and a look at what it holds."""

    sink: RecordSink
    stored: Callable[[], Stored]


@pytest.fixture(params=["memory", "kinesis"])
def subject(request: pytest.FixtureRequest) -> Subject:
    if request.param == "memory":
        memory = MemoryRecordSink(shards=2)
        return Subject(memory, lambda: in_memory(memory))
    settings: Settings = request.getfixturevalue("settings")
    address = StreamAddress.of(settings)
    client = connect(address)
    return Subject(KinesisRecordSink(client, address), lambda: on_stream(settings))


def in_memory(sink: MemoryRecordSink) -> Stored:
    return {place: Sent(record.partition_key, record.data) for place, record in sink.records}


def on_stream(settings: Settings) -> Stored:
    client = connect(StreamAddress.of(settings))
    stored: Stored = {}
    for shard in client.list_shards(StreamName=settings.stream)["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName=settings.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while records := (answer := client.get_records(ShardIterator=iterator))["Records"]:
            for record in records:
                place = Placement(shard["ShardId"], record["SequenceNumber"])
                stored[place] = Sent(record["PartitionKey"], record["Data"])
            iterator = answer["NextShardIterator"]
    return stored


def records(count: int) -> list[Sent]:
    return [Sent(f"7{number % 17:05d}", f"line {number}".encode()) for number in range(count)]


def test_every_record_is_where_its_placement_says(subject: Subject) -> None:
    sent = records(1234)
    delivery = subject.sink.put(sent)
    assert delivery.unsent == delivery.retried == delivery.throttled == 0
    assert subject.stored() == dict(zip(delivery.placements, sent, strict=True))


def test_records_of_one_key_stand_on_one_shard_in_order(subject: Subject) -> None:
    sent = records(200)
    places = subject.sink.put(sent).placements
    shards: dict[str, set[str]] = {}
    for record, place in zip(sent, places, strict=True):
        assert place is not None
        shards.setdefault(record.partition_key, set()).add(place.shard_id)
    assert all(len(ids) == 1 for ids in shards.values())
    assert len(set.union(*shards.values())) == 2
    numbers = [place.sequence_number for place in places if place is not None]
    assert numbers == sorted(set(numbers))


def test_any_bytes_under_any_key_arrive_as_they_are(subject: Subject) -> None:
    sent = [
        Sent("k" * 256, bytes(range(256))),
        Sent("\N{SNOWMAN}", b"\xff\xfe"),
        Sent("k", b" "),
        Sent("k", base64.b64encode(b"line")),
    ]
    delivery = subject.sink.put(sent)
    assert subject.stored() == dict(zip(delivery.placements, sent, strict=True))


def test_more_than_a_call_takes_is_sent_in_several(subject: Subject) -> None:
    mebibyte = subject.sink.limits.record_bytes
    sent = [Sent("k", bytes([number]) * (mebibyte - 1)) for number in range(7)]
    delivery = subject.sink.put(sent)
    assert subject.stored() == dict(zip(delivery.placements, sent, strict=True))


def test_a_record_too_large_is_an_error_and_nothing_is_sent(subject: Subject) -> None:
    mebibyte = subject.sink.limits.record_bytes
    with pytest.raises(SinkError, match="record of k2 has 1,048,577 bytes"):
        subject.sink.put([Sent("k1", b"fits"), Sent("k2", b"x" * (mebibyte - 1))])
    assert subject.stored() == {}


def test_nothing_to_send_is_fine(subject: Subject) -> None:
    assert subject.sink.put([]).placements == ()


def test_several_threads_may_send_at_once(subject: Subject) -> None:
    batches = [[Sent(f"k{place}", f"{place}".encode())] * 50 for place in range(40)]
    with ThreadPoolExecutor(8) as pool:
        deliveries = list(pool.map(subject.sink.put, batches))
    placed = {
        place: record
        for batch, delivery in zip(batches, deliveries, strict=True)
        for place, record in zip(delivery.placements, batch, strict=True)
    }
    assert len(placed) == 2000
    assert subject.stored() == placed


def test_a_stream_that_is_not_there_is_an_error_that_names_it(settings: Settings) -> None:
    address = replace(StreamAddress.of(settings), stream="no-such-stream")
    with pytest.raises(SinkError, match=f"no stream no-such-stream at {settings.endpoint_url}"):
        connect(address)
