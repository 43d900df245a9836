"""When the shop trades: which days, how much on each, at what time of day.

Downstream: ``producer.generator.shop``.
"""

import bisect
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

FIRST_DAY = date(2022, 9, 1)
MAX_MONTHS = 36

_BY_MONTH = (0.80, 0.78, 0.92, 0.86, 0.95, 0.93, 0.92, 0.95, 1.12, 1.25, 1.55, 1.15)
"""A gift shop's year: spring is quiet, everything is bought in autumn."""

_BY_WEEKDAY = (0.92, 1.02, 1.06, 1.20, 0.87, 0.0, 0.50)
"""Monday to Sunday; nobody works on Saturdays."""

_BY_HOUR = ((6, 1), (8, 16), (9, 51), (10, 89), (11, 94), (12, 111), (13, 95), (14, 90),
            (15, 92), (16, 56), (17, 36), (18, 9), (19, 6), (20, 1))  # fmt: skip
"""Share of a day's invoices by the hour they begin in."""

_HOURS = [hour for hour, _ in _BY_HOUR]
_SHARES = list(itertools.accumulate((share for _, share in _BY_HOUR), initial=0))

_GROWTH_A_YEAR = 0.18
_DAILY_NOISE = 0.18
_CHRISTMAS = ((12, 24), (1, 3))
"""First and last day the shop is closed, as month and day."""


@dataclass(frozen=True, slots=True)
class TradingDay:
    """A day and the share of all lines that is sold by its end, which grows to 1."""

    day: date
    share_at_start: float
    share_at_end: float

    def moment(self, share: float) -> datetime:
        """The minute at which that share of all lines is reached."""
        span = self.share_at_end - self.share_at_start
        done = min(max((share - self.share_at_start) / span, 0.0), 0.999) * _SHARES[-1]
        index = bisect.bisect_right(_SHARES, done) - 1
        part = (done - _SHARES[index]) / (_SHARES[index + 1] - _SHARES[index])
        return datetime(self.day.year, self.day.month, self.day.day, _HOURS[index], int(part * 60))


def months_for(lines: int) -> int:
    """How long the data lasts: it gets longer and denser with its size."""
    return min(MAX_MONTHS, max(1, round(2 * math.sqrt(lines / 10_000))))


def trading_days(months: int, random: Random) -> Iterator[TradingDay]:
    """The days of so many whole months, with how much is sold: trend, season, week, and noise."""
    years, month = divmod(FIRST_DAY.month - 1 + months, 12)
    end = date(FIRST_DAY.year + years, month + 1, 1)
    days = [FIRST_DAY + timedelta(days=number) for number in range((end - FIRST_DAY).days)]
    weights = [_weight(day, random) for day in days]
    total = sum(weights)
    reached = 0.0
    for day, weight in zip(days, weights, strict=True):
        if weight:
            yield TradingDay(day, reached, reached := reached + weight / total)


def _weight(day: date, random: Random) -> float:
    noise = random.lognormvariate(0.0, _DAILY_NOISE)
    if (day.month, day.day) >= _CHRISTMAS[0] or (day.month, day.day) <= _CHRISTMAS[1]:
        return 0.0
    years = (day - FIRST_DAY).days / 365.25
    season = _BY_MONTH[day.month - 1] * _BY_WEEKDAY[day.weekday()]
    return season * (1 + _GROWTH_A_YEAR * years) * noise
