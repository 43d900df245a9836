"""How many lines were delivered, counted on the stream itself: what duplicates are told from.

Upstream: Kinesis, from its oldest record. A job's counters start at nought when it
is restored, so they cannot say how many copies it dropped over its life; the
stream and what the stores hold of it can.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pyarrow as pa

from invoices.contract import MAX_RECORD_LINES

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

RECORDS_A_CALL = 10_000


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What a stream holds.

    Attributes:
        lines: Lines in its records; a record that is none counts as one.
        first: Sequence number of the oldest record of each shard that has any.
    """

    lines: int
    first: dict[str, str]


def count_deliveries(client: "KinesisClient", stream: str) -> Deliveries:
    """Read the whole stream, as far as it reaches now."""
    lines = 0
    first: dict[str, str] = {}
    for shard in _shards(client, stream):
        for sequence_number, data in _records(client, stream, shard):
            first.setdefault(shard, sequence_number)
            lines += lines_in(data)
    return Deliveries(lines, first)


def lines_in(data: bytes) -> int:
    """Lines in a record: the elements of an array that keeps the contract's length, else one."""
    if not data.lstrip().startswith(b"["):
        return 1
    try:
        elements = orjson.loads(data)
    except orjson.JSONDecodeError:
        return 1
    return len(elements) if 1 <= len(elements) <= MAX_RECORD_LINES else 1


def _shards(client: "KinesisClient", stream: str) -> list[str]:
    pages = client.get_paginator("list_shards").paginate(StreamName=stream)
    return [shard["ShardId"] for page in pages for shard in page["Shards"]]


def _records(client: "KinesisClient", stream: str, shard: str) -> Iterator[tuple[str, bytes]]:
    iterator: str | None = client.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while iterator:
        answer = client.get_records(ShardIterator=iterator, Limit=RECORDS_A_CALL)
        for record in answer["Records"]:
            yield record["SequenceNumber"], record["Data"]
        if not answer["Records"] and not answer["MillisBehindLatest"]:
            return
        iterator = answer.get("NextShardIterator")


def duplicates_dropped(deliveries: Deliveries, lines: pa.Table, rejected: pa.Table) -> int | None:
    """Deliveries that are neither in ``lines/`` nor in ``rejected/``.

    Args:
        deliveries: What the stream holds.
        lines: All rows of ``lines/``, copies included.
        rejected: All rows of ``rejected/``.

    Returns:
        None when it cannot be known: the stream no longer holds all that the lake does,
        or the lake was not filled from it.
    """
    oldest = [*_oldest(lines).items(), *_oldest(rejected).items()]
    for shard, sequence_number in oldest:
        first = deliveries.first.get(shard or "")
        if first is None or sequence_number is None or int(sequence_number) < int(first):
            return None
    dropped = deliveries.lines - _deliveries_of(lines) - _deliveries_of(rejected)
    return dropped if dropped >= 0 else None


def _oldest(table: pa.Table) -> dict[str | None, str | None]:
    grouped = table.group_by("shard_id").aggregate([("sequence_number", "min")])
    return dict(
        zip(
            grouped["shard_id"].to_pylist(), grouped["sequence_number_min"].to_pylist(), strict=True
        )
    )


def _deliveries_of(table: pa.Table) -> int:
    """Rows, each delivery once: a restart without state appends some a second time."""
    keys = ["shard_id", "sequence_number", "invoice_no", "line_no"]
    if "element" in table.column_names:
        keys.append("element")
    return int(table.group_by(keys).aggregate([]).num_rows)
