"""Entry point of the application, the same on Managed Flink and on the laptop.

Upstream: Managed Flink, or ``ops.minicluster``. Downstream: ``flink_job.job``.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pyflink.common import JobClient
from pyflink.datastream import StreamExecutionEnvironment

from flink_job.config import job_config, read_properties
from flink_job.document_function import WriteDocuments
from flink_job.job import JOB_NAME, Job

PROPERTIES_VARIABLE = "APPLICATION_PROPERTIES"
MANAGED_FLINK_PROPERTIES = Path("/etc/flink/application_properties.json")


def main(environment: Mapping[str, str] = os.environ) -> JobClient:
    """Build the job's graph and submit it.

    Args:
        environment: ``APPLICATION_PROPERTIES`` names the properties' file if it is not where
            Managed Flink puts it.

    Returns:
        The submitted job; this does not wait for it.

    Raises:
        ConfigError: The properties are missing or wrong.
    """
    path = Path(environment.get(PROPERTIES_VARIABLE, MANAGED_FLINK_PROPERTIES))
    config = job_config(read_properties(path), str(path))
    flink = StreamExecutionEnvironment.get_execution_environment()
    Job(flink, config).build(WriteDocuments(config))
    return flink.execute_async(JOB_NAME)


if __name__ == "__main__":
    main()
