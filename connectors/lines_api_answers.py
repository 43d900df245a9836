"""What the API's answers mean for who sends lines: taken, come again, or never.

Upstream: HTTP. Downstream: ``connectors.lines_api``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import orjson

from connectors.record_sink import SinkError

_PASSING = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class WaitingError(Exception):
    """The same request may be taken later.

    Attributes:
        retry_after: Seconds the API asks to wait.
        throttled: Whether it was too much at a time.
    """

    def __init__(self, message: str, retry_after: float = 0.0, *, throttled: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.throttled = throttled


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """Where the API is, and the key it knows the sender by."""

    url: str
    key: str

    def __post_init__(self) -> None:
        """Refuse what is no address.

        Raises:
            SinkError: It is not http or https with a host.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SinkError(f"{self.url} is not the address of an API: https://... is wanted")

    @property
    def lines_url(self) -> str:
        """Where lines go."""
        return f"{self.url.rstrip('/')}/invoice-lines"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is final.

    Attributes:
        status: HTTP status.
        values: Its JSON body; empty when there is none.
    """

    status: int
    values: Mapping[str, object]

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes) -> "Answer":
        """The answer.

        Raises:
            WaitingError: It is one that may be another later.
        """
        values = _values(body)
        if status in _PASSING:
            asked = headers.get("Retry-After", "")
            raise WaitingError(
                f"it answers {status}: {values.get('detail', 'no reason given')}",
                float(asked) if asked.isdigit() else 0.0,
                throttled=status == HTTPStatus.TOO_MANY_REQUESTS,
            )
        return cls(status, values)


def is_taken(answer: Answer) -> bool:
    """Whether lines were taken; some may have been refused."""
    return answer.status == HTTPStatus.ACCEPTED


def refused_lines(answer: Answer) -> str:
    """The lines of a request that were refused, for people; empty when none was."""
    rejected = cast("list[Mapping[str, object]]", answer.values.get("rejected", []))
    return f"{len(rejected)} lines ({rejected[0].get('detail')}, ...)" if rejected else ""


def explain(answer: Answer, address: ApiAddress) -> str:
    """One line for people: what the API refuses and the way out."""
    if answer.status == HTTPStatus.FORBIDDEN:
        return f"the API at {address.url} does not know the key: is --key right?"
    if answer.status == HTTPStatus.NOT_FOUND or "detail" not in answer.values:
        return f"there is no Invoice Stream API at {address.url}: it answers {answer.status}"
    return f"the API at {address.url} answers {answer.status}: {answer.values['detail']}"


def _values(body: bytes) -> Mapping[str, object]:
    try:
        values = orjson.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
