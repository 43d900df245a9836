"""The application's care: what is asked of Managed Flink, and what its log is made to say."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deployment.application import FlinkApplication, Snapshot
from ops.deployment.application_changes import Rollback, choose_rollback
from ops.deployment.application_log import (
    LogEvent,
    java_error,
    job_state,
    python_error,
    read_event,
)
from ops.deployment.artifacts import Artifact
from ops.deployment.job_status import JobStatus
from ops.errors import FailedError, UserError

NAME = "invoice-stream-dev"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

Stubbed = tuple[FlinkApplication, Stubber]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("kinesisanalyticsv2", region_name="eu-west-1")
    with Stubber(client) as stubber:
        yield FlinkApplication(client, NAME, poll_seconds=0), stubber
        stubber.assert_no_pending_responses()


def described(status: str) -> dict[str, Any]:
    return {
        "ApplicationDetail": {
            "ApplicationARN": f"arn:aws:kinesisanalytics:eu-west-1:0:application/{NAME}",
            "ApplicationName": NAME,
            "RuntimeEnvironment": "FLINK-1_20",
            "ApplicationStatus": status,
            "ApplicationVersionId": 3,
        }
    }


def summary(name: str, hours: int, status: str = "READY") -> dict[str, Any]:
    return {
        "SnapshotName": name,
        "SnapshotStatus": status,
        "ApplicationVersionId": 3,
        "SnapshotCreationTimestamp": NOON + timedelta(hours=hours),
    }


def expect_start(stubber: Stubber, restore: dict[str, str]) -> None:
    stubber.add_response(
        "start_application",
        {},
        {
            "ApplicationName": NAME,
            "RunConfiguration": {
                "ApplicationRestoreConfiguration": restore,
                "FlinkRunConfiguration": {"AllowNonRestoredState": False},
            },
        },
    )


def snapshot(name: str, status: str = "READY") -> Snapshot:
    return Snapshot(name, status, NOON, 1)


def event(message: str, stacktrace: str = "", level: str = "INFO") -> LogEvent:
    return LogEvent(NOON, level, message, stacktrace)


def test_it_goes_on_from_the_latest_snapshot_when_there_is_one(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    stubber.add_response("list_application_snapshots", {"SnapshotSummaries": [summary("one", 0)]})
    expect_start(stubber, {"ApplicationRestoreType": "RESTORE_FROM_LATEST_SNAPSHOT"})
    stubber.add_response("describe_application", described("STARTING"))
    stubber.add_response("describe_application", described("RUNNING"))
    application.start()


def test_the_first_start_has_no_snapshot_to_go_on_from(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    stubber.add_response("list_application_snapshots", {"SnapshotSummaries": []})
    expect_start(stubber, {"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"})
    stubber.add_response("describe_application", described("RUNNING"))
    application.start()


def test_a_snapshot_can_be_named(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    stubber.add_response(
        "list_application_snapshots", {"SnapshotSummaries": [summary("one", 0), summary("two", 1)]}
    )
    expect_start(
        stubber,
        {"ApplicationRestoreType": "RESTORE_FROM_CUSTOM_SNAPSHOT", "SnapshotName": "one"},
    )
    stubber.add_response("describe_application", described("RUNNING"))
    application.start("one")


def test_a_snapshot_that_failed_cannot_be_gone_on_from(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    summaries = [summary("broken", 1, "FAILED"), summary("good", 0)]
    stubber.add_response("list_application_snapshots", {"SnapshotSummaries": summaries})
    with pytest.raises(UserError, match=r"no snapshot 'broken' \(found: good\)"):
        application.start("broken")


def test_a_start_that_ends_stopped_has_failed(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    expect_start(stubber, {"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"})
    stubber.add_response("describe_application", described("STARTING"))
    stubber.add_response("describe_application", described("READY"))
    with pytest.raises(FailedError, match="did not start: it is READY"):
        application.start(fresh=True)


def test_no_application_says_how_to_get_one(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    stubber.add_client_error("describe_application", "ResourceNotFoundException")
    with pytest.raises(UserError, match="`invoice-stream deploy` first"):
        application.require_state()


def test_snapshots_of_every_page_come_newest_first(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    stubber.add_response(
        "list_application_snapshots",
        {"SnapshotSummaries": [summary("old", 0)], "NextToken": "more"},
    )
    stubber.add_response(
        "list_application_snapshots",
        {"SnapshotSummaries": [summary("new", 5)]},
        {"ApplicationName": NAME, "NextToken": "more"},
    )
    assert [each.name for each in application.snapshots()] == ["new", "old"]


def test_a_snapshot_is_waited_for_and_may_fail(stubbed: Stubbed) -> None:
    application, stubber = stubbed
    stubber.add_response("create_application_snapshot", {})
    for status in ("CREATING", "FAILED"):
        summaries = {"SnapshotSummaries": [summary("mine", 0, status)]}
        stubber.add_response("list_application_snapshots", summaries)
    with pytest.raises(FailedError, match="snapshot mine is FAILED"):
        application.take_snapshot("mine")


PACKAGES = [Artifact(f"flink/job-{letter}.zip", NOON) for letter in "cba"]


def test_a_rollback_goes_to_the_package_before_with_the_latest_good_snapshot() -> None:
    snapshots = [snapshot("broken", "FAILED"), snapshot("good"), snapshot("older")]
    chosen = choose_rollback("flink/job-c.zip", PACKAGES, snapshots)
    assert chosen == Rollback("flink/job-b.zip", "good")


def test_a_rollback_can_be_told_where_to() -> None:
    chosen = choose_rollback("flink/job-c.zip", PACKAGES, [], "job-a", "mine")
    assert chosen == Rollback("flink/job-a.zip", "mine")


@pytest.mark.parametrize(("current", "wanted"), [("flink/job-a.zip", None), ("x", "job-")])
def test_a_rollback_to_nowhere_or_anywhere_is_refused(current: str, wanted: str | None) -> None:
    with pytest.raises(UserError, match="say with --to which package"):
        choose_rollback(current, PACKAGES, [], wanted)


WORKER_FAILURE = """java.lang.Exception: Could not perform checkpoint
\tat org.apache.flink.streaming.runtime.tasks.StreamTask.x(StreamTask.java:1)
Caused by: java.lang.RuntimeException: Error received from SDK harness for instruction 4: \
Traceback (most recent call last):
  File "/opt/flink/fn.py", line 9, in map
    return write(batch)
  File "/opt/flink/store.py", line 2, in write

