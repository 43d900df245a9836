"""Managed Flink's contract for a Python application, as far as a package can break it.

Source of the run options:
https://docs.aws.amazon.com/managed-flink/latest/java/how-python-creating.html

Downstream: ``ops.deployment.package`` lays the package out by it, ``package_checks`` checks
it, ``flink_cluster`` enforces it at the rehearsal. ``infra/cloudformation/flink.yaml`` says
the same to AWS; a test compares the two.
"""

from collections.abc import Mapping
from pathlib import Path

RUN_OPTIONS_GROUP = "kinesis.analytics.flink.run.options"

ENTRY_SCRIPT = "main.py"
JAR = "lib/invoice-stream-flink.jar"
DEPENDENCIES = "dep/"

RUN_OPTIONS: Mapping[str, str] = {
    "python": ENTRY_SCRIPT,
    "jarfile": JAR,
    "pyFiles": DEPENDENCIES,
}
"""Paths within the zip."""

PATH_OPTIONS = frozenset({"python", "jarfile", "pyFiles", "pyArchives"})
"""Run options that name paths, several with commas between them."""

MAX_ZIP_BYTES = 512 * 1024 * 1024
"""https://docs.aws.amazon.com/managed-flink/latest/java/limits.html"""

ALLOWED_SETTINGS = tuple(
    line
    for line in Path(__file__)
    .with_name("allowed_settings.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.startswith("#")
)
"""Settings that code may set; Flink refuses any other with its own message."""

SETTING_NAMESPACES = (
    "classloader.",
    "cluster.",
    "env.java",
    "env.log",
    "execution.",
    "high-availability",
    "jobmanager.",
    "jobmaster.",
    "parallelism.",
    "pipeline.",
    "python.",
    "restart-strategy",
    "state.backend",
    "state.checkpoint",
    "state.latency-track",
    "state.savepoints",
    "state.storage",
    "table.",
    "taskmanager.",
)
"""How the settings of Flink begin that a job might be tempted to set."""

FORBIDDEN_CALLS = frozenset(
    {
        "enable_checkpointing",
        "set_checkpoint_storage",
        "set_checkpoint_storage_dir",
        "set_default_savepoint_directory",
        "set_parallelism",
        "set_python_executable",
        "set_python_requirements",
        "set_restart_strategy",
        "set_state_backend",
    }
)
"""Methods of PyFlink that set what the service decides.

An operator's own ``set_parallelism`` is among them: it would stand in autoscaling's way.
"""
