"""A stream, a job on it, and what its stores hold."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.aws import kinesis_client
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.target import target_of
from connectors.lake import LakePart, open_lake
from connectors.settings import Settings
from invoices.invoice import group_lines
from invoices.line import InvoiceLine
from invoices.record import encode_line
from ops.flink_rest import FlinkRest
from ops.job_figures import IdleWatch, read_figures
from ops.minicluster import JOB_MAIN, JobProcess, application_properties, launch
from ops.processes import free_port
from tests.document_cases import contents, contents_of

START_SECONDS = 180.0
"""Flink starts in a quarter of a minute; a busy machine takes its time."""

IDLE_SECONDS = 2.0


@dataclass
class Scene:
    """What was sent, and the services it went through.

    Attributes:
        settings: A stream, tables and a bucket nobody else uses.
        folder: Where the job keeps its state.
        sent: Lines sent, in order, repeats and conflicts among them.
    """

    settings: Settings
    folder: Path
    sent: list[InvoiceLine] = field(default_factory=list)

    def launch(
        self,
        properties: Mapping[str, str] | None = None,
        restore_from: Path | None = None,
        main: str = JOB_MAIN,
        checkpoint_interval_ms: int = 4000,
    ) -> JobProcess:
        """Start the job and wait until it runs."""
        job = launch(
            self.folder,
            application_properties(self.settings, properties),
            rest_port=free_port(),
            settings=self.settings,
            restore_from=None if restore_from is None else str(restore_from),
            checkpoint_interval_ms=checkpoint_interval_ms,
            main=main,
        )
        job.wait_until_running(START_SECONDS)
        return job

    def send(self, lines: Iterable[InvoiceLine]) -> None:
        """Put lines on the stream, one record each."""
        batch = list(lines)
        self.sent += batch
        self.send_records([(line.invoice_no, encode_line(line)) for line in batch])

    def send_records(self, records: Sequence[tuple[str, bytes]]) -> None:
        """Put records on the stream, each under its key."""
        client = kinesis_client(self.settings)
        for start in range(0, len(records), 500):
            answer = client.put_records(
                StreamName=self.settings.stream,
                Records=[
                    {"PartitionKey": key, "Data": data}
                    for key, data in records[start : start + 500]
                ],
            )
            assert answer["FailedRecordCount"] == 0

    def rows(self, part: LakePart) -> list[dict[str, Any]]:
        """Rows of a part of the lake, as they are there."""
        rows: list[dict[str, Any]] = open_lake(self.settings).read(part).to_pylist()
        return rows

    def lines_in_lake(self) -> Counter[tuple[str, int]]:
        """How many rows of ``lines/`` have each identity."""
        return Counter((row["invoice_no"], row["line_no"]) for row in self.rows(LakePart.LINES))

    def wrong_documents(self) -> list[object]:
        """Invoices and purchases, found or wanted, that are not in both tables as they must be."""
        found = contents(PynamoStore(target_of(self.settings)))
        wanted = contents_of(self.sent)
        numbers = found.invoices.keys() | wanted.invoices.keys()
        invoices = [
            (found.invoices.get(number), wanted.invoices.get(number))
            for number in sorted(numbers)
            if found.invoices.get(number) != wanted.invoices.get(number)
        ]
        return [*invoices, *(found.purchases ^ wanted.purchases)]

    def expected_lines(self) -> Counter[tuple[str, int]]:
        """Every line that was sent, once."""
        return Counter({line.identity for line in self.sent})

    def last_revisions(self) -> dict[str, tuple[int, int, str]]:
        """Lines, units and total of the newest revision of each invoice in ``invoices/``."""
        newest: dict[str, tuple[int, int, str]] = {}
        for row in sorted(self.rows(LakePart.INVOICES), key=lambda row: int(row["revision"])):
            newest[row["invoice_no"]] = (len(row["lines"]), row["units"], str(row["total"]))
        return newest

    def expected_revisions(self) -> dict[str, tuple[int, int, str]]:
        """The same of all that was sent."""
        return {
            number: (invoice.revision, invoice.units, str(invoice.total))
            for number, invoice in group_lines(self.sent).items()
        }


def wait_for(condition: Callable[[], bool], what: str, timeout_seconds: float = 120.0) -> None:
    """Poll until it holds; fails the test when it does not in time."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_seconds:.0f} s for {what}"
        time.sleep(0.2)


def wait_until_idle(job: JobProcess) -> None:
    """Wait until every record was read and every document written."""
    rest, watch = FlinkRest(job.rest_url), IdleWatch(IDLE_SECONDS, shards=2)
    wait_for(lambda: watch.idle(read_figures(rest), time.monotonic()), "the job to be idle")


def stop(job: JobProcess) -> str:
    """Stop with a savepoint; returns its location when the process has ended."""
    savepoints = (job.directory / "savepoints").as_uri()
    location = FlinkRest(job.rest_url).stop_with_savepoint(savepoints)
    assert job.wait(120) == "FINISHED", job.cause()
    return location
