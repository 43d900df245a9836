package io.invoicestream.flink;

import org.apache.flink.table.data.binary.BinaryRowData;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/**
 * The decoder for {@code tests/contract/test_decoders_agree.py}: payloads in, what they hold out.
 *
 * <p>Started with the path of the contract's JSON. Both ways a message is a length in four bytes
 * and that many bytes; an answer is a JSON array with an object an entry.
 */
public final class DecodeLoop implements LineParser.Output {

    private final LineJson lineJson;
    private final JsonBuffer record = new JsonBuffer();
    private final JsonBuffer json = new JsonBuffer();
    private byte[] payload;
    private boolean first;

    private DecodeLoop(LineContract contract) {
        lineJson = new LineJson(contract);
    }

    /** Answers until the input ends. */
    public static void main(String[] arguments) throws Exception {
        LineContract contract = LineContract.parse(Files.readString(Path.of(arguments[0])));
        LineParser parser = new LineParser(contract);
        DecodeLoop loop = new DecodeLoop(contract);
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(System.out);
        for (byte[] payload = read(in); payload != null; payload = read(in)) {
            loop.start(payload);
            parser.parse(payload, loop);
            loop.finish(out);
        }
    }

    private static byte[] read(DataInputStream in) throws IOException {
        byte[] length = in.readNBytes(Integer.BYTES);
        if (length.length < Integer.BYTES) {
            return null;
        }
        return in.readNBytes(ByteBuffer.wrap(length).getInt());
    }

    private void start(byte[] record) {
        payload = record;
        json.clear();
        json.raw('[');
        first = true;
    }

    private void finish(DataOutputStream out) throws IOException {
        json.raw(']');
        out.writeInt(json.size());
        out.write(json.toBytes());
        out.flush();
    }

    private void next() {
        if (!first) {
            json.raw(',');
        }
        first = false;
    }

    @Override
    public void line(BinaryRowData content) {
        next();
        record.clear();
        lineJson.record(content, record);
        json.ascii("{\"line\":");
        json.string(record.toBytes());
        json.ascii(",\"document\":");
        lineJson.documentLine(content, json);
        json.raw('}');
    }

    @Override
    public void reject(LineParser.Reject reject) {
        next();
        json.ascii("{\"reason\":");
        json.string(reject.reason.code.getBytes(StandardCharsets.UTF_8));
        json.ascii(",\"detail\":");
        json.string(reject.detail.getBytes(StandardCharsets.UTF_8));
        json.ascii(",\"element\":" + (reject.element < 0 ? "null" : reject.element));
        json.ascii(",\"payload\":");
        json.string(
                Base64.getEncoder().encode(Arrays.copyOfRange(payload, reject.from, reject.to)));
        json.raw('}');
    }
}
