"""The Flink application on Managed Flink: its state, its snapshots, start and stop.

Upstream: ``submit``, ``status``, ``update``, ``rollback``, ``snapshot``, ``teardown``.
Downstream: Managed Flink's API. The application itself is made and changed by
CloudFormation alone.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.errors import FailedError, UserError

if TYPE_CHECKING:
    from mypy_boto3_kinesisanalyticsv2 import KinesisAnalyticsV2Client
    from mypy_boto3_kinesisanalyticsv2.type_defs import (
        ApplicationRestoreConfigurationTypeDef,
        ListApplicationSnapshotsRequestTypeDef,
    )

READY, RUNNING = "READY", "RUNNING"
POLL_SECONDS = 5.0
CHANGE_SECONDS = 1800.0
SNAPSHOT_READY, SNAPSHOT_FAILED = "READY", "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationState:
    """An application as Managed Flink describes it.

    Attributes:
        status: ``READY`` (stopped), ``STARTING``, ``RUNNING``, ``UPDATING``, ...
        version: Counts its changes.
        runtime: Its runtime's name.
        code_key: Key of its package in the artifact bucket.
        parallelism: Subtasks it runs at present.
    """

    status: str
    version: int
    runtime: str
    code_key: str
    parallelism: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of the application's state.

    Attributes:
        name: Its name.
        status: ``CREATING``, ``READY``, ``DELETING`` or ``FAILED``.
        taken: When it was taken.
        version: Version of the application it was taken of.
    """

    name: str
    status: str
    taken: datetime
    version: int


class FlinkApplication:
    """One application."""

    def __init__(
        self, client: "KinesisAnalyticsV2Client", name: str, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._client = client
        self._name = name
        self._poll_seconds = poll_seconds

    def state(self) -> ApplicationState | None:
        """Its state, None when there is no such application."""
        try:
            detail = self._client.describe_application(ApplicationName=self._name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                return None
            raise
        found = detail["ApplicationDetail"]
        described = found.get("ApplicationConfigurationDescription", {})
        code = described.get("ApplicationCodeConfigurationDescription", {})
        content = code.get("CodeContentDescription", {})
        flink = described.get("FlinkApplicationConfigurationDescription", {})
        parallel = flink.get("ParallelismConfigurationDescription", {})
        return ApplicationState(
            status=found["ApplicationStatus"],
            version=found["ApplicationVersionId"],
            runtime=found["RuntimeEnvironment"],
            code_key=content.get("S3ApplicationCodeLocationDescription", {}).get("FileKey", ""),
            parallelism=parallel.get("CurrentParallelism") or parallel.get("Parallelism", 0),
        )

    def require_state(self) -> ApplicationState:
        """Its state.

        Raises:
            UserError: There is no such application.
        """
        state = self.state()
        if state is None:
            raise UserError(f"there is no application {self._name}: `invoice-stream deploy` first")
        return state

    def start(self, snapshot: str | None = None, *, fresh: bool = False) -> None:
        """Start it, and wait until Managed Flink says it runs.

        Args:
            snapshot: Snapshot to go on from; by default the latest, if there is one.
            fresh: Whether to begin without state, where the stream's configuration says.

        Raises:
            FailedError: It does not come up.
        """
        self._client.start_application(
            ApplicationName=self._name,
            RunConfiguration={
                "ApplicationRestoreConfiguration": self._restore(snapshot, fresh=fresh),
                "FlinkRunConfiguration": {"AllowNonRestoredState": False},
            },
        )
        state = self.wait_while({"STARTING"})
        if state.status != RUNNING:
            raise FailedError(f"{self._name} did not start: it is {state.status}")

    def stop(self, *, force: bool = False) -> None:
        """Stop it and wait: with a snapshot, or by force without one.

        Raises:
            FailedError: It does not stop.
        """
        self._client.stop_application(ApplicationName=self._name, Force=force)
        state = self.wait_while({RUNNING, "STOPPING", "FORCE_STOPPING"})
        if state.status != READY:
            raise FailedError(f"{self._name} did not stop: it is {state.status}")

    def wait_while(self, statuses: set[str]) -> ApplicationState:
        """Wait for the end of a status; returns the state after it.

        Raises:
            FailedError: It takes too long.
        """
        deadline = time.monotonic() + CHANGE_SECONDS
        while (state := self.require_state()).status in statuses:
            if time.monotonic() > deadline:
                raise FailedError(
                    f"{self._name} is still {state.status} after {CHANGE_SECONDS:.0f} s"
                )
            time.sleep(self._poll_seconds)
        return state

    def snapshots(self) -> list[Snapshot]:
        """Its snapshots, the newest first."""
        found = list[Snapshot]()
        request: ListApplicationSnapshotsRequestTypeDef = {"ApplicationName": self._name}
        while True:
            answer = self._client.list_application_snapshots(**request)
            found += [
                Snapshot(
                    each["SnapshotName"],
                    each["SnapshotStatus"],
                    each["SnapshotCreationTimestamp"],
                    each["ApplicationVersionId"],
                )
                for each in answer["SnapshotSummaries"]
                if "SnapshotCreationTimestamp" in each
            ]
            if "NextToken" not in answer:
                return sorted(found, key=lambda snapshot: snapshot.taken, reverse=True)
            request["NextToken"] = answer["NextToken"]

    def take_snapshot(self, name: str) -> Snapshot:
        """Take a snapshot of the running application and wait until it can be restored.

        Raises:
            FailedError: It failed, or takes too long.
        """
        self._client.create_application_snapshot(ApplicationName=self._name, SnapshotName=name)
        deadline = time.monotonic() + CHANGE_SECONDS
        while (snapshot := self._snapshot(name)) is None or snapshot.status == "CREATING":
            if time.monotonic() > deadline:
                raise FailedError(f"no snapshot {name} after {CHANGE_SECONDS:.0f} s")
            time.sleep(self._poll_seconds)
        if snapshot.status != SNAPSHOT_READY:
            raise FailedError(f"snapshot {name} is {snapshot.status}")
        return snapshot

    def delete_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        """Delete snapshots for good."""
        for snapshot in snapshots:
            self._client.delete_application_snapshot(
                ApplicationName=self._name,
                SnapshotName=snapshot.name,
                SnapshotCreationTimestamp=snapshot.taken,
            )

    def _snapshot(self, name: str) -> Snapshot | None:
        return next((each for each in self.snapshots() if each.name == name), None)

    def _restore(
        self, snapshot: str | None, *, fresh: bool
    ) -> "ApplicationRestoreConfigurationTypeDef":
        if fresh:
            return {"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"}
        ready = [each.name for each in self.snapshots() if each.status == SNAPSHOT_READY]
        if snapshot is not None and snapshot not in ready:
            raise UserError(f"no snapshot {snapshot!r} (found: {', '.join(ready) or 'none'})")
        if snapshot is not None:
            return {
                "ApplicationRestoreType": "RESTORE_FROM_CUSTOM_SNAPSHOT",
                "SnapshotName": snapshot,
            }
        if ready:
            return {"ApplicationRestoreType": "RESTORE_FROM_LATEST_SNAPSHOT"}
        return {"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"}
