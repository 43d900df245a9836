package io.invoicestream.flink;

import org.apache.flink.table.data.RowData;
import org.apache.flink.util.OutputTag;

import java.io.Serializable;

/** Where {@link GroupInvoices} sends what is not a revision. */
final class RevisionOutputs implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Rows of {@code lines/}. */
    final OutputTag<RowData> accepted;

    /** Rows of {@code rejected/}. */
    final OutputTag<RowData> conflicts;

    /** Rows for {@link RevisionBatcher}. */
    final OutputTag<RowData> documents;

    RevisionOutputs(LineContract contract) {
        accepted = new OutputTag<>("accepted", Rows.typeInfo(Rows.lakeLine(contract)));
        conflicts = new OutputTag<>("conflicts", Rows.typeInfo(Rows.rejected()));
        documents = new OutputTag<>("documents", Rows.typeInfo(Rows.document()));
    }
}
