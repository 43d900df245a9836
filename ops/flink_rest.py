"""A client of Flink's REST API: what the job does, and how to stop it.

Upstream: ``invoice-stream run``, ``status`` and ``demo``, tests. Downstream: the
mini-cluster, or any Flink cluster.
"""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from ops.stack_trace import root_cause_of

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.1


class FlinkRestError(Exception):
    """Flink cannot be reached, or refuses; the message is one line."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job's id and state (``RUNNING``, ``FINISHED``, ``FAILED``, ``RESTARTING``, ...)."""

    id: str
    state: str


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """What is known of a job's checkpoints.

    Attributes:
        completed: How many were completed since the job was submitted.
        failed: How many failed.
        latest_id: Id of the newest completed one, 0 for none.
        latest_duration_ms: How long that took.
        restored_id: Id of the one the job was last restored from, 0 for none.
    """

    completed: int
    failed: int
    latest_id: int
    latest_duration_ms: int
    restored_id: int


class FlinkRest:
    """Flink's REST API at one address; looks at the one job that runs there."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or 80
        self._timeout_seconds = timeout_seconds

    def job(self) -> JobStatus | None:
        """The job, or None while none was submitted."""
        jobs = self._get("/jobs/overview")["jobs"]
        if not jobs:
            return None
        newest = max(jobs, key=lambda job: job["start-time"])
        return JobStatus(newest["jid"], newest["state"])

    def slots(self) -> int:
        """Slots of the task managers that have reported."""
        total: int = self._get("/overview")["slots-total"]
        return total

    def is_running(self) -> bool:
        """Whether there is a job and each of its tasks runs; no when nothing answers."""
        try:
            job = self.job()
            vertices = [] if job is None else self._get(f"/jobs/{job.id}")["vertices"]
        except FlinkRestError:
            return False
        return bool(vertices) and all(vertex["status"] == "RUNNING" for vertex in vertices)

    def metric(self, name: str) -> float:
        """Sum of an operator metric over operators and subtasks; 0 while nothing reported it."""
        return sum(self.metrics(name).values())

    def metrics(self, *names: str) -> dict[str, float]:
        """Values of operator metrics by full name, summed over subtasks.

        A full name is like ``Decode_lines.reason.not_utf8.lines_rejected``.
        """
        values: dict[str, float] = {}
        job = self._require_job()
        for vertex in self._get(f"/jobs/{job.id}")["vertices"]:
            path = f"/jobs/{job.id}/vertices/{vertex['id']}/subtasks/metrics"
            known = [each["id"] for each in self._get(path)]
            wanted = [each for each in known if each.rpartition(".")[2] in names]
            if wanted:
                query = urlencode({"get": ",".join(wanted), "agg": "sum"})
                for each in self._get(f"{path}?{query}"):
                    values[each["id"]] = values.get(each["id"], 0.0) + each["sum"]
        return values

    def checkpoints(self) -> Checkpoints:
        """Counts, the newest completed and the restored checkpoint."""
        answer = self._get(f"/jobs/{self._require_job().id}/checkpoints")
        latest = answer["latest"]
        completed, restored = latest["completed"] or {}, latest["restored"] or {}
        return Checkpoints(
            completed=answer["counts"]["completed"],
            failed=answer["counts"]["failed"],
            latest_id=completed.get("id", 0),
            latest_duration_ms=completed.get("end_to_end_duration", 0),
            restored_id=restored.get("id", 0),
        )

    def stop_with_savepoint(self, directory: str, timeout_seconds: float = 120.0) -> str:
        """Stop the sources, write a savepoint, end the job.

        Args:
            directory: URI of the folder the savepoint is put into.
            timeout_seconds: How long to wait for it.

        Returns:
            The savepoint's location.

        Raises:
            FlinkRestError: The savepoint failed, or takes too long.
        """
        job = self._require_job()
        body = {"targetDirectory": directory, "drain": False}
        trigger = self._request("POST", f"/jobs/{job.id}/stop", body)["request-id"]
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            answer = self._get(f"/jobs/{job.id}/savepoints/{trigger}")
            if answer["status"]["id"] == "COMPLETED":
                return _savepoint_location(answer["operation"])
            time.sleep(POLL_SECONDS)
        raise FlinkRestError(f"no savepoint after {timeout_seconds:.0f} s")

    def cancel(self) -> None:
        """Cancel the job; what was not checkpointed is read again by the next."""
        self._request("PATCH", f"/jobs/{self._require_job().id}?mode=cancel")

    def root_cause(self) -> str | None:
        """Why a task failed last, in one line, or None."""
        answer = self._get(f"/jobs/{self._require_job().id}/exceptions")
        entries = answer.get("exceptionHistory", {}).get("entries", [])
        return root_cause_of(entries[0]["stacktrace"]) if entries else None

    def _require_job(self) -> JobStatus:
        job = self.job()
        if job is None:
            raise FlinkRestError("no job runs there")
        return job

    def _get(self, path: str) -> Any:  # noqa: ANN401 - JSON of Flink's; callers pick values out
        return self._request("GET", path)

    def _request(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        connection = http.client.HTTPConnection(
            self._host, self._port, timeout=self._timeout_seconds
        )
        try:
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            answer = response.read()
        except OSError as error:
            raise FlinkRestError(
                f"Flink does not answer at http://{self._host}:{self._port}: {error}"
            ) from error
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise FlinkRestError(f"Flink refuses {method} {path}: {_first_error(answer)}")
        return json.loads(answer or b"{}")


def _savepoint_location(operation: dict[str, Any]) -> str:
    failure = operation.get("failure-cause")
    if failure is not None:
        raise FlinkRestError(f"the savepoint failed: {root_cause_of(failure['stack-trace'])}")
    location: str = operation["location"]
    return location


def _first_error(answer: bytes) -> str:
    try:
        errors = json.loads(answer)["errors"]
    except (ValueError, KeyError, TypeError):
        return answer.decode(errors="replace")[:200]
    return root_cause_of("\n".join(errors))
