"""The job: source, decode, group, fan out.

Upstream: ``flink_job.main`` with a configuration. What runs a line at a time
runs in the JVM (``connectors/src/main/java``); Python comes in once a batch of
changed invoices (``flink_job.write_documents``).
"""

from typing import Any

from pyflink.common import Types
from pyflink.datastream import DataStream, MapFunction, StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from connectors.flink_tables import contract_json, records_query, source_ddl
from flink_job.config import JobConfig
from flink_job.uids import Operator

JOB_NAME = "invoice-stream"

MAX_BUNDLE_LINES = 20_000
"""Lines gathered before they are folded into their invoices, whatever the interval."""

MAX_BATCH_BYTES = 1 << 20
"""Size of a batch of documents, as JSON, above which it is sent."""

JavaObject = Any
"""Something of the JVM's, reached through py4j; it goes no further than this module."""


class Job:
    """Puts the steps together, in the order a line takes them.

    Rows are handed on as they are (object reuse): every operator is done with a row when it
    has emitted it, or holds one that came over the network and is its own.
    """

    def __init__(self, environment: StreamExecutionEnvironment, config: JobConfig) -> None:
        environment.get_config().enable_object_reuse()
        self._environment = environment
        self._config = config
        self._steps: JavaObject = get_gateway().jvm.io.invoicestream.flink.JobSteps(contract_json())

    def build(self, writer: MapFunction) -> None:
        """Add every operator to the environment.

        Args:
            writer: Takes a batch of changed invoices as JSON bytes.
        """
        decoded = self._decode(self._read())
        grouped = self._group(decoded)
        self._write(self._steps.writeLines, self._steps.accepted(grouped), Operator.LINES)
        self._write(self._steps.writeInvoices, grouped, Operator.INVOICES)
        self._write(
            self._steps.writeRejected, self._steps.setAside(decoded, grouped), Operator.REJECTED
        )
        self._write_documents(self._batch(grouped), writer)

    def _read(self) -> JavaObject:
        tables = StreamTableEnvironment.create(self._environment)
        tables.execute_sql(source_ddl(self._config.source))
        query = tables.sql_query(records_query(self._config.source))
        return self._steps.records(tables._j_tenv, query._j_table, Operator.READ.uid)  # noqa: SLF001 - PyFlink has no other way

    def _decode(self, records: JavaObject) -> JavaObject:
        return _named(self._steps.decode(records), Operator.DECODE)

    def _group(self, lines: JavaObject) -> JavaObject:
        grouped = self._steps.group(
            lines, self._config.group_interval_ms, MAX_BUNDLE_LINES, self._config.state_ttl_ms
        )
        return _named(grouped, Operator.GROUP)

    def _write(self, step: JavaObject, rows: JavaObject, operator: Operator) -> None:
        folder = operator.uid.removeprefix("lake-")
        _named(step(rows, f"{self._config.lake}/{folder}"), operator)

    def _batch(self, grouped: JavaObject) -> JavaObject:
        batches = self._steps.batch(
            grouped,
            self._config.batch_interval_ms,
            self._config.batch_revisions,
            MAX_BATCH_BYTES,
        )
        return _named(batches, Operator.BATCH)

    def _write_documents(self, batches: JavaObject, writer: MapFunction) -> None:
        written = DataStream(batches).map(writer, output_type=Types.INT())
        written.name(Operator.DOCUMENTS.title).uid(Operator.DOCUMENTS.uid)


def _named(stream: JavaObject, operator: Operator) -> JavaObject:
    return stream.name(operator.title).uid(operator.uid)
