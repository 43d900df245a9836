package io.invoicestream.flink;

import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.data.binary.NestedRowData;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lines to invoices: drops second deliveries, sets conflicts aside, emits each changed invoice
 * whole.
 *
 * <p>Upstream: {@link LineDecoder}, keyed by invoice number. Downstream: {@code lines/}, {@code
 * invoices/}, {@code rejected/} and {@link RevisionBatcher}.
 *
 * <p>Lines are held back for the interval and then folded invoice by invoice, so that state is read
 * once and written at most once an invoice and interval. Nothing is held back over a checkpoint
 * barrier or the end of the input, so what state holds and what was emitted always agree.
 */
final class GroupInvoices extends AbstractStreamOperator<RowData>
        implements OneInputStreamOperator<RowData, RowData>, BoundedOneInput {

    private static final long serialVersionUID = 1L;
    private static final String STATE_NAME = "lines";

    private final LineContract contract;
    private final RevisionOutputs outputs;
    private final long intervalMillis;
    private final int maxBundleLines;
    private final long stateTtlMillis;
    private final int invoiceNoIndex;
    private final int lineNoIndex;

    private transient Map<BinaryStringData, List<BinaryRowData>> bundle;
    private transient int bundledLines;
    private transient boolean timerPending;
    private transient ValueState<byte[]> state;
    private transient HeldLines held;
    private transient BinaryRowData content;
    private transient RevisionEmitter emitter;
    private transient Counter duplicates;

    GroupInvoices(
            LineContract contract,
            RevisionOutputs outputs,
            long intervalMillis,
            int maxBundleLines,
            long stateTtlMillis) {
        this.contract = contract;
        this.outputs = outputs;
        this.intervalMillis = intervalMillis;
        this.maxBundleLines = maxBundleLines;
        this.stateTtlMillis = stateTtlMillis;
        this.invoiceNoIndex = contract.index(Columns.INVOICE_NO);
        this.lineNoIndex = contract.index(Columns.LINE_NO);
    }

    @Override
    public void open() throws Exception {
        super.open();
        bundle = new HashMap<>();
        held = new HeldLines(contract.contentArity(), lineNoIndex);
        content = new BinaryRowData(contract.contentArity());
        emitter = new RevisionEmitter(contract, outputs, output, getMetricGroup());
        duplicates = getMetricGroup().counter(Metrics.DUPLICATES_DROPPED);
        state = getRuntimeContext().getState(stateDescriptor());
    }

    private ValueStateDescriptor<byte[]> stateDescriptor() {
        ValueStateDescriptor<byte[]> descriptor =
                new ValueStateDescriptor<>(
                        STATE_NAME, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
        descriptor.enableTimeToLive(
                StateTtlConfig.newBuilder(Duration.ofMillis(stateTtlMillis)).build());
        return descriptor;
    }

    /** The key matters when the bundle is folded, not when a line joins it. */
    @Override
    @SuppressWarnings("rawtypes")
    public void setKeyContextElement1(StreamRecord record) {}

    @Override
    public void processElement(StreamRecord<RowData> element) throws Exception {
        BinaryRowData line = (BinaryRowData) element.getValue();
        bundle.computeIfAbsent(invoiceNo(line), number -> new ArrayList<>()).add(line);
        bundledLines++;
        if (bundledLines >= maxBundleLines) {
            flush();
        } else if (!timerPending) {
            timerPending = true;
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService().registerTimer(now + intervalMillis, this::onInterval);
        }
    }

    private BinaryStringData invoiceNo(BinaryRowData line) {
        return (BinaryStringData)
                line.getRow(Rows.LINE_CONTENT, contract.contentArity()).getString(invoiceNoIndex);
    }

    private void onInterval(long time) throws Exception {
        timerPending = false;
        flush();
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        flush();
    }

    @Override
    public void endInput() throws Exception {
        flush();
    }

    private void flush() throws Exception {
        for (Map.Entry<BinaryStringData, List<BinaryRowData>> invoice : bundle.entrySet()) {
            setCurrentKey(invoice.getKey().copy());
            fold(invoice.getValue());
        }
        bundle.clear();
        bundledLines = 0;
    }

    private void fold(List<BinaryRowData> lines) throws Exception {
        held.start(state.value());
        int previousRevision = held.count();
        long arrival = Long.MIN_VALUE;
        for (BinaryRowData line : lines) {
            if (fold(line)) {
                arrival = Math.max(arrival, line.getLong(Rows.LINE_ARRIVAL));
            }
        }
        if (held.count() > previousRevision) {
            state.update(held.toState());
            emitter.revision(held, previousRevision, arrival);
        }
    }

    /** Whether the line was new; of two lines with one identity the first stands. */
    private boolean fold(BinaryRowData line) {
        pointContentTo(line);
        int index = held.find(content.getLong(lineNoIndex));
        if (index < 0) {
            held.add(content);
            emitter.accepted(content, line);
            return true;
        }
        if (held.equalsContent(index, content)) {
            duplicates.inc();
        } else {
            emitter.conflict(content, line);
        }
        return false;
    }

    private void pointContentTo(BinaryRowData line) {
        NestedRowData nested =
                (NestedRowData) line.getRow(Rows.LINE_CONTENT, contract.contentArity());
        content.pointTo(nested.getSegments(), nested.getOffset(), nested.getSizeInBytes());
    }
}
