package io.invoicestream.flink;

/** Columns the job knows by name; every other column it only carries. */
final class Columns {

    static final String INVOICE_NO = "invoice_no";
    static final String LINE_NO = "line_no";
    static final String QUANTITY = "quantity";
    static final String INVOICE_DATE = "invoice_date";
    static final String UNIT_PRICE = "unit_price";
    static final String CUSTOMER_ID = "customer_id";
    static final String COUNTRY = "country";
    static final String SCHEMA_VERSION = "schema_version";

    private Columns() {}
}
