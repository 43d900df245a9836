package io.invoicestream.flink;

import org.apache.flink.table.data.binary.BinaryRowData;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/**
 * The decoder for {@code tests/contract/test_decoders_agree.py}: payloads in, what they hold out.
 *
 * <p>Started with the path of the contract's JSON. An answer is a JSON array with an object an
 * entry.
 */
public final class DecodeLoop implements LineParser.Output {

    private final LineJson lineJson;
    private final JsonBuffer record = new JsonBuffer();
    private final JsonBuffer json = new JsonBuffer();
    private byte[] payload;

    private DecodeLoop(LineContract contract) {
        lineJson = new LineJson(contract);
    }

    /** Answers until the input ends. */
    public static void main(String[] arguments) throws Exception {
        LineContract contract = LineContract.parse(Files.readString(Path.of(arguments[0])));
        LineParser parser = new LineParser(contract);
        DecodeLoop loop = new DecodeLoop(contract);
        Messages messages = new Messages();
        for (byte[] payload = messages.read(); payload != null; payload = messages.read()) {
            loop.start(payload);
            parser.parse(payload, loop);
            messages.write(loop.finish());
        }
    }

    private void start(byte[] record) {
        payload = record;
        json.clear();
        json.raw('[');
    }

    /** Every record has at least one entry, so there is a comma too many. */
    private byte[] finish() {
        json.dropLast();
        json.raw(']');
        return json.toBytes();
    }

    @Override
    public void line(BinaryRowData content) {
        record.clear();
        lineJson.record(content, record);
        json.ascii("{\"line\":");
        json.string(record.toBytes());
        json.ascii(",\"document\":");
        lineJson.documentLine(content, json);
        json.ascii("},");
    }

    @Override
    public void reject(LineParser.Reject reject) {
        json.ascii("{\"reason\":");
        json.string(reject.reason.code.getBytes(StandardCharsets.UTF_8));
        json.ascii(",\"detail\":");
        json.string(reject.detail.getBytes(StandardCharsets.UTF_8));
        json.ascii(",\"element\":" + (reject.element < 0 ? "null" : reject.element));
        json.ascii(",\"payload\":");
        json.string(
                Base64.getEncoder().encode(Arrays.copyOfRange(payload, reject.from, reject.to)));
        json.ascii("},");
    }
}
