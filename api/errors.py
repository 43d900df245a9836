"""What a request can be refused for; ``api.problems`` says with which status.

A message is shown to the caller: it names the thing and the way out, and holds
nothing of what was sent.
"""

from api.answers import FieldProblem, RejectedLine


class RequestError(Exception):
    """The request is refused; the message is the problem's ``detail``."""

    errors: tuple[FieldProblem | RejectedLine, ...] = ()


class MalformedBodyError(RequestError):
    """The body is neither a line item nor an array of them."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"the body is one line item as a JSON object, or an array of them: {detail}"
        )
        self.errors = (FieldProblem("body", detail),)


class NoGoodLineError(RequestError):
    """None of the lines keeps the contract."""

    def __init__(self, rejected: tuple[RejectedLine, ...]) -> None:
        super().__init__("none of the lines was accepted; the errors name each one's field")
        self.errors = rejected


class InvalidParameterError(RequestError):
    """A parameter or header is not what it may be."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(f"{parameter} {detail}")
        self.errors = (FieldProblem(parameter, detail),)


class BodyTooLargeError(RequestError):
    """The body is over the limit."""


class UnsupportedMediaTypeError(RequestError):
    """The body is not said to be JSON."""


class UnauthenticatedError(RequestError):
    """There is no token, or not a good one."""

    def __init__(self, detail: str, *, presented: bool) -> None:
        super().__init__(detail)
        self.presented = presented


class ForbiddenError(RequestError):
    """The caller is known, and this is not theirs."""


class NotFoundError(RequestError):
    """It is not there, or looks so to this caller."""


class MethodNotAllowedError(RequestError):
    """The path is there, the method is not."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"this path takes {', '.join(allowed)}")
        self.allowed = allowed


class NotTakenError(RequestError):
    """The stream did not take every line; the same request can be sent again."""


class KeysUnavailableError(RequestError):
    """The keys that tokens are checked with cannot be fetched at present."""
