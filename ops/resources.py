"""The stream, the bucket and the tables: made where they are missing, left alone where not."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.aws import dynamodb_client, kinesis_client, s3_client
from connectors.settings import Settings
from ops.errors import UserError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import ScalarAttributeTypeType

CUSTOMERS_KEY: "dict[str, ScalarAttributeTypeType]" = {"CustomerID": "S", "Part": "S"}
INVOICES_KEY: "dict[str, ScalarAttributeTypeType]" = {"InvoiceNo": "S", "Part": "N"}
"""Hash key and range key with their types, in this order."""


def create_resources(settings: Settings, shards: int) -> None:
    """Create what is missing and wait until it can be used.

    Args:
        settings: Names of the stream, the lake's bucket and the tables.
        shards: Shards of a stream that is created now; one that exists keeps its own.

    Raises:
        UserError: The lake is not on S3.
    """
    create_stream(settings, shards)
    create_bucket(settings)
    create_tables(settings)


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


def create_tables(settings: Settings) -> None:
    """Create DynamoDB's tables when they are missing."""
    client = dynamodb_client(settings)
    _create_table(client, settings.customers_table, CUSTOMERS_KEY)
    _create_table(client, settings.invoices_table, INVOICES_KEY)


def _create_table(
    client: "DynamoDBClient", name: str, key: "dict[str, ScalarAttributeTypeType]"
) -> None:
    hash_name, range_name = key
    try:
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": hash_name, "KeyType": "HASH"},
                {"AttributeName": range_name, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": kind}
                for attribute, kind in key.items()
            ],
            BillingMode="PAY_PER_REQUEST",
        )
    except client.exceptions.ResourceInUseException:
        return
    client.get_waiter("table_exists").wait(
        TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def bucket_of(lake: str) -> str:
    """Bucket of a lake's URI.

    Raises:
        UserError: It is not on S3.
    """
    parts = urlsplit(lake)
    if parts.scheme not in {"s3", "s3a"} or not parts.netloc:
        raise UserError(f"the lake {lake!r} is not on S3: `s3://bucket` or `s3://bucket/prefix`")
    return parts.netloc
