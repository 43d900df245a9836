"""Forecasts as rows of the warehouse's tables.

Upstream: ``forecast.daily``, ``forecast.customers``. Downstream: ``forecast.run`` stages them;
their columns are those of ``0007_forecast.sql``, in that order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from connectors.lake import TIMESTAMP
from warehouse.forecast.backtest import HORIZON_DAYS, Verdict
from warehouse.forecast.customers import MEASURE as CUSTOMER_MEASURE
from warehouse.forecast.customers import CustomerForecasts
from warehouse.forecast.daily import MEASURE as DAILY_MEASURE
from warehouse.forecast.daily import SUBJECT, DailyForecast
from warehouse.forecast.history import DailyRevenue

_MONEY, _FINE, _SHARE = pa.decimal128(18, 2), pa.decimal128(18, 4), pa.decimal128(5, 2)
_TEXT = pa.string()

RUN = pa.schema(
    [
        ("run_id", _TEXT),
        ("made_at", TIMESTAMP),
        ("subject", _TEXT),
        ("model", _TEXT),
        ("beats_naive", pa.bool_()),
        ("history_from", pa.date32()),
        ("history_to", pa.date32()),
        ("message", _TEXT),
    ]
)
DAILY = pa.schema(
    [
        ("day", pa.date32()),
        *((name, _MONEY) for name in ("revenue", "low_80", "high_80", "low_95", "high_95")),
        ("model", _TEXT),
        ("run_id", _TEXT),
    ]
)
CUSTOMER = pa.schema(
    [
        ("customer_id", _TEXT),
        ("expected_purchases", _FINE),
        ("expected_value", _MONEY),
        ("expected_next_purchase", pa.date32()),
        ("days_ahead", pa.int32()),
        ("run_id", _TEXT),
    ]
)
BACKTEST = pa.schema(
    [
        ("subject", _TEXT),
        ("model", _TEXT),
        ("origin", pa.date32()),
        ("days_ahead", pa.int32()),
        ("measure", _TEXT),
        ("error", _FINE),
        ("coverage_80", _SHARE),
        ("coverage_95", _SHARE),
        ("ships", pa.bool_()),
        ("run_id", _TEXT),
    ]
)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """All that one run made.

    Attributes:
        run_id: Of the run.
        made_at: UTC.
        history: What it was made of.
        daily: Of revenue.
        customers: Of customers.
    """

    run_id: str
    made_at: datetime
    history: DailyRevenue
    daily: DailyForecast
    customers: CustomerForecasts

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """By subject."""
        found = {subject.value: verdict for subject, verdict in self.customers.verdicts.items()}
        return {SUBJECT: self.daily.verdict, **found}

    def tables(self) -> dict[str, pa.Table]:
        """Rows by the name of their table."""
        return {
            "forecast_run": pa.Table.from_pylist(self._runs(), RUN),
            "forecast_daily_revenue": pa.Table.from_pylist(self._days(), DAILY),
            "forecast_customer": pa.Table.from_pylist(self._customers(), CUSTOMER),
            "forecast_backtest": pa.Table.from_pylist(self._scores(), BACKTEST),
        }

    def _runs(self) -> list[dict[str, object]]:
        return [
            {
                "run_id": self.run_id,
                "made_at": self.made_at,
                "subject": subject,
                "model": verdict.model,
                "beats_naive": verdict.beats_naive,
                "history_from": self.history.first,
                "history_to": self.history.last,
                "message": verdict.message(),
            }
            for subject, verdict in self.verdicts.items()
        ]

    def _days(self) -> list[dict[str, object]]:
        return [
            {
                "day": day.day,
                "revenue": _rounded(day.revenue, 2),
                **{f"low_{level}": _rounded(end, 2) for level, end in day.low.items()},
                **{f"high_{level}": _rounded(end, 2) for level, end in day.high.items()},
                "model": self.daily.verdict.model,
                "run_id": self.run_id,
            }
            for day in self.daily.days
        ]

    def _customers(self) -> list[dict[str, object]]:
        return [
            {
                "customer_id": one.customer_id,
                "expected_purchases": _rounded(one.purchases, 4),
                "expected_value": _rounded(one.value, 2),
                "expected_next_purchase": one.next_purchase,
                "days_ahead": HORIZON_DAYS,
                "run_id": self.run_id,
            }
            for one in self.customers.customers
        ]

    def _scores(self) -> list[dict[str, object]]:
        return [
            {
                "subject": subject,
                "model": score.model,
                "origin": self.history.first + timedelta(days=score.origin - 1),
                "days_ahead": HORIZON_DAYS,
                "measure": DAILY_MEASURE if subject == SUBJECT else CUSTOMER_MEASURE,
                "error": _rounded(score.error, 4),
                **(self._coverage(score.origin) if ships and subject == SUBJECT else {}),
                "ships": ships,
                "run_id": self.run_id,
            }
            for subject, verdict in self.verdicts.items()
            for score in verdict.scores
            for ships in [score.model == verdict.model]
        ]

    def _coverage(self, origin: int) -> dict[str, Decimal]:
        shares = self.daily.coverage[origin]
        return {f"coverage_{level}": _rounded(share, 2) for level, share in shares.items()}


def _rounded(value: float, places: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places))
