package io.invoicestream.flink;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarCharType;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The data contract as the job's Python hands it over when it builds the graph.
 *
 * <p>It is written once, in {@code invoices/contract.py}; {@code connectors/flink_tables.py} makes
 * the JSON read here. The columns an invoice's header is made of are known by name.
 */
public final class LineContract implements Serializable {

    private static final long serialVersionUID = 1L;

    /** One field of a line item. */
    static final class Field implements Serializable {

        private static final long serialVersionUID = 1L;

        final String name;
        final String column;
        final FieldType type;
        final boolean nullable;
        final long minValue;
        final long maxValue;
        final int maxChars;

        Field(JsonNode node) {
            name = node.get("name").asText();
            column = node.get("column").asText();
            type = FieldType.valueOf(node.get("type").asText().toUpperCase(Locale.ROOT));
            nullable = node.get("nullable").asBoolean();
            minValue = node.get("min_value").asLong(Long.MIN_VALUE);
            maxValue = node.get("max_value").asLong(Long.MAX_VALUE);
            maxChars = node.get("max_chars").asInt(Integer.MAX_VALUE);
        }
    }

    /** Logical type of a field. */
    enum FieldType {
        STRING,
        INT,
        BIGINT,
        DECIMAL,
        TIMESTAMP
    }

    static final int DATE_PRECISION = 6;

    final Field[] fields;
    final int maxRecordLines;
    final int maxNesting;
    final int maxNumberChars;
    final int pricePrecision;
    final int priceScale;
    final int totalPrecision;
    private final Map<String, String> kindByLetter;
    private final String otherKind;

    private LineContract(JsonNode root) {
        fields = readFields(root.get("fields"));
        maxRecordLines = root.get("max_record_lines").asInt();
        maxNesting = root.get("max_nesting").asInt();
        maxNumberChars = root.get("max_number_chars").asInt();
        pricePrecision = root.get("price_precision").asInt();
        priceScale = root.get("price_scale").asInt();
        totalPrecision = root.get("total_precision").asInt();
        kindByLetter = new HashMap<>();
        root.get("kind_by_letter")
                .fields()
                .forEachRemaining(
                        kind -> kindByLetter.put(kind.getKey(), kind.getValue().asText()));
        otherKind = root.get("other_kind").asText();
    }

    /** The contract from its JSON form. */
    public static LineContract parse(String json) {
        try {
            return new LineContract(new ObjectMapper().readTree(json));
        } catch (IOException error) {
            throw new UncheckedIOException("the contract is not JSON", error);
        }
    }

    private static Field[] readFields(JsonNode nodes) {
        List<Field> fields = new ArrayList<>();
        nodes.forEach(node -> fields.add(new Field(node)));
        return fields.toArray(new Field[0]);
    }

    /** Kind of the invoice with this number, told by its first letter. */
    String kindOf(String invoiceNo) {
        return kindByLetter.getOrDefault(invoiceNo.substring(0, 1), otherKind);
    }

    /** Index of a column; the extras stand behind the contract's own. */
    int index(String column) {
        for (int index = 0; index < fields.length; index++) {
            if (fields[index].column.equals(column)) {
                return index;
            }
        }
        throw new IllegalArgumentException("the contract has no column " + column);
    }

    /** Index of the column of unknown fields, kept as JSON. */
    int extrasIndex() {
        return fields.length;
    }

    /** Number of columns a line's content has. */
    int contentArity() {
        return fields.length + 1;
    }

    /** A line's content: the contract's columns in order, then the extras. */
    RowType contentType() {
        List<RowType.RowField> columns = new ArrayList<>();
        for (Field field : fields) {
            columns.add(new RowType.RowField(field.column, logicalType(field)));
        }
        columns.add(new RowType.RowField("extras", new VarCharType(VarCharType.MAX_LENGTH)));
        return new RowType(false, columns);
    }

    private LogicalType logicalType(Field field) {
        boolean nullable = field.nullable;
        switch (field.type) {
            case INT:
                return new IntType(nullable);
            case BIGINT:
                return new BigIntType(nullable);
            case DECIMAL:
                return new DecimalType(nullable, pricePrecision, priceScale);
            case TIMESTAMP:
                return new TimestampType(nullable, DATE_PRECISION);
            default:
                return new VarCharType(nullable, VarCharType.MAX_LENGTH);
        }
    }
}
