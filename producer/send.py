"""One ``send`` from end to end: source, faults, records, sink.

Upstream: ``producer.cli``. Downstream: every module of the producer, in the
order a line passes them; none of them knows of the next but through its types.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from connectors.record_sink import RecordSink, SinkError
from producer.account import Account, SendSummary
from producer.faults import Faults
from producer.ledger import Ledger
from producer.line_reader import read_lines
from producer.outgoing import encode_lines
from producer.pace import AtOnce, LinesPerSecond, Pace
from producer.parcels import Parcel, one_line_parcels, packed_parcels
from producer.progress import progress_bar
from producer.refusals import RefusalLog
from producer.sending import send_parcels
from producer.source import LineSource
from producer.stopping import StopRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How to send.

    Attributes:
        pack: Whether consecutive lines of one invoice share a record.
        rate: Lines a second; None for as fast as it goes.
        faults: What to do wrong on purpose.
        refused: Where rows that cannot be sent are written; None for nowhere.
        ledger: Where lines damaged on purpose are written down; None for nowhere.
    """

    pack: bool = False
    rate: float | None = None
    faults: Faults = Faults()  # noqa: RUF009 - frozen
    refused: Path | None = None
    ledger: Path | None = None


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What came of it; ``error`` says why the sink gave up, None when it did not."""

    summary: SendSummary
    error: SinkError | None = None


def send(
    source: LineSource,
    sink: RecordSink,
    options: SendOptions,
    stop: StopRequest,
    console: Console,
) -> SendOutcome:
    """Send all lines of a source.

    Args:
        source: Read to its end, or until ``stop``.
        sink: Where the records go.
        options: How.
        stop: Ends it early.
        console: For refused rows and, on a terminal, the progress bar.

    Raises:
        SourceError: The source, or a file to write, cannot be used.
    """
    error = None
    with (
        RefusalLog(lambda text: _show(console, text), options.refused) as refusals,
        Ledger(options.ledger) as ledger,
        progress_bar(console, source.fraction_read) as show_progress,
    ):
        account = Account(ledger, show_progress)
        parcels = _parcels(source, account, refusals, options)
        try:
            send_parcels(parcels, sink, account, _pace(options.rate), stop)
        except SinkError as raised:
            error = raised
        summary = account.summary(refusals.by_reason, interrupted=stop.made)
    return SendOutcome(summary, error)


def _parcels(
    source: LineSource, account: Account, refusals: RefusalLog, options: SendOptions
) -> Iterator[Parcel]:
    """The way of a line, from the file to the record it leaves in."""
    rows = account.counting(source.rows())
    lines = refusals.accepted(read_lines(rows))
    outgoing = options.faults.apply(encode_lines(lines))
    return packed_parcels(outgoing) if options.pack else one_line_parcels(outgoing)


def _pace(rate: float | None) -> Pace:
    return AtOnce() if rate is None else LinesPerSecond(rate)


def _show(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)
