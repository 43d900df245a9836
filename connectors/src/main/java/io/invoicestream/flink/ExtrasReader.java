package io.invoicestream.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes fields the contract does not know as one canonical JSON object. */
final class ExtrasReader {

    /** A field outside the contract: its name and where its value begins. */
    static final class Extra {
        final String name;
        final byte[] utf8;
        final int from;

        Extra(String name, int from) {
            this.name = name;
            this.utf8 = name.getBytes(StandardCharsets.UTF_8);
            this.from = from;
        }
    }

    private final JsonScanner scanner;
    private final JsonBuffer buffer = new JsonBuffer();

    ExtrasReader(JsonScanner scanner) {
        this.scanner = scanner;
    }

    static boolean hasDuplicate(List<Extra> extras) {
        if (extras.size() < 2) {
            return false;
        }
        Set<String> names = new HashSet<>();
        for (Extra extra : extras) {
            if (!names.add(extra.name)) {
                return true;
            }
        }
        return false;
    }

    /** JSON without blanks, names in code point order, numbers as they were written. */
    byte[] canonical(byte[] payload, List<Extra> extras) {
        extras.sort((left, right) -> Arrays.compareUnsigned(left.utf8, right.utf8));
        buffer.clear();
        buffer.raw('{');
        for (Extra extra : extras) {
            buffer.string(extra.utf8);
            buffer.raw(':');
            value(payload, extra.from);
            buffer.raw(',');
        }
        buffer.dropLast();
        buffer.raw('}');
        return buffer.toBytes();
    }

    /** Copies the value that begins here; it is known to be good JSON. */
    private int value(byte[] payload, int from) {
        int open = 0;
        int at = from;
        do {
            int next = payload[at];
            if (next == '"') {
                at = string(payload, at);
            } else if (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
                at++;
            } else if (isStructure(next)) {
                open += next == '{' || next == '[' ? 1 : next == '}' || next == ']' ? -1 : 0;
                buffer.raw((char) next);
                at++;
            } else {
                at = scalar(payload, at);
            }
        } while (open > 0);
        return at;
    }

    private static boolean isStructure(int next) {
        return next == '{'
                || next == '}'
                || next == '['
                || next == ']'
                || next == ','
                || next == ':';
    }

    private int string(byte[] payload, int quote) {
        int at = quote + 1;
        boolean escaped = false;
        while (payload[at] != '"') {
            if (payload[at] == '\\') {
                escaped = true;
                at++;
            }
            at++;
        }
        buffer.string(scanner.text(quote + 1, at, escaped).getBytes(StandardCharsets.UTF_8));
        return at + 1;
    }

    private int scalar(byte[] payload, int from) {
        int at = from;
        while (at < payload.length && !isStructure(payload[at]) && payload[at] > ' ') {
            at++;
        }
        buffer.raw(payload, from, at);
        return at;
    }
}
