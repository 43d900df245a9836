package io.invoicestream.flink;

import org.apache.flink.table.data.TimestampData;

import java.time.LocalDate;
import java.time.Month;
import java.time.Year;

/** Reads ISO 8601 local time, {@code YYYY-MM-DDTHH:MM:SS} and at most 6 places of a second. */
final class TimestampReader {

    private static final String PATTERN = "0000-00-00T00:00:00";
    private static final int SECONDS_END = PATTERN.length();
    private static final int MAX_PLACES = 6;
    private static final long MILLIS_PER_DAY = 86_400_000L;

    private TimestampReader() {}

    /** The time, or null when the bytes are none that exists. */
    static TimestampData read(byte[] bytes, int from, int to) {
        if (!keepsPattern(bytes, from, to)) {
            return null;
        }
        int year = number(bytes, from, 4);
        int month = number(bytes, from + 5, 2);
        int day = number(bytes, from + 8, 2);
        int hour = number(bytes, from + 11, 2);
        int minute = number(bytes, from + 14, 2);
        int second = number(bytes, from + 17, 2);
        if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) {
            return null;
        }
        int micros = micros(bytes, from + SECONDS_END, to);
        long seconds = (hour * 60L + minute) * 60L + second;
        long millis = LocalDate.of(year, month, day).toEpochDay() * MILLIS_PER_DAY;
        return TimestampData.fromEpochMillis(
                millis + seconds * 1000L + micros / 1000, micros % 1000 * 1000);
    }

    private static boolean keepsPattern(byte[] bytes, int from, int to) {
        int places = to - from - SECONDS_END - 1;
        if (to - from < SECONDS_END || places == 0 || places > MAX_PLACES) {
            return false;
        }
        for (int index = 0; index < SECONDS_END; index++) {
            char wanted = PATTERN.charAt(index);
            byte found = bytes[from + index];
            if (wanted == '0' ? !isDigit(found) : found != wanted) {
                return false;
            }
        }
        return places < 0 || isFraction(bytes, from + SECONDS_END, to);
    }

    private static boolean isFraction(byte[] bytes, int from, int to) {
        for (int at = from + 1; at < to; at++) {
            if (!isDigit(bytes[at])) {
                return false;
            }
        }
        return bytes[from] == '.';
    }

    private static boolean isDigit(byte found) {
        return found >= '0' && found <= '9';
    }

    private static boolean isDate(int year, int month, int day) {
        return year > 0
                && month >= 1
                && month <= 12
                && day >= 1
                && day <= Month.of(month).length(Year.isLeap(year));
    }

    private static int micros(byte[] bytes, int point, int to) {
        int value = 0;
        for (int place = 1; place <= MAX_PLACES; place++) {
            int at = point + place;
            value = value * 10 + (at < to ? bytes[at] - '0' : 0);
        }
        return value;
    }

    private static int number(byte[] bytes, int from, int length) {
        int value = 0;
        for (int at = from; at < from + length; at++) {
            value = value * 10 + bytes[at] - '0';
        }
        return value;
    }
}
