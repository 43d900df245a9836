"""Trying again what a warehouse fails at in passing; used by both adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to keep trying: about half a minute, then a person has to look.

    Attributes:
        attempts: Tries in all.
        first_wait_seconds: Upper limit of the first wait; each is drawn at random below a
            limit that doubles.
        longest_wait_seconds: Where the doubling ends.
    """

    attempts: int = 7
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 15.0

    def call(self, what: Callable[[], _T], passes: Callable[[BaseException], bool]) -> _T:
        """What ``what`` returns, tried again while it raises what ``passes``.

        Raises:
            Exception: The last one, when it does not pass or the tries are used up.
        """
        retrying = Retrying(
            retry=retry_if_exception(passes),
            wait=wait_random_exponential(
                multiplier=self.first_wait_seconds, max=self.longest_wait_seconds
            ),
            stop=stop_after_attempt(self.attempts),
            reraise=True,
        )
        return retrying(what)
