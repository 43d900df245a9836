package io.invoicestream.flink;

import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.row.ParquetRowDataBuilder;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;
import org.apache.hadoop.conf.Configuration;

import java.util.List;

/**
 * The steps of the job that run in the JVM; {@code flink_job/job.py} puts them together.
 *
 * <p>Uids and names are given there.
 */
public final class JobSteps {

    private static final String PARQUET_SUFFIX = ".snappy.parquet";

    private final LineContract contract;
    private final OutputTag<RowData> rejected;
    private final RevisionOutputs outputs;

    /** Steps for lines of this contract, given as JSON. */
    public JobSteps(String contractJson) {
        contract = LineContract.parse(contractJson);
        rejected = new OutputTag<>("rejected", Rows.typeInfo(Rows.rejected()));
        outputs = new RevisionOutputs(contract);
    }

    /**
     * A query's rows as they are, payload, arrival, shard and sequence number.
     *
     * <p>The planner gives its operators no uids: they get this one and their place behind the
     * source, which is 0.
     */
    public DataStream<RowData> records(StreamTableEnvironment tables, Table query, String uid) {
        DataType rows = query.getResolvedSchema().toPhysicalRowDataType().bridgedTo(RowData.class);
        DataStream<RowData> records = tables.toDataStream(query, rows);
        List<Transformation<?>> chain = records.getTransformation().getTransitivePredecessors();
        int place = chain.size();
        for (Transformation<?> step : chain) {
            step.setUid(uid + "-" + --place);
        }
        return records;
    }

    /** Records (payload, arrival, shard, sequence number) to lines. */
    public SingleOutputStreamOperator<RowData> decode(DataStream<RowData> records) {
        return records.process(
                new LineDecoder(contract, rejected), Rows.typeInfo(Rows.line(contract)));
    }

    /** Lines to revisions of invoices, as rows of {@code invoices/}. */
    public SingleOutputStreamOperator<RowData> group(
            DataStream<RowData> lines, long intervalMillis, int maxBundleLines, long ttlMillis) {
        GroupInvoices operator =
                new GroupInvoices(contract, outputs, intervalMillis, maxBundleLines, ttlMillis);
        return lines.keyBy(Keys.invoiceNo(contract), Keys.TYPE)
                .transform("group", Rows.typeInfo(Rows.lakeInvoice(contract)), operator);
    }

    /** Lines {@link #group} accepted, as rows of {@code lines/}. */
    public DataStream<RowData> accepted(SingleOutputStreamOperator<RowData> grouped) {
        return grouped.getSideOutput(outputs.accepted);
    }

    /** What {@link #decode} and {@link #group} set aside, as rows of {@code rejected/}. */
    public DataStream<RowData> setAside(
            SingleOutputStreamOperator<RowData> decoded,
            SingleOutputStreamOperator<RowData> grouped) {
        return decoded.getSideOutput(rejected).union(grouped.getSideOutput(outputs.conflicts));
    }

    /** Changed invoices as batches of JSON, those of a customer in one subtask. */
    public SingleOutputStreamOperator<byte[]> batch(
            SingleOutputStreamOperator<RowData> grouped,
            long intervalMillis,
            int maxRevisions,
            int maxBytes) {
        return grouped.getSideOutput(outputs.documents)
                .keyBy(Keys.document(), Keys.TYPE)
                .transform(
                        "batch",
                        PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
                        new RevisionBatcher(intervalMillis, maxRevisions, maxBytes));
    }

    /** Rows of {@code lines/} to Parquet below this path. */
    public DataStreamSink<RowData> writeLines(DataStream<RowData> rows, String path) {
        return write(rows, path, Rows.lakeLine(contract));
    }

    /** Rows of {@code invoices/} to Parquet below this path. */
    public DataStreamSink<RowData> writeInvoices(DataStream<RowData> rows, String path) {
        return write(rows, path, Rows.lakeInvoice(contract));
    }

    /** Rows of {@code rejected/} to Parquet below this path. */
    public DataStreamSink<RowData> writeRejected(DataStream<RowData> rows, String path) {
        return write(rows, path, Rows.rejected());
    }

    /** Delivery: exactly once; a file appears when the checkpoint it belongs to completes. */
    private static DataStreamSink<RowData> write(
            DataStream<RowData> rows, String path, RowType type) {
        return rows.sinkTo(
                FileSink.forBulkFormat(
                                new Path(path),
                                ParquetRowDataBuilder.createWriterFactory(type, parquet(), true))
                        .withBucketAssigner(
                                new ArrivalBuckets(type.getFieldIndex(Rows.ARRIVAL_COLUMN)))
                        .withRollingPolicy(OnCheckpointRollingPolicy.build())
                        .withOutputFileConfig(
                                OutputFileConfig.builder().withPartSuffix(PARQUET_SUFFIX).build())
                        .build());
    }

    /** Timestamps as 64-bit microseconds: every reader sees the same time in any zone. */
    private static Configuration parquet() {
        Configuration configuration = new Configuration(false);
        configuration.set("parquet.compression", "SNAPPY");
        configuration.set("parquet.write.int64.timestamp", "true");
        configuration.set("parquet.timestamp.time.unit", "micros");
        return configuration;
    }
}
