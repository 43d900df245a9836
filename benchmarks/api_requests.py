"""What the API is asked in the benchmark, and the customer it is asked about.

Upstream: ``benchmarks.api_latency``. Downstream: ``flink_job.write_documents`` fills the
tables, the events go to the functions.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from api.bring_up import ApiAccess
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.target import target_of
from connectors.settings import Settings
from flink_job.write_documents import DocumentWriter

Event: TypeAlias = dict[str, Any]

CUSTOMER = "90001"
INVOICES = 1000
LINES_AN_INVOICE = 20


def fill_tables(settings: Settings) -> None:
    """A customer with many invoices, a hundred written at a time."""
    writer = DocumentWriter(lambda: PynamoStore(target_of(settings)))
    writer.open()
    newest = datetime(2011, 8, 31, 12, 0)
    revisions = [
        {
            "invoice_no": str(600_000 + number),
            "revision": LINES_AN_INVOICE,
            "previous_revision": 0,
            "lines": [
                [line, f"1{line:04}", "BLUE ENAMEL TEAPOT", 6, date, "2.55", CUSTOMER, "France"]
                for line in range(1, LINES_AN_INVOICE + 1)
            ],
        }
        for number in range(INVOICES)
        for date in [(newest - timedelta(days=number % 270)).isoformat()]
    ]
    for start in range(0, INVOICES, 100):
        writer.write_batch(json.dumps(revisions[start : start + 100]).encode())
    writer.close()


def requests(access: ApiAccess) -> Iterator[tuple[str, str, Event]]:
    """What is asked, of which function, by which event."""
    reader = {"Authorization": f"Bearer {access.tokens[CUSTOMER]}"}
    sender = {"Content-Type": "application/json", "x-api-key": access.ingest_key}
    for count in (1, 100, 500):
        body = json.dumps([_line(number) for number in range(1, count + 1)])
        yield f"{count} lines", "ingestion", _event("POST", "/invoice-lines", sender, body=body)
    path = f"/customers/{CUSTOMER}/invoices"
    yield "page of 25", "history", _event("GET", path, reader)
    yield "page of 100", "history", _event("GET", path, reader, limit="100")
    yield "summary of 1,000", "history", _event("GET", f"/customers/{CUSTOMER}/summary", reader)
    yield "one invoice", "history", _event("GET", "/invoices/600007", reader)


def _line(number: int) -> Event:
    return {
        "SchemaVersion": 1,
        "InvoiceNo": str(700_000 + number // 20),
        "LineNo": number,
        "StockCode": f"1{number:04}",
        "Description": "BLUE ENAMEL TEAPOT",
        "Quantity": 6,
        "InvoiceDate": "2011-08-31T12:00:00",
        "UnitPrice": "2.55",
        "CustomerID": CUSTOMER,
        "Country": "France",
    }


def _event(
    method: str, path: str, headers: dict[str, str], *, body: str | None = None, **query: str
) -> Event:
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": None,
        "requestContext": {"requestId": "1", "stage": "v1", "path": path, "identity": {}},
        "body": body,
        "isBase64Encoded": False,
    }
