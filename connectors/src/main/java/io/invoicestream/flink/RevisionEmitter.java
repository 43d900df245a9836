package io.invoicestream.flink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.data.utils.ProjectedRowData;

import java.util.Base64;

/** Turns what {@link GroupInvoices} decides into rows of the lake and documents, and counts. */
final class RevisionEmitter {

    private static final String CONFLICT_DETAIL =
            "a line with this identity and another content was accepted before";

    private final RevisionOutputs outputs;
    private final Output<StreamRecord<RowData>> output;
    private final InvoiceRow invoiceRow;
    private final LineJson lineJson;
    private final JsonBuffer json = new JsonBuffer();
    private final ProjectedRowData origin =
            ProjectedRowData.from(
                    new int[] {Rows.LINE_ARRIVAL, Rows.LINE_SHARD, Rows.LINE_SEQUENCE});
    private final JoinedRowData lakeLine = new JoinedRowData();
    private final StreamRecord<RowData> record = new StreamRecord<>(null);
    private final int invoiceNoIndex;
    private final int lineNoIndex;

    private final Counter lines;
    private final Counter conflicts;
    private final Counter invoices;
    private final Counter revisions;

    RevisionEmitter(
            LineContract contract,
            RevisionOutputs outputs,
            Output<StreamRecord<RowData>> output,
            MetricGroup metrics) {
        this.outputs = outputs;
        this.output = output;
        this.invoiceRow = new InvoiceRow(contract);
        this.lineJson = new LineJson(contract);
        this.invoiceNoIndex = contract.index(Columns.INVOICE_NO);
        this.lineNoIndex = contract.index(Columns.LINE_NO);
        this.lines = metrics.counter(Metrics.LINES_ACCEPTED);
        this.conflicts = metrics.counter(Metrics.CONFLICTS);
        this.invoices = metrics.counter(Metrics.INVOICES);
        this.revisions = metrics.counter(Metrics.REVISIONS);
    }

    void accepted(BinaryRowData content, RowData line) {
        lines.inc();
        origin.replaceRow(line);
        lakeLine.replace(content, origin);
        output.collect(outputs.accepted, record.replace(lakeLine));
    }

    void conflict(RowData content, RowData line) {
        conflicts.inc();
        json.clear();
        lineJson.record(content, json);
        RowData row =
                GenericRowData.of(
                        StringData.fromString(RejectReason.CONFLICT.code),
                        StringData.fromString(CONFLICT_DETAIL),
                        BinaryStringData.fromBytes(Base64.getEncoder().encode(json.toBytes())),
                        null,
                        content.getString(invoiceNoIndex),
                        content.getLong(lineNoIndex),
                        line.getTimestamp(Rows.LINE_ARRIVAL, Rows.ARRIVAL_PRECISION),
                        stringOrNull(line, Rows.LINE_SHARD),
                        stringOrNull(line, Rows.LINE_SEQUENCE));
        output.collect(outputs.conflicts, record.replace(row));
    }

    private static StringData stringOrNull(RowData row, int index) {
        return row.isNullAt(index) ? null : row.getString(index);
    }

    /** The invoice as now known, to the lake and to the documents. */
    void revision(HeldLines held, int previousRevision, long arrivalMillis) {
        revisions.inc();
        if (previousRevision == 0) {
            invoices.inc();
        }
        TimestampData arrival = TimestampData.fromEpochMillis(arrivalMillis);
        GenericRowData row = invoiceRow.row(held, previousRevision, arrival);
        output.collect(record.replace(row));
        StringData customer = invoiceRow.customerId(row);
        StringData invoiceNo = invoiceRow.invoiceNo(row);
        RowData document =
                GenericRowData.of(
                        customer == null ? invoiceNo : customer,
                        invoiceNo,
                        (long) previousRevision,
                        (long) held.count(),
                        documentLines(held));
        output.collect(outputs.documents, record.replace(document));
    }

    /** In the order of acceptance: the first are those of the previous revision. */
    private byte[] documentLines(HeldLines held) {
        json.clear();
        json.raw('[');
        for (int index = 0; index < held.count(); index++) {
            lineJson.documentLine(held.row(index), json);
            json.raw(',');
        }
        json.dropLast();
        json.raw(']');
        return json.toBytes();
    }
}
