"""The data contract: the one place that says what a line item is.

Upstream: nothing. Downstream: everything that reads or writes a line item. The
Java decoder and Flink's tables (``connectors.flink_tables``), the Arrow schema
(``connectors.lake``), the JSON Schema and ``docs/contract.md``
(``invoices.json_schema``, ``invoices.contract_page``) are made from
``LINE_FIELDS``; ``InvoiceLine`` and DynamoDB's documents are tested against it.

To add a field: add one ``Field`` here, then follow the tests.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

SCHEMA_VERSION = 1
"""Version of the contract written by this release; a newer one is set aside."""

MAX_RECORD_LINES = 500
"""Most line items one packed record may hold."""


class FieldType(Enum):
    """Logical type of a field; each technology maps it beside its own code."""

    STRING = "string"
    INT = "int"
    BIGINT = "bigint"
    DECIMAL = "decimal"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line item.

    Attributes:
        name: Name on the wire (``InvoiceNo``).
        column: Name in Flink, Parquet and SQL (``invoice_no``).
        type: Logical type.
        doc: What it means, for the contract page and the JSON Schema.
        nullable: Whether ``null`` (or leaving it out) is allowed.
        min_value: Smallest value, for integers.
        max_value: Largest value, for integers.
        max_chars: Most Unicode code points, for strings (1 is always the least).
        example: A value as it stands on the wire.
    """

    name: str
    column: str
    type: FieldType
    doc: str
    example: str | int
    nullable: bool = False
    min_value: int | None = None
    max_value: int | None = None
    max_chars: int | None = None


INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
MAX_LINE_NO = 2**53 - 1
"""Largest line number: every JSON reader keeps integers exact up to here."""

FIRST_KEYED_LINE_NO = 2**52
"""Numbers from here on are computed from a request's idempotency key (``api.line_numbers``);
a source that counts its lines never gets here."""

PRICE_PRECISION, PRICE_SCALE = 14, 4
"""``UnitPrice`` is DECIMAL(14,4)."""

TOTAL_PRECISION, TOTAL_SCALE = 38, 4
"""Sums of quantity x unit price: no invoice a stream can carry overflows it."""

PRICE_QUANTUM = Decimal(1).scaleb(-PRICE_SCALE)
MAX_PRICE = Decimal(10) ** (PRICE_PRECISION - PRICE_SCALE) - PRICE_QUANTUM

LINE_FIELDS: tuple[Field, ...] = (
    Field(
        "SchemaVersion",
        "schema_version",
        FieldType.INT,
        "Version of this contract the line was written under.",
        example=SCHEMA_VERSION,
        min_value=1,
        max_value=SCHEMA_VERSION,
    ),
    Field(
        "InvoiceNo",
        "invoice_no",
        FieldType.STRING,
        "Number of the invoice; its first letter tells the kind: `C` cancellation, `A` adjustment,"
        " anything else a sale. Partition key of the stream.",
        example="536365",
        max_chars=64,
    ),
    Field(
        "LineNo",
        "line_no",
        FieldType.BIGINT,
        "Number of the line within its invoice, from 1; with `InvoiceNo` the line's identity.",
        example=1,
        min_value=1,
        max_value=MAX_LINE_NO,
    ),
    Field(
        "StockCode",
        "stock_code",
        FieldType.STRING,
        "Code of the product or charge. The same code may stand on several lines of an invoice.",
        example="85123A",
        max_chars=64,
    ),
    Field(
        "Description",
        "description",
        FieldType.STRING,
        "Name of the product as printed on the invoice.",
        example="WHITE HANGING HEART T-LIGHT HOLDER",
        nullable=True,
        max_chars=1000,
    ),
    Field(
        "Quantity",
        "quantity",
        FieldType.INT,
        "Units sold; negative on returns.",
        example=6,
        min_value=INT32_MIN,
        max_value=INT32_MAX,
    ),
    Field(
        "InvoiceDate",
        "invoice_date",
        FieldType.TIMESTAMP,
        "The shop's local date and time, ISO 8601 without a zone: `YYYY-MM-DDTHH:MM:SS`,"
        " at most 6 decimal places of a second.",
        example="2010-12-01T08:26:00",
    ),
    Field(
        "UnitPrice",
        "unit_price",
        FieldType.DECIMAL,
        "Price of one unit in the shop's currency, DECIMAL(14,4), as a JSON number or a string."
        " May be zero or negative. A value that needs more than 4 decimal places is set aside,"
        " never rounded.",
        example="2.55",
    ),
    Field(
        "CustomerID",
        "customer_id",
        FieldType.STRING,
        "The customer; null for a guest.",
        example="17850",
        nullable=True,
        max_chars=64,
    ),
    Field(
        "Country",
        "country",
        FieldType.STRING,
        "Country of the customer.",
        example="United Kingdom",
        max_chars=100,
    ),
)

