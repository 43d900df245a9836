package io.invoicestream.flink;

import org.apache.flink.table.data.binary.BinaryRowData;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads a record of the stream: one JSON line item, or an array of them.
 *
 * <p>The same rules, in the same order, as {@code invoices/record.py}: a record that cannot be read
 * as a whole is one reject and nothing else; the lines of a packed record stand or fall alone. Not
 * thread-safe; rows handed out are reused.
 */
final class LineParser {

    /** Takes what a record holds, in order. */
    interface Output {

        /** A good line's content. The row is valid until this returns. */
        void line(BinaryRowData content) throws Exception;

        /** A record or a line to set aside. */
        void reject(Reject reject) throws Exception;
    }

    /** What is set aside: a slice of the payload and why. */
    static final class Reject {

        static final int WHOLE_RECORD = -1;

        final RejectReason reason;
        final String detail;
        final int element;
        final int from;
        final int to;
        final String invoiceNo;
        final Long lineNo;

        Reject(
                RejectedException why,
                int element,
                int from,
                int to,
                String invoiceNo,
                Long lineNo) {
            this.reason = why.reason;
            this.detail = why.getMessage();
            this.element = element;
            this.from = from;
            this.to = to;
            this.invoiceNo = invoiceNo;
            this.lineNo = lineNo;
        }
    }

    private final LineContract contract;
    private final JsonScanner scanner;
    private final LineObject line;
    private final List<Object> packed = new ArrayList<>();

    LineParser(LineContract contract) {
        this.contract = contract;
        this.scanner = new JsonScanner(contract.maxNesting, contract.maxNumberChars);
        this.line = new LineObject(contract, scanner);
    }

    /** Hands every line and reject of this record to the output. */
    void parse(byte[] payload, Output output) throws Exception {
        try {
            refuseInvalidUtf8(payload);
            scanner.reset(payload);
            line.reset(payload);
            record(payload, output);
        } catch (RejectedException why) {
            output.reject(new Reject(why, Reject.WHOLE_RECORD, 0, payload.length, null, null));
        } catch (MalformedJsonException malformed) {
            output.reject(
                    new Reject(malformed(), Reject.WHOLE_RECORD, 0, payload.length, null, null));
        }
    }

    private RejectedException malformed() {
        return new RejectedException(
                RejectReason.MALFORMED_JSON,
                "the text is not one JSON value, or is nested deeper than " + contract.maxNesting);
    }

    private static void refuseInvalidUtf8(byte[] payload) throws RejectedException {
        int invalid = Utf8.firstInvalid(payload);
        if (invalid >= 0) {
            throw new RejectedException(RejectReason.NOT_UTF8, "byte " + invalid + " is not UTF-8");
        }
    }

    private void record(byte[] payload, Output output) throws Exception {
        int first = scanner.peek();
        if (first == '{') {
            line.read();
            scanner.expectEnd();
            emit(decode(Reject.WHOLE_RECORD, 0, payload.length), output);
        } else if (first == '[') {
            packedRecord(output);
        } else {
            scanner.value();
            scanner.expectEnd();
            throw notALine();
        }
    }

    /** A line's row, or the reason it is none. */
    private Object decode(int element, int from, int to) {
        try {
            return line.decode();
        } catch (RejectedException why) {
            return new Reject(
                    why, element, from, to, line.readableInvoiceNo(), line.readableLineNo());
        }
    }

    private static void emit(Object entry, Output output) throws Exception {
        if (entry instanceof BinaryRowData) {
            output.line((BinaryRowData) entry);
        } else {
            output.reject((Reject) entry);
        }
    }

    /** Nothing of a packed record is handed out before its last byte was found to be JSON. */
    private void packedRecord(Output output) throws Exception {
        packed.clear();
        scanner.enter('[');
        int count = 0;
        if (!scanner.leave(']')) {
            do {
                element(count++);
            } while (scanner.take(','));
            if (!scanner.leave(']')) {
                throw new MalformedJsonException();
            }
        }
        scanner.expectEnd();
        if (count == 0 || count > contract.maxRecordLines) {
            throw notALine();
        }
        for (Object entry : packed) {
            emit(entry, output);
        }
    }

    private void element(int index) throws MalformedJsonException {
        boolean kept = index < contract.maxRecordLines;
        boolean isObject = scanner.peek() == '{';
        int from = scanner.position();
        if (kept && isObject) {
            line.read();
            Object entry = decode(index, from, scanner.position());
            packed.add(entry instanceof BinaryRowData ? ((BinaryRowData) entry).copy() : entry);
            return;
        }
        scanner.value();
        if (kept) {
            RejectedException why =
                    new RejectedException(RejectReason.NOT_A_LINE, "the element is not an object");
            packed.add(new Reject(why, index, from, scanner.position(), null, null));
        }
    }

    private RejectedException notALine() {
        return new RejectedException(
                RejectReason.NOT_A_LINE,
                "an object or an array of 1 to " + contract.maxRecordLines + " is wanted");
    }
}
