package io.invoicestream.flink;

import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A contract and lines for tests; they stand for no real invoice. */
final class TestLines {

    static final long ARRIVAL = 1_291_190_400_000L;

    static final LineContract CONTRACT = LineContract.parse(contractJson());

    private TestLines() {}

    /** The contract as Python hands it over; a Python test holds the file to that. */
    private static String contractJson() {
        try (InputStream file = TestLines.class.getResourceAsStream("/contract.json")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** A good line's JSON. */
    static String json(String invoiceNo, long lineNo) {
        return json(invoiceNo, lineNo, 2, "2.55", "17850");
    }

    static String json(String invoiceNo, long lineNo, int quantity, String price, String customer) {
        return String.format(
                "{\"SchemaVersion\":1,\"InvoiceNo\":\"%s\",\"LineNo\":%d,\"StockCode\":\"85123A\","
                        + "\"Description\":\"WHITE LANTERN\",\"Quantity\":%d,"
                        + "\"InvoiceDate\":\"2010-12-01T08:26:00\",\"UnitPrice\":%s,"
                        + "\"CustomerID\":%s,\"Country\":\"United Kingdom\"}",
                invoiceNo,
                lineNo,
                quantity,
                price,
                customer == null ? "null" : "\"" + customer + "\"");
    }

    /** What the decoder makes of a line's JSON, as it comes over the network. */
    static BinaryRowData line(String json) {
        return line(json, ARRIVAL);
    }

    static BinaryRowData line(String json, long arrivalMillis) {
        GenericRowData row =
                GenericRowData.of(
                        content(json),
                        TimestampData.fromEpochMillis(arrivalMillis),
                        StringData.fromString("shardId-000000000001"),
                        StringData.fromString("49600000000000000000"));
        return new RowDataSerializer(Rows.line(CONTRACT)).toBinaryRow(row).copy();
    }

    /** A line's content. */
    static BinaryRowData content(String json) {
        List<BinaryRowData> contents = new ArrayList<>();
        try {
            new LineParser(CONTRACT).parse(utf8(json), collectInto(contents, json));
        } catch (Exception error) {
            throw new AssertionError(error);
        }
        return contents.get(0);
    }

    private static LineParser.Output collectInto(List<BinaryRowData> contents, String json) {
        return new LineParser.Output() {
            @Override
            public void line(BinaryRowData content) {
                contents.add(content.copy());
            }

            @Override
            public void reject(LineParser.Reject reject) {
                throw new AssertionError(reject.detail + ": " + json);
            }
        };
    }

    /** A record as the source gives it; arrival, shard and sequence number may be null. */
    static RowData record(String payload, Long arrivalMillis, String shard) {
        return GenericRowData.of(
                utf8(payload),
                arrivalMillis == null ? null : TimestampData.fromEpochMillis(arrivalMillis),
                StringData.fromString(shard),
                StringData.fromString(shard));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
