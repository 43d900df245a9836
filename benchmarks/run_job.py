"""One job on a mini-cluster of its own, from a file to a folder, to its end.

Upstream: ``benchmarks.throughput``, which measures this process and all below it.
Downstream: ``ops.minicluster``. Run as ``python -m benchmarks.run_job JOB INPUT FOLDER``.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.minicluster import JOB_MAIN, launch
from ops.processes import free_port

JVM_HEAP = "4g"
MOST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class BenchmarkJob:
    """A job to measure.

    Attributes:
        main: Module whose ``main()`` submits it.
        flink_settings: What it wants of Flink beyond what every job gets.
    """

    main: str
    flink_settings: Mapping[str, str] = field(default_factory=dict)


JOBS = {
    "ours": BenchmarkJob(JOB_MAIN),
    "decode": BenchmarkJob("benchmarks.decode_job"),
    "naive": BenchmarkJob(
        "benchmarks.naive_job",
        {
            "python.execution-mode": "process",
            "python.fn-execution.bundle.size": "10000",
            "python.fn-execution.bundle.time": "1000",
            "python.state.cache-size": "100000",
        },
    ),
}


class JobFailedError(Exception):
    """A job did not finish."""


def run_job(job: BenchmarkJob, source: Path, folder: Path) -> None:
    """Run a job over a file of JSON lines; the lake is ``folder/lake``.

    Raises:
        JobFailedError: It ended in another state than ``FINISHED``.
    """
    process = launch(
        folder / "flink",
        _properties(source.resolve(), folder.resolve() / "lake"),
        rest_port=free_port(),
        extra={"restart-strategy.type": "none", **job.flink_settings},
        environment={"TZ": "UTC"},
        main=job.main,
        jvm_heap=JVM_HEAP,
    )
    state = process.wait(MOST_SECONDS)
    if state != "FINISHED":
        raise JobFailedError(f"{job.main} ended as {state}: {process.cause()}; {process.log_path}")


def _properties(source: Path, lake: Path) -> dict[str, str]:
    """The job's properties; the tables are named but, with documents discarded, not there."""
    return {
        "source": "file",
        "source.path": source.as_uri(),
        "lake": lake.as_uri(),
        "documents": "discard",
        "aws.region": "eu-west-1",
        "dynamodb.customers.table": "Customers",
        "dynamodb.invoices.table": "Invoices",
    }


if __name__ == "__main__":
    run_job(JOBS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3]))
