"""Documents: what DynamoDB holds of an invoice, built from its lines.

``Invoices`` holds an invoice in parts of ``LINES_PER_PART`` line numbers each, so
that no item can outgrow 400 KB and a late line rewrites a small one. ``Customers``
holds one short document an invoice. The same lines give the same bytes, whatever
order they came in; only an invoice whose customer or month changed on the way also
remembers where it stood before.

Upstream: ``invoices.header``. Downstream: ``connectors.dynamodb``. The way back is
``invoices.stored_invoices`` and ``invoices.stored_purchases``.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NotRequired, TypeAlias, TypedDict

import orjson

from invoices import attribute_names as names
from invoices.header import DocumentLine, FormerPlace, Header, Place, PurchaseDocument

LINES_PER_PART = 50
"""Line numbers a part covers: at the contract's limits it stays under 400 KB."""

_DIGEST_BYTES = 8

Attributes: TypeAlias = dict[str, str | int]
"""A text or an integer by attribute name."""


@dataclass(frozen=True, slots=True)
class InvoicePart:
    """One item of ``Invoices``.

    Attributes:
        invoice_no: Hash key.
        number: Range key; part 0 holds the header too.
        attributes: Everything else, ``@Digest`` included.
        digest: Short hash of the other attributes, and in part 0 of the numbers of all
            lines: what a conditional write asks for.
    """

    invoice_no: str
    number: int
    attributes: Attributes
    digest: str

    @property
    def item(self) -> Attributes:
        """The whole item, with its keys."""
        return {names.INVOICE_NO: self.invoice_no, names.PART: self.number, **self.attributes}


class _LineEntry(TypedDict):
    line: int
    quantity: int
    unit_price: str
    description: NotRequired[str | None]
    date: NotRequired[str]
    customer_id: NotRequired[str | None]
    country: NotRequired[str]


class _StockCode(TypedDict):
    description: str | None
    lines: list[_LineEntry]


def part_numbers(lines: Iterable[DocumentLine]) -> set[int]:
    """Numbers of the parts that hold these lines."""
    return {(line[0] - 1) // LINES_PER_PART for line in lines}


def build_parts(
    header: Header,
    lines: Sequence[DocumentLine],
    numbers: Iterable[int],
    former: Sequence[FormerPlace] = (),
) -> dict[int, InvoicePart]:
    """The parts with these numbers, by number.

    Args:
        header: Header of the whole invoice.
        lines: All lines of the invoice, in order.
        numbers: Parts to build. Part 0 may be without lines, another may not.
        former: Places the invoice has left, remembered in part 0.
    """
    return {
        number: _further_part(header.invoice_no, number, _lines_of(number, lines))
        if number
        else _first_part(header, lines, former)
        for number in numbers
    }


def purchase_document(header: Header) -> str:
    """The purchase's document in ``Customers``: JSON, the same text for the same invoice."""
    return orjson.dumps(
        {
            "date": header.invoice_date,
            "country": header.country,
            "kind": header.kind,
            "lines": header.revision,
            "units": header.units,
            "total": header.total,
            "revision": header.revision,
        }
    ).decode()


def moved_document(left_at: int) -> str:
    """What stands where a purchase stood before its invoice moved to another place.

    A mark and not nothing: a late writer that still believes in the old place finds
    the revision and leaves it alone.
    """
    return orjson.dumps({"moved": True, "revision": left_at}).decode()


def purchase_documents(
    header: Header, former: Iterable[FormerPlace]
) -> Mapping[Place, PurchaseDocument]:
    """All that ``Customers`` holds of an invoice: its purchase, a mark at each former place."""
    documents = {
        left.place: PurchaseDocument(left.left_at, moved_document(left.left_at)) for left in former
    }
    if header.place is not None:
        documents[header.place] = PurchaseDocument(header.revision, purchase_document(header))
    return documents


def _lines_of(number: int, lines: Sequence[DocumentLine]) -> Sequence[DocumentLine]:
    first = number * LINES_PER_PART + 1
    return lines[bisect_left(lines, (first,)) : bisect_left(lines, (first + LINES_PER_PART,))]


def _first_part(
    header: Header, lines: Sequence[DocumentLine], former: Sequence[FormerPlace]
) -> InvoicePart:
    """Part 0; its digest stands for the numbers of all lines, in whatever part they are."""
    base = header.invoice_date, header.customer_id, header.country
    attributes = _stock_codes(_lines_of(0, lines), *base)
    attributes |= _base_attributes(*base) | _header_attributes(header, former)
    return _sealed(header.invoice_no, 0, attributes, orjson.dumps([line[0] for line in lines]))


def _further_part(invoice_no: str, number: int, lines: Sequence[DocumentLine]) -> InvoicePart:
    base = lines[0].invoice_date, lines[0].customer_id, lines[0].country
    attributes = _stock_codes(lines, *base) | _base_attributes(*base)
    return _sealed(invoice_no, number, attributes)


def _sealed(
    invoice_no: str, number: int, attributes: Attributes, beyond: bytes = b""
) -> InvoicePart:
    """The part with its digest: of what it holds, and of what it speaks for beyond that."""
    content = orjson.dumps(attributes, option=orjson.OPT_SORT_KEYS) + beyond
    digest = blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
    attributes[names.DIGEST] = digest
    return InvoicePart(invoice_no, number, attributes, digest)


def _base_attributes(date: str, customer_id: str | None, country: str) -> Attributes:
    """Values every line of the part has unless it says otherwise."""
    attributes: Attributes = {names.INVOICE_DATE: date, names.COUNTRY: country}
    if customer_id is not None:
        attributes[names.CUSTOMER] = customer_id
    return attributes


def _header_attributes(header: Header, former: Sequence[FormerPlace]) -> Attributes:
    attributes: Attributes = {
        names.KIND: header.kind,
        names.REVISION: header.revision,
        names.UNITS: header.units,
        names.TOTAL: header.total,
    }
    if former:
        places = [[*left.place, left.left_at] for left in former]
        attributes[names.FORMER] = orjson.dumps(places).decode()
    return attributes


def _stock_codes(
    lines: Iterable[DocumentLine], date: str, customer_id: str | None, country: str
) -> Attributes:
    """One JSON document a stock code; a line says only what is not the part's or the code's."""
    documents: dict[str, _StockCode] = {}
    for line_no, code, description, quantity, line_date, price, customer, line_country in lines:
        entry: _LineEntry = {"line": line_no, "quantity": quantity, "unit_price": price}
        if line_date != date:
            entry["date"] = line_date
        if customer != customer_id:
            entry["customer_id"] = customer
        if line_country != country:
            entry["country"] = line_country
        document = documents.get(code)
        if document is None:
            documents[code] = {"description": description, "lines": [entry]}
            continue
        if description != document["description"]:
            entry["description"] = description
        document["lines"].append(entry)
    return {
        names.stock_code_attribute(code): orjson.dumps(document).decode()
        for code, document in documents.items()
    }
