"""The process a mini-cluster lives in: makes the JVM ready, runs a job's ``main``, waits.

Upstream: ``ops.minicluster``. Downstream: ``flink_job.main``, imported by name
and none the wiser: what Managed Flink's service would have prepared is done here.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyflink.java_gateway import get_gateway

from ops.stack_trace import root_cause_of

OUTCOME_FILE = "outcome.json"


def run(main: str, directory: Path) -> int:
    """Run the job that ``main`` submits to its end.

    Returns:
        0 when it finished (also with a savepoint), 1 when it failed or was cancelled.
    """
    try:
        _prepare(get_gateway().jvm)
        client = importlib.import_module(main).main()
        client.get_job_execution_result().result()
    except Py4JJavaError as error:
        _record(directory, "FAILED", _root_cause(error.java_exception))
        return 1
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told
        _record(directory, "FAILED", f"{type(error).__name__}: {error}")
        return 1
    _record(directory, "FINISHED", None)
    return 0


def _prepare(jvm: Any) -> None:  # noqa: ANN401 - a JVM's classes have no Python type
    """Load plugins, give the file systems their settings, be the environment jobs are built in."""
    flink = jvm.org.apache.flink
    configuration = flink.configuration.GlobalConfiguration.loadConfiguration()
    plugins = flink.core.plugin.PluginUtils.createPluginManagerFromRootFolder(configuration)
    flink.core.fs.FileSystem.initialize(configuration, plugins)
    flink.client.program.StreamContextEnvironment.setAsContext(
        flink.core.execution.DefaultExecutorServiceLoader(),
        configuration,
        jvm.Thread.currentThread().getContextClassLoader(),
        False,
        True,
    )


def _root_cause(error: Any) -> str:  # noqa: ANN401 - a Java exception
    while error.getCause() is not None:
        error = error.getCause()
    return root_cause_of(str(error.toString()))


def _record(directory: Path, state: str, cause: str | None) -> None:
    outcome = {"state": state} | ({} if cause is None else {"cause": cause})
    (directory / OUTCOME_FILE).write_text(json.dumps(outcome) + "\n", encoding="utf-8")
    if cause is not None:
        sys.stderr.write(f"{cause}\n")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], Path(sys.argv[2])))
