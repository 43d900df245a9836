"""DynamoDB's documents, every one of them, taken apart into lines, headers and purchases.

Upstream: a scan of ``Invoices`` and ``Customers``. The documents are read by a
few lines of their own; only the escaping of attribute names is the core's, for
that is a code and not a rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import orjson
import pyarrow as pa

from connectors.lake import CONTENT_FIELDS
from invoices.attribute_names import text_of
from ops.reconciliation.compare import Mismatch, limited
from ops.reconciliation.headers import HEADER_FIELDS
from ops.reconciliation.tables import TableBuilder
from ops.reconciliation.values import amount, integer, local_time, optional_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

CHECK = "every document can be read"
LINES = pa.schema([f for f in CONTENT_FIELDS if f.name not in {"schema_version", "extras"}])
HEADERS = pa.schema([pa.field("invoice_no", pa.string()), *HEADER_FIELDS])
PURCHASES = pa.schema([pa.field("month", pa.string()), *HEADERS, pa.field("lines", pa.int64())])

Row = tuple[object, ...]


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
    headers: dict[str, str]
    documents: dict[str, str]


def read_documents(client: "DynamoDBClient", invoices: str, customers: str) -> Documents:
    """Scan both tables.

    Args:
        client: DynamoDB's.
        invoices: Name of the table of invoices.
        customers: Name of the table of purchases.
    """
    problems: list[Mismatch] = []
    lines, headers, purchases = map(TableBuilder, (LINES, HEADERS, PURCHASES))
    for item in _scan(client, invoices, "InvoiceNo"):
        lines.extend(_rows(_lines, item, problems))
        headers.extend(_rows(_header, item, problems))
    for item in _scan(client, customers, "CustomerID"):
        purchases.extend(_rows(_purchases, item, problems))
    return Documents(lines.finish(), headers.finish(), purchases.finish(), limited(CHECK, problems))


def _rows(read: Callable[[Item], list[Row]], item: Item, problems: list[Mismatch]) -> list[Row]:
    try:
        return read(item)
    except (KeyError, TypeError, ValueError) as error:
        detail = f"{type(error).__name__}: {error}"
        problems.append(Mismatch(CHECK, "unreadable", f"{item.key}/{item.part}", detail))
        return []


def _scan(client: "DynamoDBClient", table: str, key: str) -> Iterator[Item]:
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for raw in page["Items"]:
            yield _item(raw, key)


def _item(raw: "dict[str, AttributeValueTypeDef]", key: str) -> Item:
    texts = {name: _text(value) for name, value in raw.items()}
    item = Item(texts.pop(key), texts.pop("Part"), {}, {})
    for name, text in texts.items():
        data_name = text_of(name)
        if data_name is None:
            item.headers[name] = text
        else:
            item.documents[data_name] = text
    return item


def _text(value: "AttributeValueTypeDef") -> str:
    """Texts and numbers are all there is; anything else is no JSON and is reported as such."""
    return value.get("S") or value.get("N") or ""


def _lines(item: Item) -> list[Row]:
    date, country = item.headers["@InvoiceDate"], item.headers["@Country"]
    customer = item.headers.get("@CustomerID")
    return [
        (
            item.key,
            integer(line["line"]),
            code,
            optional_text(line.get("description", document["description"])),
            integer(line["quantity"]),
            local_time(line.get("date", date)),
            amount(line["unit_price"]),
            optional_text(line.get("customer_id", customer)),
            optional_text(line.get("country", country)),
        )
        for code, document in ((code, orjson.loads(text)) for code, text in item.documents.items())
        for line in document["lines"]
    ]


def _header(item: Item) -> list[Row]:
    if item.part != "0":
        return []
    return [
        (
            item.key,
            int(item.headers["@Revision"]),
            item.headers["@Kind"],
            local_time(item.headers["@InvoiceDate"]),
            item.headers.get("@CustomerID"),
            item.headers["@Country"],
            int(item.headers["@Units"]),
            amount(item.headers["@Total"]),
        )
    ]


def _purchases(item: Item) -> list[Row]:
    """A purchase that moved elsewhere leaves a mark, which is no purchase."""
    return [
        (
            item.part[: len("2011-08")],
            invoice_no,
            integer(document["revision"]),
            optional_text(document["kind"]),
            local_time(document["date"]),
            item.key,
            optional_text(document["country"]),
            integer(document["units"]),
            amount(document["total"]),
            integer(document["lines"]),
        )
        for invoice_no, document in (
            (number, orjson.loads(text)) for number, text in item.documents.items()
        )
        if not document.get("moved")
    ]
