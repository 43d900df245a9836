"""The job's graph: one source, one de-duplication, fixed uids, only settings a job may set."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.settings import Settings
from flink_job.uids import Operator
from ops.minicluster import application_properties, launch
from ops.processes import free_port
from tests.flink.describe_job import GRAPH_FILE

pytestmark = pytest.mark.flink

SETTINGS = Settings(
    region="eu-west-1",
    stream="invoice-lines",
    stream_arn="arn:aws:kinesis:eu-west-1:000000000000:stream/invoice-lines",
    lake="s3://invoice-lake",
    customers_table="Customers",
    invoices_table="Invoices",
)

SET_BY_CODE = {"pipeline.object-reuse"}
"""Managed Flink lets a job set these; any other makes it fail to start from Flink 2.2 on."""

SET_BY_FLINK = {
    "__table.query-start.current-database__",
    "__table.query-start.epoch-time__",
    "__table.query-start.local-time__",
    "python.loopback-server.address",
    "table.exec.mini-batch.enabled",
}
"""What the planner and PyFlink write down for themselves, whatever the job."""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    directory = tmp_path_factory.mktemp("graph")
    job = launch(
        directory,
        application_properties(SETTINGS),
        rest_port=free_port(),
        main="tests.flink.describe_job",
    )
    assert job.wait(240) == "FINISHED", job.cause()
    graph: Mapping[str, Any] = json.loads((directory / GRAPH_FILE).read_text(encoding="utf-8"))
    return graph


def test_records_are_read_once(graph: Mapping[str, Any]) -> None:
    sources = [node for node in graph["plan"]["nodes"] if not node.get("predecessors")]
    assert len(sources) == 1
    assert graph["explain"].partition("Optimized Execution Plan")[2].count("TableSourceScan") == 1


def test_lines_are_decoded_and_grouped_once(graph: Mapping[str, Any]) -> None:
    names = [node["name"] for node in graph["nodes"]]
    assert names.count(Operator.DECODE.title) == 1
    assert names.count(Operator.GROUP.title) == 1


def test_every_operator_has_a_fixed_uid(graph: Mapping[str, Any]) -> None:
    uids = [node["uid"] for node in graph["nodes"]]
    fixed = tuple(operator.uid for operator in Operator)
    assert [node for node in graph["nodes"] if not node["uid"]] == []
    assert len(set(uids)) == len(uids)
    assert [uid for uid in uids if not any(own in uid for own in fixed)] == []
    assert {own for own in fixed if any(own in uid for uid in uids)} == set(fixed)


def test_the_job_sets_nothing_a_managed_service_decides(graph: Mapping[str, Any]) -> None:
    assert set(graph["settings"]) - SET_BY_FLINK == SET_BY_CODE
