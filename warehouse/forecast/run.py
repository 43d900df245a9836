"""The forecast step: read, forecast, write, as one more batch job.

Upstream: a schedule after the load, or ``invoice-stream warehouse forecast``. Downstream: the
tables of ``0007_forecast.sql``, replaced together in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.warehouse_port import Sql, Warehouse
from warehouse.attempt import Attempt
from warehouse.errors import TooLittleHistoryError
from warehouse.forecast.customers import forecast_customers, least_days
from warehouse.forecast.daily import forecast_revenue
from warehouse.forecast.history import DailyRevenue, read_revenue, read_sales
from warehouse.forecast.tables import Forecasts
from warehouse.preparing import prepare_warehouse
from warehouse.staging import Staging
from warehouse.statements import sql_file

LOCK = Sql("lock", "LOCK load_lock")


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """What was forecast.

    Attributes:
        messages: One line a subject: which model ships, and why.
        days: Days ahead.
        customers: Customers forecast.
    """

    messages: tuple[str, ...]
    days: int
    customers: int


def forecast(
    warehouse: Warehouse, staging: Callable[[str, str], Staging], attempt: Attempt
) -> ForecastReport:
    """Forecast from what the warehouse holds, and write it there.

    Raises:
        TooLittleHistoryError: The back-test needs more days; nothing was changed.
        WarehouseError: The warehouse is out of reach or refused.
    """
    prepare_warehouse(warehouse)
    history = _enough(read_revenue(warehouse))
    sales = read_sales(warehouse, history)
    made = Forecasts(
        attempt.run_id,
        attempt.started_at,
        history,
        forecast_revenue(history),
        forecast_customers(sales, len(history.values), history.last),
    )
    _write(warehouse, staging("forecast", attempt.run_id), made)
    messages = tuple(f"{name}: {found.message()}" for name, found in made.verdicts.items())
    return ForecastReport(messages, len(made.daily.days), len(made.customers.customers))


def _enough(history: DailyRevenue | None) -> DailyRevenue:
    days, least = (len(history.values) if history is not None else 0), least_days()
    if history is None or days < least:
        raise TooLittleHistoryError(
            f"{days} days of history are too few to test a forecast: {least} are needed,"
            " nothing was forecast"
        )
    return history


def _write(warehouse: Warehouse, staging: Staging, made: Forecasts) -> None:
    copies = [staging.write(table, rows) for table, rows in made.tables().items()]
    warehouse.run([LOCK, *sql_file("empty_forecast.sql").statements, *copies])
    staging.remove()
