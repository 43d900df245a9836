"""A connection to DynamoDB, and what its errors mean.

Upstream: ``connectors.dynamodb.target``. Downstream: ``connectors.dynamodb.pynamo``,
``connectors.dynamodb.tables``.
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, the base of what a network does
    HTTPClientError,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, TableDoesNotExist

from connectors.dynamodb.errors import (
    DynamoDBError,
    RefusedError,
    TableMissingError,
    ThrottledError,
    UnavailableError,
)
from connectors.dynamodb.target import DynamoDBTarget

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0

RAISED = (PynamoDBException, ClientError, BotoCoreError)
"""Everything a call through PynamoDB may raise."""

CONDITION_FAILED = "ConditionalCheckFailedException"

_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
    }
)
_PASSING = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "TransactionConflictException",
    }
)
_NO_TABLE = "ResourceNotFoundException"
_SERVER_ERROR = 500


def connect(
    target: DynamoDBTarget,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
) -> Connection:
    """A connection that never tries again by itself: ``connectors.dynamodb.retrying`` does.

    No call is made yet.
    """
    return Connection(
        region=target.region,
        host=target.endpoint_url,
        connect_timeout_seconds=connect_seconds,
        read_timeout_seconds=read_seconds,
        max_retry_attempts=0,
        max_pool_connections=target.connections,
        aws_access_key_id=target.access_key_id,
        aws_secret_access_key=target.secret_access_key,
    )


def error_code(error: Exception) -> str:
    """The service's code, or the name of what went wrong before it answered."""
    cause = _cause(error)
    if isinstance(cause, ClientError):
        return str(cause.response.get("Error", {}).get("Code", "Unknown"))
    return type(cause).__name__


def translate(error: Exception, table: str, address: str) -> DynamoDBError:
    """The error in our own terms, with one line for people.

    Args:
        error: What PynamoDB or botocore raised.
        table: The table that was asked.
        address: Where it is.
    """
    cause, code = _cause(error), error_code(error)
    if code in _THROTTLED:
        return ThrottledError(f"DynamoDB takes no more for {table} at present ({code})")
    if code == _NO_TABLE or isinstance(error, TableDoesNotExist):
        return TableMissingError(
            f"no DynamoDB table {table} at {address}: `invoice-stream up` makes it locally,"
            " the deployment does on AWS"
        )
    if code in _PASSING or _status(cause) >= _SERVER_ERROR:
        return UnavailableError(f"DynamoDB at {address} answers {code} for {table}")
    if isinstance(cause, (ConnectionError, HTTPClientError)):
        return UnavailableError(f"cannot reach DynamoDB at {address}: is it running? ({code})")
    return RefusedError(f"DynamoDB at {address} refuses a call for {table}: {code}: {_text(cause)}")


def _cause(error: Exception) -> Exception:
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, Exception) else error


def _status(cause: Exception) -> int:
    if isinstance(cause, ClientError):
        return int(cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return 0


def _text(cause: Exception) -> str:
    if isinstance(cause, ClientError):
        text = str(cause.response.get("Error", {}).get("Message", ""))
    else:
        text = str(cause)
    return " ".join(text.split())
