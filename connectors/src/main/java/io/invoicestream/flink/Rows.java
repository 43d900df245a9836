package io.invoicestream.flink;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarBinaryType;
import org.apache.flink.table.types.logical.VarCharType;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The rows that travel between the job's operators and into the lake, made from the contract. */
final class Rows {

    /** What a record brings from its source: payload, arrival time, shard, sequence number. */
    static final int RECORD_PAYLOAD = 0;

    static final int RECORD_ARRIVAL = 1;
    static final int RECORD_SHARD = 2;
    static final int RECORD_SEQUENCE = 3;

    /** A line between decoder and grouping: its content, then where it came from. */
    static final int LINE_CONTENT = 0;

    static final int LINE_ARRIVAL = 1;
    static final int LINE_SHARD = 2;
    static final int LINE_SEQUENCE = 3;
    static final int LINE_ARITY = 4;

    /** A document's row between grouping and batching. */
    static final int DOCUMENT_ROUTE = 0;

    static final int DOCUMENT_INVOICE_NO = 1;
    static final int DOCUMENT_PREVIOUS_REVISION = 2;
    static final int DOCUMENT_REVISION = 3;
    static final int DOCUMENT_LINES = 4;
    static final int DOCUMENT_ARITY = 5;

    /** Arrival times are whole milliseconds. */
    static final int ARRIVAL_PRECISION = 3;

    static final String ARRIVAL_COLUMN = "arrival_time";

    private static final LogicalType TEXT = new VarCharType(false, VarCharType.MAX_LENGTH);
    private static final LogicalType NULLABLE_TEXT = new VarCharType(VarCharType.MAX_LENGTH);
    private static final LogicalType COUNT = new BigIntType(false);
    private static final LogicalType ARRIVAL = new TimestampType(false, ARRIVAL_PRECISION);

    private Rows() {}

    static TypeInformation<RowData> typeInfo(RowType type) {
        return InternalTypeInfo.of(type);
    }

    static RowType line(LineContract contract) {
        List<RowType.RowField> fields = new ArrayList<>();
        fields.add(field("content", contract.contentType()));
        addOrigin(fields);
        return new RowType(false, fields);
    }

    static RowType document() {
        return new RowType(
                false,
                List.of(
                        field("route", TEXT),
                        field("invoice_no", TEXT),
                        field("previous_revision", COUNT),
                        field("revision", COUNT),
                        field("lines", new VarBinaryType(false, VarBinaryType.MAX_LENGTH))));
    }

    /** A row of {@code lines/}. */
    static RowType lakeLine(LineContract contract) {
        List<RowType.RowField> fields = new ArrayList<>(contract.contentType().getFields());
        addOrigin(fields);
        return new RowType(false, fields);
    }

    /** A row of {@code invoices/}: the header, then the lines in order. */
    static RowType lakeInvoice(LineContract contract) {
        RowType content = contract.contentType();
        List<RowType.RowField> fields = new ArrayList<>();
        fields.add(field("invoice_no", TEXT));
        fields.add(field("revision", COUNT));
        fields.add(field("previous_revision", COUNT));
        fields.add(field("kind", TEXT));
        fields.add(content.getFields().get(contract.index(Columns.INVOICE_DATE)));
        fields.add(content.getFields().get(contract.index(Columns.CUSTOMER_ID)));
        fields.add(content.getFields().get(contract.index(Columns.COUNTRY)));
        fields.add(field("units", COUNT));
        fields.add(
                field(
                        "total",
                        new DecimalType(false, contract.totalPrecision, contract.priceScale)));
        fields.add(field(ARRIVAL_COLUMN, ARRIVAL));
        fields.add(field("lines", new ArrayType(false, invoiceLine(contract))));
        return new RowType(false, fields);
    }

    private static RowType invoiceLine(LineContract contract) {
        List<RowType.RowField> fields = new ArrayList<>();
        for (int index : invoiceLineColumns(contract)) {
            fields.add(contract.contentType().getFields().get(index));
        }
        return new RowType(false, fields);
    }

    /** Columns of a line within an invoice: all but what the invoice says for all of them. */
    static int[] invoiceLineColumns(LineContract contract) {
        int version = contract.index(Columns.SCHEMA_VERSION);
        int invoiceNo = contract.index(Columns.INVOICE_NO);
        return IntStream.range(0, contract.contentArity())
                .filter(index -> index != version && index != invoiceNo)
                .toArray();
    }

    /** A row of {@code rejected/}. */
    static RowType rejected() {
        List<RowType.RowField> fields = new ArrayList<>();
        fields.add(field("reason", TEXT));
        fields.add(field("detail", TEXT));
        fields.add(field("payload", TEXT));
        fields.add(field("element", new IntType()));
        fields.add(field("invoice_no", NULLABLE_TEXT));
        fields.add(field("line_no", new BigIntType()));
        addOrigin(fields);
        return new RowType(false, fields);
    }

    private static void addOrigin(List<RowType.RowField> fields) {
        fields.add(field(ARRIVAL_COLUMN, ARRIVAL));
        fields.add(field("shard_id", NULLABLE_TEXT));
        fields.add(field("sequence_number", NULLABLE_TEXT));
    }

    private static RowType.RowField field(String name, LogicalType type) {
        return new RowType.RowField(name, type);
    }
}
