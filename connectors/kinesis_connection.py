"""The way to a stream: a client that is known to reach it.

Upstream: ``connectors.settings``, or a command's options. Downstream:
``connectors.kinesis``.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from connectors.kinesis_errors import KINESIS_ERRORS, error_code, explain, is_passing
from connectors.record_sink import SinkError
from connectors.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

MAX_CONNECTIONS = 16
PUT_CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=MAX_CONNECTIONS,
    parameter_validation=False,
    retries={"total_max_attempts": 1},
)
"""One try a call, since the sink tries again by itself and only with what failed; no second
look at parameters, which would cost as much as sending them."""

REACH_SECONDS = 3.0
ACTIVE_SECONDS = 60.0
_POLL_SECONDS = 0.25
_READY = frozenset({"ACTIVE", "UPDATING"})


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Which stream, and where; None leaves a value to AWS's own configuration."""

    stream: str
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "StreamAddress":
        """The stream of line items that these settings name."""
        return cls(
            settings.stream,
            settings.region,
            settings.endpoint_url,
            settings.access_key_id,
            settings.secret_access_key,
        )

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return self.endpoint_url or self.region or "AWS"


def connect(address: StreamAddress) -> "KinesisClient":
    """A client for ``KinesisRecordSink``, after making sure that the stream takes records.

    A stream that is being created is waited for.

    Raises:
        SinkError: Kinesis cannot be reached, refuses the credentials, or has no such stream.
    """
    try:
        client = boto3.client(
            "kinesis",
            region_name=address.region,
            endpoint_url=address.endpoint_url,
            aws_access_key_id=address.access_key_id,
            aws_secret_access_key=address.secret_access_key,
            config=PUT_CONFIG,
        )
        _wait_until_active(client, address)
    except KINESIS_ERRORS as error:
        raise SinkError(explain(error, address.stream, address.place)) from error
    except ValueError as error:
        raise SinkError(f"{address.place} is not an endpoint's address: {error}") from error
    return client


def _wait_until_active(client: "KinesisClient", address: StreamAddress) -> None:
    deadline = time.monotonic() + ACTIVE_SECONDS
    while (status := _status(client, address)) not in _READY:
        if status != "CREATING" or time.monotonic() > deadline:
            raise SinkError(f"the stream {address.stream} takes no records: it is {status}")
        time.sleep(_POLL_SECONDS)


def _status(client: "KinesisClient", address: StreamAddress) -> str:
    """The stream's status; whoever may send but not ask finds out by sending."""
    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, Exception) and is_passing(error)),
        stop=stop_after_delay(REACH_SECONDS),
        wait=wait_fixed(_POLL_SECONDS),
        reraise=True,
    )
    try:
        answer = retrying(client.describe_stream_summary, StreamName=address.stream)
    except KINESIS_ERRORS as error:
        if error_code(error) == "AccessDeniedException":
            return "ACTIVE"
        raise
    return answer["StreamDescriptionSummary"]["StreamStatus"]
