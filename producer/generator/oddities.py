"""What a real file holds a handful of, so that chance would leave it out of a short one.

Upstream: ``producer.generator.baskets``. Downstream: ``producer.generator.shop``,
which plants each of these once in every so many lines.
"""

from collections.abc import Callable, Iterator
from random import Random

from producer.generator.baskets import (
    ADJUSTMENT_LETTER,
    GUEST,
    MAX_LINES,
    RETURN_LETTER,
    Basket,
    Baskets,
)
from producer.generator.catalogue import price_text

Oddity = Callable[[Baskets, Random, int], Iterator[Basket]]
"""Makes invoices that follow each other, given how many lines there are to be in all."""


def adjustments(_: Baskets, random: Random, __: int) -> Iterator[Basket]:
    """A bad debt booked, and booked out twice at a negative price."""
    pence = random.randint(100_000, 2_000_000)
    for price in (pence, -pence, -pence):
        item = ("B", "Adjust bad debt", 1, price_text(price))
        yield Basket(GUEST, [item], ADJUSTMENT_LETTER)


def fees(baskets: Baskets, random: Random, _: int) -> Iterator[Basket]:
    """Charges and gifts that no customer sees, booked as returns."""
    for code, description, typical_pence in (
        ("AMAZONFEE", "AMAZON FEE", 500_000),
        ("BANK CHARGES", "Bank Charges", 10_000),
        ("S", "SAMPLES", 2_000),
        ("CRUK", "CRUK Commission", 20_000),
    ):
        item = (code, description, -1, _charge(typical_pence, random))
        yield Basket(GUEST, [item], RETURN_LETTER)
    discount = ("D", "Discount", -random.choice((1, 1, 1, 12, 240)), _charge(2_500, random))
    yield Basket(baskets.customers.draw(), [discount], RETURN_LETTER)
    yield Basket(GUEST, [("BANK CHARGES", "Bank Charges", 1, _charge(1_500, random))])


def extras(baskets: Baskets, random: Random, _: int) -> Iterator[Basket]:
    """A sale with carriage, manual entries under both their codes, and next to free felt pads."""
    sale = baskets.sale(lines=4)
    sale.items.extend(
        (
            ("C2", "CARRIAGE", 1, "50.0"),
            ("M", "Manual", 1, _charge(1_500, random)),
            ("m", "Manual", 1, _charge(1_500, random)),
            ("PADS", "PADS FOR CHAIR LEGS", 1, "0.001"),
        )
    )
    yield sale


def vouchers(baskets: Baskets, _: Random, __: int) -> Iterator[Basket]:
    """Gift vouchers, whose names hold a pound sign."""
    order = baskets.web_order(lines=5)
    order.items.extend(
        (f"gift_0001_{pounds}", f"Gift Voucher £{pounds}.00", 1, price_text(pounds * 100 // 1.2))
        for pounds in (10, 20, 30, 40, 50)
    )
    yield order


def exact_copies(baskets: Baskets, _: Random, __: int) -> Iterator[Basket]:
    """A sale in which the same row stands three times: three lines."""
    sale = baskets.sale(lines=6)
    sale.items.extend((sale.items[0], sale.items[0]))
    yield sale


def long_invoice(baskets: Baskets, _: Random, lines: int) -> Iterator[Basket]:
    """As long as the longest of a real file, or a twentieth of a short one."""
    yield baskets.web_order(lines=max(2, min(MAX_LINES, lines // 20) - 1))


def write_offs(baskets: Baskets, random: Random, _: int) -> Iterator[Basket]:
    """One without a description, one with a note in its place; neither has a price."""
    for note in ("", "damaged"):
        (product,) = baskets.catalogue.draw(random, 1)
        yield Basket(GUEST, [(product.code, note, -random.randint(1, 50), "0.0")])


def mistake(baskets: Baskets, _: Random, __: int) -> Iterator[Basket]:
    """A mistyped quantity, cancelled at once."""
    sale = baskets.sale(lines=1)
    code, description, _quantity, price = sale.items[0]
    yield Basket(sale.customer, [(code, description, 74_215, price)])
    yield Basket(sale.customer, [(code, description, -74_215, price)], RETURN_LETTER)


def _charge(typical_pence: int, random: Random) -> str:
    return price_text(int(typical_pence * random.lognormvariate(0.0, 0.8)))


ODDITIES: tuple[Oddity, ...] = (
    write_offs,
    exact_copies,
    extras,
    adjustments,
    fees,
    vouchers,
    long_invoice,
    mistake,
)
