"""The job, but its writer of documents fails the first time it meets a certain invoice.

Run by ``ops.minicluster_process`` in place of the job's ``main``.
"""

import os
from pathlib import Path

from pyflink.common import JobClient
from pyflink.datastream import StreamExecutionEnvironment

from flink_job.config import JobConfig, job_config, read_properties
from flink_job.document_function import WriteDocuments
from flink_job.job import JOB_NAME, Job
from flink_job.main import PROPERTIES_VARIABLE

POISON = "POISON-1"


class FailOnce(WriteDocuments):
    """Fails before it writes the poison, and leaves a mark that it has."""

    def __init__(self, config: JobConfig, mark: Path) -> None:
        super().__init__(config)
        self._mark = mark

    def map(self, value: bytes) -> int:
        if POISON.encode() in value and not self._mark.exists():
            self._mark.touch()
            raise RuntimeError("poisoned")
        return super().map(value)


def main() -> JobClient:
    path = Path(os.environ[PROPERTIES_VARIABLE])
    config = job_config(read_properties(path), str(path))
    flink = StreamExecutionEnvironment.get_execution_environment()
    Job(flink, config).build(FailOnce(config, path.parent / "failed-once"))
    return flink.execute_async(JOB_NAME)
