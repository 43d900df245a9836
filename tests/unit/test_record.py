"""Any bytes are lines or a reason; what is written reads back the same."""

import itertools
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.contract import (
    BY_COLUMN,
    LINE_FIELDS,
    MAX_LINE_NO,
    MAX_PRICE,
    MAX_RECORD_LINES,
    RejectReason,
)
from invoices.line import InvoiceLine
from invoices.record import (
    Reject,
    RejectedError,
    decode_record,
    encode_line,
    encode_pack,
    read_text,
)
from tests.record_cases import LINE, Outcome, any_records, cases, packed, record

_CODES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
_EXTRAS = st.sampled_from([None, '{"Channel":"web"}', '{"A":[1,2.50],"b":{"c":null}}'])

lines = st.builds(
    InvoiceLine,
    schema_version=st.just(1),
    invoice_no=_CODES.filter(lambda text: len(text) <= 64),
    line_no=st.integers(1, MAX_LINE_NO),
    stock_code=_CODES.filter(lambda text: len(text) <= 64),
    description=st.none() | _CODES.filter(lambda text: len(text) <= 1000),
    quantity=st.integers(-(2**31), 2**31 - 1),
    invoice_date=st.datetimes(),
    unit_price=st.decimals(-MAX_PRICE, MAX_PRICE, places=4),
    customer_id=st.none() | _CODES.filter(lambda text: len(text) <= 64),
    country=_CODES.filter(lambda text: len(text) <= 100),
    extras=_EXTRAS,
)


def outcomes(payload: bytes) -> tuple[Outcome, ...]:
    entries = decode_record(payload)
    return tuple(entry.reason if isinstance(entry, Reject) else LINE for entry in entries)


@pytest.mark.parametrize(("payload", "expected"), list(cases()), ids=itertools.count())
def test_every_case_has_its_outcome(payload: bytes, expected: tuple[Outcome, ...]) -> None:
    assert outcomes(payload) == expected


@given(any_records)
def test_any_bytes_are_lines_or_a_reason(payload: bytes) -> None:
    entries = decode_record(payload)
    assert 1 <= len(entries) <= MAX_RECORD_LINES
    assert all(isinstance(entry, InvoiceLine | Reject) for entry in entries)


@given(any_records)
def test_what_is_accepted_reads_back_the_same_from_its_own_text(payload: bytes) -> None:
    for entry in decode_record(payload):
        if isinstance(entry, InvoiceLine):
            assert decode_record(encode_line(entry)) == [entry]


@given(lines)
def test_a_line_reads_back_the_same(line: InvoiceLine) -> None:
    assert decode_record(encode_line(line)) == [line]


@given(st.lists(lines, min_size=1, max_size=5))
def test_a_packed_record_reads_back_the_same(packed_lines: list[InvoiceLine]) -> None:
    assert decode_record(encode_pack(packed_lines)) == packed_lines


def test_a_good_line_has_every_field() -> None:
    assert decode_record(record(Extra=' { "b" : 1.50 } ', Alpha='"\\u00e9"')) == [
        InvoiceLine(
            schema_version=1,
            invoice_no="536365",
            line_no=1,
            stock_code="85123A",
            description="WHITE LANTERN",
            quantity=6,
            invoice_date=datetime(2010, 12, 1, 8, 26),
            unit_price=Decimal("2.5500"),
            customer_id="17850",
            country="United Kingdom",
            extras='{"Alpha":"é","Extra":{"b":1.50}}',
        )
    ]


def test_a_reject_of_a_packed_record_says_which_element() -> None:
    entries = decode_record(packed(record(), record(Quantity="null")))
    assert entries[1] == Reject(
        RejectReason.MISSING_FIELD, "Quantity is missing", element=1, field="Quantity"
    )


@pytest.mark.parametrize(
    ("price", "value"),
    [("1e9", "1000000000"), ("25.5e-1", "2.55"), ('"007.50"', "7.5"), ("-0.0", "0")],
)
def test_a_price_is_exact(price: str, value: str) -> None:
    (line,) = decode_record(record(UnitPrice=price))
    assert isinstance(line, InvoiceLine)
    assert str(line.unit_price) == str(Decimal(value).quantize(Decimal("0.0001")))


def test_plain_text_reads_under_the_same_rules() -> None:
    assert read_text(BY_COLUMN["unit_price"], "2.5") == Decimal("2.5000")
    with pytest.raises(RejectedError) as caught:
        read_text(BY_COLUMN["unit_price"], "1e999999999999999999999")
    assert caught.value.reason is RejectReason.OUT_OF_RANGE


def test_every_field_that_may_not_be_null_is_missed() -> None:
    for field in LINE_FIELDS:
        expected = LINE if field.nullable else RejectReason.MISSING_FIELD
        assert outcomes(record({field.name: None})) == (expected,), field.name
