"""A line on its way out: the bytes it has on the stream, made once.

Upstream: ``producer.line_reader``. Downstream: ``producer.faults``, which sends
it twice, late or damaged, and ``producer.parcels``.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from invoices.record import encode_line
from producer.line_reader import ReadLine


class Outgoing(NamedTuple):
    """One line to send.

    Attributes:
        row: Row of the source it stands on.
        invoice_no: Its invoice, the partition key.
        line_no: Its number in the invoice.
        data: Its bytes; every copy has the same.
        copied: Whether it is a copy of a line that was sent before.
        damage: How it was damaged on purpose; None for a good line.
    """

    row: int
    invoice_no: str
    line_no: int
    data: bytes
    copied: bool = False
    damage: str | None = None


def encode_lines(lines: Iterable[ReadLine]) -> Iterator[Outgoing]:
    """Each line with its bytes."""
    for row, line in lines:
        yield Outgoing(row, line.invoice_no, line.line_no, encode_line(line))
