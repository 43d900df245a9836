"""What was sent: counted as calls are answered, summed up at the end.

Upstream: ``producer.sending``. Downstream: ``producer.ledger``,
``producer.progress``, the summary a person or a program reads.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from connectors.record_sink import Delivery, Placement, record_bytes
from producer.ledger import Ledger
from producer.parcels import Parcel
from producer.source import Row


@dataclass(frozen=True, slots=True)
class SendSummary:
    """What one ``send`` did.

    Attributes:
        rows_read: Rows of the source, whatever became of them.
        refused: Rows that could not be sent.
        refused_by_reason: The same by reason code.
        lines_sent: Lines on the stream, copies and damaged ones among them.
        records_sent: Records they travelled in.
        packed_records: Records of several lines among these.
        bytes_sent: Size of the records with their keys.
        duplicates: Lines sent a second time on purpose.
        corrupted: Lines damaged on purpose.
        unsent: Lines that were handed over and not accepted.
        retries: How many times a record was sent again.
        throttled: How many of the refusals were for too high a rate.
        seconds: From the first row read to the last answer.
        lines_per_second: ``lines_sent`` over ``seconds``.
        interrupted: Whether Ctrl-C ended it before the source did.
    """

    rows_read: int
    refused: int
    refused_by_reason: Mapping[str, int]
    lines_sent: int
    records_sent: int
    packed_records: int
    bytes_sent: int
    duplicates: int
    corrupted: int
    unsent: int
    retries: int
    throttled: int
    seconds: float
    lines_per_second: float
    interrupted: bool

    def values(self) -> dict[str, object]:
        """Every value by name, for JSON."""
        return asdict(self)


class Account:
    """Counts while a ``send`` runs; a ``producer.sending.Receiver``.

    Args:
        ledger: Where lines damaged on purpose are written down.
        show_progress: Called with the lines sent so far.
    """

    def __init__(self, ledger: Ledger, show_progress: Callable[[int], None]) -> None:
        self._ledger = ledger
        self._show_progress = show_progress
        self._start = time.monotonic()
        self._rows = 0
        self._lines = self._records = self._packed = self._bytes = 0
        self._duplicates = self._corrupted = self._unsent = 0
        self._retries = self._throttled = 0

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted."""
        for row in rows:
            self._rows += 1
            yield row

    def settled(self, batch: Sequence[Parcel], delivery: Delivery) -> None:
        """Count a batch; see ``producer.sending.Receiver``."""
        for parcel, placement in zip(batch, delivery.placements, strict=True):
            if placement is None:
                self._unsent += len(parcel.lines)
            else:
                self._count(parcel, placement)
        self._retries += delivery.retried
        self._throttled += delivery.throttled
        self._show_progress(self._lines)

    def _count(self, parcel: Parcel, placement: Placement) -> None:
        lines = parcel.lines
        self._records += 1
        self._lines += len(lines)
        self._packed += len(lines) > 1
        self._bytes += record_bytes(parcel)
        self._duplicates += sum(line.copied for line in lines)
        if lines[0].damage is not None:
            self._corrupted += 1
            self._ledger.add(lines[0], placement)

    def summary(self, refused_by_reason: Mapping[str, int], *, interrupted: bool) -> SendSummary:
        """Everything counted so far."""
        seconds = time.monotonic() - self._start
        return SendSummary(
            rows_read=self._rows,
            refused=sum(refused_by_reason.values()),
            refused_by_reason=refused_by_reason,
            lines_sent=self._lines,
            records_sent=self._records,
            packed_records=self._packed,
            bytes_sent=self._bytes,
            duplicates=self._duplicates,
            corrupted=self._corrupted,
            unsent=self._unsent,
            retries=self._retries,
            throttled=self._throttled,
            seconds=round(seconds, 3),
            lines_per_second=round(self._lines / seconds, 1) if seconds else 0.0,
            interrupted=interrupted,
        )
