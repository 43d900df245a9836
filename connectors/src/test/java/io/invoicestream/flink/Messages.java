package io.invoicestream.flink;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Messages between a Python test and a JVM: a length in four bytes and that many bytes. */
final class Messages {

    private final DataInputStream in = new DataInputStream(System.in);
    private final DataOutputStream out = new DataOutputStream(System.out);

    /** The next message, or null when there are no more. */
    byte[] read() throws IOException {
        byte[] length = in.readNBytes(Integer.BYTES);
        return length.length < Integer.BYTES
                ? null
                : in.readNBytes(ByteBuffer.wrap(length).getInt());
    }

    void write(byte[] message) throws IOException {
        out.writeInt(message.length);
        out.write(message);
        out.flush();
    }
}
