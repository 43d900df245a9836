package io.invoicestream.flink;

import io.invoicestream.flink.LineParser.Reject;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.data.writer.BinaryRowWriter;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;

/**
 * Records to lines; what is no good line goes to a side output with its bytes and a reason.
 *
 * <p>Upstream: the source table. Downstream: {@link GroupInvoices} and {@code rejected/}. Emitted
 * lines are reused: what comes next serializes them or is done with them when it returns.
 */
final class LineDecoder extends ProcessFunction<RowData, RowData> {

    private static final long serialVersionUID = 1L;
    private static final int INITIAL_ROW_BYTES = 640;

    private final LineContract contract;
    private final OutputTag<RowData> rejectedTag;

    private transient LineParser parser;
    private transient Emitter emitter;
    private transient Map<RejectReason, Counter> rejected;
    private transient long arrivalAge;

    LineDecoder(LineContract contract, OutputTag<RowData> rejectedTag) {
        this.contract = contract;
        this.rejectedTag = rejectedTag;
    }

    @Override
    public void open(OpenContext context) {
        parser = new LineParser(contract);
        emitter = new Emitter();
        rejected = new EnumMap<>(RejectReason.class);
        for (RejectReason reason : RejectReason.values()) {
            if (reason != RejectReason.CONFLICT) {
                rejected.put(
                        reason, Metrics.rejected(getRuntimeContext().getMetricGroup(), reason));
            }
        }
        getRuntimeContext().getMetricGroup().gauge(Metrics.ITERATOR_AGE_MS, () -> arrivalAge);
    }

    @Override
    public void processElement(RowData record, Context context, Collector<RowData> out)
            throws Exception {
        long now = context.timerService().currentProcessingTime();
        emitter.start(record, now, context, out);
        arrivalAge = now - emitter.arrival.getMillisecond();
        parser.parse(emitter.payload, emitter);
    }

    /** Gives the lines and rejects of one record what the source knows about it. */
    private final class Emitter implements LineParser.Output {

        private final BinaryRowData row = new BinaryRowData(Rows.LINE_ARITY);
        private final BinaryRowWriter writer = new BinaryRowWriter(row, INITIAL_ROW_BYTES);
        private final RowDataSerializer contentSerializer =
                new RowDataSerializer(contract.contentType());

        private byte[] payload;
        private TimestampData arrival;
        private StringData shard;
        private StringData sequence;
        private Context context;
        private Collector<RowData> out;

        void start(RowData record, long now, Context context, Collector<RowData> out) {
            this.context = context;
            this.out = out;
            payload = record.getBinary(Rows.RECORD_PAYLOAD);
            arrival =
                    record.isNullAt(Rows.RECORD_ARRIVAL)
                            ? TimestampData.fromEpochMillis(now)
                            : record.getTimestamp(Rows.RECORD_ARRIVAL, Rows.ARRIVAL_PRECISION);
            shard = stringOrNull(record, Rows.RECORD_SHARD);
            sequence = stringOrNull(record, Rows.RECORD_SEQUENCE);
        }

        private StringData stringOrNull(RowData record, int index) {
            return record.isNullAt(index) ? null : record.getString(index);
        }

        @Override
        public void line(BinaryRowData content) {
            writer.reset();
            writer.writeRow(Rows.LINE_CONTENT, content, contentSerializer);
            writer.writeTimestamp(Rows.LINE_ARRIVAL, arrival, Rows.ARRIVAL_PRECISION);
            writeStringOrNull(Rows.LINE_SHARD, shard);
            writeStringOrNull(Rows.LINE_SEQUENCE, sequence);
            writer.complete();
            out.collect(row);
        }

        private void writeStringOrNull(int index, StringData value) {
            if (value == null) {
                writer.setNullAt(index);
            } else {
                writer.writeString(index, value);
            }
        }

        @Override
        public void reject(Reject reject) {
            rejected.get(reject.reason).inc();
            byte[] slice = Arrays.copyOfRange(payload, reject.from, reject.to);
            context.output(
                    rejectedTag,
                    GenericRowData.of(
                            StringData.fromString(reject.reason.code),
                            StringData.fromString(reject.detail),
                            BinaryStringData.fromBytes(Base64.getEncoder().encode(slice)),
                            reject.element == Reject.WHOLE_RECORD ? null : reject.element,
                            StringData.fromString(reject.invoiceNo),
                            reject.lineNo,
                            arrival,
                            shard,
                            sequence));
        }
    }
}