EXTRAS_COLUMN = "extras"
"""Column that keeps fields the contract does not know, as one JSON object, or null."""

BY_NAME = {field.name: field for field in LINE_FIELDS}
BY_COLUMN = {field.column: field for field in LINE_FIELDS}

IDENTITY_COLUMNS = ("invoice_no", "line_no")


class RejectReason(Enum):
    """Why a record, or one line of a packed record, was set aside."""

    NOT_UTF8 = "not_utf8"
    MALFORMED_JSON = "malformed_json"
    NOT_A_LINE = "not_a_line"
    DUPLICATE_FIELD = "duplicate_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    EMPTY_TEXT = "empty_text"
    INVALID_TEXT = "invalid_text"
    INVALID_DATE = "invalid_date"
    TOO_MANY_DECIMAL_PLACES = "too_many_decimal_places"
    UNSUPPORTED_VERSION = "unsupported_version"
    CONFLICT = "conflict"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return REASON_MEANINGS[self]


REASON_MEANINGS: dict[RejectReason, str] = {
    RejectReason.NOT_UTF8: "The bytes are not UTF-8.",
    RejectReason.MALFORMED_JSON: "The text is not one JSON value, or is nested too deep.",
    RejectReason.NOT_A_LINE: (
        "The JSON is neither an object nor an array of 1 to 500 objects; an array's wrong"
        " element is set aside alone."
    ),
    RejectReason.DUPLICATE_FIELD: "A field stands twice in one object.",
    RejectReason.MISSING_FIELD: "A field that may not be null is missing or null.",
    RejectReason.WRONG_TYPE: "A field has another JSON type than the contract's.",
    RejectReason.OUT_OF_RANGE: "A number is outside the field's range.",
    RejectReason.TOO_LONG: "A text has more code points than the field holds.",
    RejectReason.EMPTY_TEXT: "A text field is empty; an unknown value is null.",
    RejectReason.INVALID_TEXT: "A text holds U+0000 or half of a surrogate pair.",
    RejectReason.INVALID_DATE: "InvoiceDate is not a local ISO 8601 date and time that exists.",
    RejectReason.TOO_MANY_DECIMAL_PLACES: "UnitPrice needs more than 4 decimal places.",
    RejectReason.UNSUPPORTED_VERSION: "SchemaVersion is newer than this job knows.",
    RejectReason.CONFLICT: (
        "A line with this identity and another content was accepted before; the first stands."
    ),
}


class InvoiceKind(Enum):
    """Kind of an invoice, told by the first letter of its number."""

    SALE = "sale"
    CANCELLATION = "cancellation"
    ADJUSTMENT = "adjustment"


KIND_BY_LETTER = {"C": InvoiceKind.CANCELLATION, "A": InvoiceKind.ADJUSTMENT}


def kind_of(invoice_no: str) -> InvoiceKind:
    """Kind of the invoice with this number."""
    return KIND_BY_LETTER.get(invoice_no[:1], InvoiceKind.SALE)
