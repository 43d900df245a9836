"""What a line is worth counting as: a sale, a return, a charge or an adjustment.

Upstream: a line's invoice, stock code and quantity. Downstream: ``warehouse.lines``. The shop
books postage, discounts, fees and write-offs as lines like any other; who counts products must
be able to leave them out, who sums money must not. So every line stays, and carries its kind.
"""

from dataclasses import dataclass
from enum import Enum


class LineKind(Enum):
    """How a line counts."""

    SALE = "sale"
    RETURN = "return"
    CHARGE = "charge"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Charge:
    """A stock code that is no product.

    Attributes:
        kind: Short name, as it stands in ``charge_kind``.
        meaning: For people.
    """

    kind: str
    meaning: str


CHARGES: dict[str, Charge] = {
    "POST": Charge("postage", "Postage"),
    "DOT": Charge("postage", "Postage of the web shop"),
    "C2": Charge("carriage", "Carriage"),
    "C3": Charge("carriage", "Carriage"),
    "D": Charge("discount", "Discount"),
    "M": Charge("manual", "Entered by hand"),
    "S": Charge("sample", "Samples"),
    "B": Charge("bad debt", "Bad debt written off"),
    "BANK CHARGES": Charge("fee", "Bank charges"),
    "AMAZONFEE": Charge("fee", "Amazon's fee"),
    "CRUK": Charge("commission", "Commission to Cancer Research UK"),
    "ADJUST": Charge("adjustment", "Adjustment by hand"),
    "ADJUST2": Charge("adjustment", "Adjustment by hand"),
}
"""By stock code in capitals: the source writes ``m`` as well as ``M``."""

VOUCHER_PREFIX = "GIFT_"
VOUCHER = Charge("voucher", "Gift voucher")

TEST_PREFIX = "TEST"
TEST = Charge("test", "Test entry")


def charge_kind(stock_code: str) -> str | None:
    """Kind of charge, or None for a product; the rule ``warehouse.lines`` puts into Spark."""
    code = stock_code.upper()
    if code.startswith(VOUCHER_PREFIX):
        return VOUCHER.kind
    if code.startswith(TEST_PREFIX):
        return TEST.kind
    charge = CHARGES.get(code)
    return charge.kind if charge else None


def line_kind(invoice_kind: str, charge: str | None, quantity: int) -> LineKind:
    """How a line counts; the rule ``warehouse.lines`` puts into Spark.

    A product taken off the stock outside a cancellation was damaged, lost or sold elsewhere: no
    customer gave it back.
    """
    if invoice_kind == "adjustment":
        return LineKind.ADJUSTMENT
    if charge is not None:
        return LineKind.CHARGE
    if invoice_kind == "cancellation":
        return LineKind.RETURN
    return LineKind.ADJUSTMENT if quantity < 0 else LineKind.SALE
