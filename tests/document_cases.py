"""Invoices for tests of DynamoDB's documents, and what the tables must hold of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import orjson
from hypothesis import strategies as st

from connectors.dynamodb.reader import DocumentReader
from connectors.dynamodb.store import DocumentStore
from invoices.contract import INT32_MAX, INT32_MIN, MAX_LINE_NO, MAX_PRICE, SCHEMA_VERSION
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


def text(most: int) -> st.SearchStrategy[str]:
    """Any text the contract takes: no U+0000, no half surrogate, but whatever else."""
    characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    return st.text(characters, min_size=1, max_size=most)


ANY_LINE: st.SearchStrategy[InvoiceLine] = st.builds(
    InvoiceLine,
    schema_version=st.just(SCHEMA_VERSION),
    invoice_no=st.just("700001"),
    line_no=st.integers(1, 160) | st.integers(1, MAX_LINE_NO),
    stock_code=st.sampled_from(["M", "S", "Part", "InvoiceNo", "@Digest", "A[1]"]) | text(64),
    description=st.none() | st.sampled_from(["TEAPOT", "MUG"]) | text(100),
    quantity=st.integers(INT32_MIN, INT32_MAX),
    invoice_date=st.just(FIRST.invoice_date) | st.datetimes(),
    unit_price=st.decimals(-MAX_PRICE, MAX_PRICE, places=4),
    customer_id=st.none() | st.just("90001") | text(64),
    country=st.just("France") | text(100),
)
"""Lines of one invoice with whatever the contract allows; some share a number."""

INVOICE_LINES = st.lists(ANY_LINE, min_size=1, max_size=30, unique_by=lambda line: line.line_no)
"""The lines of one invoice, in any order."""
