"""A Flink cluster as Managed Flink has one: a job manager and task managers, each a process.

Upstream: ``ops.deployment.rehearsal``. Downstream: the scripts that PyFlink ships, and
Flink's REST API. Everything listens on the loopback interface.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from connectors.settings import Settings
from ops.deployment.managed_flink import ALLOWED_SETTINGS
from ops.errors import FailedError, UserError
from ops.flink_rest import FlinkRest, FlinkRestError
from ops.flink_settings import flink_home, flink_settings, s3_settings, write_configuration
from ops.minicluster import KINESIS_WITHOUT_CBOR, PLUGINS
from ops.processes import LOOPBACK, ProcessId, free_port, spawn, wait_until

START_SECONDS = 180.0
STOP_SECONDS = 30.0
SUBMIT_SECONDS = 300.0

LOGGING_FILES = ("log4j-cli.properties", "log4j-console.properties")
NOT_OF_A_CLUSTER = ("execution.target", "execution.attached")
"""Settings with which the mini-cluster says that it is one."""

SET_BY_PLANNER = (
    "__table.query-start.current-database__",
    "__table.query-start.epoch-time__",
    "__table.query-start.local-time__",
)
"""What Flink's own planner notes in the configuration of whoever uses a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlan:
    """What a cluster is to be.

    Attributes:
        directory: Where its configuration, logs, checkpoints and savepoints go.
        python: Interpreter of the client and of the workers.
        services: Services whose keys the file systems need.
        task_managers: How many, of one slot each: a job has this parallelism.
        checkpoint_interval_ms: Time between checkpoints.
    """

    directory: Path
    python: Path
    services: Settings
    task_managers: int = 2
    checkpoint_interval_ms: int = 5000

    def settings(self, rest_port: int) -> dict[str, str]:
        """What the service decides, and code may not: Flink itself refuses the rest."""
        made = flink_settings(
            self.directory,
            rest_port=rest_port,
            parallelism=self.task_managers,
            checkpoint_interval_ms=self.checkpoint_interval_ms,
        )
        ours = {name: value for name, value in made.items() if name not in NOT_OF_A_CLUSTER}
        return {
            **ours,
            **s3_settings(self.services),
            "execution.program-config.enabled": "false",
            "execution.program-config.wildcards": ";".join((*ALLOWED_SETTINGS, *SET_BY_PLANNER)),
            "execution.checkpointing.interval": duration_text(self.checkpoint_interval_ms),
            "jobmanager.rpc.port": str(free_port()),
            "jobmanager.memory.process.size": "1g",
            "taskmanager.memory.process.size": "1728m",
            "taskmanager.numberOfTaskSlots": "1",
            "env.java.opts.taskmanager": KINESIS_WITHOUT_CBOR,
            "metrics.fetcher.update-interval": "500",
            "python.executable": str(self.python),
            "python.client.executable": str(self.python),
        }


