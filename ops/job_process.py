"""The job that runs in a workspace: remembered by pid, found again by every command."""

import json
from dataclasses import dataclass

from ops.flink_rest import FlinkRest
from ops.minicluster import JobProcess
from ops.processes import ProcessId
from ops.workspace import Workspace, write_json

STOP_SECONDS = 180.0


def remember(workspace: Workspace, job: JobProcess) -> None:
    """Write down which process the job runs in."""
    record = {"pid": job.pid, "started": job.process.started, "rest_port": job.rest_port}
    write_json(workspace.job_record, record)


def last_job(workspace: Workspace) -> JobProcess | None:
    """The job that was started last here, whether it still runs or not."""
    try:
        record = json.loads(workspace.job_record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return JobProcess(
        process=ProcessId(record["pid"], record["started"]),
        directory=workspace.job,
        rest_port=record["rest_port"],
    )


def running_job(workspace: Workspace) -> JobProcess | None:
    """The job that runs here, or None."""
    job = last_job(workspace)
    return job if job is not None and job.process.alive else None


@dataclass(frozen=True, slots=True)
class Stopped:
    """How a job was stopped.

    Attributes:
        savepoint: Where the next run goes on from.
        state: How it ended.
    """

    savepoint: str
    state: str


def stop(job: JobProcess) -> Stopped:
    """Stop a job with a savepoint and wait for its end.

    Raises:
        FlinkRestError: The savepoint failed; the job still runs.
        TimeoutError: Its process does not end.
    """
    savepoints = (job.directory / "savepoints").resolve().as_uri()
    savepoint = FlinkRest(job.rest_url).stop_with_savepoint(savepoints, STOP_SECONDS)
    return Stopped(savepoint, job.wait(STOP_SECONDS))
