"""Whether the job really runs: the application may, while the Flink job in it restarts for ever.

Three sources say something: Managed Flink of the application, its log of the job's state,
CloudWatch of how long the job has run without interruption.

Upstream: ``invoice-stream status ENV``, ``submit``, ``update``. Downstream: ``application``,
``application_log``, CloudWatch.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops.deployment.application import READY, RUNNING, FlinkApplication
from ops.deployment.application_log import (
    ApplicationLog,
    java_error,
    job_state,
    python_error,
)
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

UPTIME_METRICS = ("uptime", "runningTime")
"""Of Flink 1 and 2; milliseconds the job has run without interruption."""

UPTIME_WINDOW = timedelta(minutes=5)
LOOK_BACK = timedelta(hours=6)
POLL_SECONDS = 5.0
ENDED = frozenset({"FAILED", "CANCELED", "FINISHED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """What is known of an application and its job.

    Attributes:
        application: Managed Flink's status of the application.
        job: The job's last state in the log, None when none was logged.
        uptime_seconds: How long it has run without interruption, None when nothing was reported.
        error: Why it fails, in one line, None when nothing is known to be wrong.
        parallelism: Subtasks at present.
        code_key: Key of its package.
    """

    application: str
    job: str | None
    uptime_seconds: float | None
    error: str | None
    parallelism: int
    code_key: str

    @property
    def runs(self) -> bool:
        """Whether the job runs, and not only the application."""
        reported = self.uptime_seconds is not None and self.uptime_seconds > 0
        return self.application == RUNNING and (
            self.job == RUNNING if self.job is not None else reported
        )

    @property
    def is_over(self) -> bool:
        """Whether waiting is of no use: it was stopped, or has ended."""
        return self.application == READY or self.job in ENDED


class JobProbe:
    """Looks at a job.

    Args:
        application: The application it is in.
        log: The application's log.
        metrics: CloudWatch.
        name: The application's name.
    """

    def __init__(
        self,
        application: FlinkApplication,
        log: ApplicationLog,
        metrics: "CloudWatchClient",
        name: str,
    ) -> None:
        self._application = application
        self._log = log
        self._metrics = metrics
        self._name = name

    def look(self, since: datetime) -> JobStatus:
        """What is known now.

        Args:
            since: What was logged before is of an earlier run.

        Raises:
            UserError: There is no such application.
        """
        state = self._application.require_state()
        events = self._log.events(since)
        job = job_state(events)
        is_well = job == RUNNING and state.status == RUNNING
        return JobStatus(
            application=state.status,
            job=job,
            uptime_seconds=self._uptime_seconds(),
            error=None if is_well else python_error(events) or java_error(events),
            parallelism=state.parallelism,
            code_key=state.code_key,
        )

    def wait_until_running(
        self,
        since: datetime,
        timeout_seconds: float,
        tell: Callable[[str], None],
        poll_seconds: float = POLL_SECONDS,
    ) -> JobStatus:
        """Wait until the job runs.

        Raises:
            FailedError: It does not, in time or at all; the message is Python's error where
                there is one.
        """
        deadline = time.monotonic() + timeout_seconds
        told = ""
        while not (status := self.look(since)).runs:
            if status.is_over or time.monotonic() > deadline:
                raise FailedError(_why(self._name, status))
            if (now := describe(status)) != told:
                tell(now)
                told = now
            time.sleep(poll_seconds)
        return status

    def _uptime_seconds(self) -> float | None:
        now = datetime.now(UTC)
        for metric in UPTIME_METRICS:
            answer = self._metrics.get_metric_statistics(
                Namespace="AWS/KinesisAnalytics",
                MetricName=metric,
                Dimensions=[{"Name": "Application", "Value": self._name}],
                StartTime=now - UPTIME_WINDOW,
                EndTime=now,
                Period=60,
                Statistics=["Maximum"],
            )
            points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
            if points:
                return points[-1]["Maximum"] / 1000
        return None


def describe(status: JobStatus) -> str:
    """One line for people."""
    job = "its job has logged nothing yet" if status.job is None else f"its job is {status.job}"
    return f"the application is {status.application}, {job}"


def _why(name: str, status: JobStatus) -> str:
    cause = status.error or "nothing in its log says why"
    return f"{name} does not run: {describe(status)}: {cause}"
