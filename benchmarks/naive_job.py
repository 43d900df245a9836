"""The job as one would first write it: a Python function a line, the measure of ours.

A ``KeyedProcessFunction`` adds each line to keyed list state and sets a timer; the
timer merges the invoice's lines and emits them and the invoice. Same input, same
Parquet, same documents (built, not sent) as ``flink_job``, in process mode, with
checkpoints. What could be chosen is chosen in its favour: bundle size and state cache
were tried out, nothing is checked of a line, and each invoice is emitted once, when
the input ends, instead of once an interval.

Upstream: ``benchmarks.run_job``, by its name. Downstream: Parquet in a folder.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pyflink.common import Configuration, JobClient, Row, Types, WatermarkStrategy
from pyflink.datastream import (
    DataStream,
    KeyedProcessFunction,
    OutputTag,
    RuntimeContext,
    StreamExecutionEnvironment,
)
from pyflink.datastream.connectors.file_system import (
    BucketAssigner,
    FileSink,
    FileSource,
    StreamFormat,
)
from pyflink.datastream.formats.parquet import ParquetBulkWriters
from pyflink.datastream.state import ListStateDescriptor

from benchmarks import naive_rows
from flink_job.config import read_properties
from flink_job.main import PROPERTIES_VARIABLE
from invoices.documents import build_parts, part_numbers, purchase_documents
from invoices.header import DocumentLine, Header, header_of, in_order

PARQUET_SETTINGS = {
    "parquet.compression": "SNAPPY",
    "parquet.write.int64.timestamp": "true",
    "parquet.timestamp.time.unit": "micros",
}
PARTITIONS = "'arrival_date='yyyy-MM-dd/'arrival_hour='HH"

END_OF_INPUT = 2**62
"""A time that only the last watermark, the largest number there is, passes."""

ACCEPTED = OutputTag("accepted", naive_rows.stream_type(naive_rows.LINES))


class GroupLines(KeyedProcessFunction):
    """Keeps an invoice's lines until the input ends."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Ask for the keyed state."""
        descriptor = ListStateDescriptor("lines", naive_rows.WIRE_LINE)
        self._lines = runtime_context.get_list_state(descriptor)

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> None:
        """Keep the line and see to it that its invoice is emitted."""
        self._lines.add(value)
        ctx.timer_service().register_event_time_timer(END_OF_INPUT)

    def on_timer(
        self,
        timestamp: int,  # noqa: ARG002 - what Flink calls it with
        ctx: KeyedProcessFunction.OnTimerContext,
    ) -> Iterator[object]:
        """Emit the invoice, and its lines into a side output."""
        lines = in_order([naive_rows.document_line(line) for line in self._lines.get()])
        self._lines.clear()
        header = header_of(ctx.get_current_key(), lines)
        build_documents(header, lines)
        for row in naive_rows.line_rows(header.invoice_no, lines):
            yield ACCEPTED, row
        yield naive_rows.invoice_row(header, lines)


def build_documents(header: Header, lines: list[DocumentLine]) -> None:
    """What DynamoDB would be sent, built and dropped."""
    build_parts(header, lines, part_numbers(lines))
    purchase_documents(header, ())


def main(environment: Mapping[str, str] = os.environ) -> JobClient:
    """Build the job's graph and submit it, as ``flink_job.main`` does for ours."""
    properties = read_properties(Path(environment[PROPERTIES_VARIABLE]))
    flink = StreamExecutionEnvironment.get_execution_environment()
    source = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), properties["source.path"]
    ).build()
    invoices = (
        flink.from_source(source, WatermarkStrategy.no_watermarks(), "lines")
        .map(naive_rows.wire_line, output_type=naive_rows.WIRE_LINE)
        .key_by(lambda line: line[1], key_type=Types.STRING())
        .process(GroupLines(), output_type=naive_rows.stream_type(naive_rows.INVOICES))
    )
    lake = properties["lake"]
    write(invoices.get_side_output(ACCEPTED), f"{lake}/lines", naive_rows.LINES)
    write(invoices, f"{lake}/invoices", naive_rows.INVOICES)
    return flink.execute_async("naive")


def write(rows: DataStream, path: str, columns: naive_rows.Columns) -> None:
    """Rows to Parquet, partitioned by hour of arrival."""
    settings = Configuration()
    for key, value in PARQUET_SETTINGS.items():
        settings.set_string(key, value)
    writer = ParquetBulkWriters.for_row_type(
        naive_rows.table_type(columns), hadoop_config=settings, utc_timestamp=True
    )
    partitions = BucketAssigner.date_time_bucket_assigner(PARTITIONS, "UTC")
    rows.sink_to(FileSink.for_bulk_format(path, writer).with_bucket_assigner(partitions).build())
