"""What was sold, day by day and customer by customer, read from the warehouse.

Upstream: ``fact_invoice_line``, ``fact_invoice``. Downstream: ``forecast.daily``,
``forecast.customers``. The latest day is left out: nobody knows whether it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from connectors.warehouse_port import Cell, Warehouse

Floats = npt.NDArray[np.float64]

REVENUE = """
SELECT invoice_day, SUM(amount) AS revenue
FROM fact_invoice_line
GROUP BY invoice_day
"""
SALES = """
SELECT customer_id, invoice_day, COUNT(*) AS sales, SUM(total) AS value
FROM fact_invoice
WHERE kind = 'sale' AND customer_id IS NOT NULL
GROUP BY customer_id, invoice_day
"""


@dataclass(frozen=True, slots=True)
class DailyRevenue:
    """Revenue of each day from the first on; a day without lines is 0.

    Attributes:
        first: First day.
        values: Revenue, one value a day.
    """

    first: date
    values: Floats

    @property
    def last(self) -> date:
        """Last day."""
        return self.first + timedelta(days=len(self.values) - 1)

    def before(self, origin: int) -> Floats:
        """The first ``origin`` days."""
        return self.values[:origin]


@dataclass(frozen=True, slots=True)
class Sale:
    """What a customer bought on one day.

    Attributes:
        customer_id: The customer.
        day: Days since the first of the history.
        sales: Invoices.
        value: Their total.
    """

    customer_id: str
    day: int
    sales: int
    value: float


def daily_revenue(rows: Iterable[tuple[Cell, ...]]) -> DailyRevenue | None:
    """The series from rows of day and revenue; None without two days.

    Forecasts are estimates: binary floating point is precise enough from here on.
    """
    known = {_day(day): float(_money(revenue)) for day, revenue in rows}
    if not known or min(known) == max(known):
        return None
    first = min(known)
    length = (max(known) - first).days
    days = [first + timedelta(days=number) for number in range(length)]
    return DailyRevenue(first, np.array([known.get(day, 0.0) for day in days]))


def sales_before(rows: Iterable[tuple[Cell, ...]], revenue: DailyRevenue) -> list[Sale]:
    """Sales of the days the series holds, in order of customer and day."""
    found = [
        Sale(str(customer), (_day(day) - revenue.first).days, int(str(count)), float(_money(value)))
        for customer, day, count, value in rows
    ]
    kept = [sale for sale in found if 0 <= sale.day < len(revenue.values)]
    return sorted(kept, key=lambda sale: (sale.customer_id, sale.day))


def read_revenue(warehouse: Warehouse) -> DailyRevenue | None:
    """The series the warehouse holds."""
    return daily_revenue(warehouse.execute(REVENUE).rows)


def read_sales(warehouse: Warehouse, revenue: DailyRevenue) -> list[Sale]:
    """The sales the warehouse holds."""
    return sales_before(warehouse.execute(SALES).rows, revenue)


def _day(cell: Cell) -> date:
    if not isinstance(cell, date):
        raise TypeError(f"{cell!r} is not a day")
    return cell


def _money(cell: Cell) -> Decimal:
    return Decimal(str(cell))
