"""Flink, Arrow and DynamoDB hold what the contract says, field by field."""

import json
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.flink_tables import contract_json
from connectors.lake import INVOICES_SCHEMA, LINES_SCHEMA
from invoices.contract import EXTRAS_COLUMN, LINE_FIELDS, Field, FieldType
from invoices.documents import build_parts, part_numbers
from invoices.header import DocumentLine, header_of
from invoices.invoice import merge_lines
from invoices.line import InvoiceLine, date_text, money_text
from invoices.stored_invoices import join_parts, read_part

ARROW_TYPES = {
    FieldType.STRING: pa.string(),
    FieldType.INT: pa.int32(),
    FieldType.BIGINT: pa.int64(),
    FieldType.DECIMAL: pa.decimal128(14, 4),
    FieldType.TIMESTAMP: pa.timestamp("us"),
}
NOT_IN_DOCUMENTS = {"schema_version", "invoice_no"}
"""The version is the lake's to keep; the number is the item's key."""

COLUMNS = [field.column for field in LINE_FIELDS]
NESTED_COLUMNS = [*COLUMNS[2:], EXTRAS_COLUMN]

LINE = InvoiceLine(
    schema_version=1,
    invoice_no="536365",
    line_no=2,
    stock_code="85123A",
    description="WHITE HEART",
    quantity=6,
    invoice_date=datetime(2010, 12, 1, 8, 26),
    unit_price=Decimal("2.5500"),
    customer_id="17850",
    country="France",
)
OTHER = LINE._replace(
    line_no=3,
    stock_code="M",
    description=None,
    quantity=-1,
    invoice_date=datetime(2010, 12, 1, 8, 27, 0, 5),
    unit_price=Decimal("-0.0010"),
    customer_id=None,
    country="EIRE",
)


@pytest.mark.parametrize(("index", "field"), [*enumerate(LINE_FIELDS)], ids=COLUMNS)
def test_the_jvm_is_told_of_each_field(index: int, field: Field) -> None:
    assert json.loads(contract_json())["fields"][index] == {
        "name": field.name,
        "column": field.column,
        "type": field.type.value,
        "nullable": field.nullable,
        "min_value": field.min_value,
        "max_value": field.max_value,
        "max_chars": field.max_chars,
    }


def test_the_jvm_is_told_of_no_other_field() -> None:
    assert len(json.loads(contract_json())["fields"]) == len(LINE_FIELDS)


@pytest.mark.parametrize("field", LINE_FIELDS, ids=lambda field: field.column)
def test_parquet_holds_a_column_of_the_fields_type(field: Field) -> None:
    assert LINES_SCHEMA.field(field.column).type == ARROW_TYPES[field.type]


def test_lines_are_the_contracts_columns_in_order_then_extras_and_origin() -> None:
    assert LINES_SCHEMA.names[: len(COLUMNS)] == COLUMNS
    assert LINES_SCHEMA.names[len(COLUMNS) :] == [
        EXTRAS_COLUMN,
        "arrival_time",
        "shard_id",
        "sequence_number",
    ]


def test_an_invoices_lines_are_the_contracts_columns_but_those_the_invoice_has() -> None:
    nested = INVOICES_SCHEMA.field("lines").type.value_type
    assert [field.name for field in nested] == NESTED_COLUMNS
    for field in LINE_FIELDS[2:]:
        assert nested[field.column].type == ARROW_TYPES[field.type]


def test_a_documents_line_is_the_contracts_columns_but_version_and_number() -> None:
    kept = [column for column in COLUMNS if column not in NOT_IN_DOCUMENTS]
    assert list(DocumentLine._fields) == kept


def test_every_field_of_every_line_comes_back_from_dynamodb() -> None:
    lines = [as_document(line) for line in (LINE, OTHER)]
    header = header_of(LINE.invoice_no, lines)
    parts = build_parts(header, lines, part_numbers(lines)).values()
    stored = join_parts(read_part(part.item) for part in parts)
    for line, original in zip(stored.lines, (LINE, OTHER), strict=True):
        for column in set(COLUMNS) - {"schema_version"}:
            assert getattr(line, column) == getattr(original, column), column


def test_a_stored_header_is_the_invoices() -> None:
    invoice = merge_lines([LINE, OTHER])
    header = header_of(LINE.invoice_no, [as_document(line) for line in invoice.lines])
    assert (header.revision, header.units) == (invoice.revision, invoice.units)
    assert (header.customer_id, header.country) == (invoice.customer_id, invoice.country)
    assert Decimal(header.total) == invoice.total
    assert header.invoice_date == date_text(invoice.invoice_date)


def as_document(line: InvoiceLine) -> DocumentLine:
    """The line as documents hold it."""
    texts = {
        "invoice_date": date_text(line.invoice_date),
        "unit_price": money_text(line.unit_price),
    }
    values = {**line._asdict(), **texts}
    return DocumentLine(**{name: values[name] for name in DocumentLine._fields})
