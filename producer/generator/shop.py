"""The shop at work: invoices in the order they are written, until there are enough lines.

Upstream: ``producer.generator.trading_days``, ``producer.generator.baskets``,
``producer.generator.oddities``. Downstream: ``producer.generator.csv_file``.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias

from producer.generator.baskets import Basket, Baskets, Item
from producer.generator.oddities import ODDITIES
from producer.generator.trading_days import months_for, trading_days

Row: TypeAlias = tuple[str, str, str, int, str, str, str, str]
"""InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country."""

FIRST_NUMBER = 600_001
_ODDITY_LINES = 100_000
"""Every oddity once in so many lines, and once in any file."""

_LATE_SHARE = 0.0023
"""Share of invoices written over more than a minute."""

_REOPENED_AFTER, _REOPENED_LINES = 4, 4
"""A re-opened invoice goes on after so many others; it has so many lines at least."""


def invoice_rows(lines: int, seed: int) -> Iterator[Sequence[Row]]:
    """Rows of one invoice, or of a part of one, after the other; ``lines`` in all.

    The same arguments always give the same rows. The dates last longer the more
    lines there are, from a month to three years.
    """
    left = lines
    parts = _Shop(lines, Random(f"shop {seed}")).parts()
    while left > 0:
        rows = next(parts)[:left]
        left -= len(rows)
        yield rows


class _Shop:
    def __init__(self, lines: int, random: Random) -> None:
        self._lines = lines
        self._random = random
        self._baskets = Baskets(random)
        self._numbers = itertools.count(FIRST_NUMBER)
        self._written = 0

    def parts(self) -> Iterator[list[Row]]:
        """Invoices, or parts of one, without end: what is beyond the last day is written on it."""
        reopening = _Reopening(self._lines)
        for moment, basket in zip(self._moments(), self._draws(), strict=True):
            number = f"{basket.letter}{next(self._numbers)}"
            now, later = reopening.split(basket.items, self._written)
            yield self._write(number, moment, basket, now)
            reopening.keep(number, basket, later)
            if (part := reopening.due()) is not None:
                yield self._write(part.number, moment, part.basket, part.items)

    def _moments(self) -> Iterator[datetime]:
        """When the next invoice is written, as far as the shop has come."""
        days = trading_days(months_for(self._lines), self._random)
        today = next(days)
        while True:
            share = self._written / self._lines
            while share >= today.share_at_end and (tomorrow := next(days, None)) is not None:
                today = tomorrow
            yield today.moment(share)

    def _draws(self) -> Iterator[Basket]:
        """Invoices as they come, every so often an odd one."""
        step = _oddity_step(self._lines)
        due = step // 2
        for oddity in itertools.cycle(ODDITIES):
            while self._written < due:
                yield self._baskets.draw()
            yield from oddity(self._baskets, self._random, self._lines)
            due += step

    def _write(
        self, number: str, moment: datetime, basket: Basket, items: Sequence[Item]
    ) -> list[Row]:
        """Rows of these items; rarely, the last ones a minute or more later."""
        self._written += len(items)
        customer = basket.customer
        date, late_from = moment.isoformat(" "), len(items)
        late_date = date
        if self._random.random() < _LATE_SHARE:
            late_from = max(1, len(items) // 2)
            late_date = (moment + timedelta(minutes=self._random.randint(1, 3))).isoformat(" ")
        return [
            (
                number,
                code,
                description,
                quantity,
                date if place < late_from else late_date,
                price,
                customer.customer_id,
                customer.country,
            )
            for place, (code, description, quantity, price) in enumerate(items)
        ]


@dataclass(frozen=True, slots=True)
class _Part:
    """What is still to be written of an invoice."""

    number: str
    basket: Basket
    items: Sequence[Item]


class _Reopening:
    """Every so often an invoice is closed half way, and goes on after others were written."""

    def __init__(self, lines: int) -> None:
        self._step = _oddity_step(lines) * len(ODDITIES)
        self._next = _oddity_step(lines)
        self._part: _Part | None = None
        self._others = 0

    def split(self, items: Sequence[Item], written: int) -> tuple[Sequence[Item], Sequence[Item]]:
        """What is written now and what later, which is mostly nothing."""
        if self._part is not None or written < self._next or len(items) < _REOPENED_LINES:
            return items, ()
        self._next += self._step
        half = len(items) // 2
        return items[:half], items[half:]

    def keep(self, number: str, basket: Basket, items: Sequence[Item]) -> None:
        """Remember what is to be written later."""
        if items:
            self._part, self._others = _Part(number, basket, items), 0

    def due(self) -> _Part | None:
        """What is to be written now, after enough other invoices."""
        self._others += 1
        if self._part is None or self._others <= _REOPENED_AFTER:
            return None
        part, self._part = self._part, None
        return part


def _oddity_step(lines: int) -> int:
    """Lines between two oddities, so that each is in every file and once in ``_ODDITY_LINES``."""
    return max(1, min(lines, _ODDITY_LINES) // (len(ODDITIES) + 2))
