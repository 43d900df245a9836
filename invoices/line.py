"""One line item as a value, and the text forms money and time take.

Upstream: ``invoices.contract``. Downstream: ``invoices.record`` (reading),
``invoices.invoice`` (grouping), ``invoices.documents`` (DynamoDB).
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from invoices.contract import PRICE_SCALE

_NEGATIVE_ZERO = f"{-0.0:.{PRICE_SCALE}f}"


class InvoiceLine(NamedTuple):
    """A line item that keeps the contract; attributes are the contract's columns, in order.

    A named tuple and not a dataclass: one is made for every line the job writes
    to DynamoDB, at a third of the cost. Two lines are equal when every field is,
    which is what tells a second delivery from a conflict.
    """

    schema_version: int
    invoice_no: str
    line_no: int
    stock_code: str
    description: str | None
    quantity: int
    invoice_date: datetime
    unit_price: Decimal
    customer_id: str | None
    country: str
    extras: str | None = None

    @property
    def identity(self) -> tuple[str, int]:
        """What makes two deliveries the same line."""
        return self.invoice_no, self.line_no

    @property
    def amount(self) -> Decimal:
        """Quantity x unit price, exact."""
        return self.quantity * self.unit_price


def money_text(value: Decimal) -> str:
    """The one text form of an amount: plain digits, 2 to 4 decimal places, no ``-0``.

    >>> money_text(Decimal("2.5")), money_text(Decimal("0.0010")), money_text(Decimal("-0"))
    ('2.50', '0.001', '0.00')
    """
    text = f"{value:.{PRICE_SCALE}f}"
    if text == _NEGATIVE_ZERO:
        text = text[1:]
    return text[:-2] + text[-2:].rstrip("0")


def date_text(value: datetime) -> str:
    """ISO 8601 local time; a fraction only where there is one.

    >>> date_text(datetime(2010, 12, 1, 8, 26))
    '2010-12-01T08:26:00'
    """
    return value.isoformat()
