"""The rehearsal: the very artifact that will be deployed, run as Managed Flink would run it.

Upstream: ``invoice-stream rehearse``. The package is unpacked into a clean place nobody may
write to, with a Python that has what the runtime brings and nothing else; a Flink cluster
apart from it refuses settings that Managed Flink refuses. Data goes through, and is
reconciled.
"""

import shutil
import stat
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from connectors.settings import Settings
from ops.deployment.flink_cluster import (
    ClusterPlan,
    FlinkCluster,
    clean_environment,
    write_properties,
)
from ops.deployment.managed_flink import RUN_OPTIONS, RUN_OPTIONS_GROUP
from ops.deployment.package_checks import stated_runtime, verify
from ops.deployment.package_contents import open_package
from ops.deployment.runtime import Runtime
from ops.deployment.runtime_python import make_runtime_python
from ops.errors import FailedError, InterruptedByUserError, UserError
from ops.flink_rest import FlinkRest, FlinkRestError
from ops.interrupt import Interrupt
from ops.job_figures import IdleWatch, read_figures
from ops.minicluster import PROPERTY_GROUP, application_properties
from ops.reconcile import reconcile, stores_of
from ops.reconciliation.report import Report
from ops.sending import Producer
from ops.services import DEFAULT_SHARDS, down, up
from ops.stages import Stages
from ops.workspace import Workspace

RUN_SECONDS = 900.0
IDLE_SECONDS = 3.0
LOOK_SECONDS = 1.0
ENDED = frozenset({"FAILED", "CANCELED", "FINISHED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalOptions:
    """What to rehearse, with what.

    Attributes:
        package: The zip.
        source: File to send; None for one that is generated.
        lines: Lines to generate.
        seed: What they are drawn from.
        task_managers: Task managers of the cluster.
        properties: Properties of the job that override those of the services.
    """

    package: Path
    source: Path | None
    lines: int
    seed: int
    task_managers: int
    properties: Mapping[str, str]


def rehearse(
    root: Path, options: RehearsalOptions, environment: Mapping[str, str], console: Console
) -> Report:
    """Rehearse a package.

    Args:
        root: Folder for everything; what an earlier rehearsal left there goes.
        options: What to rehearse.
        environment: Environment of the producer's process.
        console: For what goes on.

    Returns:
        What the reconciliation found.

    Raises:
        FailedError: The package is wrong, or fails, or writes where it must not.
        UserError: It cannot be rehearsed here.
        InterruptedByUserError: Ctrl-C; everything started was stopped.
    """
    if options.source is not None and not options.source.is_file():
        raise UserError(f"no file at {options.source}")
    runtime = _verified(options.package)
    _make_room(root)
    workspace, stages, interrupt = Workspace(root / "services"), Stages(), Interrupt()
    producer = Producer(environment, interrupt)
    with _services(workspace, stages) as settings, interrupt.listening():
        with stages.stage("unpack"):
            content = unpack(options.package, root / "content")
            python = make_runtime_python(runtime, root / "python")
        with stages.stage("send"):
            source = _source(root, options, producer)
            sent = producer.send(source, (), workspace.settings_path)
        console.print(f"sent {sent.lines_sent:,} lines to {settings.stream}", highlight=False)
        plan = ClusterPlan(
            directory=(root / "cluster").resolve(),
            python=python.absolute(),
            services=settings,
            task_managers=options.task_managers,
        )
        with stages.stage("run on a cluster"), FlinkCluster(plan, clean_environment(settings)) as c:
            _run(c, content, application_properties(settings, options.properties), interrupt)
        _refuse_changes(content, options.package)
        report = reconcile(source, stores_of(settings), None, stages)
    report.write(root / "report.json")
    return report


def _verified(package: Path) -> Runtime:
    findings = verify(package)
    if findings:
        raise FailedError(f"{package} is not right: {'; '.join(findings)}")
    contents = open_package(package)
    with contents.archive:
        return stated_runtime(contents, package)


def _make_room(root: Path) -> None:
    if root.exists():
        down(Workspace(root / "services"))
        allow_writing(root / "content")
        shutil.rmtree(root)
    root.mkdir(parents=True)


@contextmanager
def _services(workspace: Workspace, stages: Stages) -> Iterator[Settings]:
    try:
        with stages.stage("start services"):
            _, settings = up(workspace, None, DEFAULT_SHARDS)
        yield settings
    finally:
        with stages.stage("stop services"):
            down(workspace)


def _source(root: Path, options: RehearsalOptions, producer: Producer) -> Path:
    if options.source is not None:
        return options.source
    path = root / "invoices.csv.gz"
    producer.generate(path, options.lines, options.seed)
    return path


def unpack(package: Path, folder: Path) -> Path:
    """Unpack a package into a folder that nobody may write to; returns the folder."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    return folder


def allow_writing(folder: Path) -> None:
    """Let its owner write into an unpacked package, so that it can be deleted."""
    for path in [folder, *folder.rglob("*")] if folder.exists() else []:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


def _refuse_changes(content: Path, package: Path) -> None:
    """Root may write everywhere: what was written is looked for, not only forbidden."""
    with zipfile.ZipFile(package) as archive:
        sizes = {e.filename: e.file_size for e in archive.infolist() if not e.is_dir()}
    found = {
        path.relative_to(content).as_posix(): path.stat().st_size
        for path in content.rglob("*")
        if path.is_file()
    }
    changed = sorted(name for name, _ in found.items() ^ sizes.items())
    if changed:
        raise FailedError(f"the application wrote where it must not: {', '.join(changed[:5])}")


def _run(
    cluster: FlinkCluster, content: Path, properties: Mapping[str, str], interrupt: Interrupt
) -> None:
    """Submit the application, and stop it with a savepoint when nothing is left to do."""
    path = cluster.logs.parent / "application_properties.json"
    write_properties(path, _groups(properties))
    cluster.submit(content, RUN_OPTIONS, path)
    try:
        _wait_until_idle(cluster.rest, interrupt)
        cluster.rest.stop_with_savepoint((cluster.logs.parent / "savepoints").as_uri())
    except FlinkRestError as error:
        raise FailedError(f"{error}; see {cluster.logs}") from error


def _groups(properties: Mapping[str, str]) -> Sequence[tuple[str, Mapping[str, str]]]:
    return [(RUN_OPTIONS_GROUP, RUN_OPTIONS), (PROPERTY_GROUP, properties)]


def _wait_until_idle(rest: FlinkRest, interrupt: Interrupt) -> None:
    deadline = time.monotonic() + RUN_SECONDS
    watch = IdleWatch(IDLE_SECONDS, DEFAULT_SHARDS)
    while not (rest.is_running() and watch.idle(read_figures(rest), time.monotonic())):
        _refuse_end(rest)
        if time.monotonic() > deadline:
            raise FlinkRestError(f"the job is not done after {RUN_SECONDS:.0f} s")
        if interrupt.wait(LOOK_SECONDS):
            raise InterruptedByUserError


def _refuse_end(rest: FlinkRest) -> None:
    job = rest.job()
    if job is not None and job.state in ENDED:
        raise FlinkRestError(f"the job is {job.state}: {rest.root_cause() or 'no cause is known'}")
