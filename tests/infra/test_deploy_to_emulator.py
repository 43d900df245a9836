"""An environment deployed to the emulator, looked at, and torn down leaving nothing."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from connectors.settings import Settings
from ops.deployment.change_sets import Change
from ops.deployment.deploy import Code, Deployment, deploy
from ops.deployment.stacks import Stacks
from ops.deployment.teardown import fates, teardown
from ops.errors import InterruptedByUserError
from tests.infra.conftest import EmulatedAccount
from tests.infra.emulated_templates import write_emulated
from tests.package_builder import PackageBuilder

POLL_SECONDS = 0.1


class Seen:
    """Remembers what would have changed, and says yes, or no."""

    def __init__(self, *, answer: bool = True) -> None:
        self.changes: dict[str, Sequence[Change]] = {}
        self._answer = answer

    def __call__(self, stack: str, changes: Sequence[Change]) -> bool:
        self.changes[stack] = changes
        return self._answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Path:
    """The templates as far as the emulator follows, and a package."""
    root = tmp_path_factory.mktemp("deploy")
    write_emulated(templates, root / "templates")
    PackageBuilder().write(root / "package.zip")
    return root


def deployment(emulated: EmulatedAccount, folder: Path, approve: Seen) -> Deployment:
    return Deployment(
        environment=emulated.environment,
        account=emulated.account,
        approve=approve,
        tell=lambda _text: None,
        templates=folder / "templates",
        poll_seconds=POLL_SECONDS,
    )


def deploy_all(emulated: EmulatedAccount, folder: Path, approve: Seen) -> Settings:
    code = Code(package=folder / "package.zip", runtime="FLINK-1_20")
    return deploy(deployment(emulated, folder, approve), code)


def test_what_is_not_approved_is_not_made(emulated_account: EmulatedAccount, folder: Path) -> None:
    refusing = Seen(answer=False)
    with pytest.raises(InterruptedByUserError):
        deploy_all(emulated_account, folder, refusing)
    assert [*refusing.changes] == ["invoice-stream-dev-storage"]
    assert emulated_account.account.s3().list_buckets()["Buckets"] == []


def test_an_environment_is_deployed(emulated_account: EmulatedAccount, folder: Path) -> None:
    seen = Seen()
    settings = deploy_all(emulated_account, folder, seen)
    names = ["invoice-stream-dev-storage", "invoice-stream-dev-tables", "invoice-stream-dev"]
    assert [*seen.changes] == names
    account = emulated_account.account
    for table in (settings.customers_table, settings.invoices_table):
        described = account.dynamodb().describe_table(TableName=table)["Table"]
        assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    objects = account.s3().list_objects_v2(Bucket=settings.lake.removeprefix("s3://"))
    assert objects["KeyCount"] == 0


def test_the_application_is_what_the_template_says(emulated_account: EmulatedAccount) -> None:
    client = emulated_account.account.flink()
    detail = client.describe_application(ApplicationName="invoice-stream-dev")["ApplicationDetail"]
    assert detail["ApplicationStatus"] == "READY"
    assert detail["RuntimeEnvironment"] == "FLINK-1_20"
    described = detail["ApplicationConfigurationDescription"]
    groups = described["EnvironmentPropertyDescriptions"]["PropertyGroupDescriptions"]
    properties = {each["PropertyGroupId"]: each["PropertyMap"] for each in groups}
    assert properties["invoice-stream"]["lake"].startswith("s3://invoice-stream-dev-lake-")
    assert all(isinstance(value, str) for value in properties["invoice-stream"].values())


def test_deployed_again_nothing_changes(emulated_account: EmulatedAccount, folder: Path) -> None:
    seen = Seen()
    deploy_all(emulated_account, folder, seen)
    assert seen.changes == {}


def test_templates_go_under_a_key_of_their_content(
    emulated_account: EmulatedAccount, folder: Path
) -> None:
    bucket = deployment(emulated_account, folder, Seen()).bucket()
    templates = {"root.yaml": json.dumps({"Resources": {}})}
    assert bucket.put_templates(templates) == bucket.put_templates(dict(templates))
    assert bucket.put_templates(templates) != bucket.put_templates({"root.yaml": "{}"})


def test_what_is_kept_is_told_from_what_goes(emulated_account: EmulatedAccount) -> None:
    stacks = Stacks(emulated_account.account.cloudformation(), POLL_SECONDS)
    planned = fates(emulated_account.environment, stacks, with_data=False)
    kept = {fate.kind for fate in planned if not fate.goes}
    assert kept == {
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }
    assert "AWS::Kinesis::Stream" in {fate.kind for fate in planned if fate.goes}


def test_torn_down_with_its_data_nothing_is_left(emulated_account: EmulatedAccount) -> None:
    environment, account = emulated_account.environment, emulated_account.account
    stacks = Stacks(account.cloudformation(), POLL_SECONDS)
    planned = fates(environment, stacks, with_data=True)
    teardown(environment, account, planned, lambda _text: None, POLL_SECONDS)
    assert fates(environment, stacks, with_data=True) == []
    assert account.s3().list_buckets()["Buckets"] == []
    assert account.dynamodb().list_tables()["TableNames"] == []
    assert account.logs().describe_log_groups()["logGroups"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        account.flink().describe_application(ApplicationName=environment.full_name)
