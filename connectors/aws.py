"""Clients of AWS's services, made from ``Settings``: the same for AWS and the local services."""

from typing import TYPE_CHECKING, TypedDict

import boto3
from botocore.config import Config

from connectors.settings import ServiceAddress

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_redshift_data import RedshiftDataAPIServiceClient
    from mypy_boto3_s3 import S3Client

DEFAULT_CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}
)


class _Options(TypedDict):
    region_name: str
    endpoint_url: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None


def _options(settings: ServiceAddress) -> _Options:
    return {
        "region_name": settings.region,
        "endpoint_url": settings.endpoint_url,
        "aws_access_key_id": settings.access_key_id,
        "aws_secret_access_key": settings.secret_access_key,
    }


def kinesis_client(settings: ServiceAddress, config: Config = DEFAULT_CONFIG) -> "KinesisClient":
    """A client of Kinesis Data Streams."""
    return boto3.client("kinesis", config=config, **_options(settings))


def dynamodb_client(settings: ServiceAddress, config: Config = DEFAULT_CONFIG) -> "DynamoDBClient":
    """A client of DynamoDB."""
    return boto3.client("dynamodb", config=config, **_options(settings))


def s3_client(settings: ServiceAddress, config: Config = DEFAULT_CONFIG) -> "S3Client":
    """A client of S3."""
    return boto3.client("s3", config=config, **_options(settings))


def glue_client(settings: ServiceAddress, config: Config = DEFAULT_CONFIG) -> "GlueClient":
    """A client of Glue, for its catalog."""
    return boto3.client("glue", config=config, **_options(settings))


def redshift_data_client(
    settings: ServiceAddress, config: Config = DEFAULT_CONFIG
) -> "RedshiftDataAPIServiceClient":
    """A client of Redshift's Data API."""
    return boto3.client("redshift-data", config=config, **_options(settings))


def lambda_client(settings: ServiceAddress, config: Config = DEFAULT_CONFIG) -> "LambdaClient":
    """A client of Lambda."""
    return boto3.client("lambda", config=config, **_options(settings))


def apigateway_client(
    settings: ServiceAddress, config: Config = DEFAULT_CONFIG
) -> "APIGatewayClient":
    """A client of API Gateway's REST APIs."""
    return boto3.client("apigateway", config=config, **_options(settings))
