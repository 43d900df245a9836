"""The job on Flink's mini-cluster, in a process of its own.

Upstream: ``invoice-stream run``, ``demo``, tests, the benchmark. Downstream:
``ops.minicluster_process``, which runs the very ``main`` that Managed Flink
runs. The process has a session of its own: Ctrl-C reaches its parent alone,
which can then stop it with a savepoint.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from connectors.settings import Settings
from ops.errors import UserError
from ops.flink_rest import FlinkRest
from ops.flink_settings import (
    LOG_FILE,
    flink_home,
    flink_settings,
    s3_settings,
    write_configuration,
)
from ops.processes import LOOPBACK, ProcessId, kill_tree, port_is_free, spawn

PROJECT = Path(__file__).resolve().parents[1]
JAR = PROJECT / "connectors/target/invoice-stream-flink.jar"
PLUGINS = PROJECT / "connectors/target/local/plugins"
JOB_MAIN = "flink_job.main"
PROPERTY_GROUP = "invoice-stream"

JVM_HEAP = "1g"
KINESIS_WITHOUT_CBOR = "-Dorg.apache.flink.kinesis.shaded.com.amazonaws.sdk.disableCbor=true"
"""The emulator gives wrong arrival times in CBOR."""

OUTCOME_FILE = "outcome.json"
POLL_SECONDS = 0.1


def application_properties(
    settings: Settings, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The job's properties for these services; ``extra`` overrides and adds."""
    properties = {
        "source": "kinesis",
        "source.stream.arn": settings.stream_arn,
        "aws.region": settings.region,
        "lake": settings.lake,
        "dynamodb.customers.table": settings.customers_table,
        "dynamodb.invoices.table": settings.invoices_table,
    }
    if settings.endpoint_url is not None:
        properties["aws.endpoint"] = settings.endpoint_url
    return properties | dict(extra or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProcess:
    """A job that runs, or ran, in a process of its own.

    Attributes:
        process: The Python process that submitted it; the JVM and Python workers are below it.
        directory: Its configuration, logs, checkpoints and savepoints.
        rest_port: Port of Flink's REST API on the loopback interface.
    """

    process: ProcessId
    directory: Path
    rest_port: int

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self.process.pid

    @property
    def rest_url(self) -> str:
        """Flink's REST API; it ends with the job."""
        return f"http://{LOOPBACK}:{self.rest_port}"

    @property
    def log_path(self) -> Path:
        """Flink's log."""
        return self.directory / LOG_FILE

    def poll(self) -> str | None:
        """How the job ended: ``FINISHED``, ``FAILED``, ``CANCELED``, ``KILLED``; None: it runs."""
        if self.process.alive:
            return None
        return self._outcome().get("state", "KILLED")

    def wait_until_running(self, timeout_seconds: float) -> None:
        """Wait until every task of the job runs.

        Raises:
            UserError: The job has ended, or does not run in time.
        """
        deadline = time.monotonic() + timeout_seconds
        rest = FlinkRest(self.rest_url)
        while not rest.is_running():
            if self.poll() is not None:
                raise UserError(f"the job ended: {self.cause() or f'see {self.log_path}'}")
            if time.monotonic() > deadline:
                raise UserError(
                    f"the job does not run after {timeout_seconds:.0f} s; see {self.log_path}"
                )
            time.sleep(POLL_SECONDS)

    def wait(self, timeout_seconds: float) -> str:
        """Wait for the end of the job and its process.

        Raises:
            TimeoutError: It still runs.
        """
        deadline = time.monotonic() + timeout_seconds
        while (state := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the job still runs after {timeout_seconds:.0f} s")
            time.sleep(POLL_SECONDS)
        return state

    def cause(self) -> str | None:
        """Why the job failed, in one line, once it has ended."""
        return self._outcome().get("cause")

    def kill(self) -> None:
        """Kill the process and everything below it at once, as a power cut would."""
        found = self.process.find()
        if found is not None:
            kill_tree(found)
            psutil.wait_procs([found], timeout=10)

    def _outcome(self) -> dict[str, str]:
        try:
            text = (self.directory / OUTCOME_FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        outcome: dict[str, str] = json.loads(text)
        return outcome


def launch(
    directory: Path,
    properties: Mapping[str, str],
    *,
    rest_port: int,
    settings: Settings | None = None,
    parallelism: int = 2,
    checkpoint_interval_ms: int = 5000,
    restore_from: str | None = None,
    extra: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    main: str = JOB_MAIN,
    jvm_heap: str = JVM_HEAP,
) -> JobProcess:
    """Start a job on a mini-cluster of its own.

    Args:
        directory: Where everything it writes goes; made when missing.
        properties: The job's properties, as ``application_properties`` makes them.
        rest_port: Free port for Flink's REST API.
        settings: Services whose keys the job needs; None leaves keys to AWS's chain.
        parallelism: Subtasks of each operator.
        checkpoint_interval_ms: Time between checkpoints, in milliseconds.
        restore_from: Path of a savepoint or retained checkpoint to go on from.
        extra: More Flink settings, which win over those made here.
        environment: More environment variables for the process.
        main: Module whose ``main()`` submits the job.
        jvm_heap: Heap of the one JVM.

    Raises:
        UserError: No Java, no jar, or the port is taken.
    """
    check_installed()
    _check_port(rest_port)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "tmp").mkdir(exist_ok=True)
    (directory / OUTCOME_FILE).unlink(missing_ok=True)
    flink = flink_settings(
        directory.resolve(),
        rest_port=rest_port,
        parallelism=parallelism,
        checkpoint_interval_ms=checkpoint_interval_ms,
    )
    if settings is not None:
        flink |= s3_settings(settings)
    if restore_from is not None:
        flink["execution.state-recovery.path"] = restore_from
    conf = write_configuration(directory.resolve(), flink | dict(extra or {}))
    variables = _environment(directory.resolve(), conf, jvm_heap) | _keys(settings)
    variables["APPLICATION_PROPERTIES"] = str(_write_properties(directory.resolve(), properties))
    process = spawn(
        [sys.executable, "-m", "ops.minicluster_process", main, str(directory.resolve())],
        variables | dict(environment or {}),
        directory / "process.log",
    )
    return JobProcess(process=process, directory=directory, rest_port=rest_port)


def latest_checkpoint(directory: Path) -> Path | None:
    """The newest completed checkpoint or savepoint a job left there, to go on from."""
    found = [
        *directory.glob("checkpoints/*/chk-*/_metadata"),
        *directory.glob("savepoints/savepoint-*/_metadata"),
    ]
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    return None if newest is None else newest.parent


def check_installed() -> None:
    """See that there is what a job needs.

    Raises:
        UserError: No Java, or no jar.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    if java is None:
        where = f"JAVA_HOME={home}" if home else "PATH"
        raise UserError(f"no Java found ({where}): install a JDK 17, or run `make install`")
    if not JAR.exists() or not PLUGINS.exists():
        raise UserError(f"Flink's jar is not built at {JAR}: run `make jars`")


def _check_port(rest_port: int) -> None:
    if not port_is_free(rest_port):
        raise UserError(f"port {rest_port} for Flink's REST API is taken: choose another")


def _keys(settings: Settings | None) -> dict[str, str]:
    if settings is None or settings.access_key_id is None:
        return {}
    return {
        "AWS_ACCESS_KEY_ID": settings.access_key_id,
        "AWS_SECRET_ACCESS_KEY": settings.secret_access_key or "",
        "AWS_REGION": settings.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _environment(directory: Path, conf: Path, jvm_heap: str) -> dict[str, str]:
    options = [
        f"-Xmx{jvm_heap}",
        f"-Djava.io.tmpdir={directory / 'tmp'}",
        f"-Dlog.file.path={directory / LOG_FILE}",
        KINESIS_WITHOUT_CBOR,
    ]
    return dict(os.environ) | {
        "FLINK_HOME": str(flink_home()),
        "FLINK_CONF_DIR": str(conf),
        "FLINK_LOG_DIR": str(directory),
        "FLINK_PLUGINS_DIR": str(PLUGINS),
        "HADOOP_CLASSPATH": str(JAR),
        "JVM_ARGS": " ".join(options),
        "PYTHONPATH": str(PROJECT),
    }


def _write_properties(directory: Path, properties: Mapping[str, str]) -> Path:
    """The file Managed Flink would put at ``/etc/flink/application_properties.json``."""
    path = directory / "application_properties.json"
    groups = [{"PropertyGroupId": PROPERTY_GROUP, "PropertyMap": dict(properties)}]
    path.write_text(json.dumps(groups, indent=2) + "\n", encoding="utf-8")
    return path
