"""From a line's PutRecords to the line in DynamoDB, at a steady rate.

A tenth of the invoices are probes: they are read, consistently, again and again until
each of their lines is there. The time between two looks counts as waiting, so that the
figures are never better than the truth.

Upstream: ``benchmarks.run``. Downstream: ``benchmarks.live_job``.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import quantiles
from threading import Event, Lock, Thread
from typing import Self

from benchmarks.live_job import LiveJob, live_job
from benchmarks.sample_lines import sample_lines
from benchmarks.write_units import units_line_by_line
from connectors.aws import kinesis_client
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.target import target_of
from invoices.stored_invoices import read_part

LINES_PER_SECOND = 1000
LINES_PER_CALL = 50
WARM_UP_SECONDS = 15
PROBE_EVERY = 10
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line on its way.

    Attributes:
        invoice_no: Its invoice.
        line_no: Its number there.
        text: The line as JSON.
    """

    invoice_no: str
    line_no: int
    text: str


@dataclass(frozen=True, slots=True)
class Latency:
    """How long lines took, and what the job did meanwhile.

    Attributes:
        seconds: From before PutRecords to seen in DynamoDB, a line of a probed invoice each.
        lines: Lines the job took in all.
        write_units: Write units DynamoDB billed for them.
        write_units_line_by_line: What one write a line would have been billed.
    """

    seconds: list[float]
    lines: int
    write_units: float
    write_units_line_by_line: float

    def percentile(self, percent: int) -> float:
        """Seconds within which so many per cent of the lines were there."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def measure_latency(seconds: int, folder: Path, say: Callable[[str], None]) -> Latency:
    """Send lines for so many seconds, after a warm-up, and see when they arrive.

    Raises:
        TimeoutError: A line did not arrive.
    """
    total = (WARM_UP_SECONDS + seconds) * LINES_PER_SECOND
    lines = list(islice(_sent_lines(random.Random(2)), total))
    with live_job(folder) as job:
        say(f"sending {LINES_PER_SECOND:,} lines/s for {WARM_UP_SECONDS + seconds} s")
        with _Probes(job) as probes:
            _send(lines, job, probes)
        _wait_for_metric(job, "lines_accepted", total)
        return Latency(
            seconds=probes.waited,
            lines=total,
            write_units=job.rest.metric("write_units"),
            write_units_line_by_line=units_line_by_line(line.text for line in lines),
        )


def _sent_lines(source: random.Random) -> Iterator[SentLine]:
    for text in sample_lines(source):
        fields = json.loads(text)
        yield SentLine(fields["InvoiceNo"], fields["LineNo"], text)


def _send(lines: Sequence[SentLine], job: LiveJob, probes: "_Probes") -> None:
    client = kinesis_client(job.settings)
    start = time.monotonic()
    for first in range(0, len(lines), LINES_PER_CALL):
        call = lines[first : first + LINES_PER_CALL]
        time.sleep(max(0.0, start + first / LINES_PER_SECOND - time.monotonic()))
        if first >= WARM_UP_SECONDS * LINES_PER_SECOND:
            probes.sent(call)
        answer = client.put_records(
            StreamName=job.settings.stream,
            Records=[
                {"PartitionKey": line.invoice_no, "Data": line.text.encode()} for line in call
            ],
        )
        if answer["FailedRecordCount"]:
            raise RuntimeError(f"{answer['FailedRecordCount']} records were refused")


class _Probes:
    """Looks for the lines of probed invoices in a thread of its own."""

    def __init__(self, job: LiveJob) -> None:
        self.waited: list[float] = []
        self._store = PynamoStore(target_of(job.settings))
        self._pending: dict[str, dict[int, float]] = {}
        self._lock = Lock()
        self._all_sent = Event()
        self._thread = Thread(target=self._look_until_all_are_there, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._all_sent.set()
        self._thread.join(PATIENCE_SECONDS)
        self._store.close()
        if self._pending:
            raise TimeoutError(f"{len(self._pending)} invoices are not whole in DynamoDB")

    def sent(self, lines: Sequence[SentLine]) -> None:
        """These lines leave now."""
        now = time.monotonic()
        probed = [line for line in lines if int(line.invoice_no) % PROBE_EVERY == 0]
        with self._lock:
            for line in probed:
                self._pending.setdefault(line.invoice_no, {})[line.line_no] = now

    def _look_until_all_are_there(self) -> None:
        while self._pending or not self._all_sent.is_set():
            with self._lock:
                pending = list(self._pending)
            for invoice_no in pending:
                self._look(invoice_no)
            time.sleep(LOOK_SECONDS)

    def _look(self, invoice_no: str) -> None:
        parts = map(read_part, self._store.read_parts(invoice_no))
        stored = {line.line_no for part in parts for line in part.lines}
        now = time.monotonic()
        with self._lock:
            waiting = self._pending[invoice_no]
            self.waited += [now - waiting.pop(line_no) for line_no in stored & waiting.keys()]
            if not waiting:
                del self._pending[invoice_no]


def _wait_for_metric(job: LiveJob, name: str, wanted: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (value := job.rest.metric(name)) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is {value:.0f}, not {wanted}")
        time.sleep(1)
