package io.invoicestream.flink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Names of what the JVM's operators count; {@code flink_job/metrics.py} says what each means. */
final class Metrics {

    static final String LINES_ACCEPTED = "lines_accepted";
    static final String LINES_REJECTED = "lines_rejected";
    static final String DUPLICATES_DROPPED = "duplicates_dropped";
    static final String CONFLICTS = "conflicts";
    static final String INVOICES = "invoices";
    static final String REVISIONS = "revisions";
    static final String ITERATOR_AGE_MS = "iterator_age_ms";

    private static final String REASON = "reason";

    private Metrics() {}

    /** Counter of lines set aside for this reason. */
    static Counter rejected(MetricGroup group, RejectReason reason) {
        return group.addGroup(REASON, reason.code).counter(LINES_REJECTED);
    }
}
