"""Submit, snapshot, update and roll back, on the emulator's Managed Flink.

It keeps an application's states and snapshots as AWS does, and runs no job: what a job logs
and reports is written by the tests.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.deployment.application import FlinkApplication
from ops.deployment.application_changes import choose_rollback
from ops.deployment.application_log import ApplicationLog
from ops.deployment.artifacts import ArtifactBucket
from ops.deployment.change_sets import ChangeSets, StackRequest
from ops.deployment.job_status import JobProbe
from ops.deployment.stacks import Stacks
from ops.errors import FailedError
from tests.infra.conftest import EmulatedAccount
from tests.package_builder import PackageBuilder

NAME, BUCKET, GROUP = "invoice-stream-dev", "artifacts", "/invoice-stream-dev/flink"
POLL_SECONDS = 0.1
JOB = "Job invoice-stream (0123456789abcdef0123456789abcdef) switched from state"
REFUSED_ALARM = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "Metrics": [{"Id": "sum", "Expression": "1 + 1"}],
}
"""The emulator makes no alarm on an expression."""
TRACEBACK = (
    "java.lang.RuntimeException: Traceback (most recent call last):\n"
    '  File "fn.py", line 1, in map\n'
    "ValueError: no such table\n"
)


@pytest.fixture(scope="module")
def application(
    emulated_account: EmulatedAccount, tmp_path_factory: pytest.TempPathFactory
) -> FlinkApplication:
    """An application that is deployed and not started, and its log group."""
    account = emulated_account.account
    account.s3().create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    package = PackageBuilder().write(tmp_path_factory.mktemp("p") / "first.zip")
    key = ArtifactBucket(account.s3(), BUCKET, "eu-west-1").put_package(package)
    account.flink().create_application(
        ApplicationName=NAME,
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole="arn:aws:iam::000000000000:role/flink",
        ApplicationConfiguration={
            "ApplicationCodeConfiguration": {
                "CodeContentType": "ZIPFILE",
                "CodeContent": {
                    "S3ContentLocation": {"BucketARN": f"arn:aws:s3:::{BUCKET}", "FileKey": key}
                },
            },
            "ApplicationSnapshotConfiguration": {"SnapshotsEnabled": True},
        },
    )
    account.logs().create_log_group(logGroupName=GROUP)
    account.logs().create_log_stream(logGroupName=GROUP, logStreamName="application")
    return FlinkApplication(account.flink(), NAME, POLL_SECONDS)


@pytest.fixture
def probe(emulated_account: EmulatedAccount, application: FlinkApplication) -> JobProbe:
    account = emulated_account.account
    return JobProbe(application, ApplicationLog(account.logs(), GROUP), account.cloudwatch(), NAME)


def say(emulated: EmulatedAccount, message: str, stacktrace: str = "") -> None:
    """Log as Managed Flink does."""
    text = json.dumps(
        {"messageType": "INFO", "message": message, "throwableInformation": stacktrace}
    )
    now = int(datetime.now(UTC).timestamp() * 1000)
    emulated.account.logs().put_log_events(
        logGroupName=GROUP,
        logStreamName="application",
        logEvents=[{"timestamp": now, "message": text}],
    )


def test_it_is_started_and_its_state_is_told(application: FlinkApplication) -> None:
    assert application.require_state().status == "READY"
    application.start()
    state = application.require_state()
    assert (state.status, state.runtime) == ("RUNNING", "FLINK-1_20")
    assert state.code_key.startswith("flink/first-")


def test_an_application_that_runs_is_not_yet_a_job_that_runs(
    emulated_account: EmulatedAccount, probe: JobProbe
) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    assert not probe.look(since).runs
    say(emulated_account, f"{JOB} RUNNING to RESTARTING.", TRACEBACK)
    status = probe.look(since)
    assert (status.job, status.error) == ("RESTARTING", "ValueError: no such table")
    with pytest.raises(FailedError, match="its job is RESTARTING: ValueError: no such table"):
        probe.wait_until_running(since, 0.0, lambda _text: None)


def test_a_job_that_came_back_runs_and_its_old_error_is_not_told(
    emulated_account: EmulatedAccount, probe: JobProbe
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    say(emulated_account, f"{JOB} CREATED to RUNNING.")
    status = probe.wait_until_running(since, 5.0, lambda _text: None)
    assert (status.runs, status.error) == (True, None)


def test_a_snapshot_is_taken_listed_and_deleted(application: FlinkApplication) -> None:
    for name in ("first", "second"):
        assert application.take_snapshot(name).status == "READY"
    assert {each.name for each in application.snapshots()} == {"first", "second"}
    application.delete_snapshots([s for s in application.snapshots() if s.name == "first"])
    assert [each.name for each in application.snapshots()] == ["second"]


def test_it_is_stopped_by_force_and_goes_on_from_its_snapshot(
    application: FlinkApplication,
) -> None:
    application.stop(force=True)
    assert application.require_state().status == "READY"
    application.start("second")
    assert application.require_state().status == "RUNNING"


def test_packages_stay_under_their_keys_and_the_one_before_is_found(
    emulated_account: EmulatedAccount, application: FlinkApplication, tmp_path: Path
) -> None:
    bucket = ArtifactBucket(emulated_account.account.s3(), BUCKET, "eu-west-1")
    first = application.require_state().code_key
    changed = PackageBuilder().with_files({"dep/flink_job/main.py": "import pyflink\n"})
    second = bucket.put_package(changed.write(tmp_path / "second.zip"))
    assert bucket.put_package(changed.write(tmp_path / "second.zip")) == second
    packages = bucket.packages()
    assert {artifact.key for artifact in packages} == {first, second}
    chosen = choose_rollback(second, packages, application.snapshots())
    assert (chosen.code_key, chosen.snapshot) == (first, "second")


def test_a_stack_that_cannot_be_made_says_which_resource_and_why(
    emulated_account: EmulatedAccount,
) -> None:
    client = emulated_account.account.cloudformation()
    stacks = Stacks(client, POLL_SECONDS)
    change_sets = ChangeSets(client, stacks, POLL_SECONDS)
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": REFUSED_ALARM}
    template = {"Resources": {"Wrong": alarm}}
    request = StackRequest(name="broken", template=json.dumps(template), parameters={}, tags={})
    prepared = change_sets.prepare(request)
    assert prepared is not None
    with pytest.raises(
        FailedError, match=r"stack broken is .*: Wrong \(AWS::CloudWatch::Alarm\): "
    ):
        change_sets.apply(prepared)
    with pytest.raises(FailedError, match="could not be created and is empty"):
        change_sets.prepare(request)
    stacks.delete("broken")
    assert stacks.status("broken") is None
