"""One run of a job, told from all others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run.

    Attributes:
        run_id: Nobody else's.
        started_at: UTC.
    """

    run_id: str
    started_at: datetime


def new_attempt(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Attempt:
    """One that starts now; for entry points."""
    return Attempt(uuid4().hex, now().replace(tzinfo=None))
