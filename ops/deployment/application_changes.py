"""``update`` and ``rollback``: another version of the application, its state kept.

Both change the stack's parameter that names the package, so that the stack stays what is
true; Managed Flink restarts the job.

Upstream: ``invoice-stream update``, ``rollback``. Downstream: ``deploy``, ``application``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ops.deployment.application import READY, RUNNING, FlinkApplication, Snapshot
from ops.deployment.artifacts import Artifact
from ops.deployment.deploy import Code, Deployment, change, put_code, root_request
from ops.errors import UserError


@dataclass(frozen=True, slots=True)
class Rollback:
    """Where to go back to.

    Attributes:
        code_key: Key of the package.
        snapshot: Snapshot to go on from; None for the application's latest.
    """

    code_key: str
    snapshot: str | None


def update(
    deployment: Deployment,
    application: FlinkApplication,
    package: Path,
    runtime: str,
    now: datetime,
) -> bool:
    """Run another package; a snapshot is taken first, which ``rollback`` can go back to.

    Args:
        deployment: The environment.
        application: Its application.
        package: The package, verified.
        runtime: Name of the runtime it is for.
        now: Names the snapshot.

    Returns:
        Whether anything changed.

    Raises:
        FailedError: The snapshot failed, or CloudFormation cannot make the change.
        InterruptedByUserError: The change was not approved.
    """
    state = application.require_state()
    request = root_request(deployment, put_code(deployment, Code(package=package, runtime=runtime)))
    if state.status == RUNNING and request.parameters["FlinkCodeKey"] != state.code_key:
        name = f"before-update-{now:%Y%m%dT%H%M%S}"
        deployment.tell(f"taking snapshot {name}")
        application.take_snapshot(name)
    return change(deployment, request)


def choose_rollback(
    current: str,
    packages: Sequence[Artifact],
    snapshots: Sequence[Snapshot],
    wanted: str | None = None,
    snapshot: str | None = None,
) -> Rollback:
    """Where to go back to: the package before the current one, and the state it left.

    Args:
        current: Key of the package that is deployed.
        packages: Packages in the artifact bucket, the newest first.
        snapshots: The application's snapshots, the newest first.
        wanted: Key, or a part of one, instead of the one before.
        snapshot: Name of a snapshot instead of the latest.

    Raises:
        UserError: There is none to go back to, or several keys have that part.
    """
    keys = [artifact.key for artifact in packages]
    if wanted is None:
        later = keys.index(current) if current in keys else -1
        candidates = keys[later + 1 :][:1]
    else:
        candidates = [key for key in keys if wanted in key and key != current]
    if len(candidates) != 1:
        found = ", ".join(candidates or [key for key in keys if key != current]) or "none"
        raise UserError(f"say with --to which package to go back to (found: {found})")
    ready = [each.name for each in snapshots if each.status == READY]
    return Rollback(candidates[0], snapshot or next(iter(ready), None))


def rollback(deployment: Deployment, application: FlinkApplication, target: Rollback) -> None:
    """Go back to a package: stop at once, change the package, go on from the snapshot.

    No snapshot is taken of what runs now: it is what one wants to get away from. What it wrote
    stays: sinks merge by identity, so what is read again changes nothing.

    Raises:
        FailedError: It does not stop, change, or start.
        InterruptedByUserError: The change was not approved; the application stays stopped.
    """
    if application.require_state().status != READY:
        deployment.tell("stopping the application by force")
        application.stop(force=True)
    change(deployment, root_request(deployment, {"FlinkCodeKey": target.code_key}))
    deployment.tell(f"starting {target.code_key}")
    application.start(target.snapshot, fresh=target.snapshot is None)
