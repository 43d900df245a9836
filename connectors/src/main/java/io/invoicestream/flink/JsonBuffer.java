package io.invoicestream.flink;

import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;

/** JSON text in the making, as UTF-8 bytes; the forms are those of {@code invoices.line}. */
final class JsonBuffer {

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_LONG = 20;
    private static final int LEAST_DECIMAL_PLACES = 2;

    private byte[] bytes = new byte[1024];
    private int size;

    private long dateMillis = Long.MIN_VALUE;
    private int dateNanos;
    private byte[] dateText = new byte[0];

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** Takes back the last byte, a comma too many. */
    void dropLast() {
        size--;
    }

    void raw(char character) {
        ensure(1);
        bytes[size++] = (byte) character;
    }

    void raw(byte[] source) {
        raw(source, 0, source.length);
    }

    void raw(byte[] source, int from, int to) {
        ensure(to - from);
        System.arraycopy(source, from, bytes, size, to - from);
        size += to - from;
    }

    void ascii(String text) {
        raw(text.getBytes(StandardCharsets.US_ASCII));
    }

    void nothing() {
        raw(NULL);
    }

    void number(long value) {
        ensure(LONGEST_LONG);
        if (value < 0) {
            bytes[size++] = '-';
        }
        digits(value, 1);
    }

    /** A string in quotes; only what JSON demands is escaped, as Python's json does. */
    void string(StringData value) {
        string(value.toBytes());
    }

    void string(byte[] utf8) {
        ensure(utf8.length * 6 + 2);
        bytes[size++] = '"';
        for (byte next : utf8) {
            if (next >= ' ' && next != '"' && next != '\\' || next < 0) {
                bytes[size++] = next;
            } else {
                escape(next);
            }
        }
        bytes[size++] = '"';
    }

    private void escape(byte next) {
        bytes[size++] = '\\';
        int control = "\b\f\n\r\t".indexOf(next);
        if (next == '"' || next == '\\') {
            bytes[size++] = next;
        } else if (control >= 0) {
            bytes[size++] = (byte) "bfnrt".charAt(control);
        } else {
            bytes[size++] = 'u';
            bytes[size++] = '0';
            bytes[size++] = '0';
            bytes[size++] = HEX[next >> 4];
            bytes[size++] = HEX[next & 0xF];
        }
    }

    /** An amount as plain digits with two decimal places, more only where they say something. */
    void money(DecimalData value) {
        long unscaled = value.toUnscaledLong();
        int scale = value.scale();
        while (scale > LEAST_DECIMAL_PLACES && unscaled % 10 == 0) {
            unscaled /= 10;
            scale--;
        }
        ensure(LONGEST_LONG + 2);
        if (unscaled < 0) {
            bytes[size++] = '-';
        }
        digits(unscaled, scale + 1);
        System.arraycopy(bytes, size - scale, bytes, size - scale + 1, scale);
        bytes[size - scale] = '.';
        size++;
    }

    /** ISO 8601 local time without quotes; neighbouring lines mostly share theirs. */
    void dateTime(TimestampData value) {
        if (value.getMillisecond() != dateMillis || value.getNanoOfMillisecond() != dateNanos) {
            dateMillis = value.getMillisecond();
            dateNanos = value.getNanoOfMillisecond();
            dateText = format(dateMillis, dateNanos).getBytes(StandardCharsets.US_ASCII);
        }
        raw(dateText);
    }

    private static String format(long millis, int nanosOfMilli) {
        long seconds = Math.floorDiv(millis, 1000L);
        int micros = (int) Math.floorMod(millis, 1000L) * 1000 + nanosOfMilli / 1000;
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        String text =
                String.format(
                        Locale.ROOT,
                        "%04d-%02d-%02dT%02d:%02d:%02d",
                        time.getYear(),
                        time.getMonthValue(),
                        time.getDayOfMonth(),
                        time.getHour(),
                        time.getMinute(),
                        time.getSecond());
        return micros == 0 ? text : text + String.format(Locale.ROOT, ".%06d", micros);
    }

    /** Digits of the absolute value, with zeros in front up to this many. */
    private void digits(long value, int least) {
        int count = Math.max(least, countDigits(value));
        long rest = value;
        for (int index = size + count - 1; index >= size; index--) {
            bytes[index] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        }
        size += count;
    }

    private static int countDigits(long value) {
        int count = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            count++;
        }
        return count;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
