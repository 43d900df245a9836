"""From exception to status: the one table, and the problem document (RFC 9457) it makes.

Upstream: whatever a service raises. Downstream: ``api.ingestion_handler``,
``api.history_handler``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from api import errors
from api.answers import DetailedProblem, Problem
from connectors.dynamodb.errors import DynamoDBError, ThrottledError, UnavailableError

PROBLEM_TYPE = "urn:invoice-stream:problem:"
PROBLEM_JSON = "application/problem+json"

RETRY_AFTER_SECONDS = 2
"""Long enough for a shard's or a table's next second, short enough not to be noticed."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem.

    Attributes:
        status: The HTTP status.
        slug: Last part of the problem's ``type``.
        title: The kind, for people.
        detail: What is said instead of the exception's own message, which is for the log.
        retry: Whether the same request may succeed a little later.
    """

    status: HTTPStatus
    slug: str
    title: str
    detail: str | None = None
    retry: bool = False

    @property
    def type(self) -> str:
        """The problem's ``type``."""
        return PROBLEM_TYPE + self.slug


INTERNAL = ProblemKind(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error",
    "Internal error",
    "something is wrong on our side; it has been logged",
)
_BUSY = ProblemKind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable",
    "Unavailable",
    "the history cannot be read at present; send the same again",
    retry=True,
)

PROBLEMS: Mapping[type[Exception], ProblemKind] = {
    errors.MalformedBodyError: ProblemKind(
        HTTPStatus.BAD_REQUEST, "malformed-body", "Malformed body"
    ),
    errors.InvalidParameterError: ProblemKind(
        HTTPStatus.BAD_REQUEST, "invalid-parameter", "Invalid parameter"
    ),
    errors.UnauthenticatedError: ProblemKind(
        HTTPStatus.UNAUTHORIZED, "unauthenticated", "Not authenticated"
    ),
    errors.ForbiddenError: ProblemKind(HTTPStatus.FORBIDDEN, "forbidden", "Forbidden"),
    errors.NotFoundError: ProblemKind(HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    errors.MethodNotAllowedError: ProblemKind(
        HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed"
    ),
    errors.BodyTooLargeError: ProblemKind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", "Body too large"
    ),
    errors.UnsupportedMediaTypeError: ProblemKind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type"
    ),
    errors.NoGoodLineError: ProblemKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "no-good-line", "No line was accepted"
    ),
    errors.NotTakenError: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "not-taken", "The stream is busy", retry=True
    ),
    errors.KeysUnavailableError: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Unavailable", retry=True
    ),
    ThrottledError: _BUSY,
    UnavailableError: _BUSY,
    DynamoDBError: INTERNAL,
    Exception: INTERNAL,
}
"""The most special class an exception has here decides."""


@dataclass(frozen=True, slots=True)
class ProblemAnswer:
    """A problem document with the headers that go with it."""

    kind: ProblemKind
    document: Problem
    headers: Mapping[str, str]


def kind_of_problem(error: Exception) -> ProblemKind:
    """The table's entry for an exception."""
    return next(PROBLEMS[known] for known in type(error).__mro__ if known in PROBLEMS)


def problem_answer(error: Exception) -> ProblemAnswer:
    """The answer to a request that raised this."""
    kind = kind_of_problem(error)
    detail = str(error) if kind.detail is None else kind.detail
    found = error.errors if isinstance(error, errors.RequestError) else ()
    document = (
        DetailedProblem(kind.type, kind.title, int(kind.status), detail, found)
        if found
        else Problem(kind.type, kind.title, int(kind.status), detail)
    )
    return ProblemAnswer(kind, document, _headers(kind, error))


def _headers(kind: ProblemKind, error: Exception) -> dict[str, str]:
    headers = {"Content-Type": PROBLEM_JSON, "Cache-Control": "no-store"}
    if kind.retry:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, errors.MethodNotAllowedError):
        headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, errors.UnauthenticatedError):
        headers["WWW-Authenticate"] = (
            'Bearer error="invalid_token"' if error.presented else "Bearer"
        )
    return headers
