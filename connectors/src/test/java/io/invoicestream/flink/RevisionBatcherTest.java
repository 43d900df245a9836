package io.invoicestream.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

class RevisionBatcherTest {

    private static final long INTERVAL = 100;
    private static final int MAX_REVISIONS = 3;
    private static final int MAX_BYTES = 100;

    private OneInputStreamOperatorTestHarness<RowData, byte[]> harness;

    @BeforeEach
    void open() throws Exception {
        harness =
                new OneInputStreamOperatorTestHarness<>(
                        new RevisionBatcher(INTERVAL, MAX_REVISIONS, MAX_BYTES));
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private void send(String invoiceNo, long previous, long revision, String lines)
            throws Exception {
        harness.processElement(
                GenericRowData.of(
                        StringData.fromString("customer"),
                        StringData.fromString(invoiceNo),
                        previous,
                        revision,
                        lines.getBytes(StandardCharsets.UTF_8)),
                0);
    }

    private static String entry(String invoiceNo, long previous, long revision, String lines) {
        return String.format(
                "{\"invoice_no\":\"%s\",\"revision\":%d,\"previous_revision\":%d,\"lines\":%s}",
                invoiceNo, revision, previous, lines);
    }

    private List<String> batches() {
        return harness.extractOutputValues().stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .collect(Collectors.toList());
    }

    @Test
    void revisionsOfAnIntervalAreOneBatch() throws Exception {
        send("1", 0, 1, "[[1]]");
        send("\"2\"", 3, 4, "[[2]]");
        assertTrue(batches().isEmpty());
        harness.setProcessingTime(INTERVAL);
        assertEquals(
                List.of(
                        "["
                                + entry("1", 0, 1, "[[1]]")
                                + ","
                                + entry("\\\"2\\\"", 3, 4, "[[2]]")
                                + "]"),
                batches());
    }

    @Test
    void ofSeveralRevisionsTheLastIsSentInPlaceOfTheFirst() throws Exception {
        send("1", 1, 2, "[[2]]");
        send("1", 2, 5, "[[5]]");
        harness.endInput();
        assertEquals(List.of("[" + entry("1", 1, 5, "[[5]]") + "]"), batches());
    }

    @Test
    void aRevisionThatSucceedsNoneInTheBatchIsNotFoldedIn() throws Exception {
        send("1", 1, 2, "[[2]]");
        send("1", 0, 1, "[[1]]");
        harness.endInput();
        assertEquals(
                List.of(
                        "[" + entry("1", 1, 2, "[[2]]") + "]",
                        "[" + entry("1", 0, 1, "[[1]]") + "]"),
                batches());
    }

    @Test
    void aBatchHoldsSoManyRevisions() throws Exception {
        for (int invoice = 0; invoice < MAX_REVISIONS + 1; invoice++) {
            send("" + invoice, 0, 1, "[]");
        }
        assertEquals(1, batches().size());
    }

    @Test
    void aBatchHoldsSoManyBytes() throws Exception {
        send("1", 0, 1, "[" + "1".repeat(MAX_BYTES) + "]");
        assertEquals(1, batches().size());
    }

    @Test
    void nothingIsHeldBackOverACheckpointBarrier() throws Exception {
        send("1", 0, 1, "[]");
        harness.prepareSnapshotPreBarrier(1);
        assertEquals(1, batches().size());
        harness.setProcessingTime(INTERVAL);
        assertEquals(1, batches().size());
    }
}
