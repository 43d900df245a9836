"""Who buys: customers who come once, come back, or keep the shop going.

Downstream: ``producer.generator.baskets``.
"""

from dataclasses import dataclass
from random import Random

_COUNTRIES = {
    "United Kingdom": 9100, "Germany": 220, "France": 165, "EIRE": 60, "Belgium": 47, "Spain": 40,
    "Netherlands": 25, "Australia": 20, "Switzerland": 28, "Portugal": 25, "Italy": 18,
    "Sweden": 18, "Finland": 14, "Japan": 10, "Poland": 11, "Channel Islands": 12, "Norway": 11,
    "Austria": 9, "Cyprus": 7, "Unspecified": 6, "Denmark": 6, "Singapore": 3, "Israel": 4,
    "Canada": 4, "Malta": 4, "Iceland": 3, "European Community": 3, "Greece": 3, "USA": 2,
    "Brazil": 1, "Lebanon": 1,
}  # fmt: skip
"""Customers in 10,000."""

HOME = "United Kingdom"

_NEW_AT_FIRST, _NEW_LATER, _FIRST_INVOICES = 0.46, 0.10, 1500
"""Share of invoices by new customers: nearly half at the beginning, a tenth once the shop is
known; it has fallen half way after so many invoices."""

_RECENCY = 1.35
"""Above 1, who bought lately is likelier to buy again than who bought long ago."""

_WHOLESALERS = 0.03
_NUMBERS = 80_021
"""Customer numbers of five digits, a prime of them so that a step walks through all."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer.

    Attributes:
        customer_id: Number as text.
        country: Where the goods go.
        factor: How many times the usual quantity is bought.
    """

    customer_id: str
    country: str
    factor: int


class Customers:
    """Draws the customer of each invoice; who has bought more is likelier to buy again."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._invoices: list[Customer] = []
        self._known = 0

    def draw(self) -> Customer:
        """The customer of the next invoice."""
        random, invoices = self._random, self._invoices
        new_share = _NEW_LATER + _NEW_AT_FIRST / (1 + len(invoices) / _FIRST_INVOICES)
        if not invoices or random.random() < new_share:
            customer = self._new()
        else:
            back = int(len(invoices) * random.random() ** _RECENCY)
            customer = invoices[-1 - back]
        invoices.append(customer)
        return customer

    def _new(self) -> Customer:
        number, self._known = self._known, self._known + 1
        customer_id = 100_000 + number if number >= _NUMBERS else 12_000 + number * 7919 % _NUMBERS
        (country,) = self._random.choices(tuple(_COUNTRIES), tuple(_COUNTRIES.values()))
        factor = self._random.choice((4, 6, 8, 12)) if self._random.random() < _WHOLESALERS else 1
        return Customer(str(customer_id), country, factor)
