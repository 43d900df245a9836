"""Builds the job's graph, runs nothing, and writes down what it is made of.

Run by ``ops.minicluster_process`` in place of the job's ``main``; the description goes to
``graph.json`` beside the application properties.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from connectors.flink_tables import records_query, source_ddl
from flink_job.config import job_config, read_properties
from flink_job.document_function import WriteDocuments
from flink_job.job import Job
from flink_job.main import PROPERTIES_VARIABLE

GRAPH_FILE = "graph.json"


@dataclass(frozen=True)
class NothingToRun:
    """Stands in for the client of a job that was not submitted."""

    def get_job_execution_result(self) -> "NothingToRun":
        return self

    def result(self) -> None:
        return None


def main() -> NothingToRun:
    path = Path(os.environ[PROPERTIES_VARIABLE])
    config = job_config(read_properties(path), str(path))
    flink = StreamExecutionEnvironment.get_execution_environment()
    before = flink._j_stream_execution_environment.getConfiguration().toMap()
    settings_before = {str(key): str(before[key]) for key in before}
    Job(flink, config).build(WriteDocuments(config))
    after = flink._j_stream_execution_environment.getConfiguration().toMap()
    description = {
        "plan": json.loads(flink.get_execution_plan()),
        "nodes": _nodes(flink._generate_stream_graph(clear_transformations=False)),
        "settings": {
            str(key): str(after[key])
            for key in after
            if settings_before.get(str(key)) != str(after[key])
        },
    }
    tables = StreamTableEnvironment.create(flink)
    tables.execute_sql(source_ddl(config.source))
    description["explain"] = tables.sql_query(records_query(config.source)).explain()
    (path.parent / GRAPH_FILE).write_text(json.dumps(description), encoding="utf-8")
    return NothingToRun()


def _nodes(stream_graph: Any) -> list[dict[str, str | None]]:  # noqa: ANN401 - a Java object
    return [
        {"name": node.getOperatorName(), "uid": node.getTransformationUID()}
        for node in stream_graph.getStreamNodes().toArray()
    ]
