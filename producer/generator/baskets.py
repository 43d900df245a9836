"""What stands on an invoice: sales, web orders, returns and write-offs.

Upstream: ``producer.generator.catalogue``, ``producer.generator.customers``.
Downstream: ``producer.generator.shop``; ``producer.generator.oddities`` adds
what is too rare to leave to chance. The figures are those of a real shop.
"""

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from producer.generator.catalogue import Catalogue, Product, price_text
from producer.generator.customers import HOME, Customer, Customers

Item: TypeAlias = tuple[str, str, int, str]
"""Stock code, description, quantity, unit price as text."""

GUEST = Customer("", HOME, 1)
RETURN_LETTER, ADJUSTMENT_LETTER = "C", "A"

MAX_LINES = 705
_REPEATED_CODES = 0.0155
"""Share of lines whose stock code stands on the invoice already; half are exact copies."""

_SMALL_SALES, _POSTAGE_PAID, _MANUAL_ENTRIES = 0.12, 0.75, 0.02
"""Shares of the sales: a thing or two; postage, of those abroad; something typed in by hand."""

_RETURNABLE = 400
"""Goods come back within so many invoices."""

_WRITE_OFF_NOTES = ("damaged", "?", "wet", "lost in transit", "found", "check", "thrown away",
                    "mailout", "sold as set online", "wrong barcode")  # fmt: skip
_UNEXPLAINED = 0.65


@dataclass(frozen=True, slots=True)
class Basket:
    """One invoice without its number and date.

    Attributes:
        customer: Who; ``GUEST`` when nobody knows.
        items: The lines, never empty.
        letter: First letter of the number; empty for a sale.
    """

    customer: Customer
    items: list[Item]
    letter: str = ""


class Baskets:
    """Draws invoices in the mix of a real shop."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.catalogue = Catalogue()
        self.customers = Customers(random)
        self._returnable: deque[Basket] = deque(maxlen=_RETURNABLE)
        self._mix = (
            (0.108, self.write_off),
            (0.108 + 0.043, self.web_order),
            (0.108 + 0.043 + 0.155, self.goods_return),
            (1.0, self.sale),
        )

    def draw(self) -> Basket:
        """The next invoice."""
        number = self._random.random()
        return next(make for below, make in self._mix if number < below)()

    def sale(self, lines: int = 0) -> Basket:
        """A known customer buys at trade prices; ``lines`` of 0 are drawn."""
        random = self._random
        customer = self.customers.draw()
        products = self.catalogue.draw(random, lines or _sale_lines(random))
        items = [
            (
                product.code,
                product.description,
                product.quantities[int(random.random() * len(product.quantities))]
                * customer.factor,
                product.price,
            )
            for product in products
        ]
        self._repeat_codes(items)
        self._add_postage(items, customer)
        basket = Basket(customer, items)
        self._returnable.append(basket)
        return basket

    def web_order(self, lines: int = 0) -> Basket:
        """A day's orders from the web shop on one invoice: nobody's, many lines, few of each."""
        random = self._random
        count = lines or min(MAX_LINES - 1, 1 + int(random.lognormvariate(4.5, 0.85)))
        products = self.catalogue.draw(random, count)
        items = [_web_item(product, random) for product in products]
        self._repeat_codes(items)
        postage = price_text(len(items) * random.randint(90, 260))
        items.append(("DOT", "DOTCOM POSTAGE", 1, postage))
        return Basket(GUEST, items)

    def goods_return(self) -> Basket:
        """Some lines of an earlier sale come back: negative quantities, number with a C."""
        if not self._returnable:
            return self.sale()
        random = self._random
        sold = self._returnable[int(random.random() * len(self._returnable))]
        count = min(1 + int(random.expovariate(0.55)), len(sold.items))
        items = [
            (code, description, -random.randint(1, max(1, quantity)), price)
            for code, description, quantity, price in random.sample(sold.items, count)
        ]
        return Basket(sold.customer, items, RETURN_LETTER)

    def write_off(self) -> Basket:
        """Stock that is gone, or found again: no customer, no price, mostly no description."""
        random = self._random
        (product,) = self.catalogue.draw(random, 1)
        explained = random.random() >= _UNEXPLAINED
        note = random.choice(_WRITE_OFF_NOTES) if explained else ""
        quantity = random.choice((-1, 1)) * random.choice((1, 2, 4, 10, 30, 120, 600))
        return Basket(GUEST, [(product.code, note, quantity, "0.0")])

    def _repeat_codes(self, items: list[Item]) -> None:
        """Let a later line name the product of an earlier one."""
        random = self._random
        for place in range(1, len(items)):
            if random.random() < _REPEATED_CODES:
                code, description, quantity, price = items[random.randrange(place)]
                other = quantity + random.choice((0, 1))
                items[place] = (code, description, other, price)

    def _add_postage(self, items: list[Item], customer: Customer) -> None:
        random = self._random
        if customer.country != HOME and random.random() < _POSTAGE_PAID:
            price = random.choice(("18.0", "28.0", "40.0", "15.0"))
            items.append(("POST", "POSTAGE", random.randint(1, 4), price))
        elif random.random() < _MANUAL_ENTRIES:
            items.append(("M", "Manual", 1, price_text(random.randint(50, 30_000))))


def _web_item(product: Product, random: Random) -> Item:
    quantity = min(1 + int(random.expovariate(0.5)), 60)
    return product.code, product.description, quantity, product.web_price


def _sale_lines(random: Random) -> int:
    """One in eight buys a thing or two; the others fill a box."""
    if random.random() < _SMALL_SALES:
        return random.randint(1, 3)
    return min(MAX_LINES, 1 + int(random.lognormvariate(2.82, 0.72)))
