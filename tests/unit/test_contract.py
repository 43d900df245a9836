"""What is made from the contract says what the contract says."""

import inspect

import pytest

from invoices.contract import (
    BY_COLUMN,
    BY_NAME,
    EXTRAS_COLUMN,
    IDENTITY_COLUMNS,
    LINE_FIELDS,
    MAX_PRICE,
    REASON_MEANINGS,
    Field,
    FieldType,
    InvoiceKind,
    RejectReason,
    kind_of,
)
from invoices.line import InvoiceLine

PYTHON_TYPES = {
    FieldType.STRING: "str",
    FieldType.INT: "int",
    FieldType.BIGINT: "int",
    FieldType.DECIMAL: "Decimal",
    FieldType.TIMESTAMP: "datetime",
}


def test_a_line_has_the_contracts_columns_in_order_then_extras() -> None:
    assert InvoiceLine._fields == (*(field.column for field in LINE_FIELDS), EXTRAS_COLUMN)


@pytest.mark.parametrize("field", LINE_FIELDS, ids=lambda field: field.name)
def test_a_lines_attribute_has_the_fields_type(field: Field) -> None:
    wanted = PYTHON_TYPES[field.type] + (" | None" if field.nullable else "")
    annotation = inspect.get_annotations(InvoiceLine, eval_str=True)[field.column]
    assert (annotation.__name__ if isinstance(annotation, type) else str(annotation)) == wanted


def test_names_and_columns_are_unique() -> None:
    assert len(BY_NAME) == len(BY_COLUMN) == len(LINE_FIELDS)
    assert set(IDENTITY_COLUMNS) <= set(BY_COLUMN)


def test_every_reason_has_a_meaning_of_its_own() -> None:
    assert set(REASON_MEANINGS) == set(RejectReason)
    assert len(set(REASON_MEANINGS.values())) == len(RejectReason)


def test_the_largest_price_fills_its_decimal() -> None:
    assert str(MAX_PRICE) == "9999999999.9999"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("536365", InvoiceKind.SALE),
        ("C536379", InvoiceKind.CANCELLATION),
        ("A563185", InvoiceKind.ADJUSTMENT),
        ("c536379", InvoiceKind.SALE),
    ],
)
def test_the_first_letter_tells_the_kind(number: str, kind: InvoiceKind) -> None:
    assert kind_of(number) is kind
