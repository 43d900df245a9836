"""Rows of the naive job: the contract in PyFlink's types, for streams and for Parquet.

Upstream: ``invoices.contract``. Downstream: ``benchmarks.naive_job``.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import orjson
from pyflink.common import Row, TypeInformation, Types
from pyflink.table import DataTypes
from pyflink.table.types import DataType, RowType

from invoices.contract import (
    EXTRAS_COLUMN,
    LINE_FIELDS,
    PRICE_PRECISION,
    PRICE_SCALE,
    TOTAL_PRECISION,
    TOTAL_SCALE,
    FieldType,
)
from invoices.header import DocumentLine, Header

Columns = Mapping[str, tuple[TypeInformation, DataType]]
"""What a row of Parquet holds: by column its type in a stream and in a table."""

_STRING = (Types.STRING(), DataTypes.STRING())
_LONG = (Types.LONG(), DataTypes.BIGINT())
_TIMESTAMP = (Types.SQL_TIMESTAMP(), DataTypes.TIMESTAMP(6).bridged_to("java.sql.Timestamp"))
_TYPES = {
    FieldType.STRING: _STRING,
    FieldType.INT: (Types.INT(), DataTypes.INT()),
    FieldType.BIGINT: _LONG,
    FieldType.DECIMAL: (Types.BIG_DEC(), DataTypes.DECIMAL(PRICE_PRECISION, PRICE_SCALE)),
    FieldType.TIMESTAMP: _TIMESTAMP,
}
_CARRIED_AS_TEXT = {FieldType.DECIMAL, FieldType.TIMESTAMP}


def stream_type(columns: Columns) -> TypeInformation:
    """Type of a stream's row."""
    return Types.ROW_NAMED([*columns], [stream for stream, _ in columns.values()])


def table_type(columns: Columns) -> RowType:
    """Type of a table's row, for the Parquet writer."""
    return DataTypes.ROW([DataTypes.FIELD(name, table) for name, (_, table) in columns.items()])


WIRE_LINE = Types.ROW(
    [
        Types.STRING() if field.type in _CARRIED_AS_TEXT else _TYPES[field.type][0]
        for field in LINE_FIELDS
    ]
)
"""A line as it came, in the contract's order; price and date stay text until they are written."""

CONTENT: Columns = {
    **{field.column: _TYPES[field.type] for field in LINE_FIELDS},
    EXTRAS_COLUMN: _STRING,
}
LINES: Columns = {
    **CONTENT,
    "arrival_time": _TIMESTAMP,
    "shard_id": _STRING,
    "sequence_number": _STRING,
}
_NESTED: Columns = dict(list(CONTENT.items())[2:])
INVOICES: Columns = {
    "invoice_no": _STRING,
    "revision": _LONG,
    "previous_revision": _LONG,
    "kind": _STRING,
    "invoice_date": _TIMESTAMP,
    "customer_id": _STRING,
    "country": _STRING,
    "units": _LONG,
    "total": (Types.BIG_DEC(), DataTypes.DECIMAL(TOTAL_PRECISION, TOTAL_SCALE)),
    "arrival_time": _TIMESTAMP,
    "lines": (Types.OBJECT_ARRAY(stream_type(_NESTED)), DataTypes.ARRAY(table_type(_NESTED))),
}


def wire_line(text: str) -> Row:
    """A line from its JSON; nothing is checked."""
    fields = orjson.loads(text)
    fields["UnitPrice"] = str(fields["UnitPrice"])
    return Row(*[fields.get(field.name) for field in LINE_FIELDS])


def document_line(line: Row) -> DocumentLine:
    """The line as documents hold it."""
    return DocumentLine(*[line[index] for index in range(2, len(LINE_FIELDS))])


def line_rows(invoice_no: str, lines: Sequence[DocumentLine]) -> Iterator[Row]:
    """Rows of ``lines/``."""
    arrival = _now()
    for line in lines:
        yield Row(1, invoice_no, *_nested(line), arrival, None, None)


def invoice_row(header: Header, lines: Sequence[DocumentLine]) -> Row:
    """A row of ``invoices/``."""
    return Row(
        header.invoice_no,
        header.revision,
        0,
        header.kind,
        datetime.fromisoformat(header.invoice_date),
        header.customer_id,
        header.country,
        header.units,
        Decimal(header.total),
        _now(),
        [Row(*_nested(line)) for line in lines],
    )


def _nested(line: DocumentLine) -> tuple[object, ...]:
    return (
        *line[:4],
        datetime.fromisoformat(line.invoice_date),
        Decimal(line.unit_price),
        *line[6:],
        None,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
