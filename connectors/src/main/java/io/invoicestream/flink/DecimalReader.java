package io.invoicestream.flink;

import io.invoicestream.flink.JsonScanner.Kind;
import io.invoicestream.flink.LineContract.Field;
import io.invoicestream.flink.LineObject.Slot;

import java.nio.charset.StandardCharsets;

/** Reads a price exactly: never through binary floating point, never rounded. */
final class DecimalReader {

    private static final long EXPONENT_LIMIT = 1_000_000_000;

    /** Text of a decimal number and where its parts stand. */
    static final class Text {
        private final byte[] bytes;
        private final int from;
        private final int to;
        private int digitsFrom;
        private int pointAt;
        private int digitsTo;
        private long exponent;

        private Text(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }

        int length() {
            return to - from;
        }

        private boolean isNegative() {
            return bytes[from] == '-';
        }
    }

    private DecimalReader() {}

    /** The number in a JSON number or string, or null when it is none. */
    static Text text(byte[] payload, Slot slot, JsonScanner scanner) {
        if (slot.kind == Kind.NUMBER) {
            return split(new Text(payload, slot.from, slot.to));
        }
        if (slot.kind != Kind.STRING) {
            return null;
        }
        if (!slot.escaped) {
            return split(new Text(payload, slot.from + 1, slot.to - 1));
        }
        byte[] bytes =
                scanner.text(slot.from + 1, slot.to - 1, true).getBytes(StandardCharsets.UTF_8);
        return split(new Text(bytes, 0, bytes.length));
    }

    /** {@code -?digits(.digits)?([eE][+-]?digits)?}, or null. */
    private static Text split(Text text) {
        int at = text.from;
        if (at < text.to && text.bytes[at] == '-') {
            at++;
        }
        text.digitsFrom = at;
        text.pointAt = afterDigits(text, at);
        text.digitsTo = text.pointAt;
        if (text.pointAt == text.digitsFrom) {
            return null;
        }
        if (text.pointAt < text.to && text.bytes[text.pointAt] == '.') {
            text.digitsTo = afterDigits(text, text.pointAt + 1);
            if (text.digitsTo == text.pointAt + 1) {
                return null;
            }
        }
        return readExponent(text) ? text : null;
    }

    private static int afterDigits(Text text, int from) {
        int at = from;
        while (at < text.to && text.bytes[at] >= '0' && text.bytes[at] <= '9') {
            at++;
        }
        return at;
    }

    private static boolean readExponent(Text text) {
        int at = text.digitsTo;
        if (at == text.to) {
            return true;
        }
        if ((text.bytes[at] | 0x20) != 'e') {
            return false;
        }
        at++;
        boolean negative = at < text.to && text.bytes[at] == '-';
        if (negative || at < text.to && text.bytes[at] == '+') {
            at++;
        }
        if (at == text.to || afterDigits(text, at) != text.to) {
            return false;
        }
        long exponent = 0;
        for (; at < text.to; at++) {
            exponent = Math.min(exponent * 10 + text.bytes[at] - '0', EXPONENT_LIMIT);
        }
        text.exponent = negative ? -exponent : exponent;
        return true;
    }

    /** The value times ten to the scale; zeros at either end count neither as digits nor places. */
    static long unscaled(Field field, Text text, int precision, int scale)
            throws RejectedException {
        int first = nextNonZero(text, text.digitsFrom, text.digitsTo, 1);
        if (first == text.digitsTo) {
            return 0;
        }
        int last = nextNonZero(text, text.digitsTo - 1, text.digitsFrom - 1, -1);
        long lowest = placeOf(text, last);
        if (lowest < -scale) {
            throw new RejectedException(
                    RejectReason.TOO_MANY_DECIMAL_PLACES,
                    field.name + " needs more than " + scale + " decimal places");
        }
        if (placeOf(text, first) >= precision - scale) {
            throw new RejectedException(RejectReason.OUT_OF_RANGE, field.name + " is too large");
        }
        long value = 0;
        for (int at = first; at <= last; at++) {
            if (at != text.pointAt) {
                value = value * 10 + text.bytes[at] - '0';
            }
        }
        for (long place = lowest; place > -scale; place--) {
            value *= 10;
        }
        return text.isNegative() ? -value : value;
    }

    private static int nextNonZero(Text text, int from, int end, int step) {
        int at = from;
        while (at != end && (at == text.pointAt || text.bytes[at] == '0')) {
            at += step;
        }
        return at;
    }

    /** Power of ten of the digit that stands here. */
    private static long placeOf(Text text, int at) {
        int beforePoint = at < text.pointAt ? text.pointAt - 1 - at : text.pointAt - at;
        return beforePoint + text.exponent;
    }
}
