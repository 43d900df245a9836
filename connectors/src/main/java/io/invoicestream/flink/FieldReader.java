package io.invoicestream.flink;

import io.invoicestream.flink.JsonScanner.Kind;
import io.invoicestream.flink.LineContract.Field;
import io.invoicestream.flink.LineObject.Slot;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.data.writer.BinaryRowWriter;

import java.nio.charset.StandardCharsets;

/** Checks one field after the other and writes it to a binary row. */
final class FieldReader {

    private static final int INITIAL_ROW_BYTES = 512;

    private final Field[] fields;
    private final int extrasIndex;
    private final int pricePrecision;
    private final int priceScale;
    private final int maxNumberChars;
    private final BinaryRowData row;
    private final BinaryRowWriter writer;

    private byte[] payload;
    private MemorySegment[] segments;

    FieldReader(LineContract contract) {
        this.fields = contract.fields;
        this.extrasIndex = contract.extrasIndex();
        this.pricePrecision = contract.pricePrecision;
        this.priceScale = contract.priceScale;
        this.maxNumberChars = contract.maxNumberChars;
        this.row = new BinaryRowData(contract.contentArity());
        this.writer = new BinaryRowWriter(row, INITIAL_ROW_BYTES);
    }

    void reset(byte[] record) {
        payload = record;
        segments = new MemorySegment[] {MemorySegmentFactory.wrap(record)};
    }

    void start() {
        writer.reset();
    }

    /** The row with this text of unknown fields, or null for none. */
    BinaryRowData finish(byte[] extras) {
        if (extras == null) {
            writer.setNullAt(extrasIndex);
        } else {
            writer.writeString(extrasIndex, BinaryStringData.fromBytes(extras));
        }
        writer.complete();
        return row;
    }

    void write(int index, Slot slot, JsonScanner scanner) throws RejectedException {
        Field field = fields[index];
        if (slot.isNull()) {
            writeNull(index, field);
            return;
        }
        switch (field.type) {
            case STRING:
                writer.writeString(index, string(field, slot, scanner));
                return;
            case INT:
                writer.writeInt(index, (int) integer(field, slot));
                return;
            case BIGINT:
                writer.writeLong(index, integer(field, slot));
                return;
            case DECIMAL:
                writer.writeDecimal(index, decimal(field, slot, scanner), pricePrecision);
                return;
            default:
                writer.writeTimestamp(
                        index, timestamp(field, slot, scanner), LineContract.DATE_PRECISION);
        }
    }

    private void writeNull(int index, Field field) throws RejectedException {
        if (!field.nullable) {
            throw new RejectedException(RejectReason.MISSING_FIELD, field.name + " is missing");
        }
        writer.setNullAt(index);
    }

    private BinaryStringData string(Field field, Slot slot, JsonScanner scanner)
            throws RejectedException {
        if (slot.kind != Kind.STRING) {
            throw wrongType(field, "a string");
        }
        int from = slot.from + 1;
        int to = slot.to - 1;
        if (from == to) {
            throw new RejectedException(RejectReason.EMPTY_TEXT, field.name + " is empty");
        }
        if (!slot.escaped) {
            checkLength(field, payload, from, to);
            return BinaryStringData.fromAddress(segments, from, to - from);
        }
        byte[] text = scanner.text(from, to, true).getBytes(StandardCharsets.UTF_8);
        checkLength(field, text, 0, text.length);
        return BinaryStringData.fromBytes(text);
    }

    private static void checkLength(Field field, byte[] bytes, int from, int to)
            throws RejectedException {
        if (to - from > field.maxChars && Utf8.codePoints(bytes, from, to) > field.maxChars) {
            throw new RejectedException(
                    RejectReason.TOO_LONG,
                    field.name + " has more than " + field.maxChars + " characters");
        }
    }

    private long integer(Field field, Slot slot) throws RejectedException {
        long value = wholeNumber(field, slot);
        if (field.column.equals(Columns.SCHEMA_VERSION) && value > field.maxValue) {
            throw new RejectedException(
                    RejectReason.UNSUPPORTED_VERSION, field.name + " is above " + field.maxValue);
        }
        if (value < field.minValue || value > field.maxValue) {
            throw new RejectedException(
                    RejectReason.OUT_OF_RANGE,
                    field.name + " is not in " + field.minValue + " to " + field.maxValue);
        }
        return value;
    }

    /** The number, or the nearest a long can hold, which no field allows. */
    private long wholeNumber(Field field, Slot slot) throws RejectedException {
        if (slot.kind != Kind.NUMBER) {
            throw wrongType(field, "an integer");
        }
        boolean negative = payload[slot.from] == '-';
        long value = 0;
        boolean overflow = false;
        for (int at = negative ? slot.from + 1 : slot.from; at < slot.to; at++) {
            int digit = payload[at] - '0';
            if (digit < 0 || digit > 9) {
                throw wrongType(field, "an integer");
            }
            overflow |= value > (Long.MAX_VALUE - 9) / 10;
            value = value * 10 + digit;
        }
        if (overflow) {
            return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return negative ? -value : value;
    }

    private DecimalData decimal(Field field, Slot slot, JsonScanner scanner)
            throws RejectedException {
        DecimalReader.Text text = DecimalReader.text(payload, slot, scanner);
        if (text == null) {
            throw wrongType(field, "a decimal number");
        }
        if (text.length() > maxNumberChars) {
            throw new RejectedException(
                    RejectReason.OUT_OF_RANGE, field.name + " has too many digits");
        }
        long unscaled = DecimalReader.unscaled(field, text, pricePrecision, priceScale);
        return DecimalData.fromUnscaledLong(unscaled, pricePrecision, priceScale);
    }

    private TimestampData timestamp(Field field, Slot slot, JsonScanner scanner)
            throws RejectedException {
        if (slot.kind != Kind.STRING) {
            throw wrongType(field, "a string");
        }
        TimestampData value;
        if (slot.escaped) {
            String text = scanner.text(slot.from + 1, slot.to - 1, true);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            value = TimestampReader.read(bytes, 0, bytes.length);
        } else {
            value = TimestampReader.read(payload, slot.from + 1, slot.to - 1);
        }
        if (value == null) {
            throw new RejectedException(
                    RejectReason.INVALID_DATE,
                    field.name + " is not a local time YYYY-MM-DDTHH:MM:SS");
        }
        return value;
    }

    private static RejectedException wrongType(Field field, String wanted) {
        return new RejectedException(RejectReason.WRONG_TYPE, field.name + " is not " + wanted);
    }

    /** A string field's value when it keeps the contract by itself, else null. */
    String readableString(int index, Slot slot, JsonScanner scanner) {
        try {
            return slot.isNull() ? null : string(fields[index], slot, scanner).toString();
        } catch (RejectedException unreadable) {
            return null;
        }
    }

    /** An integer field's value when it keeps the contract by itself, else null. */
    Long readableInteger(int index, Slot slot) {
        try {
            return slot.isNull() ? null : integer(fields[index], slot);
        } catch (RejectedException unreadable) {
            return null;
        }
    }
}