connectors.dynamodb.errors.DynamoDBError: no table Invoices

\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient.x(FnApiControlClient.java:1)
"""


def test_a_workers_python_error_is_found_within_javas() -> None:
    events = [event("switched", WORKER_FAILURE, "WARN")]
    assert python_error(events) == "connectors.dynamodb.errors.DynamoDBError: no table Invoices"


def test_the_entry_scripts_error_is_found_line_by_line() -> None:
    lines = [
        "Traceback (most recent call last):",
        '  File "main.py", line 6, in <module>',
        "    main()",
        "flink_job.config.ConfigError: missing lake",
        "org.apache.flink.client.program.ProgramAbortException",
    ]
    assert python_error(map(event, lines)) == "flink_job.config.ConfigError: missing lake"


def test_the_last_of_several_errors_counts_and_none_is_none() -> None:
    two = WORKER_FAILURE + WORKER_FAILURE.replace("no table Invoices", "throttled")
    assert (python_error([event("x", two)]) or "").endswith("throttled")
    assert python_error([event("all is well")]) is None


def test_javas_innermost_cause_is_said_where_python_has_none() -> None:
    trace = (
        "java.lang.A: outer\n\tat x\nCaused by: java.lang.B: middle\nCaused by: java.lang.C: inner"
    )
    assert java_error([event("failed", trace, "ERROR")]) == "java.lang.C: inner"
    assert java_error([event("fine")]) is None


def test_the_jobs_last_logged_state_is_its_state() -> None:
    number = "0123456789abcdef" * 2
    states = ("CREATED to RUNNING", "RUNNING to FAILING", "FAILING to RESTARTING")
    events = [event(f"Job invoice-stream ({number}) switched from state {s}.") for s in states]
    assert job_state(events) == "RESTARTING"
    assert job_state([event("Job manager started")]) is None


def test_managed_flinks_messages_are_read_and_others_kept_as_they_are() -> None:
    message = {
        "messageType": "WARN",
        "message": "restarting",
        "throwableInformation": ["java.lang.A: x", "\tat y"],
    }
    read = read_event(1_767_355_200_000, json.dumps(message))
    assert (read.level, read.text) == ("WARN", "restarting\njava.lang.A: x\n\tat y")
    assert read.time == NOON
    assert read_event(0, "plain text").text == "plain text"
    assert read_event(0, "[1]").text == "[1]"


def status(application: str, job: str | None, uptime: float | None) -> JobStatus:
    return JobStatus(
        application=application,
        job=job,
        uptime_seconds=uptime,
        error=None,
        parallelism=1,
        code_key="x",
    )


@pytest.mark.parametrize(
    ("application", "job", "uptime", "runs"),
    [
        ("RUNNING", "RUNNING", None, True),
        ("RUNNING", None, 30.0, True),
        ("RUNNING", "RESTARTING", 30.0, False),
        ("RUNNING", None, None, False),
        ("RUNNING", None, 0.0, False),
        ("STARTING", "RUNNING", 30.0, False),
    ],
)
def test_a_running_application_is_not_yet_a_running_job(
    application: str, job: str | None, uptime: float | None, *, runs: bool
) -> None:
    assert status(application, job, uptime).runs is runs
