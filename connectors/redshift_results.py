"""Pages of a result as the Data API gives them, read into Python values.

Upstream: Redshift's ``GetStatementResult``. Downstream: ``connectors.redshift``. Numerics come
as text and become ``Decimal``, so no cent passes through binary floating point.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.warehouse_port import Cell

if TYPE_CHECKING:
    from mypy_boto3_redshift_data.type_defs import (
        FieldTypeDef,
        GetStatementResultResponseTypeDef,
    )

_READERS: dict[str, Callable[[str], Cell]] = {
    "numeric": Decimal,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


def read_page(
    page: "GetStatementResultResponseTypeDef",
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Names of the columns, and the rows of this page."""
    metadata = page.get("ColumnMetadata", [])
    names = tuple(column.get("label") or column.get("name", "") for column in metadata)
    types = [column.get("typeName", "") for column in metadata]
    rows = [
        tuple(_cell(field, kind) for field, kind in zip(record, types, strict=True))
        for record in page["Records"]
    ]
    return names, rows


def _cell(field: "FieldTypeDef", kind: str) -> Cell:
    """The one value a field holds, by the type of its column."""
    if field.get("isNull"):
        return None
    if "stringValue" in field:
        return _READERS.get(kind, str)(field["stringValue"])
    if "longValue" in field:
        return field["longValue"]
    if "doubleValue" in field:
        return field["doubleValue"]
    return field.get("booleanValue")
