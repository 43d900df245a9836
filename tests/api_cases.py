"""Requests, events, tokens and stored purchases for tests of the API."""

import base64
import io
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TextIO, TypeAlias, cast

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.local_identity import LocalIdentity, new_identity
from api.observability import Observability
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.store import DocumentStore
from flink_job.write_documents import DocumentWriter
from invoices.contract import LINE_FIELDS
from invoices.invoice import group_lines
from invoices.line import InvoiceLine
from tests.document_cases import FIRST, batch

Json: TypeAlias = dict[str, object]
Handler: TypeAlias = Callable[[Json, LambdaContext], dict[str, object]]

IDENTITY = new_identity()
CONTEXT = LambdaContext()
CONTEXT._function_name = "invoice-stream-test"
HOUR = timedelta(hours=1)

SECRET_WORDS = ("90001", "BLUE ENAMEL TEAPOT", "secret-key-of-a-sender", "Bearer", "eyJ")
"""What no log may hold: a customer, a line's words, a key, a token."""


def wire_line(**changes: object) -> Json:
    """A good line as a caller sends it; ``...`` as a value leaves the field out."""
    line: Json = {field.name: field.example for field in LINE_FIELDS} | changes
    return {name: value for name, value in line.items() if value is not ...}


def customer_headers(customer_id: str, identity: LocalIdentity = IDENTITY) -> dict[str, str]:
    """Headers of a request by this customer."""
    token = identity.customer_token(customer_id, datetime.now(UTC), HOUR)
    return {"Authorization": f"Bearer {token}"}


def support_headers(identity: LocalIdentity = IDENTITY) -> dict[str, str]:
    """Headers of a request by the support."""
    return {"Authorization": f"Bearer {identity.support_token(datetime.now(UTC), HOUR)}"}


def proxy_event(
    method: str,
    path: str,
    *,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, list[str]] | None = None,
) -> Json:
    """API Gateway's proxy event, with the fields AWS documents for REST APIs."""
    given = {"Accept": "*/*", "x-api-key": SECRET_WORDS[2], **(headers or {})}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": given,
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        "queryStringParameters": {name: values[-1] for name, values in (query or {}).items()}
        or None,
        "multiValueQueryStringParameters": dict(query or {}) or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef1234",
            "httpMethod": method,
            "identity": {"apiKey": SECRET_WORDS[2], "apiKeyId": "k1", "sourceIp": "192.0.2.1"},
            "path": f"/v1{path}",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTimeEpoch": 1428582896000,
            "resourcePath": path,
            "stage": "v1",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def shaped_event(body: str, headers: Mapping[str, str] | None = None) -> Json:
    """What the mapping template makes of a request, written by hand."""

    def encoded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    given = headers or {}
    return {
        "shape": "invoice-lines/1",
        "body": encoded(body),
        "contentType": encoded(given.get("Content-Type", "")),
        "idempotencyKey": encoded(given.get("Idempotency-Key", "")),
        "caller": "k1",
        "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "stage": "v1",
    }


_SERVICES = itertools.count(1)


def observability(log: TextIO) -> Observability:
    """One that logs there; of a service of its own, since Powertools keeps one logger each."""
    service = f"test-{next(_SERVICES)}"
    return Observability(
        Logger(service=service, stream=log),
        Metrics(namespace="Test", service=service),
        Tracer(service=service, disabled=True),
    )


@dataclass
class Called:
    """An answer of a function, and what it printed."""

    status: int
    headers: dict[str, str]
    body: str
    log: str

    @property
    def json(self) -> Json:
        """The body."""
        return cast(Json, json.loads(self.body))


@dataclass
class FunctionCaller:
    """Calls a function as Lambda does, and reads what it prints."""

    make: Callable[[Observability], Handler]

    def __post_init__(self) -> None:
        self._printed = io.StringIO()
        self._handler = self.make(observability(self._printed))

    def call(self, event: Json) -> Called:
        """One invocation."""
        self._printed.seek(0)
        self._printed.truncate()
        with redirect_stdout(self._printed):
            answer = self._handler(event, CONTEXT)
        headers = dict(cast(Mapping[str, str], answer.get("headers") or {}))
        many = cast(Mapping[str, list[str]], answer.get("multiValueHeaders") or {})
        headers |= {name: values[-1] for name, values in many.items()}
        status = answer.get("statusCode", answer.get("status"))
        return Called(
            cast(int, status), headers, cast(str, answer["body"]), self._printed.getvalue()
        )

    def get(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        /,
        **query: str | list[str],
    ) -> Called:
        """A GET; ``from_`` is the parameter ``from``."""
        values = {
            name.rstrip("_"): value if isinstance(value, list) else [value]
            for name, value in query.items()
        }
        return self.call(proxy_event("GET", path, headers=headers, query=values))


def invoice_of(
    customer_id: str | None, invoice_no: str, when: datetime, lines: int = 1, **changes: object
) -> list[InvoiceLine]:
    """An invoice with so many lines."""
    line = FIRST._replace(customer_id=customer_id, invoice_no=invoice_no, invoice_date=when)
    line = line._replace(**changes)  # type: ignore[arg-type]
    return [
        line._replace(line_no=number, stock_code=str(10_000 + number))
        for number in range(1, lines + 1)
    ]


def fill(store: DocumentStore, lines: Iterable[InvoiceLine]) -> None:
    """Write invoices as the job does, a hundred at a time."""
    writer = DocumentWriter(lambda: store)
    writer.open()
    invoices = [invoice.lines for invoice in group_lines(lines).values()]
    for start in range(0, len(invoices), 100):
        writer.write_batch(batch(*((0, lines) for lines in invoices[start : start + 100])))


def stored(*invoices: Iterable[InvoiceLine]) -> MemoryStore:
    """A store in memory that holds these."""
    store = MemoryStore()
    fill(store, [line for lines in invoices for line in lines])
    return store
