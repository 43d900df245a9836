"""Source and decode alone of the very same job: what every line costs at the least.

Upstream: ``benchmarks.run_job``, by its name. Downstream: nothing, rows are dropped.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pyflink.common import JobClient
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway

from flink_job.config import job_config, read_properties
from flink_job.job import Job
from flink_job.main import PROPERTIES_VARIABLE


def main(environment: Mapping[str, str] = os.environ) -> JobClient:
    """Build the graph up to the decoder and submit it."""
    path = Path(environment[PROPERTIES_VARIABLE])
    flink = StreamExecutionEnvironment.get_execution_environment()
    job = Job(flink, job_config(read_properties(path), str(path)))
    sinks = get_gateway().jvm.org.apache.flink.streaming.api.functions.sink.v2
    job._decode(job._read()).sinkTo(sinks.DiscardingSink())  # noqa: SLF001 - the same steps, not a copy of them
    return flink.execute_async("decode")
