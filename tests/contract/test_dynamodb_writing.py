"""The writer, over DynamoDB itself: what the store's rules promise holds with the service."""

import random
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from threading import Thread
from urllib.parse import urlsplit

import pytest

from connectors.dynamodb.errors import (
    DynamoDBError,
    RefusedError,
    TableMissingError,
    ThrottledError,
    UnavailableError,
)
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.retrying import RetryPolicy
from connectors.dynamodb.store import DocumentStore
from connectors.dynamodb.tables import create_tables
from connectors.dynamodb.target import DynamoDBTarget, target_of
from connectors.settings import Settings
from flink_job.write_documents import DocumentWriter
from invoices.line import InvoiceLine
from invoices.stored_items import Item
from tests.document_cases import FIRST, batch, contents, contents_of, make_lines
from tests.store_doubles import CountingStore
from tests.unit.test_write_documents import Job, run


@pytest.fixture
def target(unused_settings: Settings) -> DynamoDBTarget:
    """Tables of one's own."""
    made = target_of(unused_settings)
    create_tables(made)
    return made


def lines_of_many_kinds() -> list[InvoiceLine]:
    """Invoices that share customers and stock codes, with all that a table trips over."""
    chance = random.Random(7)
    lines = [
        line._replace(
            stock_code=chance.choice(["M", "S", "POST", "BANK CHARGES", "gift_0001_20", "10001"]),
            description=chance.choice([None, "BLUE ENAMEL TEAPOT", 'SIGN "HOME" 10% é']),
            quantity=chance.randint(-5, 90),
        )
        for number in range(20)
        for line in make_lines(
            chance.choice([1, 2, 20, 60]),
            invoice_no=f"{chance.choice(['', 'C', 'A'])}7{number:05}",
            customer_id=chance.choice(["90001", "90002", "90003", None]),
        )
    ]
    lines += [FIRST._replace(invoice_no=name) for name in ("M", "BOOL", "a.b[0]", "Part")]
    return chance.sample(lines, len(lines))


def written(store: DocumentStore, lines: list[InvoiceLine], cut: int, concurrency: int) -> None:
    """The whole stream through a writer, in batches."""
    writer = DocumentWriter(lambda: store, concurrency)
    writer.open()
    run(Job(lines), writer, [cut] * (len(lines) // cut))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_is_stored_is_what_the_lines_make(target: DynamoDBTarget, concurrency: int) -> None:
    lines = lines_of_many_kinds()
    store = PynamoStore(target)
    written(store, lines, 100, concurrency)
    assert contents(store) == contents_of(lines)


def test_the_service_holds_the_bytes_that_memory_holds(target: DynamoDBTarget) -> None:
    lines = lines_of_many_kinds()
    memory, service = MemoryStore(), PynamoStore(target)
    for store in memory, service:
        written(store, lines, 100, 1)
    assert by_key(memory.scan_invoices()) == by_key(service.scan_invoices())
    assert by_key(memory.scan_customers()) == by_key(service.scan_customers())


def by_key(items: Iterator[Item]) -> dict[tuple[str | int, ...], Item]:
    """Items of a table by their two keys."""
    keys = "InvoiceNo", "CustomerID", "Part"
    return {tuple(item[key] for key in keys if key in item): item for item in items}


def test_a_replay_writes_nothing(target: DynamoDBTarget) -> None:
    lines = lines_of_many_kinds()
    store = CountingStore(PynamoStore(target))
    written(store, lines, 100, 2)
    store.applied = 0
    written(store, lines, 70, 2)
    assert store.applied == 0
    assert contents(store) == contents_of(lines)


def test_units_are_those_the_service_bills(target: DynamoDBTarget) -> None:
    memory, service = DocumentWriter(MemoryStore), DocumentWriter(lambda: PynamoStore(target))
    lines = make_lines(120)
    for writer in memory, service:
        writer.open()
    for payload in batch((0, lines[:70])), batch((70, lines)), batch((0, lines)):
        assert service.write_batch(payload) == memory.write_batch(payload)


class Service(ThreadingHTTPServer):
    """Stands before the emulator and fails as it is told.

    Args:
        endpoint: The emulator.
    """

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(endpoint).netloc
        self.faults: Iterator[str | None] = iter(())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    """Makes the call or not, and answers or not."""

    server: Service
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = next(self.server.faults, None)
        if fault is None:
            self._answer(*self._forward(body))
        elif fault == LOST_ANSWER:
            self._forward(body)
            self.close_connection = True
        else:
            status = 500 if fault in SERVER_FAULTS else 400
            self._answer(status, f'{{"__type":"x#{fault}","message":"not now"}}'.encode())

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection(self.server.behind, timeout=30)
        connection.request("POST", self.path, body, dict(self.headers))
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


LOST_ANSWER = "lost answer"
SERVER_FAULTS = {"InternalServerError", "ServiceUnavailable"}
THROTTLING = ["ProvisionedThroughputExceededException", "ThrottlingException"]


@pytest.fixture
def service(target: DynamoDBTarget) -> Iterator[Service]:
    with Service(str(target.endpoint_url)) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def writer_before(service: Service, target: DynamoDBTarget) -> DocumentWriter:
    """A writer that goes through the failing service, and tries again at once."""
    through = replace(target, endpoint_url=service.url)
    at_once = RetryPolicy(attempts=20, first_wait_seconds=0.001, longest_wait_seconds=0.01)
    writer = DocumentWriter(lambda: PynamoStore(through), 2, at_once)
    writer.open()
    return writer


def test_faults_of_the_service_leave_no_trace(service: Service, target: DynamoDBTarget) -> None:
    lines = lines_of_many_kinds()
    writer = writer_before(service, target)
    chance = random.Random(11)
    kinds = [*THROTTLING, *sorted(SERVER_FAULTS), LOST_ANSWER, *[None] * 15]
    service.faults = iter(lambda: chance.choice(kinds), "never")
    outcomes = run(Job(lines), writer, [100] * (len(lines) // 100))
    writer.close()
    assert sum(outcome.retries for outcome in outcomes) > 10
    assert contents(PynamoStore(target)) == contents_of(lines)


def test_a_write_whose_answer_was_lost_is_found_again(
    service: Service, target: DynamoDBTarget
) -> None:
    writer = writer_before(service, target)
    service.faults = iter([LOST_ANSWER])
    outcome = writer.write_batch(batch((0, [FIRST])))
    writer.close()
    assert (outcome.retries, outcome.merges) == (1, 1)
    assert contents(PynamoStore(target)) == contents_of([FIRST])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *((code, ThrottledError) for code in THROTTLING),
        *((code, UnavailableError) for code in sorted(SERVER_FAULTS)),
        (LOST_ANSWER, UnavailableError),
        ("AccessDeniedException", RefusedError),
        ("ResourceNotFoundException", TableMissingError),
    ],
)
def test_a_lasting_fault_is_raised_for_what_it_is(
    service: Service, target: DynamoDBTarget, fault: str, error: type[DynamoDBError]
) -> None:
    writer = writer_before(service, target)
    service.faults = repeat(fault)
    with pytest.raises(error) as raised:
        writer.write_batch(batch((0, [FIRST])))
    writer.close()
    assert "\n" not in str(raised.value)
