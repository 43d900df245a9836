"""Clients of the services a deployment asks, of one account and region.

Where the account is and who asks is AWS's own chain (``AWS_PROFILE``, roles, ...);
``AWS_ENDPOINT_URL`` points all of them at local services. Nothing here knows which it is.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesisanalyticsv2 import KinesisAnalyticsV2Client
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_redshift_data import RedshiftDataAPIServiceClient
    from mypy_boto3_redshift_serverless import RedshiftServerlessClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5}
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account, in one region.

    Attributes:
        region: The region.
    """

    region: str

    def cloudformation(self) -> "CloudFormationClient":
        """Of CloudFormation."""
        return boto3.client("cloudformation", region_name=self.region, config=CONFIG)

    def cloudwatch(self) -> "CloudWatchClient":
        """Of CloudWatch's metrics."""
        return boto3.client("cloudwatch", region_name=self.region, config=CONFIG)

    def cognito(self) -> "CognitoIdentityProviderClient":
        """Of Cognito's user pools."""
        return boto3.client("cognito-idp", region_name=self.region, config=CONFIG)

    def dynamodb(self) -> "DynamoDBClient":
        """Of DynamoDB."""
        return boto3.client("dynamodb", region_name=self.region, config=CONFIG)

    def flink(self) -> "KinesisAnalyticsV2Client":
        """Of Managed Flink."""
        return boto3.client("kinesisanalyticsv2", region_name=self.region, config=CONFIG)

    def kms(self) -> "KMSClient":
        """Of the key service."""
        return boto3.client("kms", region_name=self.region, config=CONFIG)

    def logs(self) -> "CloudWatchLogsClient":
        """Of CloudWatch's logs."""
        return boto3.client("logs", region_name=self.region, config=CONFIG)

    def redshift_data(self) -> "RedshiftDataAPIServiceClient":
        """Of Redshift's Data API."""
        return boto3.client("redshift-data", region_name=self.region, config=CONFIG)

    def redshift_serverless(self) -> "RedshiftServerlessClient":
        """Of Redshift Serverless."""
        return boto3.client("redshift-serverless", region_name=self.region, config=CONFIG)

    def s3(self) -> "S3Client":
        """Of S3."""
        return boto3.client("s3", region_name=self.region, config=CONFIG)

    def secrets(self) -> "SecretsManagerClient":
        """Of Secrets Manager."""
        return boto3.client("secretsmanager", region_name=self.region, config=CONFIG)
