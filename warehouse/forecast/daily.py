"""Revenue of the days ahead, with intervals taken from the back-test's own errors.

Upstream: ``forecast.history``. Downstream: ``forecast_daily_revenue``. The candidates are
statsforecast's. A weekday the shop is closed on is forecast as nothing whatever the model, and as
each weekday has errors of its own, its interval is nothing too.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
from statsforecast.models import (
    AutoETS,
    DynamicOptimizedTheta,
    SeasonalNaive,
    SeasonalWindowAverage,
)

from warehouse.forecast.backtest import HORIZON_DAYS, Verdict, judge, origins
from warehouse.forecast.history import DailyRevenue, Floats

SUBJECT = "daily revenue"
MEASURE = "mean absolute error"
WEEK = 7
LONGEST_WINDOW_WEEKS = 12
NAIVE = "seasonal naive"
LEVELS = (80, 95)


class Model(Protocol):
    """What is used of a model of statsforecast."""

    def forecast(self, y: Floats, h: int) -> Mapping[str, Floats]:
        """Fit and forecast at once."""


def candidates() -> dict[str, Model]:
    """The models, fixed beforehand; the bar first."""
    return {
        NAIVE: SeasonalNaive(season_length=WEEK),
        "weekday mean of 4 weeks": SeasonalWindowAverage(season_length=WEEK, window_size=4),
        "weekday mean of 8 weeks": SeasonalWindowAverage(season_length=WEEK, window_size=8),
        "weekday mean of 12 weeks": SeasonalWindowAverage(
            season_length=WEEK, window_size=LONGEST_WINDOW_WEEKS
        ),
        "exponential smoothing": AutoETS(season_length=WEEK),
        "theta": DynamicOptimizedTheta(season_length=WEEK),
    }


@dataclass(frozen=True, slots=True)
class DayForecast:
    """One day ahead.

    Attributes:
        day: The day.
        revenue: What is expected.
        low: Lower end of the interval, by its level in per cent.
        high: Upper end.
    """

    day: date
    revenue: float
    low: dict[int, float]
    high: dict[int, float]


@dataclass(frozen=True, slots=True)
class DailyForecast:
    """The forecast and its back-test.

    Attributes:
        days: One a day ahead, in order.
        verdict: Which model made it, and why.
        coverage: Share of the back-test's days within the interval in per cent, by origin and
            level; an origin's intervals are those of the other origins' errors.
    """

    days: tuple[DayForecast, ...]
    verdict: Verdict
    coverage: dict[int, dict[int, float]]


def forecast_revenue(history: DailyRevenue, horizon: int = HORIZON_DAYS) -> DailyForecast:
    """Forecast ``horizon`` days from the day after the last."""
    models = candidates()
    at = origins(len(history.values), horizon)
    made = {
        (name, origin): _ahead(model, history.before(origin), horizon)
        for name, model in models.items()
        for origin in at
    }
    came = {origin: history.values[origin : origin + horizon] for origin in at}
    verdict = judge(
        list(models),
        NAIVE,
        at,
        lambda name, origin: float(np.abs(made[name, origin] - came[origin]).mean()),
    )
    errors = {origin: came[origin] - made[verdict.model, origin] for origin in at}
    expected = _ahead(models[verdict.model], history.values, horizon)
    days = _days(history, expected, _spread(errors))
    return DailyForecast(days, verdict, _coverage(errors))


def _ahead(model: Model, known: Floats, horizon: int) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that does not converge shows in its error
        expected = np.asarray(model.forecast(known, horizon)["mean"], dtype=np.float64)
    return np.where(_closed(known, horizon), 0.0, expected)


def _closed(known: Floats, horizon: int) -> npt.NDArray[np.bool_]:
    """Which days ahead fall on a weekday that brought nothing in all of the longest window."""
    weeks = known[-WEEK * LONGEST_WINDOW_WEEKS :]
    idle = [not weeks[place::WEEK].any() for place in range(WEEK)]
    return np.array([idle[(len(weeks) + step) % WEEK] for step in range(horizon)], dtype=np.bool_)


Spread = dict[int, dict[int, tuple[float, float]]]
"""Lower and upper end of the error, by place in the week (0 is the history's first day's) and
level."""


def _spread(errors: Mapping[int, Floats]) -> Spread:
    by_place: dict[int, list[float]] = {place: [] for place in range(WEEK)}
    for origin, found in errors.items():
        for step, error in enumerate(found):
            by_place[(origin + step) % WEEK].append(float(error))
    return {
        place: {level: _ends(np.array(found), level) for level in LEVELS}
        for place, found in by_place.items()
    }


def _ends(errors: Floats, level: int) -> tuple[float, float]:
    """Quantiles rounded outwards: an interval is never narrower than the errors were."""
    outside = (1 - level / 100) / 2
    return (
        float(np.quantile(errors, outside, method="lower")),
        float(np.quantile(errors, 1 - outside, method="higher")),
    )


def _coverage(errors: Mapping[int, Floats]) -> dict[int, dict[int, float]]:
    return {
        origin: {
            level: _share_within(origin, found, _spread(_but(errors, origin)), level)
            for level in LEVELS
        }
        for origin, found in errors.items()
    }


def _but(errors: Mapping[int, Floats], left_out: int) -> dict[int, Floats]:
    return {origin: found for origin, found in errors.items() if origin != left_out}


def _share_within(origin: int, errors: Floats, spread: Spread, level: int) -> float:
    ends = [spread[(origin + step) % WEEK][level] for step in range(len(errors))]
    within = sum(low <= error <= high for error, (low, high) in zip(errors, ends, strict=True))
    return 100 * int(within) / len(errors)


def _days(history: DailyRevenue, expected: Floats, spread: Spread) -> tuple[DayForecast, ...]:
    known = len(history.values)
    return tuple(
        DayForecast(
            day=history.last + timedelta(days=step + 1),
            revenue=float(value),
            low={level: value + ends[0] for level, ends in spread[(known + step) % WEEK].items()},
            high={level: value + ends[1] for level, ends in spread[(known + step) % WEEK].items()},
        )
        for step, value in enumerate(expected)
    )
