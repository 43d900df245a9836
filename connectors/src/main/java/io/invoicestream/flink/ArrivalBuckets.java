package io.invoicestream.flink;

import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;
import org.apache.flink.table.data.RowData;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Hive-style partitions by the hour of arrival, in UTC whatever the machine's zone. */
final class ArrivalBuckets implements BucketAssigner<RowData, String> {

    private static final long serialVersionUID = 1L;
    private static final long MILLIS_PER_HOUR = 3_600_000L;
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("'arrival_date='uuuu-MM-dd'/arrival_hour='HH", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final int arrivalIndex;

    private transient long hour;
    private transient String bucket;

    ArrivalBuckets(int arrivalIndex) {
        this.arrivalIndex = arrivalIndex;
    }

    @Override
    public String getBucketId(RowData row, Context context) {
        long millis = row.getTimestamp(arrivalIndex, Rows.ARRIVAL_PRECISION).getMillisecond();
        long wanted = Math.floorDiv(millis, MILLIS_PER_HOUR);
        if (bucket == null || wanted != hour) {
            hour = wanted;
            bucket = FORMAT.format(Instant.ofEpochMilli(millis));
        }
        return bucket;
    }

    @Override
    public SimpleVersionedSerializer<String> getSerializer() {
        return SimpleVersionedStringSerializer.INSTANCE;
    }
}
