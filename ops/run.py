"""``run``: the job on the mini-cluster, watched until it is stopped, is idle, or fails.

Upstream: ``invoice-stream run``, the demo. Downstream: ``ops.minicluster``,
which runs the job's own ``main``. Ctrl-C stops it with a savepoint; the next run
goes on from the newest savepoint or checkpoint.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.aws import kinesis_client
from connectors.settings import Settings
from ops.errors import FailedError, UserError
from ops.flink_rest import FlinkRest, FlinkRestError
from ops.interrupt import Interrupt
from ops.job_figures import IdleWatch, JobFigures, read_figures
from ops.job_process import remember, running_job, stop
from ops.minicluster import JobProcess, application_properties, latest_checkpoint, launch
from ops.processes import free_port, wait_until
from ops.workspace import Workspace

START_SECONDS = 300.0
START_LOOK_SECONDS = 0.2
LOOK_SECONDS = 1.0
END_SECONDS = 20.0
ASKED_AGAIN = 3
FINISHED = "FINISHED"
METRICS_EVERY_MS = 500
"""How old a metric may be; Flink's own ten seconds would have every run wait for them."""

Show = Callable[[JobFigures], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How to run the job.

    Attributes:
        until_idle_seconds: Stop when nothing was left to do for so long; None never stops.
        fresh: Whether to begin anew instead of where the last run ended.
        parallelism: Subtasks of each operator.
        checkpoint_interval_ms: Time between checkpoints, in milliseconds.
        rest_port: Port of Flink's REST API; None for any.
        properties: Properties of the job that override those of the services.
    """

    until_idle_seconds: float | None = None
    fresh: bool = False
    parallelism: int = 2
    checkpoint_interval_ms: int = 5000
    rest_port: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of a run that ended in order.

    Attributes:
        restored_from: Savepoint or checkpoint it went on from, None when it began anew.
        savepoint: Where the next run goes on from; None when it begins anew.
        figures: The job's counters before it was stopped; None when it was stopped before
            it ran, or by somebody else.
        interrupted: Whether Ctrl-C ended it.
    """

    restored_from: str | None
    savepoint: str | None
    figures: JobFigures | None
    interrupted: bool


def run(
    workspace: Workspace,
    settings: Settings,
    options: RunOptions,
    interrupt: Interrupt,
    show: Show,
) -> RunOutcome:
    """Run the job.

    Args:
        workspace: Where its state is kept.
        settings: The services it reads from and writes to.
        options: How.
        interrupt: Ends it early.
        show: Called with the job's counters, about once a second.

    Raises:
        UserError: It cannot be started.
        FailedError: It failed, or was killed; the message is the cause. One that somebody
            else stopped with a savepoint has ended in order.
    """
    shards = _open_shards(settings)
    job, restored_from = _start(workspace, settings, options)
    idle = IdleWatch(options.until_idle_seconds or math.inf, shards)
    figures = None
    try:
        figures = _watch(job, idle, interrupt, show)
        if figures is not None:
            stop(job)
    except (FlinkRestError, TimeoutError) as error:
        if not _ended_soon(job) or job.poll() != FINISHED:
            raise FailedError(_why(job, error)) from error
    finally:
        job.kill()
    return RunOutcome(restored_from, _newest(workspace), figures, interrupt.made)


def _newest(workspace: Workspace) -> str | None:
    """URI of the newest savepoint or checkpoint."""
    found = latest_checkpoint(workspace.job)
    return None if found is None else found.resolve().as_uri()


def _open_shards(settings: Settings) -> int:
    answer = kinesis_client(settings).describe_stream_summary(StreamName=settings.stream)
    return answer["StreamDescriptionSummary"]["OpenShardCount"]


def _start(
    workspace: Workspace, settings: Settings, options: RunOptions
) -> tuple[JobProcess, str | None]:
    found = running_job(workspace)
    if found is not None:
        raise UserError(f"the job runs already (pid {found.pid}): `invoice-stream down` stops it")
    restored_from = None if options.fresh else _newest(workspace)
    job = launch(
        workspace.job,
        application_properties(settings, options.properties),
        rest_port=options.rest_port or free_port(),
        settings=settings,
        parallelism=options.parallelism,
        checkpoint_interval_ms=options.checkpoint_interval_ms,
        restore_from=restored_from,
        extra={"metrics.fetcher.update-interval": str(METRICS_EVERY_MS)},
    )
    remember(workspace, job)
    return job, restored_from


def _watch(job: JobProcess, idle: IdleWatch, interrupt: Interrupt, show: Show) -> JobFigures | None:
    """Look on until the job is to be stopped.

    Returns:
        Its counters at last; None when it was to be stopped before it ran.

    Raises:
        FlinkRestError: It ended by itself.
    """
    rest = FlinkRest(job.rest_url)
    if not _runs(job, rest, interrupt):
        return None
    while True:
        figures = _figures(job, rest)
        show(figures)
        if idle.idle(figures, time.monotonic()):
            return figures
        if interrupt.wait(LOOK_SECONDS):
            return figures
        _refuse_end(job)


def _figures(job: JobProcess, rest: FlinkRest) -> JobFigures:
    """The job's counters; one that is busy is asked again, one that has ended is not."""
    for _ in range(ASKED_AGAIN):
        try:
            return read_figures(rest)
        except FlinkRestError:
            if _ended_soon(job):
                raise
    return read_figures(rest)


def _runs(job: JobProcess, rest: FlinkRest, interrupt: Interrupt) -> bool:
    """Wait until it runs; no when it is to be stopped before."""
    deadline = time.monotonic() + START_SECONDS
    while not rest.is_running():
        _refuse_end(job)
        if time.monotonic() > deadline:
            raise FlinkRestError(f"the job does not run after {START_SECONDS:.0f} s")
        if interrupt.wait(START_LOOK_SECONDS):
            return False
    return True


def _refuse_end(job: JobProcess) -> None:
    if job.poll() is not None:
        raise FlinkRestError("it ended by itself")


def _why(job: JobProcess, error: Exception) -> str:
    """The cause in one line: the job's own when it ended, else what went wrong with it."""
    if not _ended_soon(job):
        return f"the job had to be killed: {error}; see {job.log_path}"
    return f"the job is {job.poll()}: {job.cause() or error}; see {job.log_path}"


def _ended_soon(job: JobProcess) -> bool:
    """Whether it ends by itself; its REST API is gone a moment before its process."""
    return wait_until(lambda: job.poll() is not None, END_SECONDS)
