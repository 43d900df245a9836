package io.invoicestream.flink;

import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.util.OutputTag;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * {@link GroupInvoices} for {@code tests/contract/test_grouping_agrees.py}.
 *
 * <p>Messages: a line's JSON; {@code tick}: the interval passes; {@code crash}: everything since
 * the last {@code checkpoint} is lost; {@code checkpoint}; {@code end}: answers with all that was
 * emitted and not lost, as a JSON array of arrays, and begins anew.
 */
public final class GroupLoop {

    private static final int MAX_BUNDLE_LINES = 7;

    private final LineContract contract;
    private final RevisionOutputs outputs;
    private final JsonBuffer json = new JsonBuffer();
    private final List<byte[]> committed = new ArrayList<>();

    private GroupHarness harness;
    private OperatorSubtaskState state;
    private long checkpoint;

    private GroupLoop(LineContract contract) throws Exception {
        this.contract = contract;
        this.outputs = new RevisionOutputs(contract);
        this.harness = open();
    }

    /** Answers until the input ends. */
    public static void main(String[] arguments) throws Exception {
        GroupLoop loop = new GroupLoop(LineContract.parse(Files.readString(Path.of(arguments[0]))));
        Messages messages = new Messages();
        for (byte[] message = messages.read(); message != null; message = messages.read()) {
            loop.take(message, messages);
        }
    }

    private void take(byte[] message, Messages messages) throws Exception {
        switch (new String(message, StandardCharsets.UTF_8)) {
            case "tick":
                harness.interval();
                break;
            case "checkpoint":
                checkpoint();
                break;
            case "crash":
                harness.close();
                harness = open();
                break;
            case "end":
                harness.endInput();
                commit();
                messages.write(answer());
                harness.close();
                state = null;
                harness = open();
                break;
            default:
                String line = new String(message, StandardCharsets.UTF_8);
                harness.processElement(new StreamRecord<>(TestLines.line(line)));
        }
    }

    private GroupHarness open() throws Exception {
        return GroupHarness.open(contract, outputs, MAX_BUNDLE_LINES, state);
    }

    private void checkpoint() throws Exception {
        checkpoint++;
        harness.prepareSnapshotPreBarrier(checkpoint);
        state = harness.snapshot(checkpoint, checkpoint);
        commit();
    }

    /** What was emitted before a checkpoint stays, as with a sink that commits in two phases. */
    private void commit() {
        drain(outputs.accepted).forEach(row -> add("line", row.getString(1), row.getLong(2)));
        drain(outputs.conflicts).forEach(row -> add("conflict", row.getString(4), row.getLong(5)));
        drain(outputs.documents).forEach(this::addDocument);
        harness.extractOutputValues().forEach(this::addRevision);
        harness.getOutput().clear();
    }

    private List<RowData> drain(OutputTag<RowData> tag) {
        List<RowData> rows = new ArrayList<>();
        Queue<StreamRecord<RowData>> queue = harness.getSideOutput(tag);
        while (queue != null && !queue.isEmpty()) {
            rows.add(queue.poll().getValue());
        }
        return rows;
    }

    private void add(String kind, StringData invoiceNo, long number) {
        start(kind, invoiceNo);
        json.number(number);
        finish();
    }

    private void addRevision(RowData row) {
        start("revision", row.getString(0));
        json.number(row.getLong(2));
        json.raw(',');
        json.number(row.getLong(1));
        json.raw(',');
        json.number(row.getLong(7));
        json.raw(',');
        json.string(row.getDecimal(8, 38, 4).toString().getBytes(StandardCharsets.UTF_8));
        finish();
    }

    private void addDocument(RowData row) {
        start("document", row.getString(Rows.DOCUMENT_INVOICE_NO));
        json.number(row.getLong(Rows.DOCUMENT_PREVIOUS_REVISION));
        json.raw(',');
        json.number(row.getLong(Rows.DOCUMENT_REVISION));
        json.raw(',');
        json.raw(row.getBinary(Rows.DOCUMENT_LINES));
        finish();
    }

    private void start(String kind, StringData invoiceNo) {
        json.clear();
        json.ascii("[\"" + kind + "\",");
        json.string(invoiceNo);
        json.raw(',');
    }

    private void finish() {
        json.raw(']');
        committed.add(json.toBytes());
    }

    private byte[] answer() {
        json.clear();
        json.raw('[');
        for (byte[] entry : committed) {
            json.raw(entry);
            json.raw(',');
        }
        if (!committed.isEmpty()) {
            json.dropLast();
        }
        json.raw(']');
        committed.clear();
        return json.toBytes();
    }
}
