"""Lines become records of the stream: those of one invoice travel together.

Upstream: ``api.ingestion``. Downstream: a ``connectors.record_sink.RecordSink``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from invoices.contract import MAX_RECORD_LINES
from invoices.line import InvoiceLine
from invoices.record import encode_line, pack_encoded

MAX_PACK_BYTES = 24_000
"""Below the 25 KB that Kinesis bills as one unit, so that a shard's 1 MB/s is shared evenly."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A record for the stream: one line, or several of one invoice."""

    partition_key: str
    data: bytes


def pack_lines(lines: Iterable[InvoiceLine]) -> Iterator[Pack]:
    """Records that hold these lines, an invoice's in the order given."""
    by_invoice: dict[str, list[bytes]] = {}
    for line in lines:
        by_invoice.setdefault(line.invoice_no, []).append(encode_line(line))
    for invoice_no, encoded in by_invoice.items():
        for group in _groups(encoded):
            yield Pack(invoice_no, group[0] if len(group) == 1 else pack_encoded(group))


def _groups(encoded: Iterable[bytes]) -> Iterator[list[bytes]]:
    """As many lines as a record may hold; one that is larger than a pack travels alone."""
    group: list[bytes] = []
    size = 0
    for data in encoded:
        size += len(data) + 1
        if group and (size > MAX_PACK_BYTES or len(group) == MAX_RECORD_LINES):
            yield group
            group, size = [], len(data) + 1
        group.append(data)
    yield group
