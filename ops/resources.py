"""The stream, the bucket and the tables: made where they are missing, left alone where not."""

from urllib.parse import urlsplit

from connectors.aws import kinesis_client, s3_client
from connectors.dynamodb.tables import create_tables
from connectors.dynamodb.target import target_of
from connectors.settings import Settings
from ops.errors import UserError


def create_resources(settings: Settings, shards: int) -> None:
    """Create what is missing and wait until it can be used.

    Args:
        settings: Names of the stream, the lake's bucket and the tables.
        shards: Shards of a stream that is created now; one that exists keeps its own.

    Raises:
        UserError: The lake is not on S3.
        DynamoDBError: A table cannot be made.
    """
    create_stream(settings, shards)
    create_bucket(settings)
    create_tables(target_of(settings))


def create_stream(settings: Settings, shards: int) -> None:
    """Create the stream when it is missing."""
    client = kinesis_client(settings)
    try:
        client.create_stream(StreamName=settings.stream, ShardCount=shards)
    except client.exceptions.ResourceInUseException:
        return
    client.get_waiter("stream_exists").wait(
        StreamName=settings.stream, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def create_bucket(settings: Settings) -> None:
    """Create the lake's bucket when it is missing."""
    client = s3_client(settings)
    try:
        client.create_bucket(
            Bucket=bucket_of(settings.lake),
            CreateBucketConfiguration={"LocationConstraint": settings.region},  # type: ignore[typeddict-item]
        )
    except client.exceptions.BucketAlreadyOwnedByYou:
        return


def bucket_of(lake: str) -> str:
    """Bucket of a lake's URI.

    Raises:
        UserError: It is not on S3.
    """
    parts = urlsplit(lake)
    if parts.scheme not in {"s3", "s3a"} or not parts.netloc:
        raise UserError(f"the lake {lake!r} is not on S3: `s3://bucket` or `s3://bucket/prefix`")
    return parts.netloc
