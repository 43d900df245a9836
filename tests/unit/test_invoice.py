"""Lines become an invoice, whatever order and however often they come."""

import random
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.contract import MAX_PRICE, InvoiceKind
from invoices.invoice import group_lines, merge_lines
from invoices.line import money_text
from tests.document_cases import FIRST, make_lines


def test_the_header_is_the_lowest_lines() -> None:
    later = FIRST._replace(line_no=2, invoice_date=datetime(2011, 9, 1), country="France")
    invoice = merge_lines([later, FIRST])
    assert (invoice.invoice_date, invoice.country) == (FIRST.invoice_date, "United Kingdom")
    assert [line.line_no for line in invoice.lines] == [1, 2]


def test_a_line_without_a_customer_does_not_hide_the_invoice_from_its_owner() -> None:
    invoice = merge_lines([FIRST._replace(customer_id=None), FIRST._replace(line_no=2)])
    assert invoice.customer_id == "90001"


def test_an_invoice_without_any_customer_is_a_guests() -> None:
    assert merge_lines([FIRST._replace(customer_id=None)]).customer_id is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("700001", InvoiceKind.SALE),
        ("C700001", InvoiceKind.CANCELLATION),
        ("A700001", InvoiceKind.ADJUSTMENT),
        ("c700001", InvoiceKind.SALE),
    ],
)
def test_the_first_letter_tells_the_kind(number: str, kind: InvoiceKind) -> None:
    assert merge_lines([FIRST._replace(invoice_no=number)]).kind is kind


def test_of_two_lines_with_one_number_the_first_stands() -> None:
    other = FIRST._replace(quantity=99)
    assert merge_lines([FIRST], [other]).lines == (FIRST,)
    assert merge_lines([other, FIRST]).lines == (other,)


def test_equal_rows_with_different_numbers_are_two_lines() -> None:
    invoice = merge_lines([FIRST, FIRST._replace(line_no=2)])
    assert (invoice.revision, invoice.units) == (2, 12)


def test_units_and_total_count_returns_against_sales() -> None:
    back = FIRST._replace(line_no=2, quantity=-2, unit_price=Decimal("0.1234"))
    invoice = merge_lines([FIRST, back])
    assert (invoice.units, invoice.total) == (4, Decimal("15.0532"))


def test_a_total_of_more_digits_than_pythons_decimals_keep_is_exact() -> None:
    dearest = FIRST._replace(quantity=2**31 - 1, unit_price=MAX_PRICE)
    lines = [dearest._replace(line_no=number) for number in range(1, 100_001)]
    cent = FIRST._replace(line_no=100_001, quantity=1, unit_price=Decimal("0.0001"))
    total = merge_lines(lines, [cent]).total
    units = 100_000 * (2**31 - 1) * (10**14 - 1) + 1
    assert money_text(total) == f"{units // 10_000}.{units % 10_000:04}"


def test_lines_of_several_invoices_do_not_make_one() -> None:
    with pytest.raises(ValueError, match=r"\['700001', '700002'\]"):
        merge_lines([FIRST, FIRST._replace(line_no=2, invoice_no="700002")])


def test_no_line_makes_no_invoice() -> None:
    with pytest.raises(ValueError, match=r"\[\]"):
        merge_lines([])


@given(seed=st.integers(), repeated=st.lists(st.integers(0, 29), max_size=40))
def test_any_order_and_any_repetition_group_the_same(seed: int, repeated: list[int]) -> None:
    lines = [*make_lines(20), *make_lines(10, invoice_no="C700002", quantity=-1)]
    stream = lines + [lines[index] for index in repeated]
    random.Random(seed).shuffle(stream)
    assert group_lines(stream) == group_lines(lines)
