package io.invoicestream.flink;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Revisions to batches: one JSON array of invoices for one call of Python.
 *
 * <p>Upstream: {@link GroupInvoices}, by customer. Downstream: {@code flink_job.write_documents}.
 * Of several revisions of an invoice the last is sent, as the successor of what the first one
 * succeeded. Nothing is held back over a checkpoint barrier or the end of the input.
 */
final class RevisionBatcher extends AbstractStreamOperator<byte[]>
        implements OneInputStreamOperator<RowData, byte[]>, BoundedOneInput {

    private static final long serialVersionUID = 1L;

    /** What is known of an invoice in this batch. */
    private static final class Entry {
        final long previousRevision;
        final RowData last;

        Entry(long previousRevision, RowData last) {
            this.previousRevision = previousRevision;
            this.last = last;
        }
    }

    private final long intervalMillis;
    private final int maxRevisions;
    private final int maxBytes;

    private transient Map<StringData, Entry> batch;
    private transient JsonBuffer json;
    private transient int bytes;
    private transient boolean timerPending;
    private transient StreamRecord<byte[]> record;

    RevisionBatcher(long intervalMillis, int maxRevisions, int maxBytes) {
        this.intervalMillis = intervalMillis;
        this.maxRevisions = maxRevisions;
        this.maxBytes = maxBytes;
    }

    @Override
    public void open() throws Exception {
        super.open();
        batch = new LinkedHashMap<>();
        json = new JsonBuffer();
        record = new StreamRecord<>(null);
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
        add(element.getValue());
        if (batch.size() >= maxRevisions || bytes >= maxBytes) {
            flush();
        } else if (!timerPending) {
            timerPending = true;
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService().registerTimer(now + intervalMillis, this::onInterval);
        }
    }

    /** A revision that does not succeed the one held (its state had expired) is not folded in. */
    private void add(RowData revision) {
        StringData invoiceNo = revision.getString(Rows.DOCUMENT_INVOICE_NO);
        long previous = revision.getLong(Rows.DOCUMENT_PREVIOUS_REVISION);
        Entry held = batch.get(invoiceNo);
        if (held != null && previous != held.last.getLong(Rows.DOCUMENT_REVISION)) {
            flush();
            held = null;
        }
        batch.put(invoiceNo, new Entry(held == null ? previous : held.previousRevision, revision));
        bytes += revision.getBinary(Rows.DOCUMENT_LINES).length;
    }

    private void onInterval(long time) {
        timerPending = false;
        flush();
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        flush();
    }

    @Override
    public void endInput() {
        flush();
    }

    private void flush() {
        if (batch.isEmpty()) {
            return;
        }
        json.clear();
        json.raw('[');
        for (Entry entry : batch.values()) {
            append(entry);
            json.raw(',');
        }
        json.dropLast();
        json.raw(']');
        batch.clear();
        bytes = 0;
        output.collect(record.replace(json.toBytes()));
    }

    private void append(Entry entry) {
        RowData last = entry.last;
        json.ascii("{\"invoice_no\":");
        json.string(last.getString(Rows.DOCUMENT_INVOICE_NO));
        json.ascii(",\"revision\":");
        json.number(last.getLong(Rows.DOCUMENT_REVISION));
        json.ascii(",\"previous_revision\":");
        json.number(entry.previousRevision);
        json.ascii(",\"lines\":");
        json.raw(last.getBinary(Rows.DOCUMENT_LINES));
        json.raw('}');
    }
}
