package io.invoicestream.flink;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads one JSON text (RFC 8259) in place: values are slices of the payload, copied by nobody.
 *
 * <p>Why not a library: what is set aside keeps its own bytes, numbers keep their digits, a field
 * that stands twice is noticed anywhere, and strings go to Flink's binary rows as the UTF-8 they
 * came in. The payload must be valid UTF-8. {@code tests/contract/test_decoders_agree.py} holds it
 * to Python's {@code json}.
 */
final class JsonScanner {

    /** What stands at a place. */
    enum Kind {
        NULL,
        BOOLEAN,
        NUMBER,
        STRING,
        ARRAY,
        OBJECT
    }

    private static final int HEX_DIGITS = 4;

    private final int maxNesting;
    private final int maxNumberChars;

    private byte[] bytes = new byte[0];
    private int at;
    private int depth;

    /** The string read last: its bytes without the quotes, and whether one is a backslash. */
    int stringFrom;

    int stringTo;
    boolean stringEscaped;

    /** Whether a string read since {@link #clearFindings} held U+0000 or half a surrogate pair. */
    boolean invalidText;

    /** Whether an object skipped since {@link #clearFindings} had a field twice. */
    boolean duplicateField;

    JsonScanner(int maxNesting, int maxNumberChars) {
        this.maxNesting = maxNesting;
        this.maxNumberChars = maxNumberChars;
    }

    void reset(byte[] payload) {
        bytes = payload;
        at = 0;
        depth = 0;
        clearFindings();
    }

    void clearFindings() {
        invalidText = false;
        duplicateField = false;
    }

    int position() {
        return at;
    }

