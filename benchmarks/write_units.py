"""What writing costs in DynamoDB: line by line, and for a customer's many invoices.

Upstream: ``benchmarks.run``, ``benchmarks.latency``. Downstream:
``flink_job.write_documents`` over the store in memory, which bills by DynamoDB's
published rules, as the stand-in's ``ReturnConsumedCapacity`` does not always.
"""

from collections.abc import Iterable
from itertools import groupby

import orjson

from connectors.dynamodb.item_size import item_bytes, write_units
from connectors.dynamodb.memory import MemoryStore
from flink_job.write_documents import DocumentWriter
from invoices.documents import build_parts, part_numbers
from invoices.header import DocumentLine, header_of
from invoices.line import InvoiceLine, date_text, money_text
from invoices.record import decode_record

LINES_AN_INVOICE = 20
INVOICE_DATE = "2011-08-01T12:00:00"


def units_line_by_line(lines: Iterable[str]) -> float:
    """Write units of one update a line of the invoice's item, and none for its customer.

    Args:
        lines: Lines as JSON, those of an invoice following one another.
    """
    document_lines = map(_document_line, lines)
    return sum(
        _units_of_growing([line for _, line in invoice], invoice_no)
        for invoice_no, invoice in groupby(document_lines, key=lambda numbered: numbered[0])
    )


def units_by_customers_invoice(invoices: int) -> list[float]:
    """Write units of each of so many invoices of one customer in one month, one after another."""
    writer = DocumentWriter(MemoryStore)
    writer.open()
    try:
        return [writer.write_batch(_batch(number)).write_units for number in range(invoices)]
    finally:
        writer.close()


def _units_of_growing(lines: list[DocumentLine], invoice_no: str) -> float:
    units = 0.0
    for held in range(1, len(lines) + 1):
        so_far = lines[:held]
        [number] = part_numbers(so_far[-1:])
        part = build_parts(header_of(invoice_no, so_far), so_far, [number])[number]
        units += write_units(item_bytes(part.item))
    return units


def _document_line(text: str) -> tuple[str, DocumentLine]:
    [line] = decode_record(text.encode())
    if not isinstance(line, InvoiceLine):
        raise TypeError(f"the sample holds a bad line: {line.detail}")
    return line.invoice_no, DocumentLine(
        line.line_no,
        line.stock_code,
        line.description,
        line.quantity,
        date_text(line.invoice_date),
        money_text(line.unit_price),
        line.customer_id,
        line.country,
    )


def _batch(number: int) -> bytes:
    """The only revision of an invoice, as the job's grouping hands it over."""
    invoice = {
        "invoice_no": str(600_000 + number),
        "revision": LINES_AN_INVOICE,
        "previous_revision": 0,
        "lines": [
            [
                line,
                f"{20_000 + line}",
                f"PRODUCT {line}",
                6,
                INVOICE_DATE,
                "2.55",
                "12347",
                "France",
            ]
            for line in range(1, LINES_AN_INVOICE + 1)
        ],
    }
    return orjson.dumps([invoice])
