package io.invoicestream.flink;

import io.invoicestream.flink.LineContract.Field;

import org.apache.flink.table.data.RowData;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** Lines as JSON: as they stand on the stream, and as the Python document writer takes them. */
final class LineJson {

    private final LineContract contract;
    private final int[] documentColumns;
    private final byte[][] names;

    LineJson(LineContract contract) {
        this.contract = contract;
        int extras = contract.extrasIndex();
        this.documentColumns =
                IntStream.of(Rows.invoiceLineColumns(contract))
                        .filter(column -> column != extras)
                        .toArray();
        this.names = new byte[contract.fields.length][];
        for (int index = 0; index < names.length; index++) {
            names[index] = contract.fields[index].name.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** One JSON object with the contract's fields in order, then the unknown ones. */
    void record(RowData content, JsonBuffer json) {
        json.raw('{');
        for (int index = 0; index < names.length; index++) {
            json.string(names[index]);
            json.raw(':');
            value(content, index, json, false);
            json.raw(',');
        }
        json.dropLast();
        int extras = contract.extrasIndex();
        if (!content.isNullAt(extras)) {
            byte[] unknown = content.getString(extras).toBytes();
            json.raw(',');
            json.raw(unknown, 1, unknown.length - 1);
        }
        json.raw('}');
    }

    /** One JSON array of what differs from line to line; money is text, exact for any reader. */
    void documentLine(RowData content, JsonBuffer json) {
        json.raw('[');
        for (int index : documentColumns) {
            value(content, index, json, true);
            json.raw(',');
        }
        json.dropLast();
        json.raw(']');
    }

    private void value(RowData content, int index, JsonBuffer json, boolean moneyAsText) {
        if (content.isNullAt(index)) {
            json.nothing();
            return;
        }
        Field field = contract.fields[index];
        switch (field.type) {
            case STRING:
                json.string(content.getString(index));
                return;
            case INT:
                json.number(content.getInt(index));
                return;
            case BIGINT:
                json.number(content.getLong(index));
                return;
            case DECIMAL:
                money(content, index, json, moneyAsText);
                return;
            default:
                json.raw('"');
                json.dateTime(content.getTimestamp(index, LineContract.DATE_PRECISION));
                json.raw('"');
        }
    }

    private void money(RowData content, int index, JsonBuffer json, boolean asText) {
        if (asText) {
            json.raw('"');
        }
        json.money(content.getDecimal(index, contract.pricePrecision, contract.priceScale));
        if (asText) {
            json.raw('"');
        }
    }
}
