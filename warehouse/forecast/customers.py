"""What to expect of each customer: purchases, value, and when the next purchase is due.

Upstream: ``forecast.history``. Downstream: ``forecast_customer``. The bar is the naive forecast
(the days ahead will be as the same number of days before); the candidate is a generalised
linear model of statsmodels on how often, how lately and how much a customer bought.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import numpy as np
import statsmodels.api as sm

from warehouse.forecast.backtest import HORIZON_DAYS, Verdict, judge, origins
from warehouse.forecast.history import Floats, Sale

MEASURE = "root mean squared error"
"""Of an expectation the squared error is least when it is right; few buy, so the absolute error
would be least for expecting nothing."""

NAIVE = "as in the days before"
GLM = "generalised linear model"
ORIGINS = 3
LEAST_DAYS = 60
"""Days a fit must be able to look back on."""


class Subject(Enum):
    """What is expected of a customer."""

    PURCHASES = "customer purchases"
    VALUE = "customer value"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of customers on a day, one value each.

    Attributes:
        customers: Their ids.
        recent: Purchases, or value, of the last ``HORIZON_DAYS``, by subject.
        features: For the model: a column of ones, then how often lately, how often ever, how
            long ago, and what a purchase was worth.
    """

    customers: tuple[str, ...]
    recent: dict[Subject, Floats]
    features: Floats


@dataclass(frozen=True, slots=True)
class CustomerForecast:
    """What to expect of one customer over the horizon.

    Attributes:
        customer_id: The customer.
        purchases: Expected number.
        value: Expected total.
        next_purchase: Expected day; None when not expected within the horizon.
    """

    customer_id: str
    purchases: float
    value: float
    next_purchase: date | None


@dataclass(frozen=True, slots=True)
class CustomerForecasts:
    """The forecasts and their back-tests.

    Attributes:
        customers: One a customer, by id.
        verdicts: By what is expected.
    """

    customers: tuple[CustomerForecast, ...]
    verdicts: dict[Subject, Verdict]


def least_days() -> int:
    """Days of history the first origin's fit needs: its own, those it learns, those it is told."""
    span = origins(0, count=ORIGINS)
    return LEAST_DAYS + HORIZON_DAYS - span[0]


def forecast_customers(sales: Sequence[Sale], days: int, last: date) -> CustomerForecasts:
    """Forecast from the day after ``last``.

    Args:
        sales: The history, in order of customer and day.
        days: Its days.
        last: Its last day.
    """
    verdicts = {subject: _judge(sales, days, subject) for subject in Subject}
    known = known_at(sales, days)
    expected = {
        subject: _expected(verdict.model, sales, days, subject)
        for subject, verdict in verdicts.items()
    }
    customers = tuple(
        CustomerForecast(
            customer, float(purchases), float(value), _next_purchase(float(purchases), last)
        )
        for customer, purchases, value in zip(
            known.customers, expected[Subject.PURCHASES], expected[Subject.VALUE], strict=True
        )
    )
    return CustomerForecasts(customers, verdicts)


def known_at(sales: Sequence[Sale], day: int) -> Known:
    """What is known after ``day`` days."""
    by_customer: dict[str, list[Sale]] = {}
    for sale in sales:
        if sale.day < day:
            by_customer.setdefault(sale.customer_id, []).append(sale)
    since = day - HORIZON_DAYS
    recent = {subject: _totals(by_customer, since, day, subject) for subject in Subject}
    ever = _totals(by_customer, 0, day, Subject.PURCHASES)
    value = _totals(by_customer, 0, day, Subject.VALUE)
    last = np.array([found[-1].day for found in by_customer.values()], dtype=np.float64)
    features = np.column_stack(
        [
            np.ones(len(by_customer)),
            np.log1p(recent[Subject.PURCHASES]),
            np.log1p(ever),
            np.log1p(day - last),
            np.log1p(np.maximum(value / np.maximum(ever, 1), 0)),
        ]
    )
    return Known(tuple(by_customer), recent, features)


def _judge(sales: Sequence[Sale], days: int, subject: Subject) -> Verdict:
    def error(model: str, origin: int) -> float:
        known = known_at(sales, origin)
        wrong = _expected(model, sales, origin, subject) - _came(sales, known, origin, subject)
        return float(np.sqrt(np.mean(wrong**2)))

    return judge([NAIVE, GLM], NAIVE, origins(days, count=ORIGINS), error)


def _expected(model: str, sales: Sequence[Sale], day: int, subject: Subject) -> Floats:
    """Of every customer known after ``day`` days, for the days after."""
    known = known_at(sales, day)
    if model == NAIVE:
        return known.recent[subject]
    before = known_at(sales, day - HORIZON_DAYS)
    came = _came(sales, before, day - HORIZON_DAYS, subject)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that does not converge shows in its error
        fitted = sm.GLM(came, before.features, family=_family(subject)).fit()
        return np.asarray(fitted.predict(known.features), dtype=np.float64)


def _family(subject: Subject) -> sm.families.Family:
    """Counts, and totals that are nothing or positive."""
    if subject is Subject.PURCHASES:
        return sm.families.Poisson()
    return sm.families.Tweedie(var_power=1.5, link=sm.families.links.Log())


def _came(sales: Sequence[Sale], known: Known, day: int, subject: Subject) -> Floats:
    """What the customers then known did in the days after."""
    totals = dict.fromkeys(known.customers, 0.0)
    for sale in sales:
        if day <= sale.day < day + HORIZON_DAYS and sale.customer_id in totals:
            totals[sale.customer_id] += _measure(sale, subject)
    return np.array(list(totals.values()))


def _totals(by_customer: dict[str, list[Sale]], first: int, end: int, subject: Subject) -> Floats:
    return np.array(
        [
            sum(_measure(sale, subject) for sale in found if first <= sale.day < end)
            for found in by_customer.values()
        ],
        dtype=np.float64,
    )


def _measure(sale: Sale, subject: Subject) -> float:
    return sale.sales if subject is Subject.PURCHASES else sale.value


def _next_purchase(purchases: float, last: date) -> date | None:
    """Purchases spread evenly: the mean wait is the horizon over their number."""
    wait = HORIZON_DAYS / purchases if purchases > 0 else float("inf")
    return last + timedelta(days=max(1, round(wait))) if wait <= HORIZON_DAYS else None