class FlinkCluster:
    """A running cluster; use it as a context, at whose end every process of it has ended."""

    def __init__(self, plan: ClusterPlan, environment: Mapping[str, str]) -> None:
        """Nothing is started yet.

        Args:
            plan: What it is to be.
            environment: Of its processes, beside what Flink needs.
        """
        self._plan = plan
        self._rest_port = free_port()
        self._variables = {**environment, **self._flink_variables()}
        self._processes: list[ProcessId] = []

    @property
    def rest(self) -> FlinkRest:
        """Its REST API."""
        return FlinkRest(f"http://{LOOPBACK}:{self._rest_port}")

    @property
    def logs(self) -> Path:
        """Folder of its processes' logs."""
        return self._plan.directory / "log"

    def __enter__(self) -> Self:
        """Start it and wait until every task manager has reported.

        Raises:
            UserError: It does not come up.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        (self._plan.directory / "tmp").mkdir(exist_ok=True)
        conf = write_configuration(self._plan.directory, self._plan.settings(self._rest_port))
        for name in LOGGING_FILES:
            shutil.copyfile(flink_home() / "conf" / name, conf / name)
        try:
            self._spawn("jobmanager")
            for number in range(self._plan.task_managers):
                self._spawn("taskmanager", number)
            self._wait_for_slots()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End its processes."""
        self.stop()

    def stop(self) -> None:
        """End its processes, task managers first."""
        while self._processes:
            self._processes.pop().terminate(STOP_SECONDS)

    def submit(self, content: Path, run_options: Mapping[str, str], properties: Path) -> None:
        """Run an application's entry script, which submits its job.

        Args:
            content: The unpacked package, its working directory.
            run_options: Managed Flink's, with paths within ``content``.
            properties: Application properties, in Managed Flink's form.

        Raises:
            FailedError: The script or the job's graph failed; the message is Flink's.
        """
        command = [str(flink_home() / "bin/flink"), "run", "--detached"]
        command += ["--python", run_options["python"], "--jarfile", run_options["jarfile"]]
        command += ["--pyFiles", run_options["pyFiles"]]
        variables = {**self._variables, "APPLICATION_PROPERTIES": str(properties.resolve())}
        done = subprocess.run(
            command,
            cwd=content,
            env=variables,
            capture_output=True,
            text=True,
            timeout=SUBMIT_SECONDS,
            check=False,
        )
        (self.logs / "submit.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode != 0:
            raise FailedError(f"the application does not start: {_why(done.stdout + done.stderr)}")

    def _flink_variables(self) -> dict[str, str]:
        return {
            "FLINK_HOME": str(flink_home()),
            "FLINK_CONF_DIR": str(self._plan.directory / "conf"),
            "FLINK_LOG_DIR": str(self.logs),
            "FLINK_PID_DIR": str(self._plan.directory),
            "FLINK_PLUGINS_DIR": str(PLUGINS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _spawn(self, role: str, number: int = 0) -> None:
        script = flink_home() / f"bin/{role}.sh"
        log = self.logs / f"{role}-{number}.log"
        self._processes.append(spawn([str(script), "start-foreground"], self._variables, log))

    def _wait_for_slots(self) -> None:
        wanted = self._plan.task_managers
        wait_until(lambda: self._slots() == wanted or not self._alive(), START_SECONDS)
        if self._slots() != wanted:
            raise UserError(f"the Flink cluster does not come up; see {self.logs}")

    def _slots(self) -> int:
        try:
            return self.rest.slots()
        except FlinkRestError:
            return 0

    def _alive(self) -> bool:
        return all(process.alive for process in self._processes)


def clean_environment(services: Settings) -> dict[str, str]:
    """What a process of the cluster needs of the system, and the services' keys; nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "HOME") if name in os.environ}
    return kept | {
        "AWS_ACCESS_KEY_ID": services.access_key_id or "",
        "AWS_SECRET_ACCESS_KEY": services.secret_access_key or "",
        "AWS_REGION": services.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "LANG": "C.UTF-8",
    }


def duration_text(milliseconds: int) -> str:
    """A duration as Flink writes it: another text of the same length counts as a change."""
    for unit, length in (("min", 60_000), ("s", 1000)):
        if milliseconds % length == 0:
            return f"{milliseconds // length} {unit}"
    return f"{milliseconds} ms"


def write_properties(path: Path, groups: Sequence[tuple[str, Mapping[str, str]]]) -> None:
    """Write application properties as Managed Flink puts them beside an application."""
    content = [{"PropertyGroupId": name, "PropertyMap": dict(values)} for name, values in groups]
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _why(output: str) -> str:
    """What Flink's client printed of a failure: every refused setting, else the cause."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if "Not allowed configuration change" in line:
            refused = [each for each in lines[number + 1 :] if each.startswith("- ")]
            return f"{line.rpartition(': ')[2]} {' '.join(dict.fromkeys(refused))}"
    causes = [line for line in lines if line.startswith("Caused by: ")]
    python = [line for line in lines if "Error: " in line and not line.startswith(("at ", "Caus"))]
    return (python or causes or lines or ["it printed nothing"])[-1].removeprefix("Caused by: ")
