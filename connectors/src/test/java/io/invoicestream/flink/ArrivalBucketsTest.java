package io.invoicestream.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.TimeZone;

class ArrivalBucketsTest {

    private final TimeZone zone = TimeZone.getDefault();

    @AfterEach
    void restoreZone() {
        TimeZone.setDefault(zone);
    }

    @Test
    void hoursAreThoseOfUtcWhereverTheMachineStands() {
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
        ArrivalBuckets buckets = new ArrivalBuckets(0);
        assertEquals(
                "arrival_date=2011-08-30/arrival_hour=23",
                bucket(buckets, "2011-08-30T23:59:59.999Z"));
        assertEquals(
                "arrival_date=2011-08-31/arrival_hour=00", bucket(buckets, "2011-08-31T00:00:00Z"));
        assertEquals(
                "arrival_date=2011-08-30/arrival_hour=23", bucket(buckets, "2011-08-30T23:00:00Z"));
    }

    private static String bucket(ArrivalBuckets buckets, String time) {
        TimestampData arrival = TimestampData.fromInstant(Instant.parse(time));
        return buckets.getBucketId(GenericRowData.of(arrival), null);
    }
}
