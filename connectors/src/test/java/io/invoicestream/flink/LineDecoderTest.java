package io.invoicestream.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

class LineDecoderTest {

    private static final long NOW = 1_300_000_000_000L;

    private final OutputTag<RowData> rejected =
            new OutputTag<>("rejected", Rows.typeInfo(Rows.rejected()));
    private OneInputStreamOperatorTestHarness<RowData, RowData> harness;

    @BeforeEach
    void open() throws Exception {
        harness =
                new OneInputStreamOperatorTestHarness<>(
                        new ProcessOperator<>(new LineDecoder(TestLines.CONTRACT, rejected)));
        harness.setup(
                Rows.typeInfo(Rows.line(TestLines.CONTRACT))
                        .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        harness.open();
        harness.setProcessingTime(NOW);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private void send(String payload, Long arrival, String shard) throws Exception {
        harness.processElement(new StreamRecord<>(TestLines.record(payload, arrival, shard)));
    }

    private List<RowData> rejects() {
        List<RowData> rows = new ArrayList<>();
        if (harness.getSideOutput(rejected) != null) {
            harness.getSideOutput(rejected).forEach(record -> rows.add(record.getValue()));
        }
        return rows;
    }

    private static String payload(RowData reject) {
        return new String(
                Base64.getDecoder().decode(reject.getString(2).toBytes()), StandardCharsets.UTF_8);
    }

    @Test
    void aLineKeepsWhatTheSourceKnowsOfIt() throws Exception {
        send(TestLines.json("1", 1), TestLines.ARRIVAL, "shard-1");
        RowData line = harness.extractOutputValues().get(0);
        assertEquals(TestLines.ARRIVAL, line.getTimestamp(Rows.LINE_ARRIVAL, 3).getMillisecond());
        assertEquals("shard-1", line.getString(Rows.LINE_SHARD).toString());
        assertEquals("1", line.getRow(Rows.LINE_CONTENT, 11).getString(1).toString());
    }

    @Test
    void withoutAnArrivalTimeItArrivesNow() throws Exception {
        send(TestLines.json("1", 1), null, null);
        RowData line = harness.extractOutputValues().get(0);
        assertEquals(NOW, line.getTimestamp(Rows.LINE_ARRIVAL, 3).getMillisecond());
        assertTrue(line.isNullAt(Rows.LINE_SHARD));
        assertTrue(line.isNullAt(Rows.LINE_SEQUENCE));
    }

    @Test
    void aRecordThatCannotBeReadIsSetAsideWhole() throws Exception {
        send("nonsense", TestLines.ARRIVAL, "shard-1");
        RowData reject = rejects().get(0);
        assertEquals("malformed_json", reject.getString(0).toString());
        assertEquals("nonsense", payload(reject));
        assertTrue(reject.isNullAt(3));
        assertTrue(reject.isNullAt(4));
        assertTrue(reject.isNullAt(5));
        assertEquals("shard-1", reject.getString(7).toString());
        assertTrue(harness.extractOutputValues().isEmpty());
    }

    @Test
    void aBadElementOfAPackedRecordIsSetAsideAlone() throws Exception {
        String bad = TestLines.json("1", 2).replace("\"Quantity\":2", "\"Quantity\":\"2\"");
        send("[" + TestLines.json("1", 1) + ", " + bad + "]", null, null);
        assertEquals(1, harness.extractOutputValues().size());
        RowData reject = rejects().get(0);
        assertEquals("wrong_type", reject.getString(0).toString());
        assertEquals(bad, payload(reject));
        assertEquals(1, reject.getInt(3));
        assertEquals("1", reject.getString(4).toString());
        assertEquals(2, reject.getLong(5));
    }

    @Test
    void aPackedRecordCutShortGivesNoLines() throws Exception {
        send("[" + TestLines.json("1", 1) + ",", null, null);
        assertTrue(harness.extractOutputValues().isEmpty());
        assertEquals(1, rejects().size());
    }
}
