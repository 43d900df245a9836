"""Lines become records of the stream, one each or packed by invoice.

Upstream: ``producer.outgoing``, ``producer.faults``. Downstream: ``producer.sending``.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from invoices.contract import MAX_RECORD_LINES
from invoices.record import pack_encoded
from producer.outgoing import Outgoing

MAX_PACK_BYTES = 24_000
"""Largest packed record: below the 25 KB that Kinesis bills as one unit, so that a shard's
1 MB/s is shared out evenly."""

_BRACKETS_AND_COMMA = 3


class Parcel(NamedTuple):
    """A record with the lines that are in it.

    Attributes:
        partition_key: Number of the lines' invoice.
        data: The record's bytes.
        lines: What is in it, in order; never empty.
    """

    partition_key: str
    data: bytes
    lines: tuple[Outgoing, ...]


def one_line_parcels(lines: Iterable[Outgoing]) -> Iterator[Parcel]:
    """A record for every line."""
    for line in lines:
        yield Parcel(line.invoice_no, line.data, (line,))


def packed_parcels(
    lines: Iterable[Outgoing], max_lines: int = MAX_RECORD_LINES, max_bytes: int = MAX_PACK_BYTES
) -> Iterator[Parcel]:
    """Consecutive lines of one invoice in one record; a damaged line travels alone.

    Args:
        lines: The lines, in the order they leave in.
        max_lines: Most lines of a record.
        max_bytes: Most bytes of a record of several lines.
    """
    run: list[Outgoing] = []
    size = 0
    for line in lines:
        size += len(line.data) + 1
        fits = len(run) < max_lines and size + _BRACKETS_AND_COMMA <= max_bytes
        if run and not (fits and _may_share(run[-1], line)):
            yield _pack(run)
            run, size = [], len(line.data) + 1
        run.append(line)
    if run:
        yield _pack(run)


def _may_share(one: Outgoing, other: Outgoing) -> bool:
    return one.invoice_no == other.invoice_no and one.damage is None and other.damage is None


def _pack(run: list[Outgoing]) -> Parcel:
    data = run[0].data if len(run) == 1 else pack_encoded(line.data for line in run)
    return Parcel(run[0].invoice_no, data, tuple(run))
