"""Which model ships: the back-test, its origins fixed before anything is looked at.

Upstream: ``forecast.daily``, ``forecast.customers``. Downstream: the same, and
``forecast_backtest``. A rolling origin: from each, every candidate forecasts from what was known
then, and is judged by what came. The bar is the naive forecast; a model ships only when it is
better on average and at most origins.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HORIZON_DAYS = 90
ORIGINS = 6
STEP_DAYS = 14


@dataclass(frozen=True, slots=True)
class Score:
    """How wrong a model was at one origin.

    Attributes:
        model: Its name.
        origin: Days known then.
        error: The measure, in the forecast's own unit; less is better.
    """

    model: str
    origin: int
    error: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a back-test found.

    Attributes:
        naive: Name of the bar.
        model: Name of the model that ships.
        scores: All of them.
    """

    naive: str
    model: str
    scores: tuple[Score, ...]

    @property
    def beats_naive(self) -> bool:
        """Whether anything does."""
        return self.model != self.naive

    def mean_error(self, model: str) -> float:
        """Over all origins."""
        return _mean([score.error for score in self.scores if score.model == model])

    def message(self) -> str:
        """One line for people."""
        bar = self.mean_error(self.naive)
        if not self.beats_naive:
            return f"no model beats {self.naive} (mean error {bar:.2f}): {self.naive} ships"
        own = self.mean_error(self.model)
        better = 100 * (1 - own / bar)
        return (
            f"{self.model} ships: mean error {own:.2f}, {better:.1f} per cent less than"
            f" {self.naive} ({bar:.2f})"
        )


def origins(days: int, horizon: int = HORIZON_DAYS, count: int = ORIGINS) -> list[int]:
    """Days known at each origin, the earliest first; the last leaves just the horizon."""
    return sorted(days - horizon - STEP_DAYS * number for number in range(count))


def judge(
    models: Sequence[str], naive: str, at: Sequence[int], error: Callable[[str, int], float]
) -> Verdict:
    """Score every model at every origin and choose.

    Args:
        models: Names, the bar's among them.
        naive: Name of the bar.
        at: The origins.
        error: Error of a model at an origin.
    """
    scores = tuple(Score(model, origin, error(model, origin)) for model in models for origin in at)
    by_model = {
        model: [score.error for score in scores if score.model == model] for model in models
    }
    bar = by_model[naive]
    better = [model for model in models if _better(by_model[model], bar)]
    best = min(better, key=lambda model: _mean(by_model[model]), default=naive)
    return Verdict(naive, best, scores)


def _better(errors: Sequence[float], bar: Sequence[float]) -> bool:
    wins = sum(one < other for one, other in zip(errors, bar, strict=True))
    return _mean(errors) < _mean(bar) and 2 * wins > len(bar)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
