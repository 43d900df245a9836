package io.invoicestream.flink;

import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.data.utils.ProjectedRowData;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A row of {@code invoices/} from the lines held; the header's rule is {@code invoices.invoice}'s.
 *
 * <p>The header is that of the lowest line, only the customer is the lowest line's that has one.
 */
final class InvoiceRow {

    private static final int INVOICE_NO = 0;
    private static final int CUSTOMER_ID = 5;

    private final LineContract contract;
    private final int[] lineColumns;
    private final int invoiceNoIndex;
    private final int quantityIndex;
    private final int dateIndex;
    private final int priceIndex;
    private final int customerIndex;
    private final int countryIndex;

    private ProjectedRowData[] lines = new ProjectedRowData[0];

    InvoiceRow(LineContract contract) {
        this.contract = contract;
        this.lineColumns = Rows.invoiceLineColumns(contract);
        this.invoiceNoIndex = contract.index(Columns.INVOICE_NO);
        this.quantityIndex = contract.index(Columns.QUANTITY);
        this.dateIndex = contract.index(Columns.INVOICE_DATE);
        this.priceIndex = contract.index(Columns.UNIT_PRICE);
        this.customerIndex = contract.index(Columns.CUSTOMER_ID);
        this.countryIndex = contract.index(Columns.COUNTRY);
    }

    StringData invoiceNo(GenericRowData row) {
        return row.getString(INVOICE_NO);
    }

    /** The invoice's customer, or null for a guest. */
    StringData customerId(GenericRowData row) {
        return row.isNullAt(CUSTOMER_ID) ? null : row.getString(CUSTOMER_ID);
    }

    /** The row; it points into what is held and is valid as long as that. */
    GenericRowData row(HeldLines held, int previousRevision, TimestampData arrival) {
        int[] order = order(held);
        BinaryRowData lowest = held.row(order[0]);
        StringData invoiceNo = lowest.getString(invoiceNoIndex);
        return GenericRowData.of(
                invoiceNo,
                (long) held.count(),
                (long) previousRevision,
                StringData.fromString(contract.kindOf(invoiceNo.toString())),
                lowest.getTimestamp(dateIndex, LineContract.DATE_PRECISION),
                customer(held, order),
                lowest.getString(countryIndex),
                units(held),
                total(held),
                arrival,
                lines(held, order));
    }

    /** Places of the lines by line number; mostly they came in order. */
    private static int[] order(HeldLines held) {
        Integer[] order = new Integer[held.count()];
        boolean ascending = true;
        for (int index = 0; index < order.length; index++) {
            order[index] = index;
            ascending &= index == 0 || held.lineNo(index) > held.lineNo(index - 1);
        }
        if (!ascending) {
            Arrays.sort(
                    order, (left, right) -> Long.compare(held.lineNo(left), held.lineNo(right)));
        }
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    private StringData customer(HeldLines held, int[] order) {
        for (int index : order) {
            RowData line = held.row(index);
            if (!line.isNullAt(customerIndex)) {
                return line.getString(customerIndex);
            }
        }
        return null;
    }

    private long units(HeldLines held) {
        long units = 0;
        for (int index = 0; index < held.count(); index++) {
            units += held.row(index).getInt(quantityIndex);
        }
        return units;
    }

    private DecimalData total(HeldLines held) {
        BigInteger total = BigInteger.ZERO;
        long sum = 0;
        for (int index = 0; index < held.count(); index++) {
            RowData line = held.row(index);
            long quantity = line.getInt(quantityIndex);
            long price = price(line);
            long amount = quantity * price;
            if (Math.multiplyHigh(quantity, price) == amount >> 63 && fits(sum, amount)) {
                sum += amount;
            } else {
                total = total.add(BigInteger.valueOf(quantity).multiply(BigInteger.valueOf(price)));
            }
        }
        BigDecimal exact = new BigDecimal(total.add(BigInteger.valueOf(sum)), contract.priceScale);
        return DecimalData.fromBigDecimal(exact, contract.totalPrecision, contract.priceScale);
    }

    private static boolean fits(long left, long right) {
        long sum = left + right;
        return ((left ^ sum) & (right ^ sum)) >= 0;
    }

    private long price(RowData line) {
        return line.getDecimal(priceIndex, contract.pricePrecision, contract.priceScale)
                .toUnscaledLong();
    }

    private GenericArrayData lines(HeldLines held, int[] order) {
        growTo(order.length);
        Object[] rows = new Object[order.length];
        for (int index = 0; index < order.length; index++) {
            rows[index] = lines[index].replaceRow(held.row(order[index]));
        }
        return new GenericArrayData(rows);
    }

    private void growTo(int count) {
        int from = lines.length;
        if (count > from) {
            lines = Arrays.copyOf(lines, Math.max(count, from * 2));
            for (int index = from; index < lines.length; index++) {
                lines[index] = ProjectedRowData.from(lineColumns);
            }
        }
    }
}
