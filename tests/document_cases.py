"""Invoices for tests of DynamoDB's documents, and what the tables must hold of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import orjson

from connectors.dynamodb.reader import DocumentReader
from connectors.dynamodb.store import DocumentStore
from invoices.contract import SCHEMA_VERSION
from invoices.header import DocumentLine
from invoices.invoice import Invoice, group_lines
from invoices.line import InvoiceLine, date_text, money_text
from invoices.stored_invoices import StoredHeader, StoredInvoice, StoredLine
from invoices.stored_purchases import Purchase

FIRST = InvoiceLine(
    schema_version=SCHEMA_VERSION,
    invoice_no="700001",
    line_no=1,
    stock_code="10001",
    description="BLUE ENAMEL TEAPOT",
    quantity=6,
    invoice_date=datetime(2011, 8, 30, 8, 26),
    unit_price=Decimal("2.5500"),
    customer_id="90001",
    country="United Kingdom",
)
"""A line with valid values; ``FIRST._replace(...)`` makes others."""


@dataclass(frozen=True)
class Contents:
    """What both tables hold, as values: what a reader sees, whatever the layout."""

    invoices: Mapping[str, StoredInvoice]
    purchases: frozenset[Purchase]


def make_lines(count: int, **values: object) -> list[InvoiceLine]:
    """An invoice of so many lines, each with a stock code of its own."""
    line = FIRST._replace(**values)  # type: ignore[arg-type]
    return [line._replace(line_no=n, stock_code=str(10_000 + n)) for n in range(1, count + 1)]


def document_line(line: InvoiceLine) -> DocumentLine:
    """The line as documents hold it."""
    return DocumentLine(
        line.line_no,
        line.stock_code,
        line.description,
        line.quantity,
        date_text(line.invoice_date),
        money_text(line.unit_price),
        line.customer_id,
        line.country,
    )


def batch(*revisions: tuple[int, Sequence[InvoiceLine]]) -> bytes:
    """A batch as the job's grouping writes it: the revision before, and all lines held."""
    return orjson.dumps(
        [
            {
                "invoice_no": lines[0].invoice_no,
                "revision": len(lines),
                "previous_revision": previous,
                "lines": [list(document_line(line)) for line in lines],
            }
            for previous, lines in revisions
        ]
    )


def contents(store: DocumentStore) -> Contents:
    """What a reader of the store finds, the history of moves left out."""
    reader = DocumentReader(store)
    invoices = {invoice.invoice_no: _without_history(invoice) for invoice in reader.all_invoices()}
    return Contents(invoices, frozenset(reader.all_purchases()))


def contents_of(lines: Iterable[InvoiceLine]) -> Contents:
    """What a reader must find once all these lines were written."""
    invoices = group_lines(lines)
    purchases = [_purchase(invoice) for invoice in invoices.values()]
    return Contents(
        {number: _stored(invoice) for number, invoice in invoices.items()},
        frozenset(purchase for purchase in purchases if purchase is not None),
    )


def _without_history(invoice: StoredInvoice) -> StoredInvoice:
    if invoice.header is None:
        return invoice
    return replace(invoice, header=replace(invoice.header, former=()))


def _stored(invoice: Invoice) -> StoredInvoice:
    header = StoredHeader(
        kind=invoice.kind.value,
        invoice_date=invoice.invoice_date,
        customer_id=invoice.customer_id,
        country=invoice.country,
        revision=invoice.revision,
        units=invoice.units,
        total=invoice.total,
    )
    return StoredInvoice(invoice.invoice_no, header, tuple(map(_stored_line, invoice.lines)))


def _stored_line(line: InvoiceLine) -> StoredLine:
    return StoredLine(*(getattr(line, column) for column in StoredLine._fields))


def _purchase(invoice: Invoice) -> Purchase | None:
    if invoice.customer_id is None:
        return None
    return Purchase(
        customer_id=invoice.customer_id,
        invoice_no=invoice.invoice_no,
        invoice_date=invoice.invoice_date,
        country=invoice.country,
        kind=invoice.kind.value,
        lines=invoice.revision,
        units=invoice.units,
        total=invoice.total,
        revision=invoice.revision,
    )
