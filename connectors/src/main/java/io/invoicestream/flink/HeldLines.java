package io.invoicestream.flink;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.binary.BinaryRowData;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The lines of one invoice in the order in which they were accepted, as bytes.
 *
 * <p>Each line is a length and a binary row's bytes, so that reading state, adding a line, telling
 * a second delivery from a conflict and writing state back copy bytes and parse nothing. One
 * instance serves one invoice after the other.
 */
final class HeldLines {

    private static final int SMALL = 16;

    private final int arity;
    private final int lineNoIndex;
    private final Map<Long, Integer> byLineNo = new HashMap<>();

    private byte[] buffer = new byte[8192];
    private MemorySegment[] segments = wrap(buffer);
    private int size;
    private int[] offsets = new int[64];
    private long[] lineNos = new long[64];
    private BinaryRowData[] rows = new BinaryRowData[0];
    private int count;
    private int indexed;
    private long highestLineNo;

    HeldLines(int arity, int lineNoIndex) {
        this.arity = arity;
        this.lineNoIndex = lineNoIndex;
    }

    /** Starts an invoice with what state holds of it, or null for nothing. */
    void start(byte[] state) {
        size = 0;
        count = 0;
        indexed = 0;
        highestLineNo = Long.MIN_VALUE;
        byLineNo.clear();
        if (state != null) {
            ensure(state.length);
            System.arraycopy(state, 0, buffer, 0, state.length);
            while (size < state.length) {
                register(length(size));
            }
        }
    }

    int count() {
        return count;
    }

    long lineNo(int index) {
        return lineNos[index];
    }

    /** The line accepted as the index-th. The row is valid until the next line is added. */
    BinaryRowData row(int index) {
        if (rows.length < count) {
            rows = Arrays.copyOf(rows, offsets.length);
        }
        if (rows[index] == null) {
            rows[index] = new BinaryRowData(arity);
        }
        int offset = offsets[index];
        rows[index].pointTo(segments, offset + Integer.BYTES, length(offset));
        return rows[index];
    }

    /** Index of the line with this number, or -1. */
    int find(long lineNo) {
        if (lineNo > highestLineNo) {
            return -1;
        }
        return count <= SMALL ? scan(lineNo) : lookUp(lineNo);
    }

    private int scan(long lineNo) {
        for (int index = 0; index < count; index++) {
            if (lineNos[index] == lineNo) {
                return index;
            }
        }
        return -1;
    }

    private int lookUp(long lineNo) {
        for (; indexed < count; indexed++) {
            byLineNo.put(lineNos[indexed], indexed);
        }
        return byLineNo.getOrDefault(lineNo, -1);
    }

    /** Whether the line accepted as the index-th is this one, byte for byte. */
    boolean equalsContent(int index, BinaryRowData content) {
        int offset = offsets[index];
        int length = length(offset);
        return length == content.getSizeInBytes()
                && segments[0].equalTo(
                        content.getSegments()[0],
                        offset + Integer.BYTES,
                        content.getOffset(),
                        length);
    }

    void add(BinaryRowData content) {
        int length = content.getSizeInBytes();
        ensure(size + Integer.BYTES + length);
        segments[0].putInt(size, length);
        content.getSegments()[0].get(content.getOffset(), buffer, size + Integer.BYTES, length);
        register(length);
    }

    /** What is to be kept in state. */
    byte[] toState() {
        return Arrays.copyOf(buffer, size);
    }

    private int length(int offset) {
        return segments[0].getInt(offset);
    }

    private void register(int length) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            lineNos = Arrays.copyOf(lineNos, count * 2);
        }
        offsets[count] = size;
        size += Integer.BYTES + length;
        count++;
        lineNos[count - 1] = row(count - 1).getLong(lineNoIndex);
        highestLineNo = Math.max(highestLineNo, lineNos[count - 1]);
    }

    private void ensure(int wanted) {
        if (wanted > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(wanted, buffer.length * 2));
            segments = wrap(buffer);
        }
    }

    private static MemorySegment[] wrap(byte[] bytes) {
        return new MemorySegment[] {MemorySegmentFactory.wrap(bytes)};
    }
}
