"""Forecasts: the bar ships unless it is beaten, intervals hold what they promise."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from warehouse.forecast.backtest import HORIZON_DAYS, judge, origins
from warehouse.forecast.customers import Subject, forecast_customers, known_at, least_days
from warehouse.forecast.daily import NAIVE, forecast_revenue
from warehouse.forecast.history import DailyRevenue, Sale, daily_revenue, sales_before

FIRST = date(2010, 12, 1)
DAYS = 274


def weekly(noise: float, seed: int = 1) -> DailyRevenue:
    """A shop that is closed every seventh day."""
    week = np.array([100.0, 120.0, 90.0, 110.0, 130.0, 80.0, 0.0])
    values = np.resize(week, DAYS) * (1 + noise * np.random.default_rng(seed).standard_normal(DAYS))
    return DailyRevenue(FIRST, values)


def test_the_origins_are_fixed_by_the_length_alone() -> None:
    assert origins(274) == [114, 128, 142, 156, 170, 184]
    assert origins(274)[-1] + HORIZON_DAYS == 274


def test_a_model_ships_when_it_is_better_on_average_and_at_most_origins() -> None:
    errors = {"naive": [4.0, 4.0, 4.0], "often": [3.0, 3.0, 5.0], "once": [0.0, 5.0, 5.0]}

    verdict = judge(list(errors), "naive", [0, 1, 2], lambda model, at: errors[model][at])

    assert verdict.model == "often"
    assert verdict.beats_naive


def test_where_none_is_better_the_bar_ships_and_the_output_says_so() -> None:
    verdict = judge(["naive", "other"], "naive", [0, 1], lambda model, _: len(model))

    assert verdict.model == "naive"
    assert verdict.message() == "no model beats naive (mean error 5.00): naive ships"


def test_a_series_that_repeats_itself_is_forecast_by_the_bar_exactly() -> None:
    made = forecast_revenue(weekly(0))

    assert made.verdict.model == NAIVE
    assert len(made.days) == HORIZON_DAYS
    assert made.days[0].day == FIRST + timedelta(days=DAYS)
    week = [100.0, 120.0, 90.0, 110.0, 130.0, 80.0, 0.0]
    wanted = [week[(DAYS + step) % 7] for step in range(HORIZON_DAYS)]
    assert [day.revenue for day in made.days] == pytest.approx(wanted)


def test_noise_is_averaged_and_the_intervals_hold_it() -> None:
    made = forecast_revenue(weekly(0.3))

    assert made.verdict.beats_naive
    shares = list(made.coverage.values())
    assert np.mean([share[80] for share in shares]) == pytest.approx(80, abs=10)
    assert np.mean([share[95] for share in shares]) == pytest.approx(95, abs=6)
    for day in made.days:
        assert day.low[95] <= day.low[80] <= day.high[80] <= day.high[95]


def test_a_weekday_the_shop_is_closed_on_is_forecast_as_nothing_for_sure() -> None:
    made = forecast_revenue(weekly(0.3))

    closed = [day for day in made.days if (day.day - FIRST).days % 7 == 6]
    assert closed
    assert {(day.revenue, day.low[95], day.high[95]) for day in closed} == {(0.0, 0.0, 0.0)}


def test_days_without_lines_count_as_nothing_and_the_last_day_is_left_out() -> None:
    rows = [(FIRST, Decimal(5)), (FIRST + timedelta(days=2), Decimal(7))]

    found = daily_revenue([*rows, (FIRST + timedelta(days=4), Decimal(9))])

    assert found is not None
    assert found.values.tolist() == [5.0, 0.0, 7.0, 0.0]
    assert found.last == FIRST + timedelta(days=3)
    assert daily_revenue([]) is None
    assert daily_revenue(rows[:1]) is None


def test_a_forecast_is_made_of_what_was_known_then() -> None:
    sales = [Sale("1", 0, 1, 10.0), Sale("1", 150, 2, 50.0), Sale("2", 160, 1, 5.0)]

    known = known_at(sales, 155)

    assert known.customers == ("1",)
    assert known.recent[Subject.PURCHASES].tolist() == [2.0]
    assert known.recent[Subject.VALUE].tolist() == [50.0]


def test_sales_outside_the_history_are_left_out() -> None:
    history = DailyRevenue(FIRST, np.zeros(10))
    rows = [
        ("1", FIRST + timedelta(days=9), 1, Decimal(3)),
        ("1", FIRST + timedelta(days=10), 1, Decimal(1)),
    ]

    assert sales_before(iter(rows), history) == [Sale("1", 9, 1, 3.0)]


def test_a_customer_who_buys_every_month_is_expected_in_a_month() -> None:
    sales = sorted(
        (
            Sale(str(customer), day, 1, 100.0)
            for customer in range(40)
            for day in range(customer % 30, DAYS, 30)
        ),
        key=lambda sale: (sale.customer_id, sale.day),
    )
    last = FIRST + timedelta(days=DAYS - 1)

    made = forecast_customers(sales, DAYS, last)

    assert len(made.customers) == 40
    for one in made.customers:
        assert one.purchases == pytest.approx(3, abs=0.7)
        assert one.value == pytest.approx(300, abs=70)
        assert one.next_purchase is not None
        assert (one.next_purchase - last).days == pytest.approx(30, abs=10)


def test_who_is_not_expected_has_no_day() -> None:
    often = [
        Sale(str(customer), day, 1, 9.0) for customer in range(20) for day in range(0, DAYS, 9)
    ]
    gone = [Sale("gone", 3, 1, 9.0)]

    made = forecast_customers([*often, *gone], DAYS, FIRST + timedelta(days=DAYS - 1))

    found = {one.customer_id: one for one in made.customers}
    assert found["gone"].purchases < 1
    assert found["gone"].next_purchase is None


def test_the_least_history_leaves_every_fit_enough() -> None:
    assert least_days() == 60 + 90 + 90 + 28
