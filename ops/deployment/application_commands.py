"""``submit``, ``update``, ``rollback``, ``snapshot``, ``logs``: the application of an environment.

Upstream: ``ops.cli``, which mounts the app. Downstream: ``application``,
``application_changes``, ``job_status``, ``application_log``.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops import options
from ops.deployment.account import Account
from ops.deployment.application import READY, FlinkApplication
from ops.deployment.application_changes import choose_rollback, rollback, update
from ops.deployment.application_log import ApplicationLog, LogEvent
from ops.deployment.deploy_commands import EnvironmentName, Yes, deployment_of, verified
from ops.deployment.environments import Environment, load_environment
from ops.deployment.job_status import LOOK_BACK, JobProbe
from ops.deployment.showing import ask, snapshots_table, status_table
from ops.errors import FailedError, InterruptedByUserError, UserError

WAIT_SECONDS = 600.0

Wait = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for the job itself.")
]
Zip = Annotated[Path, typer.Argument(metavar="ZIP", help="The package.")]
SnapshotName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Snapshot to go on from; by default the latest."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Without state, where InitialPosition says.")]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="KEY", help="Package's key or a part of it; else the one before."),
]
Prune = Annotated[
    bool, typer.Option("--prune", help="Delete those older than the environment keeps them.")
]
List = Annotated[bool, typer.Option("--list", help="Show what there is and take none.")]
SinceMinutes = Annotated[
    float, typer.Option("--since", min=0, metavar="MINUTES", help="How far to look back.")
]
Errors = Annotated[bool, typer.Option("--errors", help="Only warnings and errors.")]

app = typer.Typer()


def show_status(name: str, *, wait_seconds: float, as_json: bool) -> None:
    """What ``status ENV`` does: the job itself, not only the application.

    Raises:
        FailedError: The job does not run; the message is Python's error where there is one.
    """
    environment = load_environment(name)
    application, probe = _application(environment), _probe(environment)
    since = datetime.now(UTC) - LOOK_BACK
    status = probe.look(since)
    if status.application != READY and not status.runs and wait_seconds > 0:
        status = probe.wait_until_running(since, wait_seconds, typer.echo)
    if as_json:
        values = {
            "application": status.application,
            "job": status.job,
            "runs": status.runs,
            "uptime_seconds": status.uptime_seconds,
            "error": status.error,
            "package": status.code_key,
            "snapshots": [each.name for each in application.snapshots()],
        }
        typer.echo(json.dumps(values))
    else:
        Console().print(status_table(environment.full_name, status))
    if status.application != READY and not status.runs:
        raise FailedError(f"the job of {name} does not run: {status.error or 'no error is known'}")


@app.command("submit", epilog="Example: invoice-stream submit dev")
def submit_command(
    environment: EnvironmentName,
    *,
    snapshot: SnapshotName = None,
    fresh: Fresh = False,
    wait: Wait = WAIT_SECONDS,
) -> None:
    """Start the application, from its latest snapshot if there is one, and wait for its job."""
    chosen = load_environment(environment)
    application = _application(chosen)
    state = application.require_state()
    if state.status != READY:
        raise UserError(
            f"the application is {state.status} already: `invoice-stream status {environment}`"
        )
    started = datetime.now(UTC)
    typer.echo(f"starting {chosen.full_name}")
    application.start(snapshot, fresh=fresh)
    _wait_for_job(chosen, started, wait)


@app.command("update", epilog="Example: invoice-stream update dev dist/new.zip --yes")
def update_command(
    environment: EnvironmentName, package: Zip, *, wait: Wait = WAIT_SECONDS, yes: Yes = False
) -> None:
    """Run another package with the state of this one; a snapshot is taken first."""
    runtime = verified(package)
    deployment = deployment_of(environment, Console(), yes=yes)
    application = _application(deployment.environment)
    started = datetime.now(UTC)
    changed = update(deployment, application, package, runtime.name, started)
    if not changed:
        typer.echo("it runs this package already")
    elif application.require_state().status == READY:
        typer.echo(f"not started: `invoice-stream submit {environment}`")
    else:
        _wait_for_job(deployment.environment, started, wait)


@app.command("rollback", epilog="Example: invoice-stream rollback prod --yes")
def rollback_command(
    environment: EnvironmentName,
    *,
    to: To = None,
    snapshot: SnapshotName = None,
    wait: Wait = WAIT_SECONDS,
    yes: Yes = False,
) -> None:
    """Go back to the package before this one, and to the state of its last snapshot.

    What was written since stays; what is read again changes nothing.
    """
    console = Console()
    deployment = deployment_of(environment, console, yes=yes)
    application = _application(deployment.environment)
    state = application.require_state()
    target = choose_rollback(
        state.code_key, deployment.bucket().packages(), application.snapshots(), to, snapshot
    )
    where = target.snapshot or "the beginning: there is no snapshot"
    console.print(f"from {state.code_key}\nto   {target.code_key}\nwith {where}", soft_wrap=True)
    if not (yes or ask(console, f"roll {environment} back")):
        raise InterruptedByUserError
    started = datetime.now(UTC)
    rollback(deployment, application, target)
    _wait_for_job(deployment.environment, started, wait)


@app.command("snapshot", epilog="Example: invoice-stream snapshot prod --prune")
def snapshot_command(
    environment: EnvironmentName, *, listed: List = False, prune: Prune = False
) -> None:
    """Take a snapshot of the job's state, list what there is, or delete old ones."""
    chosen = load_environment(environment)
    application, now = _application(chosen), datetime.now(UTC)
    if prune:
        oldest = now - timedelta(days=chosen.snapshot_days)
        found = [each for each in application.snapshots()[1:] if each.taken < oldest]
        application.delete_snapshots(found)
        typer.echo(f"deleted {len(found)} snapshots older than {chosen.snapshot_days} days")
    elif not listed:
        taken = application.take_snapshot(f"manual-{now:%Y%m%dT%H%M%S}")
        typer.echo(f"took {taken.name}")
    Console().print(snapshots_table(application.snapshots()))


@app.command("logs", epilog="Example: invoice-stream logs prod --since 15 --errors")
def logs_command(
    environment: EnvironmentName,
    *,
    since: SinceMinutes = 60.0,
    errors: Errors = False,
    as_json: options.AsJson = False,
) -> None:
    """Print the application's log from CloudWatch, oldest first."""
    chosen = load_environment(environment)
    start = datetime.now(UTC) - timedelta(minutes=since)
    for event in _log(chosen).events(start):
        if not errors or event.level in {"WARN", "ERROR"} or event.stacktrace:
            typer.echo(_as_json(event) if as_json else _as_text(event))


def _wait_for_job(environment: Environment, since: datetime, wait_seconds: float) -> None:
    status = _probe(environment).wait_until_running(since, wait_seconds, typer.echo)
    Console().print(status_table(environment.full_name, status))


def _application(environment: Environment) -> FlinkApplication:
    return FlinkApplication(Account(environment.region).flink(), environment.full_name)


def _log(environment: Environment) -> ApplicationLog:
    return ApplicationLog(Account(environment.region).logs(), f"/{environment.full_name}/flink")


def _probe(environment: Environment) -> JobProbe:
    metrics = Account(environment.region).cloudwatch()
    return JobProbe(_application(environment), _log(environment), metrics, environment.full_name)


def _as_json(event: LogEvent) -> str:
    values = {"time": event.time.isoformat(), "level": event.level, "text": event.text}
    return json.dumps(values, ensure_ascii=False)


def _as_text(event: LogEvent) -> str:
    return f"{event.time:%Y-%m-%d %H:%M:%S} {event.level:<5} {event.text}"