    /** The next byte that is not blank, left where it is; -1 at the end. */
    int peek() {
        while (at < bytes.length) {
            int next = bytes[at];
            if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
                return next;
            }
            at++;
        }
        return -1;
    }

    /** Takes this byte when it is the next. */
    boolean take(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    void expect(char wanted) throws MalformedJsonException {
        if (!take(wanted)) {
            throw new MalformedJsonException();
        }
    }

    void expectEnd() throws MalformedJsonException {
        if (peek() != -1) {
            throw new MalformedJsonException();
        }
    }

    void enter(char bracket) throws MalformedJsonException {
        expect(bracket);
        if (++depth > maxNesting) {
            throw new MalformedJsonException();
        }
    }

    /** Takes the closing bracket when it is the next. */
    boolean leave(char bracket) {
        if (!take(bracket)) {
            return false;
        }
        depth--;
        return true;
    }

    /** Reads a field's name and the colon after it. */
    void name() throws MalformedJsonException {
        if (peek() != '"') {
            throw new MalformedJsonException();
        }
        string();
        expect(':');
    }

    /** Reads any value and says what it was; {@link #position} is then just behind it. */
    Kind value() throws MalformedJsonException {
        switch (peek()) {
            case '"':
                string();
                return Kind.STRING;
            case '{':
                object();
                return Kind.OBJECT;
            case '[':
                array();
                return Kind.ARRAY;
            case 't':
                return literal("true", Kind.BOOLEAN);
            case 'f':
                return literal("false", Kind.BOOLEAN);
            case 'n':
                return literal("null", Kind.NULL);
            default:
                return number();
        }
    }

    private void object() throws MalformedJsonException {
        enter('{');
        if (leave('}')) {
            return;
        }
        Set<String> names = null;
        do {
            name();
            if (names == null) {
                names = new HashSet<>();
            }
            if (!names.add(text(stringFrom, stringTo, stringEscaped))) {
                duplicateField = true;
            }
            value();
        } while (take(','));
        if (!leave('}')) {
            throw new MalformedJsonException();
        }
    }

    private void array() throws MalformedJsonException {
        enter('[');
        if (leave(']')) {
            return;
        }
        do {
            value();
        } while (take(','));
        if (!leave(']')) {
            throw new MalformedJsonException();
        }
    }

    private Kind literal(String word, Kind kind) throws MalformedJsonException {
        if (at + word.length() > bytes.length) {
            throw new MalformedJsonException();
        }
        for (int index = 0; index < word.length(); index++) {
            if (bytes[at++] != word.charAt(index)) {
                throw new MalformedJsonException();
            }
        }
        return kind;
    }

    private Kind number() throws MalformedJsonException {
        int from = at;
        takeHere('-');
        if (!takeHere('0')) {
            digits();
        }
        if (takeHere('.')) {
            digits();
        }
        if (takeHere('e') || takeHere('E')) {
            if (!takeHere('+')) {
                takeHere('-');
            }
            digits();
        }
        if (at - from > maxNumberChars) {
            throw new MalformedJsonException();
        }
        return Kind.NUMBER;
    }

    private boolean takeHere(char wanted) {
        if (at < bytes.length && bytes[at] == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void digits() throws MalformedJsonException {
        int from = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw new MalformedJsonException();
        }
    }

    private void string() throws MalformedJsonException {
        stringFrom = ++at;
        stringEscaped = false;
        while (at < bytes.length) {
            int next = bytes[at++];
            if (next == '"') {
                stringTo = at - 1;
                return;
            }
            if (next == '\\') {
                stringEscaped = true;
                escape();
            } else if (next >= 0 && next < ' ') {
                throw new MalformedJsonException();
            }
        }
        throw new MalformedJsonException();
    }

    private void escape() throws MalformedJsonException {
        int mark = at < bytes.length ? bytes[at++] : -1;
        if (mark == 'u') {
            unicodeEscape();
        } else if (mark == -1 || "\"\\/bfnrt".indexOf(mark) < 0) {
            throw new MalformedJsonException();
        }
    }

    private void unicodeEscape() throws MalformedJsonException {
        char unit = hex(at);
        at += HEX_DIGITS;
        if (Character.isHighSurrogate(unit) && lowSurrogateFollows()) {
            at += 2 + HEX_DIGITS;
        } else if (unit == 0 || Character.isSurrogate(unit)) {
            invalidText = true;
        }
    }

    private boolean lowSurrogateFollows() throws MalformedJsonException {
        boolean escapeFollows = at + 1 < bytes.length && bytes[at] == '\\' && bytes[at + 1] == 'u';
        return escapeFollows && Character.isLowSurrogate(hex(at + 2));
    }

    private char hex(int from) throws MalformedJsonException {
        if (from + HEX_DIGITS > bytes.length) {
            throw new MalformedJsonException();
        }
        int unit = 0;
        for (int index = from; index < from + HEX_DIGITS; index++) {
            int digit = bytes[index] < 0 ? -1 : Character.digit(bytes[index], 16);
            if (digit < 0) {
                throw new MalformedJsonException();
            }
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }

    /** A string's slice as text, escapes resolved; only for strings this scanner has read. */
    String text(int from, int to, boolean escaped) {
        if (!escaped) {
            return new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder(to - from);
        int plainFrom = from;
        for (int index = from; index < to; index++) {
            if (bytes[index] == '\\') {
                text.append(
                        new String(bytes, plainFrom, index - plainFrom, StandardCharsets.UTF_8));
                index = appendEscape(text, index + 1);
                plainFrom = index + 1;
            }
        }
        text.append(new String(bytes, plainFrom, to - plainFrom, StandardCharsets.UTF_8));
        return text.toString();
    }

    /** Appends the escape whose mark stands here and returns the index of its last byte. */
    private int appendEscape(StringBuilder text, int mark) {
        if (bytes[mark] == 'u') {
            String digits = new String(bytes, mark + 1, HEX_DIGITS, StandardCharsets.US_ASCII);
            text.append((char) Integer.parseInt(digits, 16));
            return mark + HEX_DIGITS;
        }
        int control = "bfnrt".indexOf(bytes[mark]);
        text.append(control < 0 ? (char) bytes[mark] : "\b\f\n\r\t".charAt(control));
        return mark;
    }
}
