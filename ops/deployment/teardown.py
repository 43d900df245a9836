"""``teardown``: what will go and what is kept is said first; then it goes.

The root stack goes, and with it most of what costs while idle. Data is kept unless asked
for: the buckets and their key, DynamoDB's tables (stacks of their own, which the next
deployment finds again), and the user pool, which the root stack leaves behind.

Upstream: ``invoice-stream teardown``. Downstream: CloudFormation, S3, DynamoDB, KMS, logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.deployment.account import Account
from ops.deployment.deploy import Tell
from ops.deployment.environments import Environment
from ops.deployment.stacks import POLL_SECONDS, STACK_TYPE, Stacks
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, KEY, TABLE = "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::DynamoDB::Table"
USER_POOL = "AWS::Cognito::UserPool"
KEPT = frozenset({BUCKET, "AWS::S3::BucketPolicy", KEY, TABLE, USER_POOL})
"""Types whose resources outlive their stack."""

COST_WHILE_IDLE = {
    "AWS::Kinesis::Stream": "every hour",
    "AWS::KinesisAnalyticsV2::Application": "every hour while it runs",
    "AWS::RedshiftServerless::Workgroup": "while it computes, and for what it stores",
    "AWS::Redshift::Cluster": "every hour",
    "AWS::EC2::VPCEndpoint": "every hour, if it is an interface",
    "AWS::KMS::Key": "every month",
    "AWS::WAFv2::WebACL": "every month",
    BUCKET: "for what it stores",
    TABLE: "for what it stores, and for its backups",
}

KEY_DAYS = 30
DELETE_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, order=True)
class Fate:
    """What becomes of a resource.

    Attributes:
        goes: Whether it is deleted.
        kind: Its type.
        name: Its physical id.
    """

    goes: bool
    kind: str
    name: str

    @property
    def cost(self) -> str:
        """When it costs although nothing happens; empty when it does not."""
        return COST_WHILE_IDLE.get(self.kind, "")


def fates(environment: Environment, stacks: Stacks, *, with_data: bool) -> list[Fate]:
    """What would become of everything, what is kept first; empty when nothing is deployed."""
    found = [
        resource
        for stack in (
            environment.full_name,
            environment.tables_stack,
            environment.storage_stack,
        )
        if stacks.status(stack) is not None
        for resource in stacks.resources(stack)
    ]
    return sorted(
        Fate(with_data or kind not in KEPT, kind, name)
        for kind, name in found
        if kind != STACK_TYPE
    )


def teardown(
    environment: Environment,
    account: Account,
    planned: Sequence[Fate],
    tell: Tell,
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Delete what was planned to go.

    Args:
        environment: What to tear down.
        account: Where it is.
        planned: What becomes of everything, as ``fates`` found it.
        tell: Told what goes on.
        poll_seconds: How often CloudFormation is asked how far it is.

    Raises:
        FailedError: A table is protected, or something cannot be deleted.
    """
    stacks = Stacks(account.cloudformation(), poll_seconds)
    gone = {kind: [f.name for f in planned if f.goes and f.kind == kind] for kind in KEPT}
    _refuse_protected(account, gone[TABLE])
    tell(f"deleting {environment.full_name}")
    stacks.delete(environment.full_name)
    for table in gone[TABLE]:
        tell(f"deleting table {table}")
        account.dynamodb().delete_table(TableName=table)
    for pool in gone[USER_POOL]:
        tell(f"deleting user pool {pool}")
        _delete_user_pool(account, pool)
    for bucket in sorted(gone[BUCKET], reverse=True):  # that of the access logs last
        tell(f"emptying and deleting bucket {bucket}")
        _delete_bucket(account.s3(), bucket)
    for key in gone[KEY]:
        tell(f"key {key} goes in {KEY_DAYS} days")
        account.kms().schedule_key_deletion(KeyId=key, PendingWindowInDays=KEY_DAYS)
    if gone[BUCKET] or gone[TABLE]:
        for stack in (environment.tables_stack, environment.storage_stack):
            tell(f"deleting {stack}")
            stacks.delete(stack)


def _refuse_protected(account: Account, tables: Sequence[str]) -> None:
    client = account.dynamodb()
    for table in tables:
        if client.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"):
            raise FailedError(
                f"table {table} is protected: set DeletionProtection to false and deploy first"
            )


def _delete_user_pool(account: Account, pool: str) -> None:
    client = account.cognito()
    client.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    client.delete_user_pool(UserPoolId=pool)


def _delete_bucket(client: "S3Client", bucket: str) -> None:
    """Every version of every object, unfinished uploads, then the bucket."""
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            client.abort_multipart_upload(
                Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )
    for versions in client.get_paginator("list_object_versions").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": DELETE_AT_ONCE}
    ):
        objects = [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]
        keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in objects]
        if keys:
            answer = client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})  # type: ignore[typeddict-item]
            for error in answer.get("Errors", []):
                raise FailedError(f"{bucket}/{error.get('Key')}: {error.get('Message')}")
    try:
        client.delete_bucket(Bucket=bucket)
    except ClientError as error:
        raise FailedError(f"bucket {bucket} cannot be deleted: {error}") from error
