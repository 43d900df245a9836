"""Clients of AWS's services, made from ``Settings``: the same for AWS and the local services."""

from typing import TYPE_CHECKING, TypedDict

import boto3
from botocore.config import Config

from connectors.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_s3 import S3Client

DEFAULT_CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}
)


class _Options(TypedDict):
    region_name: str
    endpoint_url: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None


def _options(settings: Settings) -> _Options:
    return {
        "region_name": settings.region,
        "endpoint_url": settings.endpoint_url,
        "aws_access_key_id": settings.access_key_id,
        "aws_secret_access_key": settings.secret_access_key,
    }


def kinesis_client(settings: Settings, config: Config = DEFAULT_CONFIG) -> "KinesisClient":
    """A client of Kinesis Data Streams."""
    return boto3.client("kinesis", config=config, **_options(settings))


def dynamodb_client(settings: Settings, config: Config = DEFAULT_CONFIG) -> "DynamoDBClient":
    """A client of DynamoDB."""
    return boto3.client("dynamodb", config=config, **_options(settings))


def s3_client(settings: Settings, config: Config = DEFAULT_CONFIG) -> "S3Client":
    """A client of S3."""
    return boto3.client("s3", config=config, **_options(settings))
