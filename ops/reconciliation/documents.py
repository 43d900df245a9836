"""DynamoDB's documents, every one of them, taken apart into lines, headers and purchases.

Upstream: a scan of ``Invoices`` and ``Customers``. The documents are read by a
few lines of their own; only the escaping of attribute names is the core's, for
that is a code and not a rule.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import orjson
import pyarrow as pa

from connectors.lake import CONTENT_FIELDS
from invoices.attribute_names import text_of
from ops.reconciliation.compare import Mismatch
from ops.reconciliation.headers import HEADER_FIELDS
from ops.reconciliation.tables import TableBuilder
from ops.reconciliation.values import amount, integer, local_time, optional_text, text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

CHECK = "every document can be read"
LINES = pa.schema([f for f in CONTENT_FIELDS if f.name not in {"schema_version", "extras"}])
HEADERS = pa.schema([pa.field("invoice_no", pa.string()), *HEADER_FIELDS])
PURCHASES = pa.schema([pa.field("month", pa.string()), *HEADERS, pa.field("lines", pa.int64())])

StoredItem: TypeAlias = Mapping[str, object]
"""An item as it is stored: a text, an integer, or what should not be there, by name."""

Row: TypeAlias = Sequence[object]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Documents:
    """All that DynamoDB holds.

    Attributes:
        lines: Every line of every invoice.
        headers: The header of every invoice.
        purchases: Every purchase of every customer, with the month it stands under.
        problems: Items that cannot be read.
    """

    lines: pa.Table
    headers: pa.Table
    purchases: pa.Table
    problems: list[Mismatch]


class Item(NamedTuple):
    """An item: its two keys, the headers, and the JSON documents by stock code or invoice."""

    key: str
    part: str
    headers: dict[str, object]
    documents: dict[str, object]


def scan(client: "DynamoDBClient", table: str) -> Iterator[StoredItem]:
    """All items of a table as they are now."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: _value(value) for name, value in item.items()}


def _value(value: "AttributeValueTypeDef") -> object:
    """Texts and whole numbers are all there should be; the rest stays as it is, to be refused."""
    number = value.get("N")
    return int(number) if number is not None and number.lstrip("-").isdigit() else value.get("S")


def read_documents(invoices: Iterable[StoredItem], customers: Iterable[StoredItem]) -> Documents:
    """Take items apart.

    Args:
        invoices: All items of the table of invoices.
        customers: All items of the table of purchases.
    """
    problems: list[Mismatch] = []
    lines, headers, purchases = map(TableBuilder, (LINES, HEADERS, PURCHASES))
    for item in (_item(stored, "InvoiceNo") for stored in invoices):
        lines.extend(_tried(_lines, item, problems))
        headers.extend(_tried(_header, item, problems))
    purchases.extend(_standing((_item(stored, "CustomerID") for stored in customers), problems))
    return Documents(lines.finish(), headers.finish(), purchases.finish(), problems)


def _item(stored: StoredItem, key: str) -> Item:
    item = Item(str(stored[key]), str(stored["Part"]), {}, {})
    for name, value in stored.items():
        data_name = text_of(name)
        if data_name is None:
            item.headers[name] = value
        elif name not in {key, "Part"}:
            item.documents[data_name] = value
    return item


def _tried(read: Callable[[Item], list[_T]], item: Item, problems: list[Mismatch]) -> list[_T]:
    try:
        return read(item)
    except (KeyError, TypeError, ValueError) as error:
        detail = f"{type(error).__name__}: {error}"
        problems.append(Mismatch(CHECK, "unreadable", f"{item.key}/{item.part}", detail))
        return []


def _documents(item: Item) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in item.documents.items():
        document = orjson.loads(text(value))
        if not isinstance(document, dict):
            raise TypeError(f"{name} is not a JSON object")
        yield name, document


def _lines(item: Item) -> list[Row]:
    return [
        (
            item.key,
            integer(line["line"]),
            code,
            optional_text(line.get("description", document["description"])),
            integer(line["quantity"]),
            local_time(line.get("date", item.headers["@InvoiceDate"])),
            amount(line["unit_price"]),
            optional_text(line.get("customer_id", item.headers.get("@CustomerID"))),
            text(line.get("country", item.headers["@Country"])),
        )
        for code, document in _documents(item)
        for line in document["lines"]
    ]


def _header(item: Item) -> list[Row]:
    if item.part != "0":
        return []
    return [
        (
            item.key,
            integer(item.headers["@Revision"]),
            text(item.headers["@Kind"]),
            local_time(item.headers["@InvoiceDate"]),
            optional_text(item.headers.get("@CustomerID")),
            text(item.headers["@Country"]),
            integer(item.headers["@Units"]),
            amount(item.headers["@Total"]),
        )
    ]


class _Purchase(NamedTuple):
    """A document of a customer; the row is None for the mark of one that moved elsewhere."""

    revision: int
    row: Row | None


def _standing(items: Iterable[Item], problems: list[Mismatch]) -> list[Row]:
    """Purchases as a reader sees them: of several documents of an invoice the last revision's."""
    standing: dict[tuple[str, str], _Purchase] = {}
    for item in items:
        for invoice_no, found in _tried(_purchases, item, problems):
            held = standing.setdefault((item.key, invoice_no), found)
            if (found.revision, found.row is not None) > (held.revision, held.row is not None):
                standing[item.key, invoice_no] = found
    return [purchase.row for purchase in standing.values() if purchase.row is not None]


def _purchases(item: Item) -> list[tuple[str, _Purchase]]:
    return [
        (
            invoice_no,
            _Purchase(integer(document["revision"]), _purchase(item, invoice_no, document)),
        )
        for invoice_no, document in _documents(item)
    ]


def _purchase(item: Item, invoice_no: str, document: dict[str, Any]) -> Row | None:
    if document.get("moved"):
        return None
    return (
        item.part[: len("2011-08")],
        invoice_no,
        integer(document["revision"]),
        text(document["kind"]),
        local_time(document["date"]),
        item.key,
        text(document["country"]),
        integer(document["units"]),
        amount(document["total"]),
        integer(document["lines"]),
    )
