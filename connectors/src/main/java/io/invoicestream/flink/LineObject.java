package io.invoicestream.flink;

import io.invoicestream.flink.JsonScanner.Kind;

import org.apache.flink.table.data.binary.BinaryRowData;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One JSON object read into slices of the payload, then into a line's binary row. */
final class LineObject {

    /** Where a field's value stands. */
    static final class Slot {
        Kind kind;
        int from;
        int to;
        boolean escaped;

        boolean isNull() {
            return kind == null || kind == Kind.NULL;
        }
    }

    private final LineContract contract;
    private final JsonScanner scanner;
    private final FieldReader reader;
    private final ExtrasReader extras;
    private final Slot[] slots;
    private final byte[][] names;
    private final List<ExtrasReader.Extra> unknown = new ArrayList<>();
    private final int invoiceNo;
    private final int lineNo;

    private byte[] payload;
    private boolean duplicateField;
    private boolean invalidText;

    LineObject(LineContract contract, JsonScanner scanner) {
        this.contract = contract;
        this.scanner = scanner;
        this.reader = new FieldReader(contract);
        this.extras = new ExtrasReader(scanner);
        this.slots = new Slot[contract.fields.length];
        this.names = new byte[contract.fields.length][];
        for (int index = 0; index < slots.length; index++) {
            slots[index] = new Slot();
            names[index] = contract.fields[index].name.getBytes(StandardCharsets.UTF_8);
        }
        this.invoiceNo = contract.index(Columns.INVOICE_NO);
        this.lineNo = contract.index(Columns.LINE_NO);
    }

    void reset(byte[] record) {
        payload = record;
        reader.reset(record);
    }

    /** Reads the object the scanner stands at; what its fields hold is not looked at yet. */
    void read() throws MalformedJsonException {
        for (Slot slot : slots) {
            slot.kind = null;
        }
        unknown.clear();
        duplicateField = false;
        scanner.clearFindings();
        scanner.enter('{');
        if (!scanner.leave('}')) {
            readFields();
        }
        duplicateField |= scanner.duplicateField;
        invalidText = scanner.invalidText;
    }

    private void readFields() throws MalformedJsonException {
        int expected = 0;
        do {
            scanner.name();
            int known = known(expected);
            if (known < 0) {
                readUnknown();
            } else {
                readSlot(slots[known]);
                expected = known + 1;
            }
        } while (scanner.take(','));
        if (!scanner.leave('}')) {
            throw new MalformedJsonException();
        }
    }

    private void readSlot(Slot slot) throws MalformedJsonException {
        duplicateField |= slot.kind != null;
        scanner.peek();
        slot.from = scanner.position();
        slot.kind = scanner.value();
        slot.to = scanner.position();
        slot.escaped = slot.kind == Kind.STRING && scanner.stringEscaped;
    }

    private void readUnknown() throws MalformedJsonException {
        String name = scanner.text(scanner.stringFrom, scanner.stringTo, scanner.stringEscaped);
        scanner.peek();
        int from = scanner.position();
        scanner.value();
        unknown.add(new ExtrasReader.Extra(name, from));
    }

    /** Index of the field whose name was read last; producers keep an order, so guess first. */
    private int known(int expected) {
        if (scanner.stringEscaped) {
            byte[] name =
                    scanner.text(scanner.stringFrom, scanner.stringTo, true)
                            .getBytes(StandardCharsets.UTF_8);
            return find(name, 0, name.length);
        }
        int from = scanner.stringFrom;
        int to = scanner.stringTo;
        if (expected < names.length && isName(expected, payload, from, to)) {
            return expected;
        }
        return find(payload, from, to);
    }

    private int find(byte[] bytes, int from, int to) {
        for (int index = 0; index < names.length; index++) {
            if (isName(index, bytes, from, to)) {
                return index;
            }
        }
        return -1;
    }

    private boolean isName(int index, byte[] bytes, int from, int to) {
        byte[] name = names[index];
        return Arrays.equals(name, 0, name.length, bytes, from, to);
    }

    /**
     * The line's content; the row is reused.
     *
     * @throws RejectedException the first rule the line breaks
     */
    BinaryRowData decode() throws RejectedException {
        if (duplicateField || ExtrasReader.hasDuplicate(unknown)) {
            throw new RejectedException(RejectReason.DUPLICATE_FIELD, "a field stands twice");
        }
        if (invalidText) {
            throw new RejectedException(
                    RejectReason.INVALID_TEXT, "a text holds U+0000 or half of a surrogate pair");
        }
        reader.start();
        for (int index = 0; index < slots.length; index++) {
            reader.write(index, slots[index], scanner);
        }
        return reader.finish(unknown.isEmpty() ? null : extras.canonical(payload, unknown));
    }

    /** The invoice number when it can be told from a line that was set aside, else null. */
    String readableInvoiceNo() {
        return ambiguous() ? null : reader.readableString(invoiceNo, slots[invoiceNo], scanner);
    }

    /** The line number when it can be told from a line that was set aside, else null. */
    Long readableLineNo() {
        return ambiguous() ? null : reader.readableInteger(lineNo, slots[lineNo]);
    }

    private boolean ambiguous() {
        return duplicateField || invalidText;
    }
}
