"""The application's log on CloudWatch, and the one thing in it that people look for.

Upstream: Managed Flink, which writes one JSON object a message. Downstream: ``status``,
``logs``.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PAGE = 1000
MOST_EVENTS = 20_000

_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\):[^\n]*\n(?:[ \t]+[^\n]*\n|\n)*(?P<error>[^\s][^\n]*)"
)
_JOB_STATE = re.compile(r"Job \S+ \([0-9a-f]{32}\) switched from state \w+ to (?P<state>\w+)")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One message.

    Attributes:
        time: When it was written.
        level: ``INFO``, ``WARN``, ``ERROR``, ...
        message: What it says.
        stacktrace: Java's, with Python's in it, or empty.
    """

    time: datetime
    level: str
    message: str
    stacktrace: str

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.message}\n{self.stacktrace}" if self.stacktrace else self.message


class ApplicationLog:
    """A log group."""

    def __init__(self, client: "CloudWatchLogsClient", group: str) -> None:
        self._client = client
        self._group = group

    def events(self, since: datetime) -> list[LogEvent]:
        """Messages since then in order of time, ``MOST_EVENTS`` at most; none without a group."""
        try:
            return list(self._events(since))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                return []
            raise

    def _events(self, since: datetime) -> Iterator[LogEvent]:
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._group,
            startTime=int(since.timestamp() * 1000),
            PaginationConfig={"MaxItems": MOST_EVENTS, "PageSize": PAGE},
        )
        for page in pages:
            for event in page["events"]:
                yield read_event(event["timestamp"], event["message"])


def read_event(timestamp_ms: int, text: str) -> LogEvent:
    """One message as CloudWatch holds it: Managed Flink's JSON, or whatever else it is."""
    time = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    try:
        values = json.loads(text)
    except ValueError:
        return LogEvent(time, "", text, "")
    if not isinstance(values, dict):
        return LogEvent(time, "", text, "")
    stacktrace = values.get("throwableInformation") or ""
    if isinstance(stacktrace, list):
        stacktrace = "\n".join(map(str, stacktrace))
    return LogEvent(
        time,
        str(values.get("messageType") or values.get("level") or ""),
        str(values.get("message", text)),
        str(stacktrace),
    )


def job_state(events: Iterable[LogEvent]) -> str | None:
    """The Flink job's last state that was logged: ``RUNNING``, ``RESTARTING``, ``FAILED``, ..."""
    states = [found["state"] for event in events for found in _JOB_STATE.finditer(event.message)]
    return states[-1] if states else None


def python_error(events: Iterable[LogEvent]) -> str | None:
    """The last error in Python, in one line, or None.

    A failing worker's traceback stands within a Java stack trace; that of the entry script is
    logged line by line.
    """
    text = "\n".join(event.text for event in events)
    errors = [found["error"].strip() for found in _TRACEBACK.finditer(text)]
    return errors[-1] if errors else None


def java_error(events: Iterable[LogEvent]) -> str | None:
    """The innermost cause of the last error in Java, in one line, or None."""
    failed = [event for event in events if event.stacktrace or event.level == "ERROR"]
    if not failed:
        return None
    lines = [line.strip() for line in failed[-1].text.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return (causes or lines or ["unknown"])[-1 if causes else 0]
