package io.invoicestream.flink;

import java.util.Locale;

/** Why a record or a line was set aside; the codes are {@code invoices.contract.RejectReason}'s. */
enum RejectReason {
    NOT_UTF8,
    MALFORMED_JSON,
    NOT_A_LINE,
    DUPLICATE_FIELD,
    MISSING_FIELD,
    WRONG_TYPE,
    OUT_OF_RANGE,
    TOO_LONG,
    EMPTY_TEXT,
    INVALID_TEXT,
    INVALID_DATE,
    TOO_MANY_DECIMAL_PLACES,
    UNSUPPORTED_VERSION,
    CONFLICT;

    final String code = name().toLowerCase(Locale.ROOT);
}
