"""Reading the items of ``Invoices``: parts, and the invoice they make.

Upstream: ``connectors.dynamodb``. Downstream: its writer, when it has to merge,
and its reader, for people and for the reconciliation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import orjson

from invoices import attribute_names as names
from invoices.header import DocumentLine, FormerPlace, Place
from invoices.stored_items import Item, documents_of, readable

_KEYS = names.INVOICE_NO, names.PART


class StoredLine(NamedTuple):
    """A line as DynamoDB holds it; the columns are the contract's."""

    invoice_no: str
    line_no: int
    stock_code: str
    description: str | None
    quantity: int
    invoice_date: datetime
    unit_price: Decimal
    customer_id: str | None
    country: str


@dataclass(frozen=True, slots=True)
class StoredHeader:
    """The header as part 0 states it, not calculated from the lines.

    Attributes:
        kind: ``sale``, ``cancellation`` or ``adjustment``.
        invoice_date: The shop's local time.
        customer_id: The customer; None for a guest.
        country: Country of the customer.
        revision: How many lines the invoice has.
        units: Sum of quantities.
        total: Sum of quantity x unit price.
        former: Places its purchase stood at before.
    """

    kind: str
    invoice_date: datetime
    customer_id: str | None
    country: str
    revision: int
    units: int
    total: Decimal
    former: tuple[FormerPlace, ...] = ()

    @property
    def place(self) -> Place | None:
        """Where the purchase stands; None for a guest."""
        if self.customer_id is None:
            return None
        return Place(self.customer_id, self.invoice_date.isoformat()[:7])


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One item of ``Invoices``.

    Attributes:
        invoice_no: Number of the invoice.
        number: Number of the part.
        lines: Its lines in order, as texts.
        digest: What a conditional write on this item has to ask for.
        header: The invoice's header; in part 0, None elsewhere.
    """

    invoice_no: str
    number: int
    lines: tuple[DocumentLine, ...]
    digest: str
    header: StoredHeader | None


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An invoice as DynamoDB holds it, its parts read as one.

    Attributes:
        invoice_no: Number of the invoice.
        header: What part 0 states; None when there is no part 0, which a reader meets
            only between two writes of a new invoice.
        lines: The lines of all parts, in order.
    """

    invoice_no: str
    header: StoredHeader | None
    lines: tuple[StoredLine, ...]


def read_part(item: Item) -> StoredPart:
    """An item of ``Invoices`` as values.

    Raises:
        UnreadableDocumentError: It is not what this release writes.
    """
    with readable(item, _KEYS):
        number = int(item[names.PART])
        return StoredPart(
            invoice_no=str(item[names.INVOICE_NO]),
            number=number,
            lines=tuple(sorted(_lines(item), key=lambda line: line.line_no)),
            digest=str(item[names.DIGEST]),
            header=_header(item) if number == 0 else None,
        )


def join_parts(parts: Iterable[StoredPart]) -> StoredInvoice:
    """The invoice that all its parts, at least one, in any order, make.

    Raises:
        ValueError: There is no part.
    """
    ordered = sorted(parts, key=lambda part: part.number)
    if not ordered:
        raise ValueError("an invoice has at least one part")
    first = ordered[0]
    lines = [_typed(first.invoice_no, line) for part in ordered for line in part.lines]
    return StoredInvoice(first.invoice_no, first.header, tuple(lines))


def _typed(invoice_no: str, line: DocumentLine) -> StoredLine:
    return StoredLine(
        invoice_no=invoice_no,
        line_no=line.line_no,
        stock_code=line.stock_code,
        description=line.description,
        quantity=line.quantity,
        invoice_date=datetime.fromisoformat(line.invoice_date),
        unit_price=Decimal(line.unit_price),
        customer_id=line.customer_id,
        country=line.country,
    )


def _header(item: Item) -> StoredHeader:
    return StoredHeader(
        kind=str(item[names.KIND]),
        invoice_date=datetime.fromisoformat(str(item[names.INVOICE_DATE])),
        customer_id=_base_customer(item),
        country=str(item[names.COUNTRY]),
        revision=int(item[names.REVISION]),
        units=int(item[names.UNITS]),
        total=Decimal(item[names.TOTAL]),
        former=tuple(_former(str(item.get(names.FORMER, "[]")))),
    )


def _former(text: str) -> Iterator[FormerPlace]:
    for customer_id, month, left_at in orjson.loads(text):
        yield FormerPlace(Place(customer_id, month), left_at)


def _lines(item: Item) -> Iterator[DocumentLine]:
    customer_id = _base_customer(item)
    date, country = str(item[names.INVOICE_DATE]), str(item[names.COUNTRY])
    for stock_code, text in documents_of(item, _KEYS):
        document = orjson.loads(text)
        for line in document["lines"]:
            yield DocumentLine(
                line_no=line["line"],
                stock_code=stock_code,
                description=line.get("description", document["description"]),
                quantity=line["quantity"],
                invoice_date=line.get("date", date),
                unit_price=line["unit_price"],
                customer_id=line.get("customer_id", customer_id),
                country=line.get("country", country),
            )


def _base_customer(item: Item) -> str | None:
    customer_id = item.get(names.CUSTOMER)
    return None if customer_id is None else str(customer_id)
