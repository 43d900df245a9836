"""What an error of Kinesis means: whether another try helps, and what to tell people.

Upstream: botocore. Downstream: ``connectors.kinesis``.
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, the base of what a network does
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

THROTTLED_CODES = frozenset(
    {"ProvisionedThroughputExceededException", "LimitExceededException", "ThrottlingException"}
)
"""Codes, of a call or of one of its records, that ask for a lower rate."""

_PASSING_CODES = THROTTLED_CODES | {
    "InternalFailure",
    "InternalFailureException",
    "InternalServerError",
    "KMSThrottlingException",
    "RequestTimeout",
    "ServiceUnavailable",
}
_CREDENTIAL_CODES = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_SERVER_ERROR = 500


def error_code(error: Exception) -> str:
    """The service's code of the error, or the name of what went wrong before it answered."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__


def is_passing(error: Exception) -> bool:
    """Whether the same call may succeed later: throttling, time-outs, faults of the service."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error_code(error) in _PASSING_CODES or status >= _SERVER_ERROR
    return isinstance(error, (ConnectionError, HTTPClientError))


def explain(error: Exception, stream: str, place: str) -> str:
    """One line for people: what is wrong and the way out.

    Args:
        error: What botocore raised.
        stream: Name of the stream.
        place: The endpoint, or the region.
    """
    code = error_code(error)
    if code == "ResourceNotFoundException":
        return f"no stream {stream} at {place}: create it, or name another with --stream"
    if code in _CREDENTIAL_CODES:
        return f"{place} does not accept the credentials ({code}): {_first_line(error)}"
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return (
            f"no credentials for {place}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            " or AWS_PROFILE (any values do for a local service)"
        )
    if isinstance(error, NoRegionError):
        return "no region: name one with --region or in AWS_REGION"
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return (
            f"cannot reach Kinesis at {place}: is it running, and is --endpoint-url right? ({code})"
        )
    return f"Kinesis at {place} answers {code}: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    if isinstance(error, ClientError):
        message = error.response.get("Error", {}).get("Message", "")
    else:
        message = str(error)
    return next(iter(message.splitlines()), "no message")


KINESIS_ERRORS = (BotoCoreError, ClientError)
"""Everything a call may raise."""
