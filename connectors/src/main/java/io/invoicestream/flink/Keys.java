package io.invoicestream.flink;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.VarCharType;

/** What the streams are partitioned by, as the binary strings the rows hold anyway. */
final class Keys {

    static final TypeInformation<StringData> TYPE =
            InternalTypeInfo.of(new VarCharType(false, VarCharType.MAX_LENGTH));

    private Keys() {}

    /** Lines by invoice. */
    static KeySelector<RowData, StringData> invoiceNo(LineContract contract) {
        int arity = contract.contentArity();
        int index = contract.index(Columns.INVOICE_NO);
        return line -> line.getRow(Rows.LINE_CONTENT, arity).getString(index);
    }

    /** Changed invoices by customer, a guest's by themselves. */
    static KeySelector<RowData, StringData> document() {
        return document -> document.getString(Rows.DOCUMENT_ROUTE);
    }
}
