"""The JSON Schemas accept what the decoder accepts and refuse what they can of the rest."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from invoices.contract import LINE_FIELDS, MAX_RECORD_LINES, Field
from invoices.json_schema import Json, line_schema, record_schema
from invoices.line import InvoiceLine
from invoices.record import decode_record

LINE = Draft202012Validator(line_schema())
RECORD = Draft202012Validator(record_schema())

GOOD: dict[str, Json] = {field.name: field.example for field in LINE_FIELDS}

PRICES = st.one_of(
    st.decimals(places=5, allow_nan=False, allow_infinity=False).map(str),
    st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.integers(min_value=-(10**11), max_value=10**11),
    st.floats(allow_nan=False, allow_infinity=False),
)
DATES = st.one_of(
    st.datetimes().map(lambda date: date.isoformat()),
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,7})?", fullmatch=True
    ),
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=120), PRICES, DATES, st.just([])
)
CHANGES = st.one_of(
    st.fixed_dictionaries({"UnitPrice": PRICES}),
    st.fixed_dictionaries({"InvoiceDate": DATES}),
    st.dictionaries(st.sampled_from([*GOOD, "Channel", ""]), VALUES, max_size=3),
)

REFUSED: list[tuple[str, Json]] = [
    ("SchemaVersion", 2),
    ("SchemaVersion", "1"),
    ("InvoiceNo", ""),
    ("InvoiceNo", 536365),
    ("InvoiceNo", "x" * 65),
    ("InvoiceNo", None),
    ("LineNo", 0),
    ("LineNo", 1.5),
    ("LineNo", 2**53),
    ("StockCode", "a\0b"),
    ("Description", ""),
    ("Description", "x" * 1001),
    ("Quantity", 2**31),
    ("Quantity", -(2**31) - 1),
    ("Quantity", True),
    ("InvoiceDate", "2010-12-01 08:26:00"),
    ("InvoiceDate", "2010-12-01T08:26:00Z"),
    ("InvoiceDate", "2010-13-01T08:26:00"),
    ("InvoiceDate", "2010-12-01T24:00:00"),
    ("InvoiceDate", "0000-12-01T08:26:00"),
    ("UnitPrice", "2,55"),
    ("UnitPrice", "2.55555"),
    ("UnitPrice", "10000000000"),
    ("UnitPrice", 1e10),
    ("UnitPrice", ""),
    ("UnitPrice", None),
    ("CustomerID", 17850),
    ("Country", None),
]


def accepted(record: Json) -> bool:
    """Whether the decoder takes the whole record."""
    return all(isinstance(line, InvoiceLine) for line in decode_record(json.dumps(record).encode()))


def test_the_schemas_are_valid_schemas() -> None:
    Draft202012Validator.check_schema(line_schema())
    Draft202012Validator.check_schema(record_schema())


def test_the_contracts_examples_make_a_good_line() -> None:
    assert accepted(GOOD)
    assert LINE.is_valid(GOOD)


@given(CHANGES)
def test_what_the_decoder_accepts_the_schema_accepts(changes: dict[str, Json]) -> None:
    line = {**GOOD, **changes}
    if accepted(line):
        LINE.validate(line)
        RECORD.validate([line])


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_both_refuse_a_wrong_value(name: str, value: Json) -> None:
    line = {**GOOD, name: value}
    assert not accepted(line)
    assert not LINE.is_valid(line)
    assert not RECORD.is_valid([GOOD, line])


@pytest.mark.parametrize("field", LINE_FIELDS, ids=lambda field: field.name)
def test_both_want_the_same_fields(field: Field) -> None:
    name = field.name
    line = {other: value for other, value in GOOD.items() if other != name}
    assert LINE.is_valid(line) == accepted(line) == field.nullable


@pytest.mark.parametrize("price", ["0", "-0.0000", "002.50000", "1E+2", "9999999999.9999"])
def test_both_accept_a_price_however_it_is_written(price: str) -> None:
    for value in (price, float(Decimal(price))):
        line = {**GOOD, "UnitPrice": value}
        assert accepted(line)
        assert LINE.is_valid(line)


@pytest.mark.parametrize(("lines", "good"), [(0, False), (1, True), (MAX_RECORD_LINES, True)])
def test_a_record_packs_one_line_to_the_most(lines: int, good: bool) -> None:
    record: Json = [GOOD for _ in range(lines)]
    assert RECORD.is_valid(record) == accepted(record) == good


@pytest.mark.parametrize("record", [[GOOD] * (MAX_RECORD_LINES + 1), [[GOOD]], "text", None, 7])
def test_a_record_that_is_not_lines_is_refused(record: Json) -> None:
    assert not RECORD.is_valid(record)
    assert not accepted(record)
