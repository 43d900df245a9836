"""Rows become line items, each numbered within its invoice, or refusals.

Upstream: ``producer.source``. Downstream: ``producer.outgoing``. What the job
would set aside is refused here under the same reason code, since each cell is
read by the same rules (``invoices.record.read_text``).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from invoices.contract import BY_NAME, SCHEMA_VERSION, Field, FieldType, RejectReason
from invoices.line import InvoiceLine
from invoices.record import RejectedError, read_text
from producer.source import SOURCE_COLUMNS, Refusal, Row, SourceRow

_REMEMBERED = 65_536
"""Cells repeat (a date through an invoice, a price through the catalogue): read once, kept."""

_WHOLE_NUMBER = re.compile(r"(\d+)\.0+", re.ASCII)
_ESCAPED_BYTE = re.compile(r"[\udc80-\udcff]")


class ReadLine(NamedTuple):
    """A line item and the row it stands on."""

    row: int
    line: InvoiceLine


def read_lines(rows: Iterable[Row]) -> Iterator[ReadLine | Refusal]:
    """Every row as a line item or a refusal, in order.

    A line's number is its row's position within its invoice, in file order. A
    refused row whose ``InvoiceNo`` can be read keeps its number, so that the
    others' are the same when it is mended.
    """
    numbers: dict[str, int] = {}
    for row in rows:
        if isinstance(row, SourceRow):
            yield _read_row(row, numbers)
        else:
            _keep_number(row, numbers)
            yield row


def _read_row(row: SourceRow, numbers: dict[str, int]) -> ReadLine | Refusal:
    number, (invoice_no, code, description, quantity, date, price, customer, country) = row
    try:
        known_no = _invoice_no(invoice_no)
        numbers[known_no] = line_no = numbers.get(known_no, 0) + 1
        return ReadLine(
            number,
            InvoiceLine._make(
                (
                    SCHEMA_VERSION,
                    known_no,
                    line_no,
                    _stock_code(code),
                    _description(description),
                    _quantity(quantity),
                    _invoice_date(date),
                    _unit_price(price),
                    _customer_id(customer),
                    _country(country),
                    None,
                )
            ),
        )
    except RejectedError as error:
        return _refusal(row, error)


def _refusal(row: SourceRow, error: RejectedError) -> Refusal:
    """As the job sees it: what is wrong with any text comes before what is wrong with a value."""
    reason, detail = error.reason, error.detail
    cells = dict(zip(SOURCE_COLUMNS, row.cells, strict=True))
    if wrong := [name for name, cell in cells.items() if _ESCAPED_BYTE.search(cell)]:
        reason, detail = RejectReason.NOT_UTF8, f"{wrong[0]} is not UTF-8"
    elif wrong := [name for name, cell in cells.items() if "\0" in cell]:
        reason, detail = RejectReason.INVALID_TEXT, f"{wrong[0]} holds U+0000"
    return Refusal(row.number, reason, detail, row.cells, row.cells[0])


def _keep_number(refusal: Refusal, numbers: dict[str, int]) -> None:
    if refusal.invoice_no is None:
        return
    try:
        invoice_no = _invoice_no(refusal.invoice_no)
    except RejectedError:
        return
    numbers[invoice_no] = numbers.get(invoice_no, 0) + 1


def _read_cell(field: Field, cell: str) -> object:
    if not cell or cell.isspace():
        if field.nullable:
            return None
        raise RejectedError(RejectReason.MISSING_FIELD, f"{field.name} is blank")
    return read_text(field, _as_contract(field, cell))


def _as_contract(field: Field, cell: str) -> str:
    """The cell in the form the contract has for it; texts stay as they are."""
    if field.type is FieldType.TIMESTAMP:
        return cell.strip().replace(" ", "T", 1)
    if field.type is not FieldType.STRING:
        return cell.strip()
    if field.name == "CustomerID" and (whole := _WHOLE_NUMBER.fullmatch(cell.strip())):
        return whole[1]
    return cell


def _reader(name: str) -> Callable[[str], object]:
    return lru_cache(maxsize=_REMEMBERED)(partial(_read_cell, BY_NAME[name]))


_stock_code = _reader("StockCode")
_description = _reader("Description")
_quantity = _reader("Quantity")
_invoice_date = _reader("InvoiceDate")
_unit_price = _reader("UnitPrice")
_customer_id = _reader("CustomerID")
_country = _reader("Country")


@lru_cache(maxsize=_REMEMBERED)
def _invoice_no(cell: str) -> str:
    return str(_read_cell(BY_NAME["InvoiceNo"], cell))
