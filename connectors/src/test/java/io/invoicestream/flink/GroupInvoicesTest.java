package io.invoicestream.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.stream.Collectors;

class GroupInvoicesTest {

    private static final int MAX_BUNDLE_LINES = 500;

    private final RevisionOutputs outputs = new RevisionOutputs(TestLines.CONTRACT);
    private GroupHarness harness;

    @BeforeEach
    void open() throws Exception {
        harness = started(null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private GroupHarness started(OperatorSubtaskState state) throws Exception {
        return GroupHarness.open(TestLines.CONTRACT, outputs, MAX_BUNDLE_LINES, state);
    }

    private void send(String... lines) throws Exception {
        for (String line : lines) {
            harness.processElement(new StreamRecord<>(TestLines.line(line)));
        }
    }

    private void interval() throws Exception {
        harness.interval();
    }

    /** Revisions as {@code invoice:previous>revision units total [line numbers]}. */
    private List<String> revisions() {
        return harness.extractOutputValues().stream()
                .map(GroupInvoicesTest::describe)
                .collect(Collectors.toList());
    }

    private static String describe(RowData row) {
        List<Long> lineNos = new ArrayList<>();
        for (int index = 0; index < row.getArray(10).size(); index++) {
            lineNos.add(row.getArray(10).getRow(index, 9).getLong(0));
        }
        return String.format(
                "%s:%d>%d %d %s %s",
                row.getString(0),
                row.getLong(2),
                row.getLong(1),
                row.getLong(7),
                row.getDecimal(8, 38, 4),
                lineNos);
    }

    private int count(OutputTag<RowData> tag) {
        Queue<StreamRecord<RowData>> queue = harness.getSideOutput(tag);
        return queue == null ? 0 : queue.size();
    }

    @Test
    void anInvoiceIsEmittedWholeWhenTheIntervalHasPassed() throws Exception {
        send(TestLines.json("1", 2, 1, "0.5", null), TestLines.json("1", 1, 3, "1.25", null));
        assertTrue(revisions().isEmpty());
        interval();
        assertEquals(List.of("1:0>2 4 4.2500 [1, 2]"), revisions());
        assertEquals(2, count(outputs.accepted));
    }

    @Test
    void aLateLineMakesANewRevisionOfTheWholeInvoice() throws Exception {
        send(TestLines.json("1", 1));
        interval();
        send(TestLines.json("1", 2));
        interval();
        assertEquals(List.of("1:0>1 2 5.1000 [1]", "1:1>2 4 10.2000 [1, 2]"), revisions());
    }

    @Test
    void aSecondDeliveryChangesNothing() throws Exception {
        send(TestLines.json("1", 1), TestLines.json("1", 1));
        interval();
        send(TestLines.json("1", 1));
        interval();
        assertEquals(1, revisions().size());
        assertEquals(1, count(outputs.accepted));
        assertEquals(0, count(outputs.conflicts));
    }

    @Test
    void theSameValueWrittenOtherwiseIsASecondDelivery() throws Exception {
        send(TestLines.json("1", 1, 2, "2.5", null), TestLines.json("1", 1, 2, "\"2.5000\"", null));
        interval();
        assertEquals(1, count(outputs.accepted));
        assertEquals(0, count(outputs.conflicts));
    }

    @Test
    void ofTwoLinesWithOneIdentityTheFirstStands() throws Exception {
        send(TestLines.json("1", 1, 2, "2.55", null), TestLines.json("1", 1, 3, "2.55", null));
        interval();
        send(TestLines.json("1", 1, 2, "2.55", "17850"));
        interval();
        assertEquals(List.of("1:0>1 2 5.1000 [1]"), revisions());
        assertEquals(2, count(outputs.conflicts));
    }

    @Test
    void aConflictKeepsItsLineAsTheStreamHasIt() throws Exception {
        send(TestLines.json("1", 1), TestLines.json("1", 1, 3, "2.55", null));
        interval();
        RowData conflict = harness.getSideOutput(outputs.conflicts).peek().getValue();
        assertEquals("conflict", conflict.getString(0).toString());
        String payload =
                new String(
                        Base64.getDecoder().decode(conflict.getString(2).toBytes()),
                        StandardCharsets.UTF_8);
        assertEquals(TestLines.json("1", 1, 3, "2.55", null), payload);
        assertEquals(1, conflict.getLong(5));
    }

    @Test
    void nothingIsHeldBackOverACheckpointBarrier() throws Exception {
        send(TestLines.json("1", 1));
        harness.prepareSnapshotPreBarrier(1);
        assertEquals(1, revisions().size());
    }

    @Test
    void nothingIsHeldBackAtTheEndOfTheInput() throws Exception {
        send(TestLines.json("1", 1));
        harness.endInput();
        assertEquals(1, revisions().size());
    }

    @Test
    void aFullBundleDoesNotWaitForTheInterval() throws Exception {
        for (int line = 1; line <= MAX_BUNDLE_LINES; line++) {
            send(TestLines.json("1", line));
        }
        assertEquals(1, revisions().size());
    }

    @Test
    void whatWasHeldIsKnownAfterARestore() throws Exception {
        send(TestLines.json("1", 1), TestLines.json("2", 1));
        harness.prepareSnapshotPreBarrier(1);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = started(state);
        send(TestLines.json("1", 1), TestLines.json("1", 2), TestLines.json("2", 1));
        interval();
        assertEquals(List.of("1:1>2 4 10.2000 [1, 2]"), revisions());
        assertEquals(1, count(outputs.accepted));
    }

    @Test
    void anInvoiceIsForgottenWhenItsTimeIsOver() throws Exception {
        harness.setStateTtlProcessingTime(0);
        send(TestLines.json("1", 1));
        interval();
        harness.setStateTtlProcessingTime(GroupHarness.TTL - 1);
        send(TestLines.json("1", 1), TestLines.json("1", 2));
        interval();
        harness.setStateTtlProcessingTime(2 * GroupHarness.TTL);
        send(TestLines.json("1", 3));
        interval();
        assertEquals(
                List.of("1:0>1 2 5.1000 [1]", "1:1>2 4 10.2000 [1, 2]", "1:0>1 2 5.1000 [3]"),
                revisions());
    }

    @Test
    void aHugeInvoiceArrivingBackwardsIsWhole() throws Exception {
        int lines = 3 * MAX_BUNDLE_LINES;
        for (int line = lines; line >= 1; line--) {
            send(TestLines.json("1", line), TestLines.json("1", line));
        }
        harness.endInput();
        List<RowData> revisions = harness.extractOutputValues();
        RowData last = revisions.get(revisions.size() - 1);
        assertEquals(lines, last.getLong(1));
        assertEquals(lines, count(outputs.accepted));
        for (int index = 0; index < lines; index++) {
            assertEquals(index + 1, last.getArray(10).getRow(index, 9).getLong(0));
        }
    }

    @Test
    void theHeaderIsTheLowestLinesAndTheCustomerTheLowestLinesThatHasOne() throws Exception {
        send(
                TestLines.json("C9", 3, -1, "1", "30000"),
                TestLines.json("C9", 1, -1, "1", null),
                TestLines.json("C9", 2, -1, "1", "20000"));
        interval();
        RowData row = harness.extractOutputValues().get(0);
        assertEquals("cancellation", row.getString(3).toString());
        assertEquals("20000", row.getString(5).toString());
        assertEquals(-3, row.getLong(7));
    }

    @Test
    void aTotalIsExactBeyondALong() throws Exception {
        send(
                TestLines.json("1", 1, Integer.MAX_VALUE, "9999999999.9999", null),
                TestLines.json("1", 2, Integer.MIN_VALUE, "9999999999.9999", null),
                TestLines.json("1", 3, 1, "0.0001", null));
        interval();
        assertEquals(List.of("1:0>3 0 -9999999999.9998 [1, 2, 3]"), revisions());
    }

    @Test
    void documentsHaveTheLinesInTheOrderOfTheirAcceptance() throws Exception {
        send(TestLines.json("1", 2));
        interval();
        send(TestLines.json("1", 3), TestLines.json("1", 1));
        interval();
        RowData document =
                harness.getSideOutput(outputs.documents).stream()
                        .reduce((first, second) -> second)
                        .orElseThrow()
                        .getValue();
        assertEquals("17850", document.getString(Rows.DOCUMENT_ROUTE).toString());
        assertEquals(1, document.getLong(Rows.DOCUMENT_PREVIOUS_REVISION));
        String rest =
                ",\"85123A\",\"WHITE"
                    + " LANTERN\",2,\"2010-12-01T08:26:00\",\"2.55\",\"17850\",\"United Kingdom\"]";
        assertEquals(
                "[[2" + rest + ",[3" + rest + ",[1" + rest + "]",
                new String(document.getBinary(Rows.DOCUMENT_LINES)));
    }
}
